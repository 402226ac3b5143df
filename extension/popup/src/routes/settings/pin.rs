//! The way to the PIN.

use leptos::prelude::*;
use proto::bridge::popup::PinState;

use crate::{
    app::App,
    components::icon::Icon,
    pin,
    routes::{Asked, Route},
};

/// Whether there is one, and the way to its screen.
#[component]
pub(super) fn UnlockWithPin() -> impl IntoView {
    let app = App::here();
    let note = move || {
        app.status.with(|status| match pin::state(status.as_ref()) {
            PinState::Off => "Off",
            PinState::Set { .. } => "On until the browser is closed",
            PinState::Ended { why } => pin::ended(why),
        })
    };
    view! {
        <button
            type="button"
            class="setting setting-button"
            data-test="open-pin"
            on:click=move |_| app.go(Route::Pin(Asked::InSettings))
        >
            <span class="setting-text">
                <span class="setting-label">"Unlock with a PIN"</span>
                <span class="setting-note" data-test="pin-state">{note}</span>
            </span>
            <Icon icon=icondata_lu::LuChevronRight/>
        </button>
    }
}
