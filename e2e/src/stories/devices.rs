//! One account on several devices.
//!
//! `PEARVAULT_IDLE_SECONDS=60` leaves a device alone for that long before another one writes
//! (Chromium; Firefox lets its background sleep).

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use fantoccini::key::Key;
use proto::{
    bridge::popup::{AppStatus, ListSessions, Lock, NodeState, Reveal, Status, SyncNow},
    vault::SecretField,
};
use tokio::time::sleep;

use super::{
    screens::{look, look_narrow},
    vault::tab_to,
};
use crate::{
    browser::Kind,
    pages::{popup::Part, user::User},
    patience::{SOON, WORK, until},
    proxy::{Proxy, Way},
    stage::{MASTER, Stage, find, save_practice_login},
};

/// Between two looks at a device that must not be woken by them.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

pub(super) async fn a_change_comes_to_the_other_device_by_itself(stage: &Stage) -> Result<()> {
    a_change_comes(stage, stage.server()).await
}

/// The way to the node lets no WebSocket through.
pub(super) async fn a_change_comes_without_web_sockets(stage: &Stage) -> Result<()> {
    let proxy = Proxy::start(stage.server(), &[Way::WebSocket]).await?;
    a_change_comes(stage, &proxy.url()).await?;
    ensure!(proxy.seen(Way::WebSocket) > 0, "no WebSocket was tried");
    ensure!(proxy.seen(Way::Events) > 0, "no stream of events was tried");
    Ok(())
}

/// It keeps back answers that go on, too.
pub(super) async fn a_change_comes_without_answers_that_go_on(stage: &Stage) -> Result<()> {
    let proxy = Proxy::start(stage.server(), &[Way::WebSocket, Way::Events]).await?;
    a_change_comes(stage, &proxy.url()).await?;
    ensure!(proxy.seen(Way::Events) > 0, "no stream of events was tried");
    // The first is answered at once, and the next one waits.
    ensure!(proxy.seen(Way::Poll) > 1, "no long poll was tried");
    Ok(())
}

/// Nothing of ours is open on the device at home, so that it asks for nothing by itself.
async fn a_change_comes(stage: &Stage, server: &str) -> Result<()> {
    let home = stage.user("home").await?;
    stage.give_account_at(&home, server).await?;
    save_practice_login(&home, &stage.site.https("orchard.test", "/")).await?;
    wait_until_sent(&home).await?;
    let idle = idle()?.filter(|_| stage.kind() == Kind::Chromium);
    if let Some(idle) = idle {
        // That it would sleep with nothing to hear: so nothing else keeps it awake.
        home.ask(Lock {}).await?;
        home.close_popup().await?;
        sleep(idle).await;
        ensure!(
            !home.browser.worker_runs().await?,
            "the locked worker still runs"
        );
        let popup = home.popup().await?;
        popup.wait_for_screen("unlock").await?;
        popup.enter("unlock-input", MASTER).await?;
        popup.click("unlock").await?;
        popup.wait_for_screen("home").await?;
    }
    home.close_popup().await?;

    let work = stage.user("work").await?;
    let popup = work.popup().await?;
    popup.log_in("home@localhost", server, MASTER).await?;
    popup.wait_for_rows(Part::All, &["Orchard Mail"]).await?;
    popup.open_item("Orchard Mail").await?;
    popup.click("edit").await?;
    popup.wait_for_screen("editor").await?;
    popup.enter("title", "Orchard Mail at work").await?;
    if let Some(idle) = idle {
        sleep(idle).await;
        ensure!(
            home.browser.worker_runs().await?,
            "the worker fell asleep over its feed"
        );
    }
    popup.click("save").await?;
    wait_until_sent(&work).await?;

    for _ in 0..10 {
        sleep(BETWEEN_LOOKS).await;
        // Without the node the device at home can show only what has come already.
        stage.node.lock().await.stop().await?;
        let popup = home.open_popup().await?;
        popup.wait_for_screen("home").await?;
        let rows = until("the list", SOON, async || {
            let rows = popup.rows(Part::All).await?;
            Ok((!rows.is_empty()).then_some(rows))
        })
        .await?;
        home.close_popup().await?;
        stage.node.lock().await.start_again().await?;
        if rows == ["Orchard Mail at work"] {
            return Ok(());
        }
    }
    bail!("the change did not come by itself")
}

fn idle() -> Result<Option<Duration>> {
    let Ok(text) = std::env::var("PEARVAULT_IDLE_SECONDS") else {
        return Ok(None);
    };
    let seconds = text.parse().context("PEARVAULT_IDLE_SECONDS: a number")?;
    Ok(Some(Duration::from_secs(seconds)))
}

/// Two devices without the node change one login: what does not clash is merged, what does is the
/// user's to choose.
pub(super) async fn both_change_one_item_and_the_user_chooses(stage: &Stage) -> Result<()> {
    let home = stage.user_with_account("home").await?;
    save_practice_login(&home, &stage.site.https("orchard.test", "/")).await?;
    wait_until_sent(&home).await?;
    let work = stage.user("work").await?;
    let popup = work.popup().await?;
    popup
        .log_in("home@localhost", stage.server(), MASTER)
        .await?;
    popup.wait_for_rows(Part::All, &["Orchard Mail"]).await?;

    stage.node.lock().await.stop().await?;
    change(&home, &[("item-password", "chosen at home 1")]).await?;
    change(&work, &[("item-password", "chosen at work 2")]).await?;
    home.close_popup().await?;
    stage.node.lock().await.start_again().await?;
    home.ask(SyncNow {}).await?;
    wait_until_sent(&home).await?;
    work.ask(SyncNow {}).await?;
    wait_until_sent(&work).await?;

    let popup = work.open_popup().await?;
    popup
        .wait_for_rows(
            Part::All,
            &["Orchard Mail", "Orchard Mail (conflicted copy)"],
        )
        .await?;
    popup.open_item("Orchard Mail").await?;
    popup.wait_for("two-versions").await?;
    popup.click("open-choice").await?;
    popup.wait_for_screen("choice").await?;
    popup.wait_for("difference").await?;
    popup.click("show-one").await?;
    popup.click("show-other").await?;
    // Either device may have reached the node first: the item's own version stands first.
    let keep = until("both passwords", SOON, async || {
        let text = popup.text("differences").await?;
        let (home, work) = (text.find("chosen at home 1"), text.find("chosen at work 2"));
        Ok(home.zip(work).map(|(home, work)| {
            if work < home {
                "keep-original"
            } else {
                "keep-copy"
            }
        }))
    })
    .await?;
    look(&work, "choice").await?;
    look_narrow(&work, "choice").await?;
    popup.click(keep).await?;
    popup.wait_for_screen("item").await?;
    popup.wait_until_gone("two-versions").await?;
    let popup = work.open_popup().await?;
    popup.wait_for_rows(Part::All, &["Orchard Mail"]).await?;
    wait_until_sent(&work).await?;
    until("the choice to come home", SOON, async || {
        home.ask(SyncNow {}).await?;
        let found = find(&home, "Orchard Mail").await?;
        let id = found.items.first().context("the login is gone")?.id;
        let field = SecretField::Password;
        let password = home.ask(Reveal { id, field }).await?.value;
        // EXPOSE: a story looks at it.
        let chosen = password.expose_secret() == "chosen at work 2";
        Ok((chosen && found.items.len() == 1).then_some(()))
    })
    .await
}

/// Home gets a name and signs all others out; work says so and asks to sign in, and
/// comes back only with the password.
pub(super) async fn the_others_are_named_and_signed_out(stage: &Stage) -> Result<()> {
    const NAME: &str = "The laptop at home";
    let home = stage.user_with_account("home").await?;
    save_practice_login(&home, &stage.site.https("orchard.test", "/")).await?;
    wait_until_sent(&home).await?;
    let work = stage.user("work").await?;
    let popup = work.popup().await?;
    popup
        .log_in("home@localhost", stage.server(), MASTER)
        .await?;
    popup.wait_for_rows(Part::All, &["Orchard Mail"]).await?;

    let popup = home.open_popup().await?;
    popup.wait_for_screen("home").await?;
    popup.click("settings").await?;
    popup.click("devices").await?;
    popup.wait_for_screen("devices").await?;
    popup.wait_for_focus("back").await?;
    popup.wait_for("revoke-others").await?;
    // By keyboard alone. This device stands first.
    home.press(&[Key::Tab]).await?;
    popup.wait_for_focus("rename").await?;
    let before = popup.text("device-label").await?;
    ensure!(before.contains(" on "), "{before}");
    home.press(&[Key::Enter]).await?;
    popup.wait_for_focus("device-name").await?;
    popup.enter("device-name", NAME).await?;
    look(&home, "devices-rename").await?;
    home.press(&[Key::Enter]).await?;
    popup.wait_for_toast("Renamed").await?;
    popup.wait_for_focus("rename").await?;
    ensure!(popup.text("device-label").await? == NAME, "not renamed");
    look(&home, "devices").await?;
    let known = work.ask(ListSessions {}).await?.devices;
    let named = known.iter().find(|device| !device.current);
    ensure!(
        named.and_then(|device| device.name.as_deref()) == Some(NAME),
        "work does not know the name: {known:?}"
    );

    tab_to(&home, "revoke-others").await?;
    home.press(&[Key::Enter]).await?;
    popup.wait_for("dialog").await?;
    look(&home, "devices-others").await?;
    tab_to(&home, "dialog-confirm").await?;
    home.press(&[Key::Enter]).await?;
    popup
        .wait_for_toast("All other devices are signed out")
        .await?;
    popup.wait_until_gone("revoke-others").await?;
    popup.wait_for_focus("rename").await?;

    let popup = work.open_popup().await?;
    popup.wait_for("signed-out").await?;
    look(&work, "devices-signed-out").await?;
    // What is here stays, and the account's key alone does not bring the device back.
    popup.wait_for_rows(Part::All, &["Orchard Mail"]).await?;
    work.ask(SyncNow {}).await?;
    popup.wait_for("signed-out").await?;
    popup.click("log-in-again").await?;
    popup.enter("dialog-password", MASTER).await?;
    popup.click("dialog-confirm").await?;
    until("the session", WORK, async || {
        let online = matches!(
            work.ask(Status {}).await?,
            AppStatus::Unlocked {
                node: NodeState::Online,
                ..
            }
        );
        Ok(online.then_some(()))
    })
    .await
}

/// Edits the practice login in the popup.
async fn change(user: &User, fields: &[(&str, &str)]) -> Result<()> {
    let popup = user.open_popup().await?;
    popup.wait_for_rows(Part::All, &["Orchard Mail"]).await?;
    popup.open_item("Orchard Mail").await?;
    popup.click("edit").await?;
    popup.wait_for_screen("editor").await?;
    for (field, text) in fields {
        popup.enter(field, text).await?;
    }
    popup.click("save").await?;
    popup.wait_for_screen("item").await
}

async fn wait_until_sent(user: &User) -> Result<()> {
    until("the node to have it", SOON, async || {
        let sent = matches!(
            user.ask(Status {}).await?,
            AppStatus::Unlocked { pending: 0, .. }
        );
        Ok(sent.then_some(()))
    })
    .await
}
