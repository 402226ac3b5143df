//! Settings, devices, and the ways out.

use leptos::prelude::*;
use proto::bridge::popup::GetAccount;
use webext::{page, time};

use self::{
    danger::DeleteAccountButton,
    domains::Domains,
    filling::FillingSettings,
    host::ThisComputer,
    moving::Moving,
    notifying::Notifying,
    password::{AccountKeys, RecoveryAndPassword},
    pin::UnlockWithPin,
    shortcuts::Shortcuts,
    solver::ProofOfWork,
};
use super::{Route, unlock::RemoveFromDevice};
use crate::{
    app::App,
    components::{
        bar::{BottomBar, TopBar},
        icon::Icon,
        option::{Choice, Switch},
        sync::{SyncButton, SyncProblem, last_synced, standing},
    },
    dom, format,
    sync::Standing,
};

mod danger;
mod domains;
mod filling;
mod host;
pub(super) mod moving;
mod notifying;
mod password;
mod pin;
mod shortcuts;
mod solver;

/// Minutes offered until the vault locks.
const LOCK_AFTER: [u32; 8] = [1, 5, 15, 30, 60, 240, 480, 1440];
/// Seconds offered until the clipboard is cleared; 0: never.
const CLEAR_AFTER: [u32; 6] = [10, 30, 60, 120, 300, 0];

/// The screen.
#[component]
pub(crate) fn SettingsScreen() -> impl IntoView {
    let app = App::here();
    dom::focus("lock-after");
    let address = move || app.address().map(|a| a.to_string()).unwrap_or_default();
    let shown_address = address();
    let server = RwSignal::new(None::<String>);
    time::spawn(async move {
        if let Ok(account) = app.ask(GetAccount {}).await {
            server.try_set(Some(format::server(&account.server)));
        }
    });
    view! {
        <main class="screen">
            <TopBar title="Settings"/>
            <div class="content">
                <Security/>
                <h2 class="section-title">"Account"</h2>
                <div class="card">
                    <div class="setting">
                        <span class="setting-text">
                            <span class="setting-label">{address}</span>
                            <span class="setting-note" data-test="server">
                                {move || server.get().map(|server| format!("Kept by {server}"))}
                            </span>
                        </span>
                    </div>
                    <Sync/>
                </div>
                <FillingSettings/>
                <Notifying/>
                <Moving/>
                <h2 class="section-title">"Devices"</h2>
                <div class="card">
                    <button
                        type="button"
                        class="setting setting-button"
                        data-test="devices"
                        on:click=move |_| app.go(Route::Devices)
                    >
                        <span class="setting-text">
                            <span class="setting-label">"Your devices"</span>
                            <span class="setting-note">"See when each was used last, rename it, sign it out"</span>
                        </span>
                        <Icon icon=icondata_lu::LuMonitorSmartphone/>
                    </button>
                </div>
                <h2 class="section-title">"Messages"</h2>
                <div class="card">
                    <button
                        type="button"
                        class="setting setting-button"
                        data-test="prices"
                        on:click=move |_| app.go(Route::Prices)
                    >
                        <span class="setting-text">
                            <span class="setting-label">"Cost of writing to you"</span>
                            <span class="setting-note">"The work that a sender's computer does for each message"</span>
                        </span>
                        <Icon icon=icondata_lu::LuChevronRight/>
                    </button>
                </div>
                <Domains/>
                <h2 class="section-title">"Proof of work"</h2>
                <ProofOfWork/>
                <ThisComputer/>
                <h2 class="section-title">"Keyboard"</h2>
                <Shortcuts/>
                <h2 class="section-title">"Pearvault"</h2>
                <div class="card">
                    <button
                        type="button"
                        class="setting setting-button"
                        data-test="full-page"
                        on:click=|_| page::open_full_page("/")
                    >
                        <span class="setting-text"><span class="setting-label">"Open in a full page"</span></span>
                        <Icon icon=icondata_lu::LuExternalLink/>
                    </button>
                    <button
                        type="button"
                        class="setting setting-button"
                        data-test="lock-now"
                        on:click=move |_| app.lock()
                    >
                        <span class="setting-text"><span class="setting-label">"Lock now"</span></span>
                        <Icon icon=icondata_lu::LuLock/>
                    </button>
                    <div class="setting">
                        <span class="setting-text"><span class="setting-label">"Version"</span></span>
                        <span class="setting-value" data-test="version">{page::version()}</span>
                    </div>
                </div>
                <h2 class="section-title">"Leaving"</h2>
                <div class="card">
                    <RemoveFromDevice address=shown_address class="setting setting-button"/>
                    <DeleteAccountButton/>
                </div>
            </div>
            <BottomBar/>
        </main>
    }
}

#[component]
fn Security() -> impl IntoView {
    let app = App::here();
    let settings = Signal::derive(move || app.settings.get().unwrap_or_default());
    view! {
        <h2 class="section-title">"Security"</h2>
        <div class="card">
            <Choice
                hook="lock-after"
                label="Lock when unused for"
                values=&LOCK_AFTER
                word=format::minutes
                value=Signal::derive(move || settings.with(|s| s.lock_after_minutes))
                on_change=move |value| app.change_settings(|s| s.lock_after_minutes = value)
            />
            <Switch
                hook="lock-with-system"
                label="Lock with the screen"
                on=Signal::derive(move || settings.with(|s| s.lock_with_system))
                on_change=move |on: bool| app.change_settings(|s| s.lock_with_system = on)
            />
            <UnlockWithPin/>
            <Choice
                hook="clear-clipboard"
                label="Clear copied secrets"
                values=&CLEAR_AFTER
                word=clear_word
                value=Signal::derive(move || settings.with(|s| s.clear_clipboard_seconds))
                on_change=move |value| app.change_settings(|s| s.clear_clipboard_seconds = value)
            />
            <RecoveryAndPassword/>
            <AccountKeys/>
        </div>
    }
}

#[component]
fn Sync() -> impl IntoView {
    let app = App::here();
    let standing = standing(app);
    let title = move || standing.get().as_ref().map(Standing::title);
    let text = move || standing.get().as_ref().map(Standing::text);
    // A problem tells it itself.
    let last = last_synced(app);
    let well = move || standing.get().is_some_and(|it| it.problem.is_none());
    let synced = move || well().then(|| last.get()).flatten();
    view! {
        <div class="setting">
            <span class="setting-text">
                <span class="setting-label">{title}</span>
                <span class="setting-note" data-test="sync-status" aria-live="polite">{text}</span>
                <span class="setting-note" data-test="synced-at">{synced}</span>
            </span>
            <SyncButton label="Sync now"/>
        </div>
        <SyncProblem then="sync-now"/>
    }
}

fn clear_word(seconds: u32) -> String {
    match seconds {
        0 => "Never".to_owned(),
        s if s >= 60 && s.is_multiple_of(60) => format!("After {}", format::minutes(s / 60)),
        s => format!("After {s} seconds"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clearing_times_are_told_in_their_own_unit() {
        assert_eq!(clear_word(0), "Never");
        assert_eq!(clear_word(30), "After 30 seconds");
        assert_eq!(clear_word(60), "After 1 minute");
        assert_eq!(clear_word(300), "After 5 minutes");
    }
}
