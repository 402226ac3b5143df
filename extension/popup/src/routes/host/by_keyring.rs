//! The computer's keyring in place of the password, for a time.

use leptos::prelude::*;
use proto::{
    bridge::popup::{AppStatus, ByKeyring, GetHost, SetByKeyring},
    error::{ErrorCode, WireError},
    vault::SecretText,
};
use webext::time;

use super::take;
use crate::{
    app::App,
    components::{option::Choice, password_field::PasswordField},
    dom, format,
};

/// What is offered, hours.
const HOURS: [u32; 5] = [1, 8, 24, 7 * 24, 30 * 24];

/// The choice, where the account lives in the host, is open, and the host has a keyring.
#[component]
pub(super) fn UnlockByKeyring() -> impl IntoView {
    let app = App::here();
    let told = Memo::new(move |_| {
        app.host.with(|status| {
            let status = status.as_ref().filter(|status| status.lives_there)?;
            status.by_keyring
        })
    });
    let is_open = Memo::new(move |_| {
        app.status
            .with(|status| matches!(status, Some(AppStatus::Unlocked { .. })))
    });
    move || {
        let told = told.get().filter(|_| is_open.get());
        let shown = match told? {
            ByKeyring::Absent {} => return None,
            ByKeyring::Off {} => view! { <Offer/> }.into_any(),
            ByKeyring::Until { at } => {
                let left = format::left(at, time::now());
                view! {
                    <p class="setting-note" data-test="by-keyring" data-on="true">
                        {format!("This computer's keyring opens your vault for another {left}. Whoever sits at your unlocked computer can open it, too.")}
                    </p>
                    <button type="button" class="button large" data-test="by-keyring-end" on:click=move |_| end(app)>
                        "Ask for the password again"
                    </button>
                }
                .into_any()
            }
        };
        Some(view! {
            <h2 class="section-title">"Unlock with the keyring"</h2>
            <div class="host-way">{shown}</div>
        })
    }
}

#[component]
fn Offer() -> impl IntoView {
    let app = App::here();
    let hours = RwSignal::new(HOURS[1]);
    let password = RwSignal::new(String::new());
    let shown = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<WireError>);
    let error = Signal::derive(move || failure.with(|f| f.as_ref().map(|f| f.message.clone())));
    Effect::new(move || {
        if !password.with(String::is_empty) {
            failure.set(None);
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || password.with_untracked(String::is_empty) {
            dom::focus("by-keyring-password");
            return;
        }
        busy.set(true);
        let request = SetByKeyring {
            hours: hours.get_untracked(),
            password: Some(SecretText::new(password.get_untracked())),
        };
        time::spawn(async move {
            match app.ask(request).await {
                Ok(_) => take(app, app.ask_or_tell(GetHost {}).await),
                Err(problem) => {
                    if problem.code == ErrorCode::PasswordWrong {
                        password.try_set(String::new());
                        dom::focus("by-keyring-password");
                    }
                    failure.try_set(Some(problem));
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <form class="host-way" on:submit=submit novalidate>
            <p class="setting-note" data-test="by-keyring" data-on="false">
                "For a time, the keyring of this computer can open your vault with one press instead of the password: for you, and for whoever sits at your unlocked computer."
            </p>
            <Choice
                hook="by-keyring-hours"
                label="For"
                values=&HOURS
                word=format::hours
                value=hours.into()
                on_change=move |chosen| hours.set(chosen)
            />
            <PasswordField
                name="by-keyring-password"
                label="Your password"
                value=password
                shown
                error
                autocomplete="current-password"
            />
            <button
                type="submit"
                class="button large"
                class:busy=move || busy.get()
                data-test="by-keyring-set"
            >
                "Let the keyring open it"
            </button>
        </form>
    }
}

fn end(app: App) {
    let request = SetByKeyring {
        hours: 0,
        password: None,
    };
    time::spawn(async move {
        if app.ask_or_tell(request).await.is_some() {
            take(app, app.ask_or_tell(GetHost {}).await);
        }
    });
}
