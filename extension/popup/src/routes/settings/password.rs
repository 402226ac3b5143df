//! The password, the recovery words, and keys with a password of their own.

use leptos::prelude::*;
use proto::{
    bridge::popup::{AppStatus, KeyView, ListKeys, OpenKeys, RecoveryState},
    error::WireError,
    vault::SecretText,
};
use webext::time;

use crate::{
    app::App,
    components::{dialog::Dialog, icon::Icon, password_field::PasswordField, toast::Toast},
    format,
    routes::{Asked, Route},
};

/// The ways to both screens.
#[component]
pub(super) fn RecoveryAndPassword() -> impl IntoView {
    let app = App::here();
    let note = move || {
        app.status.with(|status| match status {
            Some(AppStatus::Unlocked { recovery, .. }) => match recovery {
                RecoveryState::Unknown => "Not asked yet",
                RecoveryState::NotConfirmed => {
                    "Not confirmed: forget the password, and the vault is lost"
                }
                RecoveryState::Confirmed => "Confirmed",
            },
            _ => "",
        })
    };
    view! {
        <button
            type="button"
            class="setting setting-button"
            data-test="open-recovery"
            on:click=move |_| app.go(Route::Recovery(Asked::InSettings))
        >
            <span class="setting-text">
                <span class="setting-label">"Recovery words"</span>
                <span class="setting-note" data-test="recovery-state">{note}</span>
            </span>
            <Icon icon=icondata_lu::LuChevronRight/>
        </button>
        <button
            type="button"
            class="setting setting-button"
            data-test="change-password"
            on:click=move |_| app.go(Route::ChangePassword)
        >
            <span class="setting-text"><span class="setting-label">"Change password"</span></span>
            <Icon icon=icondata_lu::LuChevronRight/>
        </button>
    }
}

/// Keys that the password does not open; nothing where it opens all.
#[component]
pub(super) fn LockedKeys() -> impl IntoView {
    let app = App::here();
    let keys = RwSignal::new(Vec::<KeyView>::new());
    let asking = RwSignal::new(false);
    time::spawn(async move {
        if let Ok(answer) = app.ask(ListKeys {}).await {
            keys.try_set(answer.keys);
        }
    });
    let locked = move || keys.with(|keys| keys.iter().filter(|key| key.locked).count());
    view! {
        {move || (locked() > 0).then(|| view! {
            <div class="setting" data-test="locked-keys">
                <span class="setting-text">
                    <span class="setting-label">
                        {format!("{} locked", format::counted(locked() as u64, "key"))}
                    </span>
                    <span class="setting-note">"Sealed under another password of yours"</span>
                </span>
                <button
                    type="button"
                    class="button small"
                    data-test="open-keys"
                    on:click=move |_| asking.set(true)
                >
                    "Open"
                </button>
            </div>
        })}
        {move || asking.get().then(|| view! { <OpenDialog keys asking/> })}
    }
}

#[component]
fn OpenDialog(keys: RwSignal<Vec<KeyView>>, asking: RwSignal<bool>) -> impl IntoView {
    let app = App::here();
    let (password, other) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let shown = RwSignal::new(false);
    let failure = RwSignal::new(None::<WireError>);
    // Which of the two passwords it was.
    let told = move |theirs: bool| {
        Signal::derive(move || {
            let failure = failure.get()?;
            let at_theirs = failure
                .params
                .get("field")
                .is_some_and(|field| field == "other");
            (at_theirs == theirs).then_some(failure.message)
        })
    };
    let open = move |()| {
        let request = OpenKeys {
            password: SecretText::new(password.get_untracked()),
            other: SecretText::new(other.get_untracked()),
        };
        time::spawn(async move {
            match app.ask(request).await {
                Ok(answer) => {
                    keys.set(answer.keys);
                    asking.set(false);
                    app.toast.set(Some(Toast::done("Opened")));
                }
                Err(error) => {
                    failure.try_set(Some(error));
                }
            }
        });
    };
    view! {
        <Dialog
            title="Open locked keys"
            text="With the password that seals them they are opened, and from then on they have the password of your vault."
            confirm="Open"
            ready=Signal::derive(move || password.with(|p| !p.is_empty()) && other.with(|p| !p.is_empty()))
            on_confirm=open
            on_cancel=move |()| asking.set(false)
        >
            <PasswordField
                name="dialog-other"
                label="Their password"
                value=other
                shown
                error=told(true)
                autocomplete="off"
                focused=true
            />
            <PasswordField
                name="dialog-password"
                label="Your password"
                value=password
                shown
                error=told(false)
                autocomplete="current-password"
                eye=false
            />
        </Dialog>
    }
}
