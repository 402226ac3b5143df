//! Logging in to this device's account with a password that was set on another device.

use leptos::prelude::*;
use proto::{
    bridge::popup::{AppStatus, GetAccount, LogInAgain},
    vault::SecretText,
};
use webext::time;

use super::{dialog::Dialog, password_field::PasswordField};
use crate::{app::App, format};

/// The question for it. While the vault is locked, it says to which server the password goes: what is
/// written down of it here nothing vouches for then.
#[component]
pub(crate) fn LogInAgainDialog(
    /// Called once it is answered, either way.
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let app = App::here();
    let password = RwSignal::new(String::new());
    let shown = RwSignal::new(false);
    let locked = app
        .status
        .with_untracked(|status| matches!(status, Some(AppStatus::Locked { .. })));
    let server = RwSignal::new(None::<String>);
    time::spawn(async move {
        if let Ok(account) = app.ask(GetAccount {}).await {
            server.try_set(Some(account.server));
        }
    });
    let log_in = move |()| {
        let request = LogInAgain {
            server: server.get_untracked().filter(|_| locked),
            password: SecretText::new(password.get_untracked()),
        };
        password.set(String::new());
        on_close.run(());
        time::spawn(async move {
            if app.ask_or_tell(request).await.is_some() {
                app.refresh().await;
            }
        });
    };
    let label = Signal::derive(move || {
        let at = server.with(|server| server.as_deref().map(format::server));
        at.map_or_else(String::new, |at| format!("It is checked by {at}."))
    });
    view! {
        <Dialog
            title="Log in with the new password"
            text="If you changed the password on another device, this one opens with it from then on, and nothing that waits here is lost. If it was set anew with a code, what is on this device now stays locked until the older password or the recovery words are typed."
            confirm="Log in"
            ready=Signal::derive(move || password.with(|p| !p.is_empty()) && server.with(Option::is_some))
            on_confirm=log_in
            on_cancel=on_close
        >
            <PasswordField
                name="dialog-password"
                label="New password"
                value=password
                shown
                hint=label
                autocomplete="current-password"
                focused=true
            />
        </Dialog>
    }
}
