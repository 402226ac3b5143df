//! Opening the vault with the password.

use leptos::prelude::*;
use proto::{
    bridge::popup::{PinEnd, PinState, Unlock},
    error::{ErrorCode, WireError},
    vault::SecretText,
};
use webext::time;

use super::{LastAttempt, caps_lock_hint};
use crate::{
    app::App,
    components::{
        log_in_again::LogInAgainDialog,
        notice::{Notice, Tone},
        password_field::PasswordField,
    },
    dom, pin,
    routes::{Back, Route},
};

/// One field.
#[component]
pub(super) fn PasswordForm(
    /// Whose account.
    address: String,
    /// Whether there is a PIN, or why there is none any more.
    state: Memo<PinState>,
    /// Called where the user wants the PIN after all.
    #[prop(into)]
    on_pin: Callback<()>,
) -> impl IntoView {
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
    let hint = Signal::derive(move || match state.get() {
        _ if caps_lock.get() => caps_lock_hint(true),
        // That somebody tried is told in a notice.
        PinState::Ended { why } if why != PinEnd::Tries => pin::ended(why).to_owned(),
        _ => String::new(),
    });
    // What was wrong is over as soon as it is mended.
    Effect::new(move || {
        if !password.with(String::is_empty) {
            failure.set(None);
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || password.with_untracked(String::is_empty) {
            dom::focus("unlock-input");
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
                    dom::focus("unlock-input");
                }
            }
            busy.try_set(false);
        });
    };
    let tried = move || {
        let why = PinEnd::Tries;
        (state.get() == PinState::Ended { why }).then(|| {
            view! {
                <Notice
                    tone=Tone::Danger
                    hook="pin-ended"
                    text="Five wrong PINs were entered. Only your password opens the vault now."
                />
            }
        })
    };
    view! {
        <form
            class="unlock-form"
            novalidate
            on:submit=submit
            on:keydown=move |event| caps_lock.set(event.get_modifier_state("CapsLock"))
        >
            {tried}
            <input type="hidden" autocomplete="username" value=address/>
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
        <Otherwise wrong state on_pin/>
    }
}

/// What is left where the password does not open the vault: the PIN, recovery words, or the
/// password that was set on another device.
#[component]
fn Otherwise(wrong: Signal<bool>, state: Memo<PinState>, on_pin: Callback<()>) -> impl IntoView {
    let app = App::here();
    let asking = RwSignal::new(false);
    view! {
        <div class="unlock-more">
            <LastAttempt/>
            {move || matches!(state.get(), PinState::Set { .. }).then(|| view! {
                <button
                    type="button"
                    class="link-button"
                    data-test="use-pin"
                    on:click=move |_| on_pin.run(())
                >
                    "Use PIN instead"
                </button>
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
