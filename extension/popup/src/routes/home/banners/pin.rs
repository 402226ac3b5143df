//! The PIN of the last session is over: it can be set anew.

use leptos::prelude::*;
use proto::bridge::popup::{AppStatus, NodeState, PinState};
use webext::time;

use crate::{
    app::App,
    components::notice::{Notice, Tone},
    pin,
    routes::{Asked, Route, pin as screen},
};

/// Asks once for every session; nothing where the user wants no PIN, or while this device is signed
/// out: then none can be set.
#[component]
pub(super) fn PinEnded() -> impl IntoView {
    let app = App::here();
    let ended = Memo::new(move |_| {
        app.status.with(|status| match status {
            Some(AppStatus::Unlocked {
                node,
                pin: PinState::Ended { why },
                ..
            }) if *node != NodeState::SignedOut => Some(*why),
            _ => None,
        })
    });
    move || {
        ended.get().map(|why| {
            view! {
                <Notice tone=Tone::Info hook="pin-ended" text=pin::ended(why)>
                    <button
                        type="button"
                        class="button small quiet"
                        data-test="remove-pin"
                        on:click=move |_| time::spawn(screen::remove(app))
                    >
                        "Turn off"
                    </button>
                    <button
                        type="button"
                        class="button small"
                        data-test="open-pin"
                        on:click=move |_| app.go(Route::Pin(Asked::AtHome))
                    >
                        "Set PIN"
                    </button>
                </Notice>
            }
        })
    }
}
