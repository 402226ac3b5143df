//! The browser's context menu.

use anyhow::{Context as _, Result, ensure};
use proto::bridge::popup::{ListConversations, Lock};

use super::screens::look;
use crate::{
    browser::{At, Kind},
    pages::{practice::Practice, user::User},
    site::{PASSWORD, USERNAME},
    stage::{MASTER, Stage, save_practice_login},
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
    ada.browser
        .choose_in_context_menu("fill-login", At::Page)
        .await?;
    page.wait_for_value("#username", USERNAME).await?;
    page.wait_for_value("#password", PASSWORD).await?;

    // A fill can be taken back once it was seen to have stayed, which takes a moment.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    page.press_aside_on("h1").await?;
    ada.browser
        .choose_in_context_menu("undo-fill", At::Page)
        .await?;
    expect_empty(&page).await
}

/// Three ways to name somebody, and what only looks like one. Nothing is done with any of them before the entry is chosen, and
/// then nothing is sent and nobody asked.
pub(super) async fn an_address_in_a_page_is_written_to_where_the_user_asks(
    stage: &Stage,
) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    let site = stage.site.https("orchard.test", "/addresses/");
    let (by_text, by_link) = ("write-to-selected", "write-to-link");
    for (place, entry, address) in [
        ("#text", by_text, "bob@localhost"),
        ("#mail", by_link, "bob@localhost"),
        ("#pears", by_link, "bob@localhost"),
        ("#many", by_link, ""),
        ("#turned", by_text, ""),
        ("#words", by_text, ""),
    ] {
        choose(&ada, &site, place, entry).await?;
        if address.is_empty() {
            let written = ada.asked_in_window("#/write").await.context(place)?;
            written.wait_for_screen("new-message").await?;
            written.wait_for("no-address").await.context(place)?;
            ensure!(written.value("address-input").await?.is_empty(), "{place}");
            if place == "#words" {
                look(&ada, "messages-no-address").await?;
            }
            ada.browser.client.close_window().await?;
        } else {
            let written = ada.opened("new-message").await.context(place)?;
            ensure!(written.address == address, "{place}: {written:?}");
            written.expect_nobody_named().context(place)?;
        }
        let none = ada.ask(ListConversations {}).await?.conversations;
        ensure!(none.is_empty(), "{place}: {none:?}");
    }
    if stage.kind() == Kind::Firefox {
        // Where there is no address to be had, there is no such entry.
        let page = ada.visit(&site).await?;
        pressed_aside(&page, "#elsewhere").await?;
        let chosen = ada.browser.choose_in_context_menu(by_link, At::Page).await;
        ensure!(chosen.is_err(), "every link can be written to");
    }
    Ok(())
}

/// A tab that is opened while the vault is locked waits, with a URL that names nobody, and goes on where it was asked for:
/// once.
pub(super) async fn a_tab_about_somebody_is_followed_once(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    let site = stage.site.https("orchard.test", "/addresses/");
    ada.ask(Lock {}).await?;
    choose(&ada, &site, "#text", "write-to-selected").await?;
    let tab = ada.asked_in_window("#/to/").await?;
    let first = url(&ada).await?;
    ensure!(!first.contains('@') && !first.contains("bob"), "{first}");
    tab.unlock(MASTER).await?;
    tab.wait_for_screen("new-message").await?;
    ensure!(tab.value("address-input").await? == "bob@localhost");
    let cleared = format!("{}/popup.html?full", ada.browser.origin());
    ensure!(url(&ada).await? == cleared, "{}", url(&ada).await?);

    // Wherever the user goes from there, the URL stays.
    tab.click("back").await?;
    tab.wait_for_screen("messages").await?;
    ensure!(url(&ada).await? == cleared, "{}", url(&ada).await?);
    ada.browser.client.refresh().await?;
    tab.wait_for_screen("home").await?;

    // Who finds the URL finds nobody.
    ada.browser.client.goto(&first).await?;
    ada.browser.client.refresh().await?;
    tab.wait_for_screen("home").await?;
    ensure!(url(&ada).await? == cleared, "{}", url(&ada).await?);
    ada.browser.client.close_window().await?;
    Ok(())
}

/// Chooses an entry of the context menu at an element of a page.
async fn choose(ada: &User, site: &str, place: &str, entry: &str) -> Result<()> {
    ada.close_popup().await?;
    let page = ada.visit(site).await?;
    page.wait_for(place).await?;
    let at = pressed_aside(&page, place).await?;
    let at = if entry == "write-to-selected" {
        At::Selection(&at)
    } else {
        At::Link(&at)
    };
    ada.browser.choose_in_context_menu(entry, at).await
}

async fn url(ada: &User) -> Result<String> {
    Ok(ada.browser.client.current_url().await?.to_string())
}

/// Selects what an element says and opens the context menu on it; returns the link, else the text.
async fn pressed_aside(page: &Practice<'_>, selector: &str) -> Result<String> {
    let select = format!(
        "const at = document.querySelector('{selector}'); \
         getSelection().selectAllChildren(at); return at.href ?? getSelection().toString()"
    );
    let subject = page.run(&select).await?;
    page.press_aside_on(selector).await?;
    Ok(subject.as_str().unwrap_or_default().to_owned())
}

async fn expect_empty(page: &Practice<'_>) -> Result<()> {
    page.wait_for_value("#username", "").await?;
    page.wait_for_value("#password", "").await
}
