//! The ways to the password, the recovery words, and the keys.

use leptos::prelude::*;
use proto::bridge::popup::{AppStatus, ListKeys, RecoveryState};
use webext::time;

use crate::{
    app::App,
    components::icon::Icon,
    routes::{Asked, Route, keys::summary},
};

/// The ways to both screens.
#[component]
pub(super) fn RecoveryAndPassword() -> impl IntoView {
    let app = App::here();
    let note = move || {
        app.status.with(|status| match status {
            Some(AppStatus::Unlocked { recovery, .. }) => match recovery {
                RecoveryState::Unknown => "Not asked yet",
                RecoveryState::NotConfirmed => {
                    "Not confirmed: forget the password, and the vault is lost"
                }
                RecoveryState::Confirmed => "Confirmed",
                RecoveryState::Locked => "Of a key that is locked: they open what it sealed",
            },
            _ => "",
        })
    };
    view! {
        <button
            type="button"
            class="setting setting-button"
            data-test="open-recovery"
            on:click=move |_| app.go(Route::Recovery(Asked::InSettings))
        >
            <span class="setting-text">
                <span class="setting-label">"Recovery words"</span>
                <span class="setting-note" data-test="recovery-state">{note}</span>
            </span>
            <Icon icon=icondata_lu::LuChevronRight/>
        </button>
        <button
            type="button"
            class="setting setting-button"
            data-test="change-password"
            on:click=move |_| app.go(Route::ChangePassword)
        >
            <span class="setting-text"><span class="setting-label">"Change password"</span></span>
            <Icon icon=icondata_lu::LuChevronRight/>
        </button>
    }
}

/// The way to the keys.
#[component]
pub(super) fn AccountKeys() -> impl IntoView {
    let app = App::here();
    let note = RwSignal::new(String::new());
    time::spawn(async move {
        if let Ok(answer) = app.ask(ListKeys {}).await {
            note.try_set(summary(&answer.keys));
        }
    });
    view! {
        <button
            type="button"
            class="setting setting-button"
            data-test="keys"
            on:click=move |_| app.go(Route::Keys)
        >
            <span class="setting-text">
                <span class="setting-label">"Keys"</span>
                <span class="setting-note" data-test="keys-note">{note}</span>
            </span>
            <Icon icon=icondata_lu::LuChevronRight/>
        </button>
    }
}
