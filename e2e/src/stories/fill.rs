//! Pages that are filled.

use anyhow::{Context as _, Result, ensure};
use fantoccini::key::Key;
use proto::{
    bridge::popup::{Fill, FillReport, SaveItem},
    ids::ItemId,
    vault::{ItemSecrets, SecretText, UrlMatch},
};

use crate::{
    browser::Kind,
    pages::{popup::Part, user::User},
    patience::{SOON, until},
    site::{PASSWORD, USERNAME},
    stage::{Stage, login_draft, save_practice_login},
};

/// RFC 6238's key, in base32.
const TOTP_KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

pub(super) async fn five_practice_pages_are_filled(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    save_practice_login(&ada, "https://orchard.test").await?;
    let at = |path: &str| stage.site.https("orchard.test", path);

    // 1. Plain form, and the server behind it lets the user in.
    ada.visit(&at("/plain/"))
        .await?
        .wait_for("#password")
        .await?;
    fill_by_popup(&ada).await?;
    let page = ada.page().await?;
    page.wait_for_value("#username", USERNAME).await?;
    page.wait_for_value("#password", PASSWORD).await?;
    page.click("#sign-in").await?;
    page.wait_for_welcome(USERNAME).await?;

    // 2. User name first, password on the next page.
    ada.visit(&at("/username-first/"))
        .await?
        .wait_for("#username")
        .await?;
    fill_by_popup(&ada).await?;
    let page = ada.page().await?;
    page.wait_for_value("#username", USERNAME).await?;
    page.click("#next").await?;
    page.wait_for_path("/username-first/password/").await?;
    page.wait_for("#password").await?;
    fill_by_popup(&ada).await?;
    let page = ada.page().await?;
    page.wait_for_value("#password", PASSWORD).await?;
    page.click("#sign-in").await?;
    page.wait_for_welcome(USERNAME).await?;

    // 3. Inside an open shadow root.
    ada.visit(&at("/open-shadow/"))
        .await?
        .wait_for("#password")
        .await?;
    fill_by_popup(&ada).await?;
    let page = ada.page().await?;
    page.wait_for_value("#username", USERNAME).await?;
    page.wait_for_value("#password", PASSWORD).await?;
    page.click("#sign-in").await?;
    page.wait_for_welcome(USERNAME).await?;

    // 4. A single-page app that replaces its form after load and controls its inputs.
    ada.visit(&at("/spa/"))
        .await?
        .wait_for("#app[data-ready]")
        .await?;
    fill_by_popup(&ada).await?;
    let page = ada.page().await?;
    page.wait_for_value("#password", PASSWORD).await?;
    let state = page
        .run("return document.querySelector('#state').textContent.trim()")
        .await?;
    let lengths = format!("username:{} password:{}", USERNAME.len(), PASSWORD.len());
    ensure!(state == lengths.as_str(), "the framework believes {state}");
    page.click("#sign-in").await?;
    page.wait_for_welcome(USERNAME).await?;

    // 5. A frame of the same site.
    let page = ada.visit(&at("/frame-same-site/")).await?;
    page.enter_frame().await?;
    page.wait_for("#password").await?;
    fill_by_popup(&ada).await?;
    let page = ada.page().await?;
    page.enter_frame().await?;
    page.wait_for_value("#username", USERNAME).await?;
    page.wait_for_value("#password", PASSWORD).await
}

pub(super) async fn a_page_with_the_strictest_policy_is_filled_and_signed_in_to(
    stage: &Stage,
) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    save_practice_login(&ada, "https://orchard.test").await?;
    ada.visit(&stage.site.https("orchard.test", "/strict-csp/"))
        .await?
        .wait_for("#password")
        .await?;
    fill_by_popup(&ada).await?;
    let page = ada.page().await?;
    page.wait_for_value("#username", USERNAME).await?;
    page.wait_for_value("#password", PASSWORD).await?;
    page.click("#sign-in").await?;
    page.wait_for_welcome(USERNAME).await
}

pub(super) async fn a_page_with_the_names_of_properties_is_filled(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    save_practice_login(&ada, "https://orchard.test").await?;
    let at = |path: &str| stage.site.https("orchard.test", path);
    ada.visit(&at("/clobbered/"))
        .await?
        .wait_for("#password")
        .await?;
    // The second time there is a script of the first in the page.
    for _ in 0..2 {
        fill_by_popup(&ada).await?;
        let page = ada.page().await?;
        page.wait_for_value("#username", USERNAME).await?;
        page.wait_for_value("#password", PASSWORD).await?;
    }
    ada.page().await?.click("#sign-in").await?;
    ada.page().await?.wait_for_welcome(USERNAME).await
}

pub(super) async fn harder_pages_are_filled(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    let item = save_practice_login(&ada, "https://orchard.test").await?.id;
    let at = |path: &str| stage.site.https("orchard.test", path);

    // Both inputs are replaced under the first focus.
    ada.visit(&at("/spa-rerender/"))
        .await?
        .wait_for("#app[data-ready]")
        .await?;
    fill(&ada, item).await?;
    let page = ada.page().await?;
    page.wait_for_value("#username", USERNAME).await?;
    page.wait_for_value("#password", PASSWORD).await?;

    // A closed shadow root: the page tells by its own listener.
    ada.visit(&at("/closed-shadow/"))
        .await?
        .wait_for("orchard-login")
        .await?;
    fill(&ada, item).await?;
    ada.page()
        .await?
        .wait_for("orchard-login[data-filled='username password']")
        .await?;

    // The present password of a change form, and not the new ones.
    ada.visit(&at("/change-password/"))
        .await?
        .wait_for("#current")
        .await?;
    fill(&ada, item).await?;
    let page = ada.page().await?;
    page.wait_for_value("#current", PASSWORD).await?;
    page.expect_value("#new", "").await?;
    page.expect_value("#repeat", "").await?;

    // Login beside sign-up.
    ada.visit(&at("/both/"))
        .await?
        .wait_for("#login-password")
        .await?;
    fill(&ada, item).await?;
    let page = ada.page().await?;
    page.wait_for_value("#login-username", USERNAME).await?;
    page.wait_for_value("#login-password", PASSWORD).await?;
    for empty in ["#signup-email", "#signup-password", "#signup-repeat"] {
        page.expect_value(empty, "").await?;
    }

    // A frame of the same origin.
    let page = ada.visit(&at("/frame-same-origin/")).await?;
    page.enter_frame().await?;
    page.wait_for("#password").await?;
    fill(&ada, item).await?;
    let page = ada.page().await?;
    page.enter_frame().await?;
    page.wait_for_value("#password", PASSWORD).await
}

pub(super) async fn a_one_time_code_is_filled(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    let mut draft = login_draft("Orchard Mail", "https://orchard.test", UrlMatch::Site);
    if let ItemSecrets::Login { totp, .. } = &mut draft.secrets {
        *totp = SecretText::new(TOTP_KEY);
    }
    let item = ada.ask(SaveItem { draft }).await?.id;
    ada.visit(&stage.site.https("orchard.test", "/one-time-code/"))
        .await?
        .wait_for("#code")
        .await?;
    let report = fill(&ada, item).await?;
    ensure!(report.totp, "no code was filled");
    let code = ada.page().await?.value("#code").await?;
    ensure!(
        code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()),
        "the code is `{code}`"
    );

    // The step before it: the code is on the clipboard once the popup has filled the password.
    let page = ada
        .visit(&stage.site.https("orchard.test", "/plain/"))
        .await?;
    page.wait_for("#password").await?;
    fill_by_popup(&ada).await?;
    let page = ada.page().await?;
    page.wait_for_value("#password", PASSWORD).await?;
    until("the code on the clipboard", SOON, async || {
        page.press_on("#username").await?;
        ada.press_with(Key::Control, 'a').await?;
        ada.press_with(Key::Control, 'v').await?;
        let pasted = page.value("#username").await?;
        Ok((pasted.len() == 6 && pasted.bytes().all(|b| b.is_ascii_digit())).then_some(()))
    })
    .await
}

pub(super) async fn the_shortcut_fills(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    save_practice_login(&ada, "https://orchard.test").await?;
    ada.close_popup().await?;
    ada.visit(&stage.site.https("orchard.test", "/plain/"))
        .await?
        .wait_for("#password")
        .await?;
    if stage.kind() == Kind::Chromium {
        // The event goes to the worker that runs; a real key would start it.
        ada.popup().await?.wait_for_screen("home").await?;
        ada.close_popup().await?;
    }
    ada.browser.press_shortcut("fill-login").await?;
    let page = ada.page().await?;
    page.wait_for_value("#username", USERNAME).await?;
    page.wait_for_value("#password", PASSWORD).await
}

pub(super) async fn enter_in_the_popup_under_the_toolbar_button_fills(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    save_practice_login(&ada, "https://orchard.test").await?;
    ada.close_popup().await?;
    ada.visit(&stage.site.https("orchard.test", "/plain/"))
        .await?
        .wait_for("#password")
        .await?;
    let popup = ada.browser.open_toolbar_popup().await?;
    until("the login of this site", SOON, async || {
        Ok((popup.count("[data-test=row][data-site=true]").await? == 1).then_some(()))
    })
    .await?;
    let size = popup.size().await?;
    ensure!(size == (380, 600), "the popup is {size:?} large");
    popup.press_enter().await?;
    let page = ada.page().await?;
    page.wait_for_value("#username", USERNAME).await?;
    page.wait_for_value("#password", PASSWORD).await
}

/// Fills the page in front with the one login that the popup offers for it.
pub(super) async fn fill_by_popup(user: &User) -> Result<()> {
    let popup = user.open_popup().await?;
    popup.wait_for_rows(Part::Site, &["Orchard Mail"]).await?;
    popup.fill("Orchard Mail").await
}

/// Fills the page in front past the popup's screens.
pub(super) async fn fill(user: &User, item: ItemId) -> Result<FillReport> {
    let url = user.page().await?.run("return location.pathname").await?;
    user.ask(Fill { item })
        .await
        .with_context(|| format!("filling {url}"))
}
