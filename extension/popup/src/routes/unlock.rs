//! Opening the vault.

use leptos::prelude::*;
use proto::{
    bridge::popup::{AppStatus, RemoveAccount, Unlock},
    error::{ErrorCode, WireError},
    vault::SecretText,
};
use webext::time;

use crate::{
    app::App,
    components::{
        brand::Brand,
        dialog::Dialog,
        log_in_again::LogInAgainDialog,
        notice::{Notice, Tone},
        password_field::PasswordField,
    },
    routes::{Back, Route},
};

/// One field.
#[component]
pub(crate) fn UnlockForm() -> impl IntoView {
    let app = App::here();
    let password = RwSignal::new(String::new());
    let shown = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let caps_lock = RwSignal::new(false);
    let failure = RwSignal::new(None::<WireError>);
    let error = Signal::derive(move || failure.with(|f| f.as_ref().map(|f| f.message.clone())));
    let wrong = Signal::derive(move || {
        let code = failure.with(|f| f.as_ref().map(|f| f.code));
        code == Some(ErrorCode::PasswordWrong)
    });
    let hint = Signal::derive(move || {
        if caps_lock.get() {
            "Caps Lock is on.".to_owned()
        } else {
            String::new()
        }
    });
    let address = app
        .address()
        .map(|address| address.to_string())
        .unwrap_or_default();
    // What was wrong is over as soon as it is mended.
    Effect::new(move || {
        if !password.with(String::is_empty) {
            failure.set(None);
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || password.with_untracked(String::is_empty) {
            crate::api::focus("unlock-input");
            return;
        }
        busy.set(true);
        let request = Unlock {
            password: SecretText::new(password.get_untracked()),
        };
        time::spawn(async move {
            match app.ask(request).await {
                Ok(status) => app.arrive(status),
                Err(error) => {
                    password.try_set(String::new());
                    failure.try_set(Some(error));
                    crate::api::focus("unlock-input");
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <main class="screen hero">
            <div class="hero-head">
                <Brand/>
                <h1 class="hero-title">"Welcome back"</h1>
                <p class="hero-text" data-test="account">{address.clone()}</p>
            </div>
            <form
                class="unlock-form"
                novalidate
                on:submit=submit
                on:keydown=move |event| caps_lock.set(event.get_modifier_state("CapsLock"))
            >
                <input type="hidden" autocomplete="username" value=address.clone()/>
                <PasswordField
                    name="unlock-input"
                    label="Password"
                    value=password
                    shown
                    error
                    hint
                    autocomplete="current-password"
                    focused=true
                />
                <button
                    type="submit"
                    class="button primary large"
                    class:busy=move || busy.get()
                    data-test="unlock"
                    aria-disabled=move || busy.get().to_string()
                >
                    "Unlock"
                </button>
            </form>
            <Otherwise wrong/>
            <div class="hero-end">
                <RemoveFromDevice address class="link-button"/>
            </div>
        </main>
    }
}

/// What is left where the password does not open the vault: recovery words, or the password that
/// was set on another device. What became of the last attempt is told here.
#[component]
fn Otherwise(wrong: Signal<bool>) -> impl IntoView {
    let app = App::here();
    let asking = RwSignal::new(false);
    let problem = move || {
        app.status.with(|status| match status {
            Some(AppStatus::Locked { problem, .. }) => problem.clone(),
            _ => None,
        })
    };
    view! {
        <div class="unlock-more">
            {move || problem().map(|error| {
                view! { <Notice tone=Tone::Danger hook="problem" text=error.message/> }
            })}
            {move || wrong.get().then(|| view! {
                <button
                    type="button"
                    class="link-button"
                    data-test="changed-elsewhere"
                    on:click=move |_| asking.set(true)
                >
                    "Changed it on another device?"
                </button>
            })}
            <button
                type="button"
                class="link-button"
                data-test="forgot-password"
                on:click=move |_| app.go(Route::Recover(Back::Unlock))
            >
                "Forgot the password?"
            </button>
        </div>
        {move || asking.get().then(|| view! {
            <LogInAgainDialog on_close=move |()| asking.set(false)/>
        })}
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
