//! Settings, devices, and the ways out.

use leptos::prelude::*;
use proto::bridge::popup::{AppStatus, GetAccount, NodeState, SyncNow};
use webext::{page, time};

use self::{
    danger::DeleteAccountButton,
    filling::FillingSettings,
    moving::Moving,
    password::{LockedKeys, RecoveryAndPassword},
    shortcuts::Shortcuts,
    solver::ProofOfWork,
};
use super::{Route, unlock::RemoveFromDevice};
use crate::{
    api,
    app::App,
    components::{
        bar::{BottomBar, TopBar},
        icon::Icon,
        option::{Choice, Switch},
    },
    format,
};

mod danger;
mod filling;
pub(super) mod moving;
mod password;
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
    api::focus("lock-after");
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
                <h2 class="section-title">"Proof of work"</h2>
                <ProofOfWork/>
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
            <Choice
                hook="clear-clipboard"
                label="Clear copied secrets"
                values=&CLEAR_AFTER
                word=clear_word
                value=Signal::derive(move || settings.with(|s| s.clear_clipboard_seconds))
                on_change=move |value| app.change_settings(|s| s.clear_clipboard_seconds = value)
            />
            <RecoveryAndPassword/>
            <LockedKeys/>
        </div>
    }
}

#[component]
fn Sync() -> impl IntoView {
    let app = App::here();
    let busy = RwSignal::new(false);
    let state = Memo::new(move |_| {
        app.status.with(|status| match status {
            Some(AppStatus::Unlocked {
                node,
                pending,
                items,
                synced_at,
                sync_problem: problem,
                ..
            }) => {
                let (pending, items) = (u64::from(*pending), u64::from(*items));
                let title = match problem {
                    Some(_) => "Not in sync".to_owned(),
                    None => sync_title(*node, pending),
                };
                let text = match problem {
                    Some(problem) => problem.message.clone(),
                    None => sync_text(*node, pending, items),
                };
                (title, text, *synced_at)
            }
            _ => Default::default(),
        })
    });
    let clock = RwSignal::new(api::now());
    time::spawn(async move {
        // Until the screen is gone.
        while clock.try_set(api::now()).is_none() {
            time::sleep(1_000).await;
        }
    });
    let synced = move || {
        let at = state.get().2?;
        Some(format!("Synced {}", format::seconds_ago(at, clock.get())))
    };
    let sync = move |_| {
        busy.set(true);
        time::spawn(async move {
            if let Some(status) = app.ask_or_tell(SyncNow {}).await {
                app.arrive(status);
            }
            busy.try_set(false);
        });
    };
    view! {
        <div class="setting">
            <span class="setting-text">
                <span class="setting-label">{move || state.get().0}</span>
                <span class="setting-note" data-test="sync-status" aria-live="polite">
                    {move || state.get().1}
                </span>
                <span class="setting-note" data-test="synced-at">{synced}</span>
            </span>
            <button
                type="button"
                class="button small"
                class:busy=move || busy.get()
                data-test="sync-now"
                on:click=sync
            >
                "Sync now"
            </button>
        </div>
    }
}

fn clear_word(seconds: u32) -> String {
    match seconds {
        0 => "Never".to_owned(),
        s if s >= 60 && s.is_multiple_of(60) => format!("After {}", format::minutes(s / 60)),
        s => format!("After {s} seconds"),
    }
}

fn sync_title(node: NodeState, pending: u64) -> String {
    match (node, pending) {
        (NodeState::Offline, _) => "Offline".to_owned(),
        (NodeState::SignedOut, _) => "Signed out".to_owned(),
        (_, 1..) => format!("{} to send", format::counted(pending, "change")),
        (NodeState::Online, 0) => "Synchronised".to_owned(),
        (NodeState::Unknown, 0) => "Not synchronised yet".to_owned(),
    }
}

fn sync_text(node: NodeState, pending: u64, items: u64) -> String {
    let waits = match pending {
        0 => String::new(),
        n => format!(" {} to send.", format::counted(n, "change")),
    };
    match node {
        NodeState::Unknown => format!("{} on this device.", format::counted(items, "item")),
        NodeState::Online if pending == 0 => {
            format!("{}, all on the server.", format::counted(items, "item"))
        }
        NodeState::Online => "The server answers.".to_owned(),
        NodeState::Offline => format!("The server does not answer.{waits}"),
        NodeState::SignedOut => format!("Log in again in the vault.{waits}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_on_the_server_is_called_synchronised() {
        for (node, pending, title) in [
            (NodeState::Online, 0, "Synchronised"),
            (NodeState::Online, 3, "3 changes to send"),
            (NodeState::Unknown, 0, "Not synchronised yet"),
            (NodeState::Unknown, 1, "1 change to send"),
            (NodeState::Offline, 0, "Offline"),
            (NodeState::Offline, 3, "Offline"),
            (NodeState::SignedOut, 0, "Signed out"),
            (NodeState::SignedOut, 3, "Signed out"),
        ] {
            assert_eq!(sync_title(node, pending), title);
        }
    }

    #[test]
    fn what_waits_is_told() {
        assert_eq!(
            sync_text(NodeState::Online, 0, 1),
            "1 item, all on the server."
        );
        assert_eq!(
            sync_text(NodeState::Offline, 2, 9),
            "The server does not answer. 2 changes to send."
        );
    }

    #[test]
    fn clearing_times_are_told_in_their_own_unit() {
        assert_eq!(clear_word(0), "Never");
        assert_eq!(clear_word(30), "After 30 seconds");
        assert_eq!(clear_word(60), "After 1 minute");
        assert_eq!(clear_word(300), "After 5 minutes");
    }
}
