//! Recovery words: shown, confirmed; and the way of who forgot the password.

use anyhow::Result;

use super::steps::Steps;
use crate::{
    browser::{Kind, Scheme},
    clock::Stopwatch,
    pages::{popup::Popup, user::User},
    patience::WORK,
    stage::MASTER,
};

/// From the screen of the new account to the empty vault.
pub(super) async fn confirm(steps: &Steps, user: &User, popup: &Popup<'_>) -> Result<()> {
    let time = Stopwatch::start();
    popup.click("open-recovery").await?;
    popup.wait_for_screen("recovery").await?;
    let words = popup.recovery_words().await?;
    steps.shoot(user, "recovery-words", time).await?;
    user.browser.set_scheme(Scheme::Dark).await?;
    steps
        .shoot(user, "recovery-words-dark", Stopwatch::start())
        .await?;
    user.browser.set_scheme(Scheme::Light).await?;

    if user.browser.kind() == Kind::Chromium {
        let time = Stopwatch::start();
        user.browser.look_printed(true).await?;
        popup.wait_for("sheet").await?;
        steps.shoot(user, "recovery-sheet", time).await?;
        user.browser.look_printed(false).await?;
    }

    let time = Stopwatch::start();
    popup.click("words-later").await?;
    popup.wait_for("not-recoverable").await?;
    steps.shoot(user, "recovery-not-confirmed", time).await?;
    popup.click("open-recovery").await?;
    popup.wait_for("words-written").await?;

    let time = Stopwatch::start();
    popup.click("words-written").await?;
    let mut slip = words.clone();
    let place = popup.asked_places().await?[2];
    "lighthouse".clone_into(&mut slip[place - 1]);
    popup.confirm_words(&slip, MASTER).await?;
    popup.wait_for("error").await?;
    steps.shoot(user, "recovery-asked", time).await?;

    let time = Stopwatch::start();
    popup
        .enter(&format!("word-input-{place}"), &words[place - 1])
        .await?;
    popup.click("confirm-words").await?;
    popup.wait_for_screen_within("home", WORK).await?;
    popup.wait_for("empty-new").await?;
    steps.shoot(user, "empty-vault", time).await
}

/// The form of who forgot the password, from the locked vault and back.
pub(super) async fn forgotten(steps: &Steps, user: &User, popup: &Popup<'_>) -> Result<()> {
    let time = Stopwatch::start();
    popup.click("forgot-password").await?;
    popup.wait_for_screen("recover").await?;
    popup
        .enter("words-input", "1. pear 2. vault 3. orchrad")
        .await?;
    popup.click("continue").await?;
    popup.wait_for("error").await?;
    steps.shoot(user, "forgot-password", time).await?;
    popup.click("back").await?;
    popup.wait_for_screen("unlock").await
}
