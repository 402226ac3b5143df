//! What Pearvault shows in a page: the menu at a field, the offer to save what was typed.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use super::{practice::Practice, user::User};
use crate::{
    patience::{SOON, until},
    site::USERNAME,
};

/// Longer than a menu must have been in sight before anything is released.
pub const STEADY: Duration = Duration::from_millis(1500);
/// What an offer takes to go when it is answered.
const ANSWERED: Duration = Duration::from_millis(300);
/// Where its main button stands: in the corner, where no script of the page can look for it.
pub const SAVE: &str = "return [innerWidth - 240, 172]";
/// Where "Never here" stands.
pub const NEVER: &str = "return [innerWidth - 78, 172]";

/// Presses a row of the menu under a field.
pub async fn press_row(user: &User, field: &str, row: u32) -> Result<()> {
    let page = user.page().await?;
    let script = format!(
        "const box = document.querySelector({}).getBoundingClientRect(); return [box.left + 60, box.bottom + 4 + 30 + 48 * {row}]",
        json!(field)
    );
    let at: (f64, f64) = serde_json::from_value(page.run(&script).await?)?;
    user.press_point(at).await
}

/// Waits until something of ours is in the page.
pub async fn wait_for_menu(page: &Practice<'_>) -> Result<()> {
    until("the menu", SOON, async || {
        Ok((menus(page).await? == 1).then_some(()))
    })
    .await
}

/// Fails where something of ours is in the page.
pub async fn expect_no_menu(page: &Practice<'_>) -> Result<()> {
    let count = menus(page).await?;
    ensure!(count == 0, "{count} menus are in the page");
    Ok(())
}

/// How many boxes of the top layer are in the page that are not its own.
async fn menus(page: &Practice<'_>) -> Result<u64> {
    let count = page
        .run("return document.querySelectorAll('div[popover=manual]:not([data-own])').length")
        .await?;
    Ok(count.as_u64().unwrap_or(0))
}

/// Signs in on a page with both fields, by hand.
pub async fn sign_in(user: &User, url: &str, password: &str) -> Result<()> {
    user.visit(url).await?.wait_for("#password").await?;
    type_login(user, password).await?;
    user.page().await?.press_on("#sign-in").await
}

/// Types both fields of a login, by hand.
pub async fn type_login(user: &User, password: &str) -> Result<()> {
    let page = user.page().await?;
    page.press_on("#username").await?;
    user.type_text(USERNAME).await?;
    page.press_on("#password").await?;
    user.type_text(password).await
}

/// Presses a button of the offer in the page until the offer is gone: a press that comes before it was
/// surely seen does nothing.
pub async fn press_in_offer(user: &User, button: &str) -> Result<()> {
    until("an answered offer", SOON, async || {
        tokio::time::sleep(STEADY).await;
        let page = user.page().await?;
        let at = serde_json::from_value(page.run(button).await?).context("the offer's place")?;
        user.press_point(at).await?;
        tokio::time::sleep(ANSWERED).await;
        Ok(expect_no_menu(&page).await.ok())
    })
    .await
}
