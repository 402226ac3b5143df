//! What is said where the vault here and on the server are not alike, and what can be done.

use anyhow::{Context as _, Result, ensure};
use fantoccini::key::Key;
use proto::{
    bridge::popup::{AppStatus, Status, SyncNow},
    error::ErrorCode,
    vault::UrlMatch,
};

use super::{
    resilience::{die, settle},
    screens::{look, look_narrow},
    vault::tab_to,
};
use crate::{
    liar::Liar,
    pages::{
        popup::{Part, Popup},
        user::User,
    },
    patience::{SOON, until},
    stage::{MASTER, Stage, find, save_login},
};

pub(super) async fn home_says_why_and_since_when_it_is_not_synced(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    save(&ada, "Orchard Mail").await?;
    settle(&ada).await?;
    let popup = ada.open_popup().await?;
    popup.wait_for_rows(Part::All, &["Orchard Mail"]).await?;
    let place = popup.place_of_row("Orchard Mail").await?;
    stage.node.lock().await.stop().await?;

    // Nobody presses anything.
    popup.wait_for("offline").await?;
    ensure!(
        popup.place_of_row("Orchard Mail").await? == place,
        "the row was moved from under the pointer"
    );
    expect_role(&ada, "offline", "status").await?;
    let told = popup.text("offline").await?;
    ensure!(
        told.contains("The server does not answer. Your vault is complete here.")
            && told.contains("Last synced"),
        "it says {told:?}"
    );
    look(&ada, "offline").await?;

    // What is changed meanwhile stays, also when the worker dies, and so does the time.
    rename(&popup, "Orchard Mail", "Orchard Post").await?;
    die(&ada).await?;
    let popup = ada.open_popup().await?;
    popup.wait_for_rows(Part::All, &["Orchard Post"]).await?;
    popup.wait_for("offline").await?;
    let told = popup.text("offline").await?;
    ensure!(
        told.contains("1 change waits here") && told.contains("Last synced"),
        "it says {told:?}"
    );
    popup.click("sync-now").await?;
    popup.wait_for_toast("The server does not answer.").await?;
    look(&ada, "offline-waiting").await?;
    look_narrow(&ada, "offline-waiting").await?;
    popup.click("settings").await?;
    popup.wait_for_screen("settings").await?;
    look(&ada, "offline-settings").await?;
    popup.click("nav-home").await?;

    stage.node.lock().await.start_again().await?;
    popup.wait_until_gone("offline").await?;
    until("the change to be sent", SOON, async || {
        let status = ada.ask(Status {}).await?;
        Ok(matches!(status, AppStatus::Unlocked { pending: 0, .. }).then_some(()))
    })
    .await?;
    let work = stage.user("ada-at-work").await?;
    let popup = work.popup().await?;
    popup
        .log_in("ada@localhost", stage.server(), MASTER)
        .await?;
    popup.wait_for_rows(Part::All, &["Orchard Post"]).await
}

pub(super) async fn a_server_that_was_set_back_is_named_and_repaired(stage: &Stage) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let backup = folder.path().join("backup.db");
    let ada = stage.user_with_account("ada").await?;
    save(&ada, "Orchard Mail").await?;
    settle(&ada).await?;
    stage.node.lock().await.back_up(&backup).await?;
    save(&ada, "Pear Bank").await?;
    settle(&ada).await?;
    stage.node.lock().await.set_back(&backup).await?;

    // Its sessions ended with it: some of them may have been revoked since.
    let popup = ada.open_popup().await?;
    popup.wait_for("signed-out").await?;
    popup.click("log-in-again").await?;
    popup.enter("dialog-password", MASTER).await?;
    popup.click("dialog-confirm").await?;
    popup.wait_for("sync-problem").await?;
    expect_role(&ada, "sync-problem", "alert").await?;
    let told = popup.text("sync-problem").await?;
    ensure!(
        told.contains("an older state of your vault") && told.contains("Last synced"),
        "it says {told:?}"
    );
    popup
        .wait_for_rows(Part::All, &["Orchard Mail", "Pear Bank"])
        .await?;
    look(&ada, "set-back").await?;
    look_narrow(&ada, "set-back").await?;
    popup.click("settings").await?;
    popup.wait_for("sync-problem").await?;
    let told = popup.text("sync-problem").await?;
    ensure!(told.contains("Last synced"), "the settings say {told:?}");
    scroll_to(&ada, "sync-problem").await?;
    look(&ada, "set-back-settings").await?;
    look_narrow(&ada, "set-back-settings").await?;
    popup.click("nav-home").await?;

    // It asks first; leaving the question changes nothing.
    tab_to(&ada, "repair").await?;
    ada.press(&[Key::Enter]).await?;
    popup.wait_for("dialog").await?;
    look(&ada, "repair").await?;
    ada.press(&[Key::Escape]).await?;
    popup.wait_until_gone("dialog").await?;
    popup.wait_for_focus("repair").await?;
    ensure!(
        problem(&ada).await? == Some(ErrorCode::VaultRolledBack),
        "it was repaired unasked"
    );
    ada.press(&[Key::Enter]).await?;
    popup.wait_for("dialog").await?;
    tab_to(&ada, "dialog-confirm").await?;
    ada.press(&[Key::Enter]).await?;
    popup.wait_for_toast("Repaired: 1 item sent").await?;
    popup.wait_until_gone("sync-problem").await?;
    popup.wait_for_focus("search").await?;
    look(&ada, "repaired").await?;

    let work = stage.user("ada-at-work").await?;
    let popup = work.popup().await?;
    popup
        .log_in("ada@localhost", stage.server(), MASTER)
        .await?;
    popup
        .wait_for_rows(Part::All, &["Orchard Mail", "Pear Bank"])
        .await?;
    settle(&work).await?;
    settle(&ada).await?;
    for user in [&work, &ada] {
        ensure!(problem(user).await?.is_none(), "they do not agree again");
        ensure!(find(user, "").await?.total == 2, "something is double");
    }
    Ok(())
}

pub(super) async fn a_sync_by_hand_says_what_came_of_it(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    save(&ada, "Orchard Mail").await?;
    settle(&ada).await?;
    let popup = ada.open_popup().await?;
    popup.wait_for_screen("home").await?;
    popup.click("settings").await?;
    popup.wait_for_screen("settings").await?;
    popup.wait_for("synced-at").await?;
    until("a time that is right", SOON, async || {
        let told = popup.text("synced-at").await?;
        let seconds = told
            .strip_prefix("Synced ")
            .and_then(|rest| rest.strip_suffix(" s ago"));
        let Some(seconds) = seconds.and_then(|text| text.parse::<u64>().ok()) else {
            return Ok(None);
        };
        let since = since_synced(&ada).await?;
        // Told at most a second ago, and rounded down.
        ensure!(
            (seconds..=seconds + 2).contains(&since),
            "{told}, and it was {since} s"
        );
        Ok(Some(()))
    })
    .await?;

    tab_to(&ada, "sync-now").await?;
    ada.press(&[Key::Enter]).await?;
    popup
        .wait_for_toast("Synced: 1 item, all on the server.")
        .await?;
    popup.wait_for_focus("sync-now").await?;
    scroll_to(&ada, "sync-now").await?;
    look(&ada, "synced-settings").await?;

    // The same from the vault, by keys alone.
    popup.click("nav-home").await?;
    popup.wait_for_screen("home").await?;
    popup.wait_until_gone("dismiss").await?;
    tab_to(&ada, "more").await?;
    ada.press(&[Key::Enter]).await?;
    popup.wait_for_focus("open-why").await?;
    ada.press(&[Key::Up]).await?;
    popup.wait_for_focus("sync").await?;
    ensure!(popup.text("sync").await?.contains("Synced "), "no time");
    look(&ada, "sync-menu").await?;
    ada.press(&[Key::Enter]).await?;
    popup
        .wait_for_toast("Synced: 1 item, all on the server.")
        .await?;
    popup.wait_for_focus("more").await?;
    look(&ada, "synced").await?;

    stage.node.lock().await.stop().await?;
    ada.press(&[Key::Enter]).await?;
    popup.wait_for_focus("open-why").await?;
    ada.press(&[Key::Up]).await?;
    popup.wait_for_focus("sync").await?;
    ada.press(&[Key::Enter]).await?;
    popup.wait_for_toast("The server does not answer.").await
}

pub(super) async fn a_server_that_leaves_something_out_is_named(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    for title in ["Orchard Mail", "Pear Bank", "Old Mill"] {
        save(&ada, title).await?;
    }
    settle(&ada).await?;
    let liar = Liar::before(stage.server()).await?;
    let work = stage.user("ada-at-work").await?;
    let popup = work.popup().await?;
    popup.log_in("ada@localhost", liar.url(), MASTER).await?;
    popup.wait_for("sync-problem").await?;
    expect_role(&work, "sync-problem", "alert").await?;
    let told = popup.text("sync-problem").await?;
    ensure!(
        told.contains("another vault than your devices have signed"),
        "it says {told:?}"
    );
    popup
        .wait_for_rows(Part::All, &["Pear Bank", "Old Mill"])
        .await?;
    look(&work, "altered").await?;

    liar.tell_the_truth();
    popup.click("more").await?;
    popup.click("sync").await?;
    popup
        .wait_for_toast("Synced: 3 items, all on the server.")
        .await?;
    popup.wait_until_gone("sync-problem").await?;
    popup
        .wait_for_rows(Part::All, &["Orchard Mail", "Pear Bank", "Old Mill"])
        .await
}

async fn save(user: &User, title: &str) -> Result<()> {
    save_login(user, title, "https://orchard.test", UrlMatch::Site).await?;
    Ok(())
}

/// Changes an item's title in the popup and comes back to the list.
async fn rename(popup: &Popup<'_>, title: &str, new: &str) -> Result<()> {
    popup.open_item(title).await?;
    popup.click("edit").await?;
    popup.wait_for_screen("editor").await?;
    popup.enter("title", new).await?;
    popup.click("save").await?;
    popup.wait_for_screen("item").await?;
    popup.click("back").await?;
    popup.wait_for_screen("home").await
}

/// Why the device and the server are not alike, after another look.
async fn problem(user: &User) -> Result<Option<ErrorCode>> {
    match user.ask(SyncNow {}).await? {
        AppStatus::Unlocked { sync_problem, .. } => Ok(sync_problem.map(|problem| problem.code)),
        other => anyhow::bail!("the status is {other:?}"),
    }
}

/// Whole seconds since the device and the server were alike, by the browser's clock.
async fn since_synced(user: &User) -> Result<u64> {
    let AppStatus::Unlocked {
        synced_at: Some(at),
        ..
    } = user.ask(Status {}).await?
    else {
        anyhow::bail!("it was never synced");
    };
    let now = user.script("return Date.now()", Vec::new()).await?;
    let now = now.as_u64().context("no time")?;
    Ok(now.saturating_sub(at.0) / 1_000)
}

/// How a screen reader is told of what a notice says.
async fn expect_role(user: &User, hook: &str, role: &str) -> Result<()> {
    let script = "return document.querySelector(`[data-test=\"${arguments[0]}\"] p`)?.role";
    let found = user.script(script, vec![hook.into()]).await?;
    ensure!(found == role, "`{hook}` has the role {found}");
    Ok(())
}

async fn scroll_to(user: &User, hook: &str) -> Result<()> {
    let script = "document.querySelector(`[data-test=\"${arguments[0]}\"]`)?.scrollIntoView({ block: 'center' })";
    user.script(script, vec![hook.into()]).await?;
    Ok(())
}
