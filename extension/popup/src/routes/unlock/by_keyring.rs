//! Opening the vault with the computer's keyring, where its user has said so.

use leptos::prelude::*;
use proto::{
    bridge::popup::{ByKeyring, GetHost, UnlockByKeyring},
    error::WireError,
};
use webext::time;

use crate::{
    app::App,
    components::notice::{Notice, Tone},
    dom,
};

/// One button, beside whatever else opens it.
#[component]
pub(super) fn KeyringButton() -> impl IntoView {
    let app = App::here();
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<WireError>);
    time::spawn(async move {
        if let Ok(status) = app.ask(GetHost {}).await {
            app.host.try_set(Some(status));
        }
    });
    let is_way = Memo::new(move |_| {
        app.host.with(|status| {
            let told = status.as_ref().filter(|status| status.lives_there);
            matches!(
                told.and_then(|it| it.by_keyring),
                Some(ByKeyring::Until { .. })
            )
        })
    });
    let unlock = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        time::spawn(async move {
            match app.ask(UnlockByKeyring {}).await {
                Ok(status) => app.arrive(status),
                Err(error) => {
                    failure.try_set(Some(error));
                    // The button may go: another way is there.
                    for other in ["unlock-input", "pin-input"] {
                        dom::focus(other);
                    }
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        {move || failure.get().map(|error| view! {
            <Notice tone=Tone::Warning hook="by-keyring-failed" text=error.message/>
        })}
        {move || is_way.get().then(|| view! {
            <button
                type="button"
                class="button large unlock-otherwise"
                class:busy=move || busy.get()
                data-test="unlock-by-keyring"
                on:click=unlock
            >
                "Unlock with the keyring"
            </button>
        })}
    }
}
