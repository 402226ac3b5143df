//! That messages came: on the button, and as the browser's notification.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Result, ensure};
use proto::{
    api::message::Standing,
    bridge::popup::{Lock, MarkRead, SetStanding},
};
use serde_json::json;

use super::messages::Side;
use crate::{
    browser::{Extension, Kind},
    pages::user::User,
    patience::{WORK, until},
    peers::Peers,
    stage::{Stage, save_practice_login},
};

/// Long enough for a notification that is not to come: one takes a second.
const QUIET: Duration = Duration::from_secs(3);

/// In Firefox no notification is seen without a display: there the story is of the button and of the permission.
pub(super) async fn what_came_is_told_without_saying_what(stage: &Stage) -> Result<()> {
    let peers = Peers::start(stage.logs()).await?;
    let ada = Side::new(stage, &peers, 0, "ada").await?;
    let folder = tempfile::tempdir()?;
    let bob = Side::at(
        stage,
        &peers,
        1,
        with_notifications(stage, folder.path()).await?,
    )
    .await?;
    let login = stage.site.https("orchard.test", "/plain/");
    save_practice_login(&bob.user, "https://orchard.test").await?;
    allow(stage, &bob.user).await?;
    bob.user
        .visit(&stage.site.https("other.test", "/addresses/"))
        .await?;
    bob.user.wait_for_badge("").await?;

    // A stranger is told of once, however much they write.
    ada.write(&bob, 1, "It is me, Ada").await?;
    bob.until_says(&ada, "It is me, Ada").await?;
    bob.user.wait_for_badge("1").await?;
    if stage.kind() == Kind::Chromium {
        wait_for_notification(&bob.user).await?;
        bob.user.browser.click_notification("messages").await?;
        let messages = bob.user.asked_in_window("#/messages").await?;
        messages.wait_for_screen("messages").await?;
        let url = bob.user.browser.client.current_url().await?;
        ensure!(!url.as_str().contains('@'), "{url}");
        bob.user.browser.client.close_window().await?;
        let shown = bob.user.notifications().await?;
        ensure!(shown.is_empty(), "it is still there");
    }
    ada.write(&bob, 2, "Are you there?").await?;
    bob.until_says(&ada, "Are you there?").await?;
    stays_silent(&bob.user).await?;
    bob.user.wait_for_badge("1").await?;

    // Nobody is told of what they see anyway.
    let address = ada.address.clone();
    let standing = Standing::Accepted;
    bob.user
        .ask(SetStanding {
            address: address.clone(),
            standing,
        })
        .await?;
    bob.user.ask(MarkRead { address }).await?;
    bob.user.wait_for_badge("").await?;
    let popup = bob.user.open_popup().await?;
    popup.wait_for_screen("home").await?;
    popup.click("nav-messages").await?;
    popup.wait_for_screen("messages").await?;
    ada.write(&bob, 3, "Look").await?;
    bob.until_says(&ada, "Look").await?;
    bob.user.wait_for_badge("1").await?;
    stays_silent(&bob.user).await?;

    // A page with a login of its own says how many there are; any other, how many messages.
    bob.user.close_popup().await?;
    ada.write(&bob, 4, "And this").await?;
    bob.user.visit(&login).await?.wait_for("#password").await?;
    if stage.kind() == Kind::Chromium {
        wait_for_notification(&bob.user).await?;
    }
    bob.user.wait_for_badge("1").await?;
    bob.user
        .visit(&stage.site.https("other.test", "/addresses/"))
        .await?;
    bob.user.wait_for_badge("2").await?;

    // A locked vault knows of no message.
    bob.user.ask(Lock {}).await?;
    bob.user.wait_for_badge("").await?;
    ensure!(
        bob.user.notifications().await?.is_empty(),
        "told while locked"
    );
    Ok(())
}

async fn with_notifications(stage: &Stage, folder: &Path) -> Result<Arc<User>> {
    let extension = Extension::allowed(stage.kind(), "notifications", folder)?;
    stage.user_with_extension("bob", extension).await
}

/// Turns them on in the settings, where they are off.
async fn allow(stage: &Stage, bob: &User) -> Result<()> {
    let popup = bob.open_popup().await?;
    popup.wait_for_screen("home").await?;
    popup.click("settings").await?;
    popup.wait_for("notify-messages").await?;
    let is_on = "return document.querySelector('[data-test=notify-messages]').checked";
    let on = async || Ok((bob.script(is_on, Vec::new()).await? == json!(true)).then_some(()));
    if stage.kind() == Kind::Firefox {
        ensure!(on().await?.is_none(), "it is on before anybody asked");
        popup.click("notify-messages").await?;
        // Read anew, it is the permission that is shown.
        popup.click("back").await?;
        popup.wait_for_screen("home").await?;
        popup.click("settings").await?;
    }
    until("the switch", WORK, on).await?;
    popup.click("back").await?;
    popup.wait_for_screen("home").await
}

async fn wait_for_notification(bob: &User) -> Result<()> {
    until("a notification", WORK, async || {
        Ok((bob.notifications().await? == ["messages"]).then_some(()))
    })
    .await
}

async fn stays_silent(bob: &User) -> Result<()> {
    tokio::time::sleep(QUIET).await;
    let shown = bob.notifications().await?;
    ensure!(shown.is_empty(), "{shown:?}");
    Ok(())
}
