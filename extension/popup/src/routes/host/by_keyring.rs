//! The computer's keyring in place of the password, for a time.

use leptos::prelude::*;
use proto::{
    bridge::popup::{AppStatus, ByKeyring, GetHost, SetByKeyring},
    vault::SecretText,
};
use webext::time;

use super::take;
use crate::{
    app::App,
    components::{option::Choice, password_form::PasswordForm},
    format,
};

/// What is offered, hours.
const HOURS: [u32; 5] = [1, 8, 24, 7 * 24, 30 * 24];

/// The choice, where the account lives in the host, is open, and the host has a keyring.
#[component]
pub(super) fn UnlockByKeyring() -> impl IntoView {
    let app = App::here();
    let told = Memo::new(move |_| {
        app.host.with(|status| {
            let status = status.as_ref().filter(|status| status.lives_there)?;
            status.by_keyring
        })
    });
    let is_open = Memo::new(move |_| {
        app.status
            .with(|status| matches!(status, Some(AppStatus::Unlocked { .. })))
    });
    move || {
        let told = told.get().filter(|_| is_open.get());
        let shown = match told? {
            ByKeyring::Absent {} => return None,
            ByKeyring::Off {} => view! { <Offer/> }.into_any(),
            ByKeyring::Until { at } => {
                let left = format::left(at, time::now());
                view! {
                    <p class="setting-note" data-test="by-keyring" data-on="true">
                        {format!("This computer's keyring opens your vault for another {left}. Whoever sits at your unlocked computer can open it, too.")}
                    </p>
                    <button type="button" class="button large" data-test="by-keyring-end" on:click=move |_| end(app)>
                        "Ask for the password again"
                    </button>
                }
                .into_any()
            }
        };
        Some(view! {
            <h2 class="section-title">"Unlock with the keyring"</h2>
            <div class="host-way">{shown}</div>
        })
    }
}

#[component]
fn Offer() -> impl IntoView {
    let app = App::here();
    let hours = RwSignal::new(HOURS[1]);
    let set = move |password: SecretText| async move {
        let request = SetByKeyring {
            hours: hours.get_untracked(),
            password: Some(password),
        };
        app.ask(request).await?;
        take(app, app.ask_or_tell(GetHost {}).await);
        Ok(())
    };
    view! {
        <PasswordForm
            name="by-keyring-password"
            hook="by-keyring-set"
            button="Let the keyring open it"
            class="host-way"
            act=set
        >
            <p class="setting-note" data-test="by-keyring" data-on="false">
                "For a time, the keyring of this computer can open your vault with one press instead of the password: for you, and for whoever sits at your unlocked computer."
            </p>
            <Choice
                hook="by-keyring-hours"
                label="For"
                values=&HOURS
                word=format::hours
                value=hours.into()
                on_change=move |chosen| hours.set(chosen)
            />
        </PasswordForm>
    }
}

fn end(app: App) {
    let request = SetByKeyring {
        hours: 0,
        password: None,
    };
    time::spawn(async move {
        if app.ask_or_tell(request).await.is_some() {
            take(app, app.ask_or_tell(GetHost {}).await);
        }
    });
}
