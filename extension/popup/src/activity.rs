//! Tells the background that somebody is there, so that the vault stays open.

use std::{cell::Cell, rc::Rc};

use leptos::{ev, prelude::*};
use proto::{bridge::popup::Touch, ids::UnixMillis};
use webext::time;

use crate::{api, app::App};

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
