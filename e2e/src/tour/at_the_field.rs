//! What Pearvault shows in pages: the menu at a field, a new password, the offer to save what was typed.

use anyhow::Result;
use fantoccini::key::Key;

use super::steps::Steps;
use crate::{
    clock::Stopwatch,
    pages::{
        menu::{SAVE, STEADY, press_in_offer, sign_in, wait_for_menu},
        popup::Part,
        user::User,
    },
    patience::{SOON, until},
    site::{PASSWORD, Site, USERNAME},
};

pub(super) async fn play(steps: &Steps, user: &User, site: &Site) -> Result<()> {
    let time = Stopwatch::start();
    let page = user.visit(&site.https("orchard.test", "/plain/")).await?;
    page.wait_for("#password").await?;
    page.press_on("#username").await?;
    wait_for_menu(&page).await?;
    steps.shoot(user, "menu-at-the-field", time).await?;

    let time = Stopwatch::start();
    tokio::time::sleep(STEADY).await;
    user.press(&[Key::Down, Key::Enter]).await?;
    page.wait_for_value("#password", PASSWORD).await?;
    steps.shoot(user, "filled-from-the-menu", time).await?;

    let time = Stopwatch::start();
    let page = user.visit(&site.https("orchard.test", "/sign-up/")).await?;
    page.wait_for("#new-password").await?;
    page.press_on("#new-password").await?;
    wait_for_menu(&page).await?;
    steps.shoot(user, "new-password", time).await?;

    // A site that the vault does not know.
    let time = Stopwatch::start();
    sign_in(user, &site.https("other.test", "/plain/"), PASSWORD).await?;
    let page = user.page().await?;
    page.wait_for_welcome(USERNAME).await?;
    wait_for_menu(&page).await?;
    steps.shoot(user, "offer-to-save", time).await?;

    let time = Stopwatch::start();
    press_in_offer(user, SAVE).await?;
    let popup = user.open_popup().await?;
    until("the saved login", SOON, async || {
        let rows = popup.rows(Part::Site).await?;
        Ok((!rows.is_empty()).then_some(()))
    })
    .await?;
    steps.shoot(user, "saved-from-the-offer", time).await
}
