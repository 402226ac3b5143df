//! The browser's notification of new messages: that some came, never whose they are and what they say.
//!
//! There is one at a time. It is shown where the user has allowed it, where nobody looks at messages anyway, and seldom: what
//! comes shortly after it is told once, at the end of that time.

use std::{cell::Cell, rc::Rc};

use proto::{bridge::popup::AppStatus, ids::UnixMillis};
use webext::{
    notifications, session, tabs,
    time::{self, sleep, spawn},
};

use crate::{app::App, badge};

/// Its id.
const ID: &str = "messages";
/// Between two of them, milliseconds.
const EVERY_MS: u64 = 30_000;
/// How long a page that shows messages may take to say so, milliseconds: it hears of them first.
const LOOK_MS: u64 = 700;
/// Slot of the time of the last one: the next background is to keep it, too.
const SHOWN_AT: &str = "message-notice-at";

/// What this life of the background knows.
#[derive(Default)]
pub(crate) struct Notices {
    /// Whether one is about to be shown.
    coming: Cell<bool>,
    /// How many unread messages the button was told of.
    unread: Cell<Option<u32>>,
}

/// How things stand: the button says how many messages were not looked at, and nothing while the vault is locked. Where
/// there is none, there is no notification of any.
pub(crate) async fn settle(app: &App, status: &AppStatus) {
    let unread = unread(status);
    if app.notices.unread.replace(Some(unread)) == Some(unread) {
        return;
    }
    badge::show_unread(unread).await;
    if unread == 0 {
        take_back().await;
    }
}

/// Messages came of which the user is to be told.
pub(crate) fn came(app: &Rc<App>) {
    if app.notices.coming.replace(true) {
        return;
    }
    let app = Rc::clone(app);
    spawn(async move {
        sleep(pause(shown_at().await, time::now())).await;
        app.notices.coming.set(false);
        let is_seen = app.connections.borrow().look_at_messages();
        let Ok(account) = app.account_to_look_at().await else {
            return;
        };
        if is_seen || unread(&account.status().await) == 0 {
            return;
        }
        // Where the user has not allowed it, there is the button.
        if notifications::show(ID, "Pearvault", "New message")
            .await
            .is_ok()
        {
            // Where it cannot be kept, the next life may show one sooner.
            let _ = session::save(SHOWN_AT, &time::now().0.to_le_bytes()).await;
        }
    });
}

/// One was clicked.
pub(crate) async fn clicked(id: &str) {
    if id == ID {
        take_back().await;
        // Without a window there is nowhere to show them.
        let _ = tabs::open_full_page("/messages").await;
    }
}

/// The user looks at messages, or there is nothing new any more.
pub(crate) async fn take_back() {
    // There may be none.
    let _ = notifications::clear(ID).await;
}

fn unread(status: &AppStatus) -> u32 {
    match status {
        AppStatus::Unlocked { unread, .. } => *unread,
        _ => 0,
    }
}

async fn shown_at() -> Option<UnixMillis> {
    let kept = session::load(SHOWN_AT).await.ok().flatten()?;
    Some(UnixMillis(u64::from_le_bytes(kept.try_into().ok()?)))
}

/// Milliseconds until one may be shown.
fn pause(shown_at: Option<UnixMillis>, now: UnixMillis) -> u32 {
    // A clock that was set back is no reason to be silent.
    let shown_at = shown_at.filter(|at| *at <= now);
    let since = shown_at.map_or(EVERY_MS, |at| now.0 - at.0);
    let left = EVERY_MS.saturating_sub(since).max(LOOK_MS);
    u32::try_from(left).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_are_as_far_apart_as_they_have_to_be() {
        let at = |millis| Some(UnixMillis(millis));
        let now = UnixMillis(100_000);
        for (shown_at, expect) in [
            (None, 700),
            (at(100_000), 30_000),
            (at(90_000), 20_000),
            (at(70_100), 700),
            (at(20), 700),
            (at(100_001), 700),
        ] {
            assert_eq!(pause(shown_at, now), expect, "{shown_at:?}");
        }
    }
}
