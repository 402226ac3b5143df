//! What an engine holds in memory.

use std::{
    cell::{Ref, RefCell, RefMut},
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use async_lock::Mutex;
use proto::{
    api::feed::FeedCursor,
    bridge::popup::{AppStatus, NodeState, RecoveryState, Settings},
    error::{ErrorCode, WireError},
    ids::{ItemId, Revision, UnixMillis},
};
use wasm_core::keys::PublicKey;

use crate::{
    by_keyring::ByKeyring,
    deadline::Deadline,
    error::EngineError,
    export::Export,
    heads::Heads,
    index::Index,
    keyring::Keyring,
    messages::Mail,
    node::{Node, NodeError},
    pin::Pin,
    platform::Platform,
    records::{
        ACCOUNT, AccountRecord, Alarm, KnownManifest, MetaRecord, SETTINGS, SOLVER, SessionRecord,
        SolverRecord, read,
    },
    sync::EarlierHeads,
    work::Work,
};

mod revive;

pub(crate) use self::revive::Stored;

/// The client of one account on one device. Clones are the same engine.
///
/// No method holds a borrow of the state across an `.await`, so that any number of them may be
/// under way at once.
pub struct Engine<P: Platform>(Rc<Inner<P>>);

struct Inner<P> {
    platform: P,
    state: RefCell<State>,
    /// Held by whoever reads records in order to change them.
    writing: Mutex<()>,
    /// Held by whoever renews the session.
    renewing: Mutex<()>,
    /// Held by whoever reads messages or prepares one.
    messaging: Mutex<()>,
}

/// Everything but the platform.
pub(crate) struct State {
    pub(crate) account: Option<Rc<AccountRecord>>,
    pub(crate) settings: Settings,
    pub(crate) solver: Option<SolverRecord>,
    pub(crate) open: Option<Open>,
    pub(crate) pin: Pin,
    pub(crate) by_keyring: Option<ByKeyring>,
    pub(crate) work: Work,
    pub(crate) node: NodeState,
    pub(crate) sync: SyncState,
    /// Counts locks: whoever began to open the vault before one must not open it after.
    pub(crate) locks: u64,
    /// Counts accounts: whoever began with one must not go on with another.
    pub(crate) epoch: u64,
}

/// Whether a synchronisation is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SyncState {
    Idle,
    Running,
    /// Another one was asked for meanwhile.
    RunningAgain,
}

/// An unlocked vault.
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts that hold each by itself"
)]
pub(crate) struct Open {
    pub(crate) keyring: Keyring,
    /// Whether the account can be recovered.
    pub(crate) recovery: RecoveryState,
    /// `None` where it does not open: then the user has to log in again.
    pub(crate) session: Option<SessionRecord>,
    /// Whether the node refuses to renew it.
    pub(crate) renewal_refused: bool,
    pub(crate) index: Index,
    /// Writes that wait for the node, by their number.
    pub(crate) outbox: BTreeMap<u64, ItemId>,
    pub(crate) mail: Mail,
    pub(crate) next_write: u64,
    /// Items of the node that do not open.
    pub(crate) bad: BTreeSet<ItemId>,
    /// When a login was last filled.
    pub(crate) usage: BTreeMap<ItemId, UnixMillis>,
    pub(crate) since: Revision,
    /// The last cursor of the log, of the database that `heads` are of.
    pub(crate) cursor: Option<FeedCursor>,
    /// What the node has, by its own account up to `since` and by its answers to our writes.
    pub(crate) heads: Heads,
    /// The newest manifest that was compared.
    pub(crate) manifest: Option<KnownManifest>,
    /// The key that signed the link that was last looked at, and the hash of that link.
    pub(crate) verified: Option<(PublicKey, [u8; 32])>,
    /// Whether what the node has could be compared with what was signed, so that this device may
    /// sign what comes after.
    pub(crate) compared: bool,
    /// Whether the chain goes on from `manifest` whatever that says, and begins here without one.
    pub(crate) anew: bool,
    /// Since when what the node shows could not be compared with anything.
    pub(crate) unproven_at: Option<UnixMillis>,
    /// Whether `heads` was compared since it was read from the store.
    pub(crate) rechecked: bool,
    /// That the vault was another one than was signed; until a comparison shows that it is not.
    pub(crate) alarm: Option<Alarm>,
    /// What was looked up for a comparison that goes on.
    pub(crate) earlier: Option<EarlierHeads>,
    /// Since when something of the vault is signed by nobody.
    pub(crate) uncovered_at: Option<UnixMillis>,
    /// When everything went through last.
    pub(crate) synced_at: Option<UnixMillis>,
    /// The same as it stands in the store.
    pub(crate) synced_at_stored: Option<UnixMillis>,
    /// Why it did not, the last time.
    pub(crate) problem: Option<WireError>,
    /// An export that is under way.
    pub(crate) export: Option<Export>,
    pub(crate) deadline: Deadline,
    /// When the deadline was last written down.
    pub(crate) saved_at: UnixMillis,
}

impl Open {
    /// The record of how far the log was read.
    pub(crate) fn meta(&self, since: Revision) -> MetaRecord {
        MetaRecord {
            since,
            manifest: self.manifest,
            compared: self.compared,
            anew: self.anew,
            unproven_at: self.unproven_at,
            keys: self.keyring.numbers(),
            alarm: self.alarm,
            synced_at: self.synced_at,
            cursor: self.cursor.clone(),
        }
    }

    /// Goes on with another keyring. Where it has a key that this one has not, the log is read again
    /// from its start: what did not open may now.
    pub(crate) fn take_keyring(&mut self, keyring: Keyring) {
        if !self.keyring.has_all_of(&keyring) {
            self.since = Revision(0);
            self.mail.read_again();
            // A renewal is signed with the newest of them.
            self.renewal_refused = false;
        }
        self.keyring = keyring;
    }
}

impl<P: Platform> Clone for Engine<P> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<P: Platform> Engine<P> {
    /// Reads account and settings, and unlocks what was unlocked before the worker died unless its
    /// time is over.
    ///
    /// # Errors
    /// [`EngineError::Store`], or [`EngineError::Unreadable`] for a store of another format.
    pub async fn open(platform: P) -> Result<Self, EngineError> {
        let account: Option<AccountRecord> = read(platform.store(), ACCOUNT).await?;
        if account
            .as_ref()
            .is_some_and(|account| account.format != crate::records::FORMAT)
        {
            return Err(EngineError::Unreadable);
        }
        // Settings that cannot be read are not worth an engine that does not start.
        let settings = read(platform.store(), SETTINGS)
            .await
            .ok()
            .flatten()
            .unwrap_or_default();
        // The same holds for what was measured.
        let solver = read(platform.store(), SOLVER).await.ok().flatten();
        let state = State {
            account: account.map(Rc::new),
            settings,
            solver,
            open: None,
            pin: Pin::Off,
            by_keyring: None,
            work: Work::default(),
            node: NodeState::Unknown,
            sync: SyncState::Idle,
            locks: 0,
            epoch: 0,
        };
        let engine = Self(Rc::new(Inner {
            platform,
            state: RefCell::new(state),
            writing: Mutex::new(()),
            renewing: Mutex::new(()),
            messaging: Mutex::new(()),
        }));
        engine.revive_work().await;
        engine.revive_pin().await;
        engine.revive_by_keyring().await;
        engine.revive_vault().await?;
        Ok(engine)
    }

    /// How things stand, after locking what is due to be locked.
    pub async fn status(&self) -> AppStatus {
        self.lock_if_due().await;
        let state = self.state();
        if let Some(working) = state.work.status() {
            return working;
        }
        let Some(account) = &state.account else {
            return AppStatus::Empty {
                problem: state.work.problem(),
            };
        };
        let address = account.address.clone();
        let problem = state.work.problem();
        match &state.open {
            None => AppStatus::Locked {
                address,
                problem,
                pin: state.pin.state(),
            },
            Some(open) => AppStatus::Unlocked {
                address,
                items: count(open.index.len()),
                node: state.node,
                pending: count(open.outbox.len()),
                unreadable: count(open.bad.len()),
                synced_at: open.synced_at,
                sync_problem: open.problem.clone(),
                problem,
                recovery: open.recovery,
                pin: state.pin.state(),
                unread: open.mail.unread(),
                locks_at: open.deadline.locks_at(),
            },
        }
    }

    /// How the node was met last.
    pub fn node_state(&self) -> NodeState {
        self.state().node
    }

    /// The way to nodes, for what stays open: the feed.
    pub fn transport(&self) -> &P::Transport {
        self.platform().transport()
    }

    pub(crate) fn platform(&self) -> &P {
        &self.0.platform
    }

    pub(crate) fn state(&self) -> Ref<'_, State> {
        self.0.state.borrow()
    }

    pub(crate) fn state_mut(&self) -> RefMut<'_, State> {
        self.0.state.borrow_mut()
    }

    /// The right to change records, until it is dropped.
    pub(crate) async fn writing(&self) -> async_lock::MutexGuard<'_, ()> {
        self.0.writing.lock().await
    }

    /// The same for whoever began in `epoch`.
    ///
    /// # Errors
    /// [`EngineError::NoAccount`] where that account is not here any more.
    pub(crate) async fn writing_in(
        &self,
        epoch: u64,
    ) -> Result<async_lock::MutexGuard<'_, ()>, EngineError> {
        let writing = self.writing().await;
        if self.state().epoch == epoch {
            Ok(writing)
        } else {
            Err(EngineError::NoAccount)
        }
    }

    /// The right to renew the session, until it is dropped.
    pub(crate) async fn renewing(&self) -> async_lock::MutexGuard<'_, ()> {
        self.0.renewing.lock().await
    }

    /// The right to read messages or to prepare one, until it is dropped.
    pub(crate) async fn messaging(&self) -> async_lock::MutexGuard<'_, ()> {
        self.0.messaging.lock().await
    }

    /// Does something with the unlocked vault, without waiting for anything.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::NoAccount`], and those of `act`.
    pub(crate) fn with_open<R>(
        &self,
        act: impl FnOnce(&mut Open) -> Result<R, EngineError>,
    ) -> Result<R, EngineError> {
        let mut state = self.state_mut();
        let missing = if state.account.is_some() {
            EngineError::Locked
        } else {
            EngineError::NoAccount
        };
        act(state.open.as_mut().ok_or(missing)?)
    }

    /// Locks what is due, then makes sure that the vault is open.
    pub(crate) async fn ensure_open(&self) -> Result<(), EngineError> {
        self.lock_if_due().await;
        self.with_open(|_| Ok(()))
    }

    /// The account of this device.
    pub(crate) fn account(&self) -> Result<Rc<AccountRecord>, EngineError> {
        self.state().account.clone().ok_or(EngineError::NoAccount)
    }

    /// The account's node, with the session of this device.
    pub(crate) fn node(&self) -> Result<Node<'_, P::Transport>, EngineError> {
        let api = self.account()?.api.clone();
        let token = self.with_open(|open| {
            let session = open.session.as_ref();
            Ok(session.map(|session| session.token.clone()))
        })?;
        let Some(token) = token else {
            self.state_mut().node = NodeState::SignedOut;
            let ended = WireError::new(ErrorCode::SessionInvalid);
            return Err(NodeError::Refused(Box::new(ended)).into());
        };
        Ok(Node::with_session(self.platform().transport(), api, token))
    }
}

pub(crate) fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}
