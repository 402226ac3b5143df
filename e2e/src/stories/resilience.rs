//! Workers that die, nodes that go away.

use anyhow::{Result, ensure};
use fantoccini::key::Key;
use proto::{
    bridge::popup::{AppStatus, NodeState, Status, SyncNow},
    vault::UrlMatch,
};

use super::fill::fill_by_popup;
use crate::{
    pages::{popup::Part, user::User},
    patience::{SOON, WORK, until},
    site::{PASSWORD, USERNAME},
    stage::{MASTER, Stage, find, save_login, save_practice_login},
};

pub(super) async fn the_worker_dies_before_every_step(stage: &Stage) -> Result<()> {
    let ada = stage.user("ada").await?;
    let popup = ada.popup().await?;
    popup.wait_for_screen("welcome").await?;
    die(&ada).await?;
    popup.click("create-account").await?;
    popup.wait_for_screen("address").await?;
    die(&ada).await?;
    popup
        .choose_address("ada@localhost", stage.server())
        .await?;
    die(&ada).await?;
    popup.choose_password(MASTER).await?;
    popup.wait_for_screen_within("ready", WORK).await?;
    die(&ada).await?;
    popup.click("first-login").await?;
    popup.wait_for_screen("editor").await?;
    die(&ada).await?;
    popup.enter("title", "Orchard Mail").await?;
    popup.enter("username", USERNAME).await?;
    popup.enter("item-password", PASSWORD).await?;
    popup.enter("url-0", "https://orchard.test").await?;
    die(&ada).await?;
    popup.click("save").await?;
    until("the saved item", SOON, async || {
        Ok((find(&ada, "orchard").await?.total == 1).then_some(()))
    })
    .await?;

    ada.visit(&stage.site.https("orchard.test", "/plain/"))
        .await?
        .wait_for("#password")
        .await?;
    die(&ada).await?;
    let popup = ada.open_popup().await?;
    popup.wait_for_rows(Part::Site, &["Orchard Mail"]).await?;
    die(&ada).await?;
    popup.fill("Orchard Mail").await?;
    let page = ada.page().await?;
    page.wait_for_value("#password", PASSWORD).await?;

    let popup = ada.open_popup().await?;
    popup.wait_for_screen("home").await?;
    die(&ada).await?;
    popup.enter("search", "mail").await?;
    popup.wait_for_rows(Part::All, &["Orchard Mail"]).await?;
    die(&ada).await?;
    popup.open_item("Orchard Mail").await?;
    die(&ada).await?;
    popup.click("reveal-password").await?;
    until("the password in clear", SOON, async || {
        Ok(popup
            .text("field-password")
            .await?
            .contains(PASSWORD)
            .then_some(()))
    })
    .await?;
    die(&ada).await?;
    popup.click("edit").await?;
    popup.wait_for_screen("editor").await?;
    die(&ada).await?;
    popup.enter("title", "Orchard Mail, edited").await?;
    popup.click("save").await?;
    until("the edited item", SOON, async || {
        Ok((find(&ada, "edited").await?.total == 1).then_some(()))
    })
    .await?;

    let popup = ada.open_popup().await?;
    popup.wait_for_screen("home").await?;
    die(&ada).await?;
    popup.click("lock").await?;
    popup.wait_for_screen("unlock").await?;
    die(&ada).await?;
    popup.enter("unlock-input", MASTER).await?;
    die(&ada).await?;
    ada.press(&[Key::Enter]).await?;
    popup.wait_for_screen("home").await
}

pub(super) async fn work_goes_on_when_the_worker_dies(stage: &Stage) -> Result<()> {
    // Long enough to be interrupted.
    stage
        .node
        .lock()
        .await
        .restart_with_account_difficulty(600_000)
        .await?;
    let ada = stage.user("ada").await?;
    let popup = ada.popup().await?;
    popup.click("create-account").await?;
    popup
        .choose_address("ada@localhost", stage.server())
        .await?;
    popup.choose_password(MASTER).await?;
    popup.wait_for_screen_within("work", WORK).await?;
    for _ in 0..2 {
        until("work under way, or done", WORK, async || {
            Ok(match ada.ask(Status {}).await? {
                AppStatus::Working {
                    progress: Some(progress),
                    ..
                } if progress.tries > 0 => Some(()),
                AppStatus::Unlocked { .. } => Some(()),
                _ => None,
            })
        })
        .await?;
        die(&ada).await?;
    }
    // Nobody looks at it meanwhile.
    ada.close_popup().await?;
    let popup = ada.popup().await?;
    until("the account", WORK, async || {
        Ok(matches!(popup.screen().await?.as_str(), "ready" | "home").then_some(()))
    })
    .await
}

pub(super) async fn the_node_goes_away_and_comes_back(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    save_practice_login(&ada, "https://orchard.test").await?;
    settle(&ada).await?;
    stage.node.lock().await.stop().await?;

    // Reads, fills and writes go on, and the popup says how things stand.
    save_login(&ada, "Written away", "https://away.test", UrlMatch::Site).await?;
    ada.ask(SyncNow {}).await.ok();
    ada.visit(&stage.site.https("orchard.test", "/plain/"))
        .await?
        .wait_for("#password")
        .await?;
    let popup = ada.open_popup().await?;
    popup
        .wait_for_rows(Part::All, &["Orchard Mail", "Written away"])
        .await?;
    popup.wait_for("offline").await?;
    ensure!(
        popup.text("offline").await?.contains("1 change waits"),
        "the banner does not tell of the change that waits"
    );
    fill_by_popup(&ada).await?;
    ada.page()
        .await?
        .wait_for_value("#password", PASSWORD)
        .await?;
    match ada.ask(Status {}).await? {
        AppStatus::Unlocked {
            node: NodeState::Offline,
            pending: 1,
            ..
        } => {}
        other => anyhow::bail!("the node is away and the status is {other:?}"),
    }

    // What waits survives the worker, and is delivered once the node is back.
    die(&ada).await?;
    stage.node.lock().await.start_again().await?;
    settle(&ada).await?;
    let popup = ada.open_popup().await?;
    popup.wait_for_screen("home").await?;
    popup.wait_until_gone("offline").await?;

    let second = stage.user("ada-at-work").await?;
    let popup = second.popup().await?;
    popup
        .log_in("ada@localhost", stage.server(), MASTER)
        .await?;
    popup
        .wait_for_rows(Part::All, &["Orchard Mail", "Written away"])
        .await
}

pub(super) async fn a_killed_node_keeps_what_it_acknowledged(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    for number in 0..20 {
        save_login(
            &ada,
            &format!("Login {number}"),
            "https://many.test",
            UrlMatch::Site,
        )
        .await?;
    }
    settle(&ada).await?;
    {
        let mut node = stage.node.lock().await;
        node.kill();
        node.start_again().await?;
    }
    let second = stage.user("ada-at-work").await?;
    second
        .popup()
        .await?
        .log_in("ada@localhost", stage.server(), MASTER)
        .await?;
    until("all twenty", SOON, async || {
        Ok((find(&second, "").await?.total == 20).then_some(()))
    })
    .await
}

pub(super) async fn die(user: &User) -> Result<()> {
    user.browser.kill_worker().await
}

/// Waits until nothing waits for the node.
pub(super) async fn settle(user: &User) -> Result<()> {
    until("everything to reach the node", WORK, async || {
        match user.ask(SyncNow {}).await? {
            AppStatus::Unlocked {
                pending: 0,
                node: NodeState::Online,
                ..
            } => Ok(Some(())),
            other => anyhow::bail!("the status is {other:?}"),
        }
    })
    .await
}
