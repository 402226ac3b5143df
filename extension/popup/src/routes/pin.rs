//! Setting a PIN for this session, another one, or none.

use leptos::prelude::*;
use proto::{
    bridge::popup::{RemovePin, SetPin},
    error::WireError,
    limits::{PIN_MAX_CHARS, PIN_MIN_CHARS},
    vault::SecretText,
};
use webext::time;

use crate::{
    app::App,
    components::{
        bar::TopBar,
        field::TextField,
        notice::{Notice, Tone},
        password_field::Eye,
        toast::Toast,
    },
    dom,
    pin::{self, PinMistake},
    routes::Route,
};

/// The form. What is typed here is kept nowhere.
#[component]
pub(crate) fn PinScreen() -> impl IntoView {
    let app = App::here();
    let (code, repetition) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let shown = RwSignal::new(false);
    let asked = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<WireError>);
    let name = app
        .address()
        .map(|a| a.name().to_owned())
        .unwrap_or_default();
    let mistake = Signal::derive(move || {
        code.with(|code| repetition.with(|again| pin::check_pair(code, again, &name).err()))
    });
    // Told while typing only once the repetition is as long.
    let complete = Signal::derive(move || {
        repetition.with(|r| !r.is_empty() && r.chars().count() >= code.with(|c| c.chars().count()))
    });
    let told = move |at_repetition: bool| {
        Signal::derive(move || {
            let told = mistake.get();
            let told = told.filter(|m| (*m == PinMistake::Mismatch) == at_repetition);
            told.filter(|_| asked.get() || complete.get())
                .map(|m| m.to_string())
        })
    };
    let (at_code, at_repetition) = (told(false), told(true));
    let kind = Signal::derive(move || if shown.get() { "text" } else { "password" });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        asked.set(true);
        if let Some(mistake) = mistake.get_untracked() {
            dom::focus(match mistake {
                PinMistake::Mismatch => "pin-again",
                PinMistake::Refused(_) => "pin-input",
            });
            return;
        }
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        let pin = SecretText::new(code.get_untracked());
        time::spawn(async move {
            if let Err(error) = set(app, pin).await {
                failure.try_set(Some(error));
            }
            busy.try_set(false);
        });
    };
    view! {
        <main class="screen">
            <TopBar title="Unlock with a PIN"/>
            <form class="content form" novalidate on:submit=submit>
                <p class="lead">"A PIN opens the vault in place of your password, until the browser is closed."</p>
                <TextField
                    name="pin-input"
                    label="PIN"
                    value=code
                    on_input=move |text| code.set(text)
                    error=at_code
                    hint=Signal::stored(format!("{PIN_MIN_CHARS} to {PIN_MAX_CHARS} digits or letters."))
                    kind
                    focused=true
                    mono=true
                >
                    <Eye shown hook="show-pin" what="PIN"/>
                </TextField>
                <TextField
                    name="pin-again"
                    label="Once more"
                    value=repetition
                    on_input=move |text| repetition.set(text)
                    error=at_repetition
                    kind
                    mono=true
                />
                <p class="footnote">
                    "After five wrong tries only the password opens the vault. A PIN protects less than your password does: use it where nobody else uses your computer."
                </p>
                {move || failure.get().map(|error| {
                    view! { <Notice tone=Tone::Danger hook="error" text=error.message/> }
                })}
                <div class="form-end">
                    <button
                        type="submit"
                        class="button primary large"
                        class:busy=move || busy.get()
                        data-test="set-pin"
                        aria-disabled=move || (mistake.get().is_some() || busy.get()).to_string()
                    >
                        "Set PIN"
                    </button>
                    <TurnOff/>
                </div>
            </form>
        </main>
    }
}

/// Sets the PIN, and goes back.
async fn set(app: App, pin: SecretText) -> Result<(), WireError> {
    let status = app.ask(SetPin { pin }).await?;
    app.arrive(status);
    app.back();
    app.toast.set(Some(Toast::done("PIN set")));
    Ok(())
}

/// Nothing where no PIN is set.
#[component]
fn TurnOff() -> impl IntoView {
    let app = App::here();
    let is_set = Memo::new(move |_| {
        !app.status
            .with(|status| pin::state(status.as_ref()).is_off())
    });
    let turn_off = move |_| time::spawn(remove(app));
    view! {
        <Show when=move || is_set.get()>
            <button
                type="button"
                class="button large quiet"
                data-test="remove-pin"
                on:click=turn_off
            >
                "Turn PIN off"
            </button>
        </Show>
    }
}

/// Turns the PIN off, and goes back where this is its screen.
pub(crate) async fn remove(app: App) {
    if let Some(status) = app.ask_or_tell(RemovePin {}).await {
        app.arrive(status);
        if app
            .route
            .with_untracked(|route| matches!(route, Route::Pin(_)))
        {
            app.back();
        }
        app.toast.set(Some(Toast::done("PIN turned off")));
    }
}
