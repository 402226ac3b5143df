//! The account's engine and all who use it, on one thread.
//!
//! The database is closed until its key is there: from the system's keyring at once, or sealed under the
//! account's password until that is typed. Until then nothing is known but whose account it is.

mod by_keyring;
mod holding;
mod routing;

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use engine::Engine;
use proto::{
    bridge::{
        account::AccountNow,
        host::HostEvent,
        popup::{AppStatus, PinState, Settings},
    },
    error::{ErrorCode, WireError},
    vault::SecretText,
};
use tokio::{sync::Mutex, time::Instant};

use self::holding::Held;
use super::{
    keeping, listening,
    platform::Native,
    proofs, route,
    safe::{Entry, Safe},
    stack,
    transport::Route,
};
use crate::{clipboard::Clipboard, place::Place, solving::Solver};

/// How an extension hears of the account.
pub(super) type Tell = Box<dyn Fn(&HostEvent) + Send>;
/// The engine here.
pub(super) type HostEngine = Engine<Native>;

/// All there is on the thread.
pub(super) struct Desk {
    place: Place,
    safe: Arc<Safe>,
    /// Who asks the safe holds it.
    asking: Mutex<()>,
    route: RefCell<Route>,
    pub(super) solver: Arc<Solver>,
    clipboard: Clipboard,
    held: RefCell<Held>,
    /// Who opens or makes a database holds it.
    opening: Mutex<()>,
    /// The password of a login that is under way: what the database's key is to be sealed under, once it opens
    /// the account.
    typed: RefCell<Option<SecretText>>,
    listeners: RefCell<BTreeMap<usize, Tell>>,
    told: RefCell<Option<AccountNow>>,
    open: Arc<AtomicBool>,
    pub(super) keeper: keeping::Keeper,
    pub(super) listener: listening::Listener,
    pub(super) proofs: proofs::Proofs,
    /// Who keeps the key, or removes it, holds it.
    keeping: Mutex<()>,
    /// Whether the system's keyring has the database's key.
    has_keyring: Cell<bool>,
    /// What was found there last that opens the vault.
    entry: RefCell<Option<Entry>>,
    /// Whether the database's key was found sealed under another password than the account's.
    outdated: Cell<bool>,
    /// Counts locks, also of a vault that is only being opened.
    locks: Cell<u64>,
    /// Until when nobody writes, as the account is handed over.
    handed_over_until: Cell<Option<Instant>>,
    /// Extensions that have asked something of the account.
    users: RefCell<BTreeSet<usize>>,
    /// Whether a login is just being begun.
    pub(super) deriving: Cell<bool>,
}

impl Desk {
    pub(super) async fn open(
        place: Place,
        solver: Arc<Solver>,
        clipboard: Clipboard,
        open: Arc<AtomicBool>,
    ) -> Rc<Self> {
        let desk = Rc::new(Self {
            route: RefCell::new(route::read(&place)),
            safe: Arc::new(Safe::of(&place)),
            asking: Mutex::new(()),
            place,
            solver,
            clipboard,
            held: RefCell::new(Held::Nothing),
            opening: Mutex::new(()),
            typed: RefCell::default(),
            listeners: RefCell::default(),
            told: RefCell::default(),
            open,
            keeper: keeping::Keeper::default(),
            listener: listening::Listener::default(),
            proofs: proofs::Proofs::default(),
            keeping: Mutex::new(()),
            has_keyring: Cell::new(false),
            entry: RefCell::default(),
            outdated: Cell::new(false),
            locks: Cell::new(0),
            handed_over_until: Cell::new(None),
            users: RefCell::default(),
            deriving: Cell::new(false),
        });
        desk.look().await;
        desk.tidy_keyring();
        desk
    }

    /// The engine, where its database is open.
    pub(super) fn engine(&self) -> Option<HostEngine> {
        match &*self.held.borrow() {
            Held::Open { engine, .. } => Some(engine.clone()),
            _ => None,
        }
    }

    /// The same for what needs one.
    ///
    /// # Errors
    /// [`ErrorCode::NoAccount`], [`ErrorCode::Locked`], [`ErrorCode::StoreFailed`].
    pub(super) fn opened(&self) -> Result<HostEngine, WireError> {
        match &*self.held.borrow() {
            Held::Open { engine, .. } => Ok(engine.clone()),
            Held::Nothing => Err(ErrorCode::NoAccount.into()),
            Held::Sealed(_) => Err(ErrorCode::Locked.into()),
            Held::Broken(_) => Err(ErrorCode::StoreFailed.into()),
        }
    }

    /// Whether the database waits for a password.
    pub(super) fn is_sealed(&self) -> bool {
        matches!(*self.held.borrow(), Held::Sealed(_))
    }

    /// How the account stands. One that has come is told of once its database's key is kept.
    pub(super) async fn status(&self) -> AppStatus {
        let engine = match &*self.held.borrow() {
            Held::Nothing => return AppStatus::Empty { problem: None },
            Held::Broken(_) => {
                let problem = Some(ErrorCode::StoreFailed.into());
                return AppStatus::Empty { problem };
            }
            Held::Sealed(address) => {
                return AppStatus::Locked {
                    address: address.clone(),
                    problem: None,
                    pin: PinState::Off,
                };
            }
            Held::Open { engine, .. } => engine.clone(),
        };
        let (AppStatus::Unlocked { address, .. } | AppStatus::Locked { address, .. }) =
            engine.status().await
        else {
            return engine.status().await;
        };
        match self.keep_key(&address).await {
            // It may have been locked meanwhile.
            Ok(()) => engine.status().await,
            Err(problem) => AppStatus::Empty {
                problem: Some(problem),
            },
        }
    }

    /// How often it was to be locked: whoever began to open the vault before must not open it after.
    pub(super) fn locks(&self) -> u64 {
        self.locks.get()
    }

    /// It is to be locked now.
    pub(super) fn count_lock(&self) {
        self.locks.set(self.locks.get() + 1);
    }

    /// The system locks the screen or goes to sleep. While nothing is open nobody knows whether its user wants
    /// that to count, so it does.
    pub(super) async fn locks_with_system(&self) -> bool {
        let Some(engine) = self.engine() else {
            self.count_lock();
            return false;
        };
        if engine.settings().lock_with_system {
            self.count_lock();
        }
        engine.on_system_lock().await
    }

    /// Whether anybody may write now: not while the account is handed over.
    pub(super) fn is_writable(&self) -> bool {
        let until = self.handed_over_until.get();
        until.is_none_or(|until| until <= Instant::now())
    }

    pub(super) fn hand_over(&self, until: Option<Instant>) {
        self.handed_over_until.set(until);
    }

    /// An extension has asked something of the account.
    pub(super) fn used_by(&self, extension: usize) {
        self.users.borrow_mut().insert(extension);
    }

    /// Whether another extension uses it.
    pub(super) fn is_used_beside(&self, extension: usize) -> bool {
        self.users.borrow().iter().any(|user| *user != extension)
    }

    /// Whether its database cannot be had.
    pub(super) fn is_broken(&self) -> bool {
        matches!(*self.held.borrow(), Held::Broken(_))
    }

    pub(super) fn settings(&self) -> Settings {
        self.engine().map(|it| it.settings()).unwrap_or_default()
    }

    pub(super) fn join(&self, extension: usize, tell: Tell) {
        self.listeners.borrow_mut().insert(extension, tell);
    }

    pub(super) fn leave(&self, extension: usize) {
        self.listeners.borrow_mut().remove(&extension);
        self.users.borrow_mut().remove(&extension);
    }

    pub(super) fn has_listeners(&self) -> bool {
        !self.listeners.borrow().is_empty()
    }

    /// Tells every extension.
    pub(super) fn tell(&self, news: &HostEvent) {
        for tell in self.listeners.borrow().values() {
            tell(news);
        }
    }

    pub(super) async fn now(&self) -> AccountNow {
        AccountNow {
            status: self.status().await,
            settings: self.settings(),
            route: route::told(&self.route.borrow()),
            by_keyring: self.by_keyring(),
        }
    }

    /// After anything that may have changed how things stand.
    pub(super) async fn settle(self: &Rc<Self>) {
        let now = self.now().await;
        let open = matches!(
            now.status,
            AppStatus::Unlocked { .. } | AppStatus::Working { .. }
        );
        self.open.store(open, Ordering::Release);
        if !open {
            stack::wipe();
        }
        self.forget_typed(&now.status);
        let known = self.told.replace(Some(now.clone()));
        if known.as_ref().is_some_and(is_unlocked) && !is_unlocked(&now) {
            self.clipboard.clear();
        }
        if known.as_ref() != Some(&now) {
            self.tell(&HostEvent::Account(Box::new(now)));
        }
        proofs::settle(self).await;
        listening::settle(self).await;
        self.tidy_keyring();
    }
}

fn is_unlocked(now: &AccountNow) -> bool {
    matches!(now.status, AppStatus::Unlocked { .. })
}
