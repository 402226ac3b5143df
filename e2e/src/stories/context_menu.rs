//! The browser's context menu.

use anyhow::Result;

use crate::{
    pages::practice::Practice,
    site::{PASSWORD, USERNAME},
    stage::{Stage, save_practice_login},
};

/// In Firefox the menu is opened by a press and the entry in it is chosen. In Chromium only the event
/// is played that the entry causes: see [`crate::browser::Browser::choose_in_context_menu`].
pub(super) async fn its_entries_fill_a_login_and_take_it_back(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    save_practice_login(&ada, "https://orchard.test").await?;
    let page = ada
        .visit(&stage.site.https("orchard.test", "/plain/"))
        .await?;
    page.wait_for("#password").await?;
    ada.close_popup().await?;
    // Not at a field: what its press sets going is another story's.
    page.press_aside_on("h1").await?;
    ada.browser.choose_in_context_menu("fill-login").await?;
    page.wait_for_value("#username", USERNAME).await?;
    page.wait_for_value("#password", PASSWORD).await?;

    // A fill can be taken back once it was seen to have stayed, which takes a moment.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    page.press_aside_on("h1").await?;
    ada.browser.choose_in_context_menu("undo-fill").await?;
    expect_empty(&page).await
}

async fn expect_empty(page: &Practice<'_>) -> Result<()> {
    page.wait_for_value("#username", "").await?;
    page.wait_for_value("#password", "").await
}
