//! Choosing the master password of a new account.

use leptos::prelude::*;
use proto::{bridge::popup::CreateAccount, error::WireError, vault::SecretText};
use webext::time;

use super::Route;
use crate::{
    address::normal,
    app::App,
    components::{
        bar::TopBar,
        notice::{Notice, Tone},
        password_field::PasswordField,
        strength::{self, CannotRecover, Strength},
    },
    password::{PasswordProblem, check_pair},
};

/// The form. What is typed here is kept nowhere.
#[component]
pub(crate) fn ChoosePassword() -> impl IntoView {
    let app = App::here();
    if app.start.with_untracked(|start| start.address.is_empty()) {
        app.go(Route::Address);
    }
    let password = RwSignal::new(String::new());
    let repetition = RwSignal::new(String::new());
    let shown = RwSignal::new(false);
    let asked = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<WireError>);
    let address = normal(&app.start.with_untracked(|start| start.address.clone()));
    let inputs = address.clone();
    let estimate = strength::watch(move || password.get(), move || vec![inputs.clone()]);
    let problem = Signal::derive(move || {
        password
            .with(|p| repetition.with(|r| estimate.with(|e| check_pair(p, r, e.as_ref()).err())))
    });
    let at_password = Signal::derive(move || {
        let problem = problem.get().filter(|p| *p != PasswordProblem::Mismatch);
        problem.filter(|_| asked.get()).map(|p| p.to_string())
    });
    let at_repetition = Signal::derive(move || {
        // Told while typing only once the repetition is as long as the password.
        let complete = password
            .with(|p| repetition.with(|r| !r.is_empty() && r.chars().count() >= p.chars().count()));
        let problem = problem.get().filter(|p| *p == PasswordProblem::Mismatch);
        problem
            .filter(|_| asked.get() || complete)
            .map(|p| p.to_string())
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        asked.set(true);
        if problem.get_untracked().is_some() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        let start = app.start.get_untracked();
        let request = CreateAccount {
            address: normal(&start.address),
            server: start.server(),
            password: SecretText::new(password.get_untracked()),
        };
        time::spawn(async move {
            if let Err(error) = app.ask(request).await {
                failure.try_set(Some(error));
                busy.try_set(false);
            } else {
                app.refresh().await;
                busy.try_set(false);
            }
        });
    };
    view! {
        <main class="screen">
            <TopBar title="Choose your password"/>
            <form class="content form" novalidate on:submit=submit>
                <p class="lead">"It opens the vault of " <strong>{address.clone()}</strong> "."</p>
                // Password managers of the browser need a user name beside a password.
                <input type="hidden" autocomplete="username" value=address/>
                <PasswordField
                    name="password-input"
                    label="Password"
                    value=password
                    shown
                    error=at_password
                    hint="Five words that do not belong together are strong."
                    autocomplete="new-password"
                    focused=true
                />
                <Strength estimate/>
                <PasswordField
                    name="confirm-input"
                    label="Once more"
                    value=repetition
                    shown
                    error=at_repetition
                    autocomplete="new-password"
                    eye=false
                />
                <CannotRecover/>
                {move || failure.get().map(|error| {
                    view! { <Notice tone=Tone::Danger hook="error" text=error.message/> }
                })}
                <div class="form-end">
                    <button
                        type="submit"
                        class="button primary large"
                        class:busy=move || busy.get()
                        data-test="create"
                        aria-disabled=move || (problem.get().is_some() || busy.get()).to_string()
                    >
                        "Create account"
                    </button>
                </div>
            </form>
        </main>
    }
}
