//! Recovery words and the change of the password.

use anyhow::{Result, ensure};
use proto::{
    bridge::popup::{AppStatus, ConfirmRecovery, GetRecoveryWords, NodeState, Status, SyncNow},
    vault::SecretText,
};

use super::screens::look;
use crate::{
    browser::Kind,
    pages::{
        popup::{Part, Popup},
        user::User,
    },
    patience::{SOON, WORK, until},
    stage::{MASTER, Stage, save_practice_login},
};

/// What the master password becomes.
const NEW: &str = "quiet orchard lantern bridge 61";

pub(super) async fn words_are_confirmed_after_an_account_was_made(stage: &Stage) -> Result<()> {
    let ada = stage.user("ada").await?;
    let popup = ada.popup().await?;
    popup
        .create_account("ada@localhost", stage.server(), MASTER)
        .await?;
    popup.click("open-recovery").await?;
    popup.wait_for_screen("recovery").await?;
    let words = popup.recovery_words().await?;
    ensure!(words.iter().all(|word| word.len() >= 3), "{words:?}");
    if stage.kind() == Kind::Chromium {
        let hidden = "const all = document.querySelector('.content');
            return all.scrollHeight - all.clientHeight";
        let hidden = ada.script(hidden, Vec::new()).await?;
        ensure!(
            hidden.as_u64() == Some(0),
            "{hidden} px have to be scrolled to"
        );
    }
    if stage.kind() == Kind::Chromium {
        // The printer gets the sheet and nothing of the screen.
        ada.browser.look_printed(true).await?;
        popup.wait_for("sheet").await?;
        ensure!(!popup.shows("words-written").await?, "a button is printed");
        ada.browser.look_printed(false).await?;
        popup.wait_until_gone("sheet").await?;
    }
    look(&ada, "recovery-words").await?;
    popup.click("words-later").await?;
    popup.wait_for_screen("home").await?;

    // They outlive the popup, and that they are not confirmed stays in sight.
    let popup = ada.open_popup().await?;
    popup.wait_for("not-recoverable").await?;
    popup.click("open-recovery").await?;
    popup.wait_for_screen("recovery").await?;
    ensure!(popup.recovery_words().await? == words, "other words");
    popup.click("words-written").await?;
    let mut slip = words.clone();
    let place = popup.asked_places().await?[1];
    "pearvault".clone_into(&mut slip[place - 1]);
    popup.confirm_words(&slip, MASTER).await?;
    popup.wait_for("error").await?;
    look(&ada, "recovery-slip").await?;
    ensure!(
        popup
            .text("error")
            .await?
            .contains("not the word at this place"),
        "the error says something else"
    );
    popup
        .enter(&format!("word-input-{place}"), &words[place - 1])
        .await?;
    popup.click("confirm-words").await?;
    popup.wait_for_screen_within("home", WORK).await?;
    popup.wait_until_gone("not-recoverable").await?;
    popup.click("settings").await?;
    popup.wait_for_screen("settings").await?;
    ensure!(
        popup.text("recovery-state").await? == "Confirmed",
        "not told"
    );
    popup.click("open-recovery").await?;
    popup.wait_for("words-set").await
}

pub(super) async fn a_fresh_browser_recovers_the_vault(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    save_practice_login(&ada, &stage.site.https("orchard.test", "/")).await?;
    let words = confirmed_words(&ada).await?;
    until("the node to have it", SOON, async || {
        let status = ada.ask(SyncNow {}).await?;
        Ok(matches!(status, AppStatus::Unlocked { pending: 0, .. }).then_some(()))
    })
    .await?;

    let fresh = stage.user("ada-afresh").await?;
    let popup = fresh.popup().await?;
    popup.wait_for_screen("welcome").await?;
    popup.click("have-account").await?;
    popup.click("forgot-password").await?;
    popup.wait_for_screen("recover").await?;
    popup.enter("address-input", "ada@localhost").await?;
    let (first, rest) = words.split_once(' ').unwrap_or_default();
    popup
        .enter("words-input", &format!("pear{first} {rest}"))
        .await?;
    popup.click("continue").await?;
    popup.wait_for("error").await?;
    let fault = popup.text("error").await?;
    ensure!(fault.contains(&format!("Word 1, “pear{first}”")), "{fault}");

    let popup = fresh.open_popup().await?;
    popup.wait_for_screen("recover").await?;
    ensure!(
        popup.value("words-input").await?.is_empty(),
        "words were kept"
    );
    popup.click("back").await?;
    popup.click("back").await?;
    popup
        .recover("ada@localhost", stage.server(), &words, NEW)
        .await?;
    popup.wait_for_rows(Part::All, &["Orchard Mail"]).await?;
    popup.click("lock").await?;
    popup.unlock(MASTER).await?;
    popup.wait_for("error").await?;
    popup.enter("unlock-input", NEW).await?;
    popup.click("unlock").await?;
    popup.wait_for_screen("home").await?;

    // Who logs in afterwards does so with the new password.
    let third = stage.user("ada-at-work").await?;
    let popup = third.popup().await?;
    popup.log_in("ada@localhost", stage.server(), NEW).await?;
    popup.wait_for_rows(Part::All, &["Orchard Mail"]).await
}

pub(super) async fn a_changed_password_signs_the_other_device_out(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    save_practice_login(&ada, &stage.site.https("orchard.test", "/")).await?;
    let work = stage.user("ada-at-work").await?;
    let popup = work.popup().await?;
    popup
        .log_in("ada@localhost", stage.server(), MASTER)
        .await?;
    confirmed_words(&ada).await?;

    let popup = ada.open_popup().await?;
    popup.wait_for_screen("home").await?;
    popup.click("settings").await?;
    popup.click("change-password").await?;
    popup.wait_for_screen("change-password").await?;
    popup.enter("current-input", "not the password").await?;
    popup.set_new_password(NEW).await?;
    popup.click("change").await?;
    popup.wait_for("error").await?;
    popup.enter("current-input", MASTER).await?;
    popup.click("change").await?;
    // Who knew the password before may have the words too: new ones are offered.
    until("the question", WORK, async || {
        Ok(popup.shows("dialog").await?.then_some(()))
    })
    .await?;
    popup.click("dialog-confirm").await?;
    popup.wait_for_screen("recovery").await?;
    popup.wait_for("words-set").await?;
    popup.click("back").await?;
    popup.wait_for_screen("settings").await?;
    popup.click("lock").await?;
    popup.unlock(NEW).await?;
    popup.wait_for_screen("home").await?;

    let popup = work.open_popup().await?;
    popup.wait_for("signed-out").await?;
    popup.click("log-in-again").await?;
    popup.enter("dialog-password", NEW).await?;
    popup.click("dialog-confirm").await?;
    // It does not open what is here: it is said to be the new one.
    log_in_with_the_new_one(&popup, &work).await?;
    popup.click("lock").await?;
    popup.unlock(NEW).await?;
    popup.wait_for_screen("home").await?;
    popup.wait_for_rows(Part::All, &["Orchard Mail"]).await
}

async fn log_in_with_the_new_one(popup: &Popup<'_>, user: &User) -> Result<()> {
    popup.click("changed-elsewhere").await?;
    popup.enter("dialog-password", NEW).await?;
    popup.click("dialog-confirm").await?;
    until("the session", WORK, async || {
        let status = user.ask(Status {}).await?;
        let online = matches!(
            status,
            AppStatus::Unlocked {
                node: NodeState::Online,
                ..
            }
        );
        Ok(online.then_some(()))
    })
    .await?;
    popup.wait_for_screen("home").await
}

/// Confirms recovery words past the screens.
pub(super) async fn confirmed_words(user: &User) -> Result<String> {
    let shown = user.ask(GetRecoveryWords {}).await?;
    let asked = shown.asked.iter().map(|place| *place as usize - 1);
    let words = asked.map(|at| shown.words[at].clone()).collect();
    let password = SecretText::new(MASTER);
    user.ask(ConfirmRecovery { password, words }).await?;
    // EXPOSE: the story's user writes the words down.
    let words: Vec<&str> = shown.words.iter().map(SecretText::expose_secret).collect();
    Ok(words.join(" "))
}
