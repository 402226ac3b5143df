//! Messages: what goes on by itself while the vault is open, and what pages ask of them.

use std::cell::Cell;

use proto::ids::UnixMillis;
use webext::time::{self, spawn};

use crate::{
    app::{App, BrowserEngine},
    notices,
};

/// Between two times that pages are told how far a proof of work is, milliseconds.
const PROGRESS_EVERY_MS: u64 = 900;

/// What this life of the background knows.
#[derive(Default)]
pub(crate) struct Messaging {
    running: Cell<bool>,
    again: Cell<bool>,
    told_at: Cell<Option<UnixMillis>>,
}

/// Reads what is new and goes on with what waits. Where that is under way, it goes round once more.
pub(crate) async fn go_on(app: &App, engine: &BrowserEngine) {
    if app.messaging.running.replace(true) {
        app.messaging.again.set(true);
        return;
    }
    let mut changed = false;
    loop {
        app.messaging.again.set(false);
        // Why it failed is told by the vault's synchronisation, and by each message that waits. While the feed is heard, it
        // tells when there is something to read.
        let is_read = app.listener.hears() && engine.messages_are_read();
        let pulled = !is_read && engine.pull_messages().await == Ok(true);
        if pulled {
            app.tell_messages_changed();
            if engine.take_arrivals() {
                notices::came(&App::here());
            }
        }
        let sent = engine.send_messages().await == Ok(true);
        if sent {
            app.tell_messages_changed();
        }
        changed |= pulled || sent;
        if !app.messaging.again.get() {
            break;
        }
    }
    app.messaging.running.set(false);
    if changed {
        app.settle().await;
    }
}

/// The same, for those who do not wait for it.
pub(crate) fn go_on_beside(engine: &BrowserEngine) {
    let (app, engine) = (App::here(), engine.clone());
    spawn(async move { go_on(&app, &engine).await });
}

/// Tells the pages how far a proof of work is, now and then.
pub(crate) fn progressed(app: &App) {
    let now = time::now();
    let lately = app.messaging.told_at.get();
    if lately.is_none_or(|at| now >= at.plus(PROGRESS_EVERY_MS) || now < at) {
        app.messaging.told_at.set(Some(now));
        app.tell_messages_changed();
    }
}
