//! Servers that want a user name and password by HTTP (RFC 7617), and a window of ours that asks
//! first.

use anyhow::{Result, ensure};
use proto::{
    bridge::popup::SaveItem,
    vault::{ItemSecrets, SecretText, UrlMatch},
};
use serde_json::json;

use crate::{
    pages::user::User,
    patience::{SOON, until},
    stage::{Stage, login_draft, save_login},
};

const PATH: &str = "/basic-auth/";
/// Part of the address of the window that asks.
const WINDOW: &str = "#/sign-in/";

pub(super) async fn a_server_gets_the_login_that_was_chosen(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    let site = &stage.site;
    let (own, plain) = (
        site.https("orchard.test", ""),
        site.http("orchard.test", ""),
    );
    save_login(&ada, "Orchard Mail", &own, UrlMatch::Site).await?;
    save_login(
        &ada,
        "Elsewhere",
        &site.https("other.test", ""),
        UrlMatch::Site,
    )
    .await?;
    save_wrong(&ada, "Orchard, last year", &own).await?;
    let open = site.http("login.orchard.test", "");
    save_login(&ada, "Open", &open, UrlMatch::Site).await?;
    ada.close_popup().await?;

    // A login of the site, but of another of its hosts: nothing is offered, the browser asks itself.
    let beside = site.https("www.orchard.test", PATH);
    begin(&ada, &beside).await?;
    expect_browser_asks(&ada, "a login of another host").await?;
    // Nor over http, where everybody on the way could read it.
    begin(&ada, &format!("{plain}{PATH}")).await?;
    expect_browser_asks(&ada, "a login for https").await?;

    // Its own: those of this server, and no other.
    let locked_up = format!("{own}{PATH}");
    begin(&ada, &locked_up).await?;
    let window = ada.asked_in_window(WINDOW).await?;
    window.wait_for("sign-in-item").await?;
    let titles = titles(&ada).await?;
    ensure!(
        titles == ["Orchard Mail", "Orchard, last year"],
        "it offers {titles:?}"
    );
    let told = window.text("origin").await?;
    ensure!(told == own, "it says {told:?}");
    ensure!(!window.shows("not-encrypted").await?, "it warns of http");
    // Who declines is asked by the browser.
    window.answer_server(None).await?;
    expect_browser_asks(&ada, "declined").await?;

    // What is wrong is given once, and then the browser asks.
    begin(&ada, &locked_up).await?;
    choose(&ada, "Orchard, last year").await?;
    expect_browser_asks(&ada, "a wrong login").await?;

    begin(&ada, &locked_up).await?;
    choose(&ada, "Orchard Mail").await?;
    ada.page().await?.wait_for("#signed-in").await?;

    // A login that is for http itself goes there, with a warning.
    begin(&ada, &format!("{open}{PATH}")).await?;
    let window = ada.asked_in_window(WINDOW).await?;
    window.wait_for("not-encrypted").await?;
    choose(&ada, "Open").await?;
    ada.page().await?.wait_for("#signed-in").await
}

/// Chromium, started with that permission, at times never loads its first page.
pub(super) async fn chromium_is_not_asked_for_web_requests(stage: &Stage) -> Result<()> {
    let ada = stage.user("ada").await?;
    ada.popup().await?.wait_for_screen("welcome").await?;
    let script = "const { permissions } = chrome.runtime.getManifest();
        return [permissions.filter((it) => it.startsWith('webRequest')), typeof chrome.webRequest]";
    let told = ada.browser.client.execute(script, vec![]).await?;
    ensure!(told == json!([[], "undefined"]), "it has {told}");
    Ok(())
}

/// Goes to a page that does not come before somebody has answered.
async fn begin(user: &User, url: &str) -> Result<()> {
    let page = user.page().await?;
    page.run(&format!(
        "setTimeout(() => (location.href = {}))",
        json!(url)
    ))
    .await
    .map(drop)
}

async fn choose(user: &User, title: &str) -> Result<()> {
    let window = user.asked_in_window(WINDOW).await?;
    window.answer_server(Some(title)).await
}

/// The browser's own window asks, and none of ours; it is sent away without an answer.
async fn expect_browser_asks(user: &User, why: &str) -> Result<()> {
    let client = &user.browser.client;
    // The driver finds no window while a question comes or goes.
    until(
        &format!("the browser's own question: {why}"),
        SOON,
        async || {
            user.page().await?;
            client.get_alert_text().await?;
            Ok(Some(()))
        },
    )
    .await?;
    client.dismiss_alert().await?;
    until("the page of who is not let in", SOON, async || {
        let windows = client.windows().await?.len();
        ensure!(windows == 1, "{windows} windows are open");
        let page = user.page().await?;
        let script =
            "return location.pathname === '/basic-auth/' && !document.querySelector('#signed-in')";
        Ok((page.run(script).await? == true).then_some(()))
    })
    .await
}

/// Titles of the logins that are offered.
async fn titles(user: &User) -> Result<Vec<String>> {
    let script = "return [...document.querySelectorAll('[data-test=sign-in-item]')].map((it) => it.dataset.title)";
    let titles = user.browser.client.execute(script, vec![]).await?;
    Ok(serde_json::from_value(titles)?)
}

async fn save_wrong(user: &User, title: &str, url: &str) -> Result<()> {
    let mut draft = login_draft(title, url, UrlMatch::Site);
    if let ItemSecrets::Login { password, .. } = &mut draft.secrets {
        *password = SecretText::new("not the password");
    }
    user.ask(SaveItem { draft }).await.map(drop)
}
