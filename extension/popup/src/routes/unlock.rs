//! Opening the vault.

use leptos::prelude::*;
use proto::bridge::popup::{AppStatus, PinState, RemoveAccount};
use webext::time;

use self::{by_keyring::KeyringButton, by_password::PasswordForm, by_pin::PinForm};
use crate::{
    app::App,
    components::{
        brand::Brand,
        dialog::Dialog,
        notice::{Notice, Tone},
    },
    pin,
};

mod by_keyring;
mod by_password;
mod by_pin;

/// The PIN where there is one, else the password.
#[component]
pub(crate) fn UnlockForm() -> impl IntoView {
    let app = App::here();
    let by_password = RwSignal::new(false);
    let state = Memo::new(move |_| app.status.with(|status| pin::state(status.as_ref())));
    let has_pin = Memo::new(move |_| matches!(state.get(), PinState::Set { .. }));
    let address = app
        .address()
        .map(|address| address.to_string())
        .unwrap_or_default();
    let shown = address.clone();
    let user = address.clone();
    view! {
        <main class="screen hero">
            <div class="hero-head">
                <Brand/>
                <h1 class="hero-title">"Welcome back"</h1>
                <p class="hero-text" data-test="account">{shown}</p>
            </div>
            {move || {
                if has_pin.get() && !by_password.get() {
                    view! { <PinForm on_password=move |()| by_password.set(true)/> }.into_any()
                } else {
                    view! {
                        <PasswordForm
                            address=user.clone()
                            state
                            on_pin=move |()| by_password.set(false)
                        />
                    }
                    .into_any()
                }
            }}
            <KeyringButton/>
            <div class="hero-end">
                <RemoveFromDevice address class="link-button"/>
            </div>
        </main>
    }
}

fn caps_lock_hint(on: bool) -> String {
    if on {
        "Caps Lock is on.".to_owned()
    } else {
        String::new()
    }
}

/// What became of the last attempt to log in again or to recover the account.
#[component]
fn LastAttempt() -> impl IntoView {
    let app = App::here();
    let problem = move || {
        app.status.with(|status| match status {
            Some(AppStatus::Locked { problem, .. }) => problem.clone(),
            _ => None,
        })
    };
    move || {
        problem().map(|error| {
            view! { <Notice tone=Tone::Danger hook="problem" text=error.message/> }
        })
    }
}

/// The button that removes the account from this device, and its question.
#[component]
pub(crate) fn RemoveFromDevice(
    /// Whose account.
    address: String,
    /// How the button looks.
    class: &'static str,
) -> impl IntoView {
    let app = App::here();
    let asking = RwSignal::new(false);
    let remove = move |()| {
        asking.set(false);
        time::spawn(async move {
            if let Some(status) = app.ask_or_tell(RemoveAccount {}).await {
                app.arrive(status);
            }
        });
    };
    let text = format!(
        "The vault of {address} stays on its server. Here it is forgotten, with every change that has not reached the server yet. To come back you need the address and the password."
    );
    view! {
        <button type="button" class=class data-test="remove-account" on:click=move |_| asking.set(true)>
            "Remove account from this device"
        </button>
        {move || asking.get().then(|| view! {
            <Dialog
                title="Remove this account here?"
                text=text.clone()
                confirm="Remove"
                danger=true
                on_confirm=remove
                on_cancel=move |()| asking.set(false)
            />
        })}
    }
}
