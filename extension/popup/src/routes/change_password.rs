//! Another password for the account of this device.

use leptos::prelude::*;
use proto::{
    bridge::popup::ChangePassword,
    error::{ErrorCode, WireError},
    vault::SecretText,
};
use webext::time;

use super::Route;
use crate::{
    app::App,
    components::{
        bar::TopBar,
        new_password::{NewPassword, Typed},
        notice::{Notice, Tone},
        password_field::PasswordField,
        toast::Toast,
    },
};

/// The form. What is typed here is kept nowhere.
#[component]
pub(crate) fn ChangePasswordForm() -> impl IntoView {
    let app = App::here();
    let current = RwSignal::new(String::new());
    let shown = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<WireError>);
    let address = app.address().map(|a| a.to_string()).unwrap_or_default();
    let typed = Typed::new(vec![address.clone()]);
    let problem = typed.problem();
    let wrong = |failure: &WireError| failure.code == ErrorCode::PasswordWrong;
    let current_error = Signal::derive(move || {
        failure.with(|f| f.as_ref().filter(|f| wrong(f)).map(|f| f.message.clone()))
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        typed.ask();
        if current.with_untracked(String::is_empty) {
            crate::api::focus("current-input");
            return;
        }
        if problem.get_untracked().is_some() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        let request = ChangePassword {
            current: SecretText::new(current.get_untracked()),
            password: typed.secret(),
        };
        time::spawn(async move {
            match app.ask(request).await {
                Ok(status) => {
                    app.arrive(status);
                    app.toast.set(Some(Toast::done("Password changed")));
                    app.go(Route::Settings);
                }
                Err(error) => {
                    failure.try_set(Some(error));
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <main class="screen">
            <TopBar title="Change password"/>
            <form class="content form" novalidate on:submit=submit>
                <input type="hidden" autocomplete="username" value=address/>
                <PasswordField
                    name="current-input"
                    label="Current password"
                    value=current
                    shown
                    error=current_error
                    autocomplete="current-password"
                    focused=true
                    eye=false
                />
                <NewPassword typed/>
                <p class="footnote">
                    "Every other device is signed out, and opens with the new password. Recovery words stay as they are."
                </p>
                {move || failure.get().filter(|f| !wrong(f)).map(|error| {
                    view! { <Notice tone=Tone::Danger hook="error" text=error.message/> }
                })}
                <div class="form-end">
                    <button
                        type="submit"
                        class="button primary large"
                        class:busy=move || busy.get()
                        data-test="change"
                        aria-disabled=move || (problem.get().is_some() || busy.get()).to_string()
                    >
                        "Change password"
                    </button>
                </div>
            </form>
        </main>
    }
}
