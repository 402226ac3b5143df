//! Logging in to an account that exists.

use leptos::prelude::*;
use proto::{
    bridge::popup::{AppStatus, LogIn},
    error::WireError,
    vault::SecretText,
};
use webext::time;

use super::welcome::Problem;
use crate::{
    address::{fault, normal},
    app::App,
    components::{
        bar::TopBar,
        field::TextField,
        notice::{Notice, Tone},
        password_field::PasswordField,
        server_field::{ServerField, may_mend},
    },
    draft::{Start, Way},
    format,
};

/// How long typing must rest before the address is kept, milliseconds.
const REST_MS: u32 = 300;

/// The form.
#[component]
pub(crate) fn LogInForm() -> impl IntoView {
    let app = App::here();
    let password = RwSignal::new(String::new());
    let shown = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let asked = RwSignal::new(false);
    let left = RwSignal::new(false);
    let failure = RwSignal::new(None::<WireError>);
    let known = app.start.with_untracked(|start| !start.address.is_empty());
    keep_address(app);
    let address_fault = Memo::new(move |_| app.start.with(|start| fault(&normal(&start.address))));
    let address_error = Signal::derive(move || {
        let told = asked.get() || left.get();
        address_fault
            .get()
            .filter(|fault| told || fault.stays())
            .map(|fault| fault.to_string())
    });
    let password_error = Signal::derive(move || {
        (asked.get() && password.with(String::is_empty)).then(|| "Enter your password.".to_owned())
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        asked.set(true);
        let incomplete =
            address_fault.get_untracked().is_some() || password_error.get_untracked().is_some();
        if incomplete || busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        let start = app.start.get_untracked();
        app.keep(&Start {
            way: Some(Way::LogIn),
            ..start.clone()
        });
        let request = LogIn {
            address: normal(&start.address),
            server: start.server(),
            password: SecretText::new(password.get_untracked()),
        };
        time::spawn(async move {
            match app.ask(request).await {
                Ok(_) => app.refresh().await,
                Err(mut error) => {
                    error.message =
                        format::unasked(&error, &normal(&start.address), start.server().as_deref());
                    failure.try_set(Some(error));
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <main class="screen">
            <TopBar title="Log in" back=Callback::new(move |()| app.set_out(None))/>
            <form class="content form" novalidate on:submit=submit>
                <p class="lead">"Bring the vault of your address to this device."</p>
                <TextField
                    name="address-input"
                    label="Address"
                    value=Signal::derive(move || app.start.with(|start| start.address.clone()))
                    on_input=move |text| app.start.update(|start| start.address = text)
                    on_leave=move |()| {
                        left.set(app.start.with_untracked(|start| !start.address.is_empty()));
                    }
                    error=address_error
                    placeholder="name@example.com"
                    mode="email"
                    autocomplete="username"
                    focused=!known
                />
                <PasswordField
                    name="password-input"
                    label="Password"
                    value=password
                    shown
                    error=password_error
                    autocomplete="current-password"
                    focused=known
                />
                <Forgotten/>
                <ServerField wanted=server_may_mend(app, failure)/>
                <Failure failure/>
                <div class="form-end">
                    <button
                        type="submit"
                        class="button primary large"
                        class:busy=move || busy.get()
                        data-test="log-in"
                        aria-disabled=move || busy.get().to_string()
                    >
                        "Log in"
                    </button>
                </div>
            </form>
        </main>
    }
}

/// The way of who has recovery words and no password.
#[component]
fn Forgotten() -> impl IntoView {
    let app = App::here();
    view! {
        <button
            type="button"
            class="link-button"
            data-test="forgot-password"
            on:click=move |_| app.set_out(Some(Way::Recover))
        >
            "Forgot the password?"
        </button>
    }
}

/// Why it failed: now, or the last time.
#[component]
fn Failure(failure: RwSignal<Option<WireError>>) -> impl IntoView {
    move || match failure.get() {
        Some(error) => {
            view! { <Notice tone=Tone::Danger hook="error" text=error.message/> }.into_any()
        }
        None => view! { <Problem/> }.into_any(),
    }
}

/// Whether it failed for want of a server.
fn server_may_mend(app: App, failure: RwSignal<Option<WireError>>) -> Signal<bool> {
    let before = |status: &Option<AppStatus>| match status {
        Some(AppStatus::Empty { problem }) => problem.as_ref().is_some_and(may_mend),
        _ => false,
    };
    Signal::derive(move || {
        failure.with(|failure| failure.as_ref().is_some_and(may_mend)) || app.status.with(before)
    })
}

/// Keeps the address, never the password, whenever typing rests.
fn keep_address(app: App) {
    let newest = StoredValue::new(0_u32);
    Effect::new(move || {
        let start = app.start.get();
        let number = newest.get_value().wrapping_add(1);
        newest.set_value(number);
        time::spawn(async move {
            time::sleep(REST_MS).await;
            if newest.try_get_value() == Some(number) {
                app.keep(&Start {
                    way: Some(Way::LogIn),
                    ..start
                });
            }
        });
    });
}
