//! Offers to save: what they change, how they are answered, and where none is made.

use anyhow::{Result, ensure};
use fantoccini::key::Key;
use proto::bridge::popup::{ListNever, ListOffers, OfferKind, OfferView};

use super::{save::NO_OFFER, vault::password_of};
use crate::{
    pages::{
        menu::{NEVER, SAVE, expect_no_menu, press_in_offer, sign_in, wait_for_menu},
        user::User,
    },
    patience::{SOON, until},
    site::{PASSWORD, USERNAME},
    stage::{Stage, find, save_account},
};

pub(super) async fn a_changed_password_changes_the_right_login(stage: &Stage) -> Result<()> {
    const NEW: &str = "Windfall-Of-1878-New!";
    const OTHERS: &str = "Sing-Of-Pears-1641!";
    let ada = stage.user_with_account("ada").await?;
    let home = stage.site.https("orchard.test", "/");
    save_account(&ada, &home, "Orchard Mail", USERNAME, "an older password").await?;
    save_account(&ada, &home, "The choir", "choir@orchard.test", OTHERS).await?;
    let at = |path: &str| stage.site.https("orchard.test", path);

    // It was changed elsewhere: who signs in with another one is asked in the page.
    sign_in(&ada, &at("/plain/"), PASSWORD).await?;
    ada.page().await?.wait_for_welcome(USERNAME).await?;
    ensure!(is_update(&offer(&ada).await?, "Orchard Mail"));
    ada.wait_for_badge("+").await?;
    // Who takes their time finds another worker than the one that asked.
    ada.browser.kill_worker().await?;
    press_in_offer(&ada, SAVE).await?;
    expect_password(&ada, "Orchard Mail", PASSWORD).await?;
    ada.wait_for_badge("2").await?;

    // It is changed here, on a page that does not say whose it is: the present one tells.
    let page = ada.visit(&at("/change-password/")).await?;
    page.wait_for("#current").await?;
    page.press_on("#current").await?;
    for text in [PASSWORD, NEW, NEW] {
        ada.type_text(text).await?;
        ada.press(&[Key::Tab]).await?;
    }
    ada.press(&[Key::Enter]).await?;
    page.wait_for_path("/change-password/done/").await?;
    wait_for_menu(&page).await?;
    ensure!(is_update(&offer(&ada).await?, "Orchard Mail"));
    ada.wait_for_badge("+").await?;
    let popup = ada.open_popup().await?;
    popup.wait_for("offer").await?;
    let asked = popup.text("offer").await?;
    ensure!(asked.contains("“Orchard Mail”"), "the popup asks {asked:?}");
    popup.click("accept-offer").await?;
    popup.wait_until_gone("offer").await?;
    expect_password(&ada, "Orchard Mail", NEW).await?;
    expect_password(&ada, "The choir", OTHERS).await?;
    gone_from_page(&ada).await?;
    ada.wait_for_badge("2").await
}

pub(super) async fn a_login_over_two_pages_is_offered_with_its_name(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    let at = |path: &str| stage.site.https("orchard.test", path);
    let page = ada.visit(&at("/username-first/")).await?;
    page.wait_for("#username").await?;
    page.press_on("#username").await?;
    ada.type_text(USERNAME).await?;
    ada.press(&[Key::Enter]).await?;
    page.wait_for_path("/username-first/password/").await?;
    page.wait_for("#password").await?;
    // As most sites have it: nothing of this page tells scripts who it is for.
    page.run("document.querySelector('[name=username]').type = 'hidden'")
        .await?;
    page.press_on("#password").await?;
    ada.type_text(PASSWORD).await?;
    ada.press(&[Key::Enter]).await?;
    page.wait_for_welcome(USERNAME).await?;
    wait_for_menu(&page).await?;
    let offer = offer(&ada).await?;
    ensure!(
        offer.kind == OfferKind::Save && offer.username == USERNAME,
        "{offer:?}"
    );
    ada.wait_for_badge("+").await?;

    // The popup has it too, and the name can be another.
    let popup = ada.open_popup().await?;
    popup.wait_for("offer").await?;
    let name = popup.value("offer-username").await?;
    ensure!(name == USERNAME, "the popup offers `{name}`");
    popup.enter("offer-username", "ada.pear").await?;
    popup.click("accept-offer").await?;
    popup.wait_until_gone("offer").await?;
    let saved = find(&ada, "orchard").await?;
    ensure!(
        saved.total == 1 && saved.items[0].subtitle == "ada.pear",
        "saved: {saved:?}"
    );
    expect_password(&ada, "orchard", PASSWORD).await?;
    gone_from_page(&ada).await?;
    ada.wait_for_badge("1").await
}

pub(super) async fn a_site_is_never_asked_about_again(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    let plain = stage.site.https("orchard.test", "/plain/");
    sign_in(&ada, &plain, PASSWORD).await?;
    let page = ada.page().await?;
    page.wait_for_welcome(USERNAME).await?;
    wait_for_menu(&page).await?;
    press_in_offer(&ada, NEVER).await?;
    until("the list of such sites", SOON, async || {
        let sites = ada.ask(ListNever {}).await?.sites;
        Ok((sites.len() == 1 && sites[0].starts_with("orchard.test")).then_some(()))
    })
    .await?;

    sign_in(&ada, &plain, PASSWORD).await?;
    let page = ada.page().await?;
    page.wait_for_welcome(USERNAME).await?;
    tokio::time::sleep(NO_OFFER).await;
    expect_no_menu(&page).await?;
    let offers = ada.ask(ListOffers {}).await?.offers;
    ensure!(offers.is_empty(), "offered: {offers:?}");
    ensure!(find(&ada, "").await?.total == 0, "something was saved");
    Ok(())
}

/// Waits for the newest offer.
async fn offer(user: &User) -> Result<OfferView> {
    until("an offer", SOON, async || {
        Ok(user.ask(ListOffers {}).await?.offers.into_iter().next())
    })
    .await
}

fn is_update(offer: &OfferView, login: &str) -> bool {
    matches!(&offer.kind, OfferKind::Update { title, .. } if title == login)
}

async fn expect_password(user: &User, title: &str, password: &str) -> Result<()> {
    until(&format!("`{password}` in {title}"), SOON, async || {
        let found = password_of(user, title).await?;
        ensure!(found == password, "it is `{found}`");
        Ok(Some(()))
    })
    .await
}

/// Waits until the page shows nothing of ours.
async fn gone_from_page(user: &User) -> Result<()> {
    let page = user.page().await?;
    until("an empty page", SOON, async || {
        expect_no_menu(&page).await.map(Some)
    })
    .await
}
