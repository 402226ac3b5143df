//! The popup's screens about the page in front, and what of identities they write.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use fantoccini::key::Key;
use proto::{
    bridge::popup::{DeleteItem, EditItem, GetSettings},
    ids::ItemId,
    vault::ItemSecrets,
};

use crate::{
    browser::{Kind, Scheme},
    pages::{
        menu::{sign_in, wait_for_menu},
        user::{POPUP_SIZE, User},
    },
    patience::{SOON, until},
    place,
    site::{PASSWORD, USERNAME},
    stage::{Stage, find, save_practice_login},
};

pub(super) async fn a_fill_is_taken_back_from_the_popup(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    let login = save_practice_login(&ada, "https://orchard.test").await?;
    let page = ada
        .visit(&stage.site.https("orchard.test", "/plain/"))
        .await?;
    page.wait_for("#password").await?;
    let popup = ada.open_popup().await?;
    popup.wait_for_screen("home").await?;
    ada.ask(proto::bridge::popup::Fill { item: login.id })
        .await?;
    let page = ada.page().await?;
    page.wait_for_value("#username", USERNAME).await?;

    let popup = ada.open_popup().await?;
    popup.wait_for("undo-fill").await?;
    look(&ada, "undo").await?;
    popup.click("undo-fill").await?;
    popup.wait_for_toast("2 fields put back").await?;
    popup.wait_until_gone("undo-fill").await?;
    popup.wait_for_focus("search").await?;
    let page = ada.page().await?;
    page.expect_value("#username", "").await?;
    page.expect_value("#password", "").await?;

    // The next page knows nothing of a fill of this one.
    ada.ask(proto::bridge::popup::Fill { item: login.id })
        .await?;
    let page = ada.page().await?;
    page.wait_for_value("#username", USERNAME).await?;
    for url in [
        stage.site.https("orchard.test", "/plain/?next"),
        stage.site.https("other.test", "/plain/"),
    ] {
        ada.visit(&url).await?.wait_for("#password").await?;
        let can_undo = ada.ask(proto::bridge::popup::GetPage {}).await?.can_undo;
        ensure!(!can_undo, "a fill of another page could be taken back");
    }
    ada.visit(&stage.site.https("orchard.test", "/plain/"))
        .await?;

    let popup = ada.open_popup().await?;
    popup.click("more").await?;
    popup.wait_for_focus("open-why").await?;
    look(&ada, "more").await?;
    ada.press(&[Key::Enter]).await?;
    popup.wait_for_screen("why").await?;
    popup.wait_for("why").await?;
    look(&ada, "why").await?;
    let why = popup.text("why").await?;
    ensure!(
        why.contains("https://orchard.test") && why.contains("Password"),
        "the explanation is {why:?}"
    );
    ada.press(&[Key::Escape]).await?;
    popup.wait_for_screen("home").await?;
    look_at_pages(stage, &ada, login.id).await
}

pub(super) async fn an_identity_is_written_with_all_its_parts(stage: &Stage) -> Result<()> {
    const PARTS: [(&str, &str); 8] = [
        ("title", "Home"),
        ("identity-name", "Ada Lovelace"),
        ("organization", "Analytical Engines"),
        ("email", "ada@example.com"),
        ("postal-code", "SW1Y 4JH"),
        ("city", "London"),
        ("region", "Greater London"),
        ("country", "United Kingdom"),
    ];
    let ada = stage.user_with_account("ada").await?;
    ada.visit(&stage.site.https("orchard.test", "/plain/"))
        .await?;
    let popup = ada.open_popup().await?;
    popup.click("new-item").await?;
    popup.click("kind-identity").await?;
    popup.wait_for_screen("editor").await?;
    for (hook, text) in PARTS {
        popup.enter(hook, text).await?;
    }
    look(&ada, "identity-editor").await?;
    popup.click("save").await?;
    popup.wait_for_screen("item").await?;
    popup.wait_for("field-country").await?;
    look(&ada, "identity").await?;

    // A page with a login form has no place for it.
    popup.click("fill").await?;
    popup.wait_for_toast("No field on this page").await?;
    look(&ada, "identity-nowhere").await?;

    let saved = find(&ada, "Home").await?;
    let id = saved.items.first().map(|item| item.id);
    let id = id.ok_or_else(|| anyhow::anyhow!("the identity is not found"))?;
    let draft = ada.ask(EditItem { id }).await?;
    // EXPOSE: the story has typed it.
    ensure!(
        matches!(&draft.secrets, ItemSecrets::Identity { city, country, .. }
            if city.expose_secret() == "London" && country.expose_secret() == "United Kingdom"),
        "something was not saved"
    );
    Ok(())
}

pub(super) async fn what_happens_on_pages_can_be_turned_off(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    let popup = ada.open_popup().await?;
    popup.wait_for_screen("home").await?;
    popup.click("settings").await?;
    popup.wait_for_screen("settings").await?;
    for hook in ["inline-menu", "offer-to-save"] {
        popup.click(hook).await?;
    }
    look(&ada, "settings").await?;
    until("both to be off", SOON, async || {
        let settings = ada.ask(GetSettings {}).await?;
        Ok((!settings.inline_menu && !settings.offer_to_save).then_some(()))
    })
    .await?;

    // A request of which nobody waits any more.
    ada.browser
        .client
        .goto(&format!(
            "{}/popup.html?window#/sign-in/99",
            ada.browser.origin()
        ))
        .await?;
    popup.wait_for("sign-in-over").await?;
    popup.wait_for_focus("close-window").await?;
    look(&ada, "sign-in-over").await
}

/// Leaves screenshots, light and dark, in the folder `PEARVAULT_SCREENS_DIR`, where it is named.
pub(super) async fn look(user: &User, name: &str) -> Result<()> {
    let Some(folder) = place::from_environment("PEARVAULT_SCREENS_DIR") else {
        return Ok(());
    };
    for (scheme, word) in SCHEMES {
        user.browser.set_scheme(scheme).await?;
        tokio::time::sleep(Duration::from_millis(250)).await;
        user.screenshot(&folder.join(format!("{name}-{word}.png")))
            .await?;
    }
    Ok(())
}

/// Sees that nothing of the screen is cut off where it is as narrow as a side panel may be, and leaves
/// screenshots of that too. Chromium only: Firefox has no window that narrow.
pub(super) async fn look_narrow(user: &User, name: &str) -> Result<()> {
    if user.browser.kind() != Kind::Chromium {
        return Ok(());
    }
    let (width, height) = POPUP_SIZE;
    user.browser.set_page_size(NARROW, height).await?;
    user.script(
        "document.documentElement.dataset.layout = 'page'",
        Vec::new(),
    )
    .await?;
    let cut = until("a screen that has its place", SOON, async || {
        let cut = user.script(CUT_OFF, Vec::new()).await?;
        ensure!(cut.as_array().is_some_and(Vec::is_empty), "cut off: {cut}");
        Ok(Some(()))
    })
    .await;
    look(user, &format!("{name}-narrow")).await?;
    user.script("delete document.documentElement.dataset.layout", Vec::new())
        .await?;
    user.browser.set_page_size(width, height).await?;
    cut.with_context(|| format!("{name}, {NARROW} px wide"))
}

/// Width of a narrow side panel, CSS pixels.
const NARROW: u32 = 320;

/// Names what is seen and reaches beyond the window, or is a button that does not hold its words or
/// reaches beyond its place. A text that ends in an ellipsis is meant to.
const CUT_OFF: &str = "const shortened = (e) => e && (getComputedStyle(e).textOverflow === 'ellipsis' || shortened(e.parentElement));
    const cut = (e) => e.getBoundingClientRect().right > innerWidth + 0.5
        || (e.matches('button') && (e.scrollWidth > e.clientWidth + 1
            || e.getBoundingClientRect().right > e.parentElement.getBoundingClientRect().right + 0.5));
    return [...document.querySelectorAll('#app *')]
        .filter((e) => e.checkVisibility() && cut(e) && !shortened(e))
        .map((e) => `${e.tagName} ${e.dataset.test ?? e.getAttribute('class')}`)";

const SCHEMES: [(Scheme, &str); 2] = [(Scheme::Dark, "dark"), (Scheme::Light, "light")];

/// The same for what stands in pages: the menu, a new password's and the offer to save the login.
async fn look_at_pages(stage: &Stage, user: &User, login: ItemId) -> Result<()> {
    let Some(folder) = place::from_environment("PEARVAULT_SCREENS_DIR") else {
        return Ok(());
    };
    let at = |path: &str| stage.site.https("orchard.test", path);
    let picture = async |name: &str, word: &str| {
        tokio::time::sleep(Duration::from_millis(250)).await;
        let file = folder.join(format!("{name}-{word}.png"));
        user.screenshot(&file).await
    };
    for (scheme, word) in SCHEMES {
        // Of the tab in front.
        user.visit(&at("/plain/")).await?;
        user.browser.set_scheme(scheme).await?;
        for (name, path, field) in [
            ("menu", "/plain/", "#username"),
            ("menu-new", "/sign-up/", "#new-password"),
        ] {
            let page = user.visit(&at(path)).await?;
            page.wait_for(field).await?;
            page.press_on(field).await?;
            wait_for_menu(&page).await?;
            user.press(&[Key::Down]).await?;
            picture(name, word).await?;
        }
    }
    user.ask(DeleteItem { id: login }).await?;
    for (scheme, word) in SCHEMES {
        user.visit(&at("/plain/")).await?;
        user.browser.set_scheme(scheme).await?;
        sign_in(user, &at("/plain/"), PASSWORD).await?;
        let page = user.page().await?;
        page.wait_for_welcome(USERNAME).await?;
        wait_for_menu(&page).await?;
        picture("offer", word).await?;
    }
    Ok(())
}
