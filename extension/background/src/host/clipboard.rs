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

/// How long the user waits for the host to copy; then the page does.
const COPIES_MS: u32 = 1_500;

/// Lets the host copy, for so many seconds. `false`: it has not.
pub(crate) async fn copy(app: &Rc<App>, value: SecretText, seconds: u32) -> bool {
    if !(1..=COPIED_MAX_SECONDS).contains(&seconds) || paired(app).await.is_none() {
        return false;
    }
    if reach(app).await.is_err() {
        return false;
    }
    let body = HostRequest::CopySecret(CopySecret { value, seconds });
    let done = account::put_within(app, body, COPIES_MS).await.is_ok();
    let now = time::now();
    // Until then the line is there to say that the vault is locked.
    let until = now.plus(u64::from(seconds) * 1000);
    if done {
        app.host.copied_until.set(until.0);
    }
    let (app, number) = (Rc::clone(app), app.host.number.get());
    spawn(async move {
        time::sleep(if done { seconds * 1000 } else { HELD_MS }).await;
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
