//! Accounts, devices, locking.

use anyhow::{Result, ensure};
use fantoccini::key::Key;
use proto::{
    bridge::popup::{AppStatus, Fill, Lock, Status, SyncNow},
    error::ErrorCode,
};

use crate::{
    pages::{bridge::refusal, popup::Part},
    patience::{SOON, WORK, until},
    stage::{MASTER, Stage, find, save_practice_login},
};

pub(super) async fn a_new_address_becomes_an_account(stage: &Stage) -> Result<()> {
    let ada = stage.user("ada").await?;
    let popup = ada.popup().await?;
    popup
        .create_account("ada@localhost", stage.server(), MASTER)
        .await?;
    popup.click("go-home").await?;
    popup.wait_for_screen("home").await?;
    popup.wait_for("empty").await?;
    match ada.ask(Status {}).await? {
        AppStatus::Unlocked {
            address, items: 0, ..
        } => {
            ensure!(
                address.as_str() == "ada@localhost",
                "the account is another's"
            );
            Ok(())
        }
        other => Err(anyhow::anyhow!(
            "the vault is not open and empty: {other:?}"
        )),
    }
}

pub(super) async fn a_taken_address_is_told_at_once(stage: &Stage) -> Result<()> {
    stage.user_with_account("ada").await?;
    let eve = stage.user("eve").await?;
    let popup = eve.popup().await?;
    popup.click("create-account").await?;
    popup.wait_for_screen("address").await?;
    popup.enter_server(stage.server()).await?;
    popup.enter("address-input", "ada@localhost").await?;
    popup.wait_for_state("availability", "taken").await?;
    popup
        .enter("address-input", "ada lovelace@localhost")
        .await?;
    popup.wait_for_state("availability", "invalid").await?;
    popup.enter("address-input", "eve@localhost").await?;
    popup.wait_for_state("availability", "available").await
}

pub(super) async fn work_can_be_cancelled(stage: &Stage) -> Result<()> {
    // Hours of work: it is stopped long before.
    stage
        .node
        .lock()
        .await
        .restart_with_account_difficulty(100_000_000_000)
        .await?;
    let ada = stage.user("ada").await?;
    let popup = ada.popup().await?;
    popup.click("create-account").await?;
    popup
        .choose_address("ada@localhost", stage.server())
        .await?;
    popup.choose_password(MASTER).await?;
    popup.wait_for_screen_within("work", WORK).await?;
    until("a rate", WORK, async || {
        Ok(popup
            .text("work-rate")
            .await?
            .contains(|c: char| c.is_ascii_digit() && c != '0')
            .then_some(()))
    })
    .await?;
    popup.click("cancel-work").await?;
    until("the start again", SOON, async || {
        Ok(matches!(ada.ask(Status {}).await?, AppStatus::Empty { .. }).then_some(()))
    })
    .await
}

pub(super) async fn a_second_device_sees_the_same_vault(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    save_practice_login(&ada, &stage.site.https("orchard.test", "/")).await?;
    until("the node to have it", SOON, async || {
        match ada.ask(SyncNow {}).await? {
            AppStatus::Unlocked { pending: 0, .. } => Ok(Some(())),
            _ => Ok(None),
        }
    })
    .await?;

    let second = stage.user("ada-at-work").await?;
    let popup = second.popup().await?;
    popup
        .log_in("ada@localhost", stage.server(), MASTER)
        .await?;
    popup.wait_for_rows(Part::All, &["Orchard Mail"]).await?;

    // The other way round, too.
    popup.open_item("Orchard Mail").await?;
    popup.click("edit").await?;
    popup.wait_for_screen("editor").await?;
    popup.enter("title", "Orchard Mail at work").await?;
    popup.click("save").await?;
    until("the change on the first device", SOON, async || {
        second.ask(SyncNow {}).await?;
        ada.ask(SyncNow {}).await?;
        let found = find(&ada, "work").await?;
        Ok((found.total == 1).then_some(()))
    })
    .await
}

pub(super) async fn a_wrong_password_does_not_open_the_vault(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    ada.ask(Lock {}).await?;
    let popup = ada.open_popup().await?;
    popup.unlock("not the password at all").await?;
    popup.wait_for("error").await?;
    ensure!(
        popup.text("error").await?.contains("Wrong password"),
        "the error says something else"
    );
    ensure!(popup.screen().await? == "unlock", "the vault opened");
    popup.enter("unlock-input", MASTER).await?;
    ada.press(&[Key::Enter]).await?;
    popup.wait_for_screen("home").await
}

pub(super) async fn a_locked_vault_fills_nothing(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    let saved = save_practice_login(&ada, &stage.site.https("orchard.test", "/")).await?;
    let page = ada
        .visit(&stage.site.https("orchard.test", "/plain/"))
        .await?;
    page.wait_for("#username").await?;
    let popup = ada.open_popup().await?;
    popup.wait_for_screen("home").await?;
    popup.click("lock").await?;
    popup.wait_for_screen("unlock").await?;
    let answer = ada.ask(Fill { item: saved.id }).await;
    let code = refusal(&answer).map(|error| error.code);
    ensure!(
        code == Some(ErrorCode::Locked),
        "a locked vault answered {code:?}"
    );
    ada.page().await?.expect_value("#password", "").await
}

pub(super) async fn the_vault_is_locked_after_a_restart_of_the_browser(
    stage: &Stage,
) -> Result<()> {
    let profile = tempfile::Builder::new()
        .prefix("pearvault-profile-")
        .tempdir()?;
    let ada = stage.user_with_profile("ada", Some(profile.path())).await?;
    stage.give_account(&ada).await?;
    save_practice_login(&ada, "https://orchard.test").await?;
    stage.leave(ada).await;

    let again = stage
        .user_with_profile("ada-again", Some(profile.path()))
        .await?;
    let popup = again.popup().await?;
    popup.unlock(MASTER).await?;
    popup.wait_for_screen("home").await?;
    popup.wait_for_rows(Part::All, &["Orchard Mail"]).await
}

pub(super) async fn only_who_is_there_keeps_the_vault_open(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    ada.popup().await?.wait_for_screen("ready").await?;
    let locks_at = async || match ada.ask(Status {}).await? {
        AppStatus::Unlocked { locks_at, .. } => Ok(locks_at),
        other => Err(anyhow::anyhow!("the vault is not open: {other:?}")),
    };
    let before = locks_at().await?;
    // What a page asks by itself, even much of it, does not count.
    for _ in 0..10 {
        find(&ada, "").await?;
    }
    ensure!(locks_at().await? == before, "a page alone keeps it open");
    until("a later time to lock", SOON, async || {
        ada.press(&[Key::Down]).await?;
        Ok((locks_at().await? > before).then_some(()))
    })
    .await
}
