//! Tells the background that somebody is there, so that the vault stays open, and that messages are looked at, so that none
//! is told of by a notification.

use std::{cell::Cell, rc::Rc};

use leptos::{ev, prelude::*};
use proto::{
    bridge::popup::{LookAtMessages, Touch},
    ids::UnixMillis,
};
use webext::time;

use crate::{api, app::App, routes::Route};

/// Between two words of it, milliseconds. The shortest time to lock is a minute.
const TELL_EVERY_MS: u64 = 5_000;

/// Watches keys and pointer for as long as the calling component lives.
pub(crate) fn watch(app: App) {
    let told = Rc::new(Cell::new(UnixMillis(0)));
    let tell = move || {
        let now = api::now();
        if now.0.saturating_sub(told.get().0) >= TELL_EVERY_MS || now < told.get() {
            told.set(now);
            // A vault that locks too early is no harm; a background that is gone says so elsewhere.
            time::spawn(async move { drop(app.ask(Touch {}).await) });
        }
    };
    let key = window_event_listener(ev::keydown, {
        let tell = tell.clone();
        move |event| {
            if event.is_trusted() {
                tell();
            }
        }
    });
    let pointer = window_event_listener(ev::pointerdown, move |event| {
        if event.is_trusted() {
            tell();
        }
    });
    on_cleanup(move || {
        key.remove();
        pointer.remove();
    });
}

/// Tells whether messages are on this page, and it can be seen, for as long as the calling component lives.
pub(crate) fn watch_messages(app: App) {
    let visible = RwSignal::new(!document().hidden());
    let turned = window_event_listener_untyped("visibilitychange", move |_| {
        visible.set(!document().hidden());
    });
    on_cleanup(move || turned.remove());
    let looks = Memo::new(move |_| visible.get() && app.route.with(Route::is_of_messages));
    Effect::new(move |before: Option<bool>| {
        let looks = looks.get();
        // Said anew with all news: a background that has come to life meanwhile does not know it.
        app.message_news.track();
        if looks || before == Some(true) {
            time::spawn(async move { drop(app.ask(LookAtMessages { looks }).await) });
        }
        looks
    });
}
