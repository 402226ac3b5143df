//! Another password for the account of this device.

use leptos::prelude::*;
use proto::{
    bridge::popup::{ChangePassword, GetRecovery, RecoveryState, RecoveryView},
    error::{ErrorCode, WireError},
    vault::SecretText,
};
use webext::time;

use super::{Asked, Route};
use crate::{
    app::App,
    components::{
        bar::TopBar,
        dialog::Dialog,
        new_password::{NewPassword, Typed},
        notice::{Notice, Tone},
        password_field::PasswordField,
        toast::Toast,
    },
    format,
};

/// The form. What is typed here is kept nowhere.
#[component]
pub(crate) fn ChangePasswordForm() -> impl IntoView {
    let app = App::here();
    let current = RwSignal::new(String::new());
    let shown = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<WireError>);
    // The recovery words that stay valid, once the password is another.
    let words = RwSignal::new(None::<RecoveryView>);
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
            crate::dom::focus("current-input");
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
                    match app.ask(GetRecovery {}).await {
                        Ok(view) if view.state == RecoveryState::Confirmed => words.set(Some(view)),
                        // Without words, or where the server cannot say, there is nothing to ask.
                        _ => app.go(Route::Settings),
                    }
                    app.toast.set(Some(Toast::done("Password changed")));
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
                    "Every other device is signed out, and opens with the new password. Your recovery words stay valid; you can make new ones next."
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
        {move || words.get().map(|words| view! { <StillValid words/> })}
    }
}

/// Asks whether recovery words are to be made anew: whoever knew the old password may have them, or
/// have made them.
#[component]
fn StillValid(words: RecoveryView) -> impl IntoView {
    let app = App::here();
    let since = words.confirmed_at.map_or_else(String::new, |at| {
        format!(", confirmed {},", format::ago(at, time::now()))
    });
    view! {
        <Dialog
            title="Make new recovery words?"
            text=format!(
                "The password is changed. Your recovery words{since} stay valid: whoever has them can still get in. \
                 If somebody may know the old password or these words, make new ones."
            )
            confirm="Make new words"
            cancel="Keep them"
            on_confirm=move |()| app.go(Route::Recovery(Asked::InSettings))
            on_cancel=move |()| app.go(Route::Settings)
        />
    }
}
