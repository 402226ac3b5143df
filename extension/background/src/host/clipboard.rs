//! Copying through the host: its clipboard leaves a secret out of histories, and clears it only where nothing
//! else was copied since. Where that is not to be had, a page copies by itself.

use std::rc::Rc;

use proto::{
    bridge::host::{COPIED_MAX_SECONDS, CopySecret, HostRequest},
    vault::SecretText,
};
use webext::time::{self, spawn};

use super::{HELD_MS, Phase, account, line, paired, reach, rest};
use crate::app::App;

/// How long the user waits for the host to copy, that it is reached included; then the page does.
const COPIES_MS: u32 = 1_000;
/// The host's clock may be behind ours by that, milliseconds.
const AFTER_MS: u32 = 1_000;

/// Lets the host copy, for so many seconds. `false`: it has not.
pub(crate) async fn copy(app: &Rc<App>, value: SecretText, seconds: u32) -> bool {
    if !(1..=COPIED_MAX_SECONDS).contains(&seconds) || paired(app).await.is_none() {
        return false;
    }
    let began = time::now();
    if reach(app).await.is_err() {
        return false;
    }
    let passed = time::now().0.saturating_sub(began.0);
    let left = COPIES_MS.saturating_sub(u32::try_from(passed).unwrap_or(u32::MAX));
    let body = HostRequest::CopySecret(CopySecret { value, seconds });
    let done = account::put_within(app, body, left).await.is_ok();
    let now = time::now();
    // Until then the line is there to say that the vault is locked.
    let lasts = seconds * 1000 + AFTER_MS;
    let until = now.plus(lasts.into());
    if done {
        app.host.copied_until.set(until.0);
    }
    let (app, number) = (Rc::clone(app), app.host.number.get());
    spawn(async move {
        time::sleep(if done { lasts } else { HELD_MS }).await;
        rest(&app, number);
    });
    done
}

/// The vault was closed: what the host has copied goes, too.
pub(crate) fn clear_copied(app: &App) {
    if app.host.copied_until.take() > time::now().0 && *app.host.phase.borrow() == Phase::Open {
        line::ask(app, &line::Named::ClearCopied);
    }
}
