//! What happens by itself: locking, synchronising, messages that wait.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use engine::Pace;
use proto::{
    bridge::{
        host::HostEvent,
        popup::{AppStatus, NodeState, RecoveryState},
    },
    ids::UnixMillis,
};
use tokio::{
    task::spawn_local,
    time::{Instant, sleep},
};

use super::desk::{Desk, HostEngine};
use crate::clock;

/// Between two looks at what is due.
const LOOK: Duration = Duration::from_secs(1);
/// The wall clock went on by that much more than this process: the computer slept.
const SLEPT_MS: u64 = 20_000;
/// Between two synchronisations while news come by themselves.
const SYNC_EVERY: Duration = Duration::from_mins(1);
/// Between two questions whether the account can be recovered by now, milliseconds.
const RECOVERY_EVERY_MS: u64 = 30_000;
/// Between two looks at a synchronisation that somebody waits for.
const SYNCED_LOOK: Duration = Duration::from_millis(20);

/// What is under way by itself.
#[derive(Default)]
pub(super) struct Keeper {
    pace: RefCell<Pace>,
    /// When to synchronise next.
    sync_at: Cell<Option<Instant>>,
    messaging: Cell<bool>,
    again: Cell<bool>,
    recovery_at: Cell<Option<UnixMillis>>,
}

/// Goes on for as long as the thread lives.
pub(super) async fn keep(desk: Rc<Desk>) {
    let (mut at, mut wall) = (Instant::now(), clock::now());
    loop {
        sleep(LOOK).await;
        let (now, clock) = (Instant::now(), clock::now());
        // What only measures goes on while Windows sleeps.
        let measured = if cfg!(windows) {
            LOOK
        } else {
            now.duration_since(at)
        };
        let passed = u64::try_from(measured.as_millis()).unwrap_or(u64::MAX);
        let slept = clock.0.saturating_sub(wall.0) > passed.saturating_add(SLEPT_MS);
        (at, wall) = (now, clock);
        if desk.is_broken() {
            desk.look_again().await;
            desk.settle().await;
        }
        let Some(engine) = desk.engine() else {
            continue;
        };
        let locked = if slept {
            desk.locks_with_system().await
        } else {
            engine.lock_if_due().await
        };
        // Where it cannot be written down, this process knows it.
        let _ = engine.watch_by_keyring().await;
        if locked || desk.keyring_has_more(&engine) {
            desk.settle().await;
        }
        look(&desk, &engine, now).await;
    }
}

async fn look(desk: &Rc<Desk>, engine: &HostEngine, now: Instant) {
    if !matches!(engine.status().await, AppStatus::Unlocked { .. }) {
        desk.keeper.sync_at.set(None);
        return;
    }
    let due = engine.next_message_try();
    if due.is_some_and(|at| at <= clock::now()) {
        go_on_beside(desk);
    }
    let at = desk.keeper.sync_at.get();
    // While nobody looks and all is heard, a message or a change tells itself.
    if at.is_none_or(|at| at <= now) && (desk.has_listeners() || at.is_none()) {
        let pause = if desk.listener.hears() {
            SYNC_EVERY
        } else {
            let millis = desk.keeper.pace.borrow_mut().pause(random());
            Duration::from_millis(millis.into())
        };
        desk.keeper.sync_at.set(Some(now + pause));
        let (desk, engine) = (Rc::clone(desk), engine.clone());
        spawn_local(async move {
            let was_online = engine.node_state() == NodeState::Online;
            if sync(&desk, &engine).await || desk.listener.hears() {
                desk.keeper.pace.borrow_mut().hasten();
            }
            if !was_online && engine.node_state() == NodeState::Online {
                desk.listener.hurry();
            }
        });
    }
}

/// Synchronises, and tells what came of it. Returns whether anything changed.
pub(super) async fn sync(desk: &Rc<Desk>, engine: &HostEngine) -> bool {
    let mut known = (0, 0, 0);
    let synced = engine.sync_telling(|report| {
        let now = (report.pulled, report.pushed, report.conflicts);
        if now != known {
            known = now;
            desk.tell(&HostEvent::VaultChanged {});
        }
    });
    // Why it failed is in the status.
    let changed = synced.await.is_ok() && known != (0, 0, 0);
    go_on_beside(desk);
    learn_recovery(desk, engine).await;
    desk.settle().await;
    changed
}

/// Waits for a synchronisation that is under way.
pub(super) async fn until_synced(engine: &HostEngine) {
    while engine.is_syncing() {
        sleep(SYNCED_LOOK).await;
    }
}

/// Reads what is new and goes on with what waits, beside whatever else.
pub(super) fn go_on_beside(desk: &Rc<Desk>) {
    let desk = Rc::clone(desk);
    spawn_local(async move { go_on(&desk).await });
}

/// The same. Where that is under way, it goes round once more.
pub(super) async fn go_on(desk: &Rc<Desk>) {
    let Some(engine) = desk.engine() else { return };
    if desk.keeper.messaging.replace(true) {
        desk.keeper.again.set(true);
        return;
    }
    let mut changed = false;
    loop {
        desk.keeper.again.set(false);
        let is_read = desk.listener.hears() && engine.messages_are_read();
        let pulled = !is_read && engine.pull_messages().await == Ok(true);
        if pulled {
            desk.tell(&HostEvent::MessagesChanged {});
            if engine.take_arrivals() {
                desk.tell(&HostEvent::Arrived {});
            }
        }
        let sent = engine.send_messages().await == Ok(true);
        if sent {
            desk.tell(&HostEvent::MessagesChanged {});
        }
        changed |= pulled || sent;
        if !desk.keeper.again.get() {
            break;
        }
    }
    desk.keeper.messaging.set(false);
    if changed || engine.message_work().is_some() {
        desk.settle().await;
    }
}

/// Asks whether the account can be recovered, as long as it is not known to be.
async fn learn_recovery(desk: &Desk, engine: &HostEngine) {
    let AppStatus::Unlocked {
        recovery,
        node: NodeState::Online,
        ..
    } = engine.status().await
    else {
        return;
    };
    let now = clock::now();
    let asked = desk.keeper.recovery_at.get();
    let lately = asked.is_some_and(|at| at <= now && now < at.plus(RECOVERY_EVERY_MS));
    let due = match recovery {
        RecoveryState::Confirmed => false,
        RecoveryState::NotConfirmed | RecoveryState::Locked => !lately,
        RecoveryState::Unknown => true,
    };
    // Where it cannot be asked, what was known stays.
    if due && engine.recovery().await.is_ok() {
        desk.keeper.recovery_at.set(Some(now));
    }
}

/// For pauses that are not alike on every device.
pub(super) fn random() -> u32 {
    let mut bytes = [0; 4];
    // Alike, then.
    let _ = getrandom::fill(&mut bytes);
    u32::from_ne_bytes(bytes)
}
