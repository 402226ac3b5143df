//! What happens by itself: locking, synchronising, clearing the clipboard.
//!
//! Alarms wake a dead background; timers are for what a living one can do sooner.

mod wakes;

use std::{cell::Cell, rc::Rc};

use engine::{ActivityKind, Pace};
use proto::{
    bridge::{
        popup::{AppStatus, NodeState, RecoveryState},
        solver::SolverCommand,
    },
    ids::UnixMillis,
};
use webext::{
    alarms, clipboard, crypto, document,
    event::PortId,
    idle::IdleState,
    time::{self, sleep, spawn},
};

use self::wakes::Wakes;
use crate::{
    app::{App, BrowserEngine},
    messaging,
};

const LOCK: &str = "lock";
const SYNC: &str = "sync";
const CLIPBOARD: &str = "clipboard";
const WORK: &str = "work";
const MESSAGES: &str = "messages";

/// Between two synchronisations while a page of ours is open and news come by themselves, milliseconds.
const SYNC_EVERY_MS: u32 = 60_000;
/// Between two looks whether they still do, milliseconds.
const LOOK_EVERY_MS: u32 = 5_000;
/// While no page is open and writes wait for the node.
const SYNC_LATER_MS: u64 = 60_000;
/// Between two looks after work that nobody else tells of.
const WORK_LATER_MS: u64 = 30_000;

/// Between two questions whether the account can be recovered by now, milliseconds.
const RECOVERY_EVERY_MS: u64 = 30_000;
/// Between two looks at a synchronisation that the user waits for.
const SYNCED_LOOK_MS: u32 = 50;

/// What is under way by itself.
#[derive(Default)]
pub(crate) struct Keeper {
    watching: Cell<bool>,
    wakes: Wakes,
    /// When the clipboard is to be cleared.
    clear_at: Cell<Option<UnixMillis>>,
    /// When it was last asked whether the account can be recovered.
    recovery_at: Cell<Option<UnixMillis>>,
}

/// An alarm went off.
pub(crate) async fn on_alarm(app: &Rc<App>, name: &str) {
    app.keeper.wakes.forget(name);
    if name == CLIPBOARD {
        clear_clipboard(app).await;
        return;
    }
    let Ok(engine) = app.engine().await else {
        return;
    };
    engine.touch(ActivityKind::Background).await;
    if name == SYNC {
        sync_soon(app, &engine).await;
    }
    if name == MESSAGES {
        messaging::go_on(app, &engine).await;
    }
    app.settle().await;
}

/// Somebody went, came back, or locked the screen.
pub(crate) async fn on_idle(app: &App, state: IdleState) {
    if let Ok(account) = app.account_to_look_at().await {
        account.rests(state == IdleState::Locked).await;
    }
    app.settle().await;
}

/// Sets the alarms that wake a dead background in time.
pub(crate) async fn set_alarms(app: &App, engine: &BrowserEngine) {
    let wakes = &app.keeper.wakes;
    wakes.put(LOCK, engine.next_deadline()).await;
    let now = time::now();
    let work = engine.work().is_some() || engine.message_work().is_some();
    wakes.put(WORK, work.then(|| now.plus(WORK_LATER_MS))).await;
    let message = engine.next_message_try();
    wakes.put(MESSAGES, message.map(|at| at.max(now))).await;
    let waits = matches!(engine.status().await, AppStatus::Unlocked { pending, .. } if pending > 0);
    wakes
        .put(SYNC, waits.then(|| now.plus(SYNC_LATER_MS)))
        .await;
}

/// Synchronises, and tells the pages what came of it. Returns whether anything changed.
pub(crate) async fn sync_soon(app: &App, engine: &BrowserEngine) -> bool {
    let mut known = (0, 0, 0);
    let synced = engine.sync_telling(|report| {
        let now = (report.pulled, report.pushed, report.conflicts);
        if now != known {
            known = now;
            app.tell_vault_changed();
        }
    });
    // Why it failed is in the status.
    let changed = synced.await.is_ok() && known != (0, 0, 0);
    messaging::go_on_beside(engine);
    learn_recovery(app, engine).await;
    app.settle().await;
    changed
}

/// Waits for a synchronisation that is under way: asked for once more meanwhile, it goes round again,
/// and only then it is known what came of it. Each of its requests ends in time.
pub(crate) async fn until_synced(engine: &BrowserEngine) {
    while engine.is_syncing() {
        sleep(SYNCED_LOOK_MS).await;
    }
}

/// Asks whether the account can be recovered, as long as it is not known to be: another device may
/// have confirmed the words.
async fn learn_recovery(app: &App, engine: &BrowserEngine) {
    let AppStatus::Unlocked {
        recovery,
        node: NodeState::Online,
        ..
    } = engine.status().await
    else {
        return;
    };
    let now = time::now();
    let asked = app.keeper.recovery_at.get();
    let lately = asked.is_some_and(|at| at <= now && now < at.plus(RECOVERY_EVERY_MS));
    let due = match recovery {
        RecoveryState::Confirmed => false,
        RecoveryState::NotConfirmed | RecoveryState::Locked => !lately,
        RecoveryState::Unknown => true,
    };
    // Where it cannot be asked, what was known stays.
    if due && engine.recovery().await.is_ok() {
        app.keeper.recovery_at.set(Some(now));
    }
}

/// Keeps in touch with the node for as long as a page of ours is open.
pub(crate) fn watch_while_open(app: &Rc<App>, engine: &BrowserEngine) {
    if app.keeper.watching.replace(true) {
        return;
    }
    let (app, engine) = (Rc::clone(app), engine.clone());
    spawn(async move {
        let mut online = false;
        // While none do: nothing is heard over any carrier.
        let mut pace = Pace::default();
        while app.connections.borrow().has_pages() {
            if matches!(engine.status().await, AppStatus::Unlocked { .. }) {
                if sync_soon(&app, &engine).await {
                    pace.hasten();
                }
            } else {
                app.tell_status().await;
            }
            let was_online = online;
            online = engine.node_state() == NodeState::Online;
            if online && !was_online {
                app.listener.hurry();
            }
            let hears = online && app.listener.hears();
            if hears {
                pace.hasten();
                for _ in 0..SYNC_EVERY_MS / LOOK_EVERY_MS {
                    sleep(LOOK_EVERY_MS).await;
                    // Who does not hear the node any more finds out at once whether it still answers.
                    if !app.listener.hears() {
                        break;
                    }
                }
            } else {
                sleep(pace.pause(crypto::random_number())).await;
            }
        }
        app.keeper.watching.set(false);
    });
}

/// A secret was copied: plans its removal.
pub(crate) fn clipboard_used(app: &Rc<App>, seconds: u32) {
    if seconds == 0 {
        app.keeper.clear_at.set(None);
        return;
    }
    let millis = seconds.saturating_mul(1000);
    let at = time::now().plus(millis.into());
    app.keeper.clear_at.set(Some(at));
    // Should this background die before its timer.
    let _ = alarms::set(CLIPBOARD, at);
    let app = Rc::clone(app);
    spawn(async move {
        sleep(millis).await;
        // A later copy has its own timer.
        if app.keeper.clear_at.get() == Some(at) {
            clear_clipboard(&app).await;
        }
    });
}

/// What was copied before is on the clipboard no more, and whoever has copied since clears it.
pub(crate) async fn clipboard_left(app: &App) {
    app.keeper.clear_at.set(None);
    // Where it goes off all the same, a secret is cleared too soon.
    let _ = alarms::clear(CLIPBOARD).await;
}

/// Whether the document is still needed for the clipboard.
pub(crate) fn needs_document(app: &App) -> bool {
    app.keeper
        .clear_at
        .get()
        .is_some_and(|at| at <= time::now())
}

/// The document can write to the clipboard: does so where it is due.
pub(crate) fn document_is_there(app: &App, id: PortId) {
    if needs_document(app) {
        app.connections
            .borrow()
            .tell(id, &SolverCommand::ClearClipboard {});
        app.keeper.clear_at.set(None);
    }
}

async fn clear_clipboard(app: &App) {
    let _ = alarms::clear(CLIPBOARD).await;
    // Firefox's event page writes itself; Chromium's service worker has no clipboard.
    if clipboard::write(" ").await.is_ok() {
        app.keeper.clear_at.set(None);
        return;
    }
    app.keeper.clear_at.set(Some(time::now()));
    let solver = app.connections.borrow().solver();
    match solver {
        Some(id) => document_is_there(app, id),
        None => {
            // It greets, and is told then.
            let _ = document::open().await;
        }
    }
}
