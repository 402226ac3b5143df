//! Deleting the account for good.

use leptos::prelude::*;
use proto::{bridge::popup::DeleteAccount, error::WireError, vault::SecretText};
use webext::time;

use crate::{
    app::App,
    components::{dialog::Dialog, field::TextField, password_field::PasswordField},
};

/// The button and its question: password, and the address typed once more.
#[component]
pub(super) fn DeleteAccountButton() -> impl IntoView {
    let app = App::here();
    let asking = RwSignal::new(false);
    let password = RwSignal::new(String::new());
    let typed = RwSignal::new(String::new());
    let shown = RwSignal::new(false);
    let failure = RwSignal::new(None::<WireError>);
    let address = app
        .address()
        .map(|address| address.to_string())
        .unwrap_or_default();
    let wanted = address.clone();
    let ready = Signal::derive(move || {
        typed.with(|typed| typed.trim() == wanted) && password.with(|p| !p.is_empty())
    });
    let close = move |()| {
        asking.set(false);
        password.set(String::new());
        typed.set(String::new());
        failure.set(None);
    };
    let delete = move |()| {
        let request = DeleteAccount {
            password: SecretText::new(password.get_untracked()),
        };
        time::spawn(async move {
            match app.ask(request).await {
                Ok(status) => app.arrive(status),
                Err(error) => {
                    failure.try_set(Some(error));
                }
            }
        });
    };
    let error = Signal::derive(move || failure.with(|f| f.as_ref().map(|f| f.message.clone())));
    view! {
        <button
            type="button"
            class="setting setting-button danger-text"
            data-test="delete-account"
            on:click=move |_| asking.set(true)
        >
            "Delete account"
        </button>
        {move || {
            let address = address.clone();
            asking.get().then(|| view! {
                <Dialog
                    title="Delete this account?"
                    text="The vault is deleted on the server and here, for good. Nobody can take this address again, you included."
                    confirm="Delete for good"
                    danger=true
                    ready
                    on_confirm=delete
                    on_cancel=close
                >
                    <TextField
                        name="dialog-text"
                        label=format!("Type {address} to confirm")
                        value=typed
                        on_input=move |text| typed.set(text)
                        focused=true
                    />
                    <PasswordField
                        name="dialog-password"
                        label="Password"
                        value=password
                        shown
                        error
                        autocomplete="current-password"
                    />
                </Dialog>
            })
        }}
    }
}
