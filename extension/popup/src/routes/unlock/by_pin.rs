//! Opening the vault with the PIN.

use leptos::prelude::*;
use proto::{
    bridge::popup::{PinState, UnlockWithPin},
    error::{ErrorCode, WireError},
    limits::PIN_TRIES,
    vault::SecretText,
};
use webext::time;

use super::{LastAttempt, caps_lock_hint};
use crate::{
    app::App,
    components::{field::TextField, password_field::Eye},
    dom, pin,
};

/// One field, and the way to the password.
#[component]
pub(super) fn PinForm(
    /// Called where the user wants the password instead.
    #[prop(into)]
    on_password: Callback<()>,
) -> impl IntoView {
    let app = App::here();
    let code = RwSignal::new(String::new());
    let shown = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let caps_lock = RwSignal::new(false);
    let failure = RwSignal::new(None::<WireError>);
    let error = Signal::derive(move || failure.with(|f| f.as_ref().map(|f| f.message.clone())));
    let hint = Signal::derive(move || {
        let state = app.status.with(|status| pin::state(status.as_ref()));
        match state {
            // While one is looked at, it is counted already: nothing to tell yet.
            PinState::Set { tries_left } if !busy.get() && tries_left < PIN_TRIES => {
                proto::pin::tries_left(tries_left)
            }
            _ => caps_lock_hint(caps_lock.get()),
        }
    });
    let kind = Signal::derive(move || if shown.get() { "text" } else { "password" });
    // What was wrong is over as soon as it is mended.
    Effect::new(move || {
        if !code.with(String::is_empty) {
            failure.set(None);
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || code.with_untracked(String::is_empty) {
            dom::focus("pin-input");
            return;
        }
        busy.set(true);
        let request = UnlockWithPin {
            pin: SecretText::new(code.get_untracked()),
        };
        time::spawn(async move {
            match app.ask(request).await {
                Ok(status) => app.arrive(status),
                // The form of the password says why.
                Err(error) if error.code == ErrorCode::PinGone => app.refresh().await,
                Err(error) => {
                    code.try_set(String::new());
                    failure.try_set(Some(error));
                    dom::focus("pin-input");
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <form
            class="unlock-form"
            novalidate
            on:submit=submit
            on:keydown=move |event| caps_lock.set(event.get_modifier_state("CapsLock"))
        >
            <TextField
                name="pin-input"
                label="PIN"
                value=code
                on_input=move |text| code.set(text)
                error
                hint
                kind
                focused=true
                mono=true
            >
                <Eye shown hook="show-pin" what="PIN"/>
            </TextField>
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
        <div class="unlock-more">
            <LastAttempt/>
            <button
                type="button"
                class="link-button"
                data-test="use-password"
                on:click=move |_| on_password.run(())
            >
                "Use password instead"
            </button>
        </div>
    }
}
