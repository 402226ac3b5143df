//! What was typed into pages is offered to be saved.

use std::time::Duration;

use anyhow::{Result, ensure};
use fantoccini::key::Key;
use proto::bridge::popup::{ListOffers, Reveal};
use proto::vault::{SecretField, SecretText};

use crate::{
    pages::menu::{
        SAVE, STEADY, expect_no_menu, press_in_offer, sign_in, type_login, wait_for_menu,
    },
    patience::{SOON, until},
    site::{PASSWORD, USERNAME},
    stage::{Stage, find, save_practice_login},
};

/// Longer than an offer takes to come, had it to.
pub(super) const NO_OFFER: Duration = Duration::from_secs(3);

pub(super) async fn a_login_that_was_typed_is_offered_and_saved(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    let at = |path: &str| stage.site.https("orchard.test", path);

    // A wrong password: the page asks again, and nothing is offered.
    sign_in(&ada, &at("/plain/"), "not the password").await?;
    ada.page().await?.wait_for("#error").await?;
    tokio::time::sleep(NO_OFFER).await;
    expect_no_menu(&ada.page().await?).await?;
    ensure!(
        ada.ask(ListOffers {}).await?.offers.is_empty(),
        "an offer for a wrong password"
    );

    // The right one.
    sign_in(&ada, &at("/plain/"), PASSWORD).await?;
    let page = ada.page().await?;
    page.wait_for_welcome(USERNAME).await?;
    wait_for_menu(&page).await?;
    press_in_offer(&ada, SAVE).await?;
    let saved = until("the saved login", SOON, async || {
        Ok(find(&ada, "orchard").await?.items.into_iter().next())
    })
    .await?;
    ensure!(saved.subtitle == USERNAME, "saved for {}", saved.subtitle);
    let kept = ada
        .ask(Reveal {
            id: saved.id,
            field: SecretField::Password,
        })
        .await?;
    ensure!(
        kept.value == SecretText::new(PASSWORD),
        "another password was saved"
    );

    // Once more: nothing has changed, so nothing is offered.
    sign_in(&ada, &at("/plain/"), PASSWORD).await?;
    let page = ada.page().await?;
    page.wait_for_welcome(USERNAME).await?;
    tokio::time::sleep(NO_OFFER).await;
    expect_no_menu(&page).await?;
    let first = find(&ada, "orchard").await?;
    ensure!(first.total == 1, "{} logins", first.total);
    Ok(())
}

pub(super) async fn a_single_page_sign_in_is_offered_too(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    let page = ada
        .visit(&stage.site.https("orchard.test", "/spa/"))
        .await?;
    page.wait_for("#app[data-ready]").await?;
    type_login(&ada, PASSWORD).await?;
    ada.press(&[Key::Enter]).await?;
    let page = ada.page().await?;
    page.wait_for_welcome(USERNAME).await?;
    wait_for_menu(&page).await
}

pub(super) async fn a_new_password_is_made_at_the_field(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    save_practice_login(&ada, "https://orchard.test").await?;
    let page = ada
        .visit(&stage.site.https("orchard.test", "/sign-up/"))
        .await?;
    page.wait_for("#new-password").await?;
    page.press_on("#new-password").await?;
    wait_for_menu(&page).await?;
    tokio::time::sleep(STEADY).await;
    ada.press(&[Key::Down, Key::Enter]).await?;
    let made = until("a new password", SOON, async || {
        let value = page.value("#new-password").await?;
        Ok((!value.is_empty()).then_some(value))
    })
    .await?;
    ensure!(made.len() >= 12 && made != PASSWORD, "made `{made}`");
    page.wait_for_value("#repeat", &made).await
}
