//! The account's engine and all who use it, on one thread.
//!
//! The database is closed until its key is there: from the system's keyring at once, or sealed under the
//! account's password until that is typed. Until then nothing is known but whose account it is.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use engine::Engine;
use proto::{
    address::Address,
    bridge::{
        account::AccountNow,
        host::HostEvent,
        popup::{AppStatus, PinState, Settings},
    },
    error::{ErrorCode, WireError},
    vault::SecretText,
};
use tokio::{sync::Mutex, task::spawn_blocking, time::Instant};
use wasm_core::secret::DatabaseKey;

use super::{
    database::Database,
    keeping, listening,
    memory::Memory,
    platform::Native,
    proofs,
    safe::{Found, Safe, SafeError},
    transport::{Http, Route},
};
use crate::{place::Place, solving::Solver};

/// How an extension hears of the account.
pub(super) type Tell = Box<dyn Fn(&HostEvent) + Send>;
/// The engine here.
pub(super) type HostEngine = Engine<Native>;

/// Names a file with further authorities (PEM), for nodes of one's own.
const AUTHORITIES_VARIABLE: &str = "PEARVAULT_HOST_CA";

/// What there is of an account.
enum Held {
    /// Nothing.
    Nothing,
    /// A database whose key is sealed.
    Sealed(Address),
    /// An open database.
    Open {
        engine: HostEngine,
        key: Arc<DatabaseKey>,
        kept: KeyKept,
    },
    /// The database, or the keyring that has its key, cannot be had now.
    Broken(Instant),
}

/// Whether the next start has the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeyKept {
    /// It is nowhere but here.
    Nowhere,
    /// It is sealed under the password from before.
    Outdated,
    Yes,
}

/// Between two tries to reach a keyring, seconds.
const LOOK_AGAIN_S: u64 = 3;

/// All there is on the thread.
pub(super) struct Desk {
    place: Place,
    pub(super) solver: Arc<Solver>,
    held: RefCell<Held>,
    /// Who opens or makes a database holds it.
    opening: Mutex<()>,
    /// The password of a login that is under way: what the database's key is to be sealed under.
    typed: RefCell<Option<SecretText>>,
    listeners: RefCell<BTreeMap<usize, Tell>>,
    told: RefCell<Option<AccountNow>>,
    open: Arc<AtomicBool>,
    pub(super) keeper: keeping::Keeper,
    pub(super) listener: listening::Listener,
    pub(super) proofs: proofs::Proofs,
    /// Whether the key is just being kept.
    keeping: Cell<bool>,
}

impl Desk {
    pub(super) async fn open(place: Place, solver: Arc<Solver>, open: Arc<AtomicBool>) -> Rc<Self> {
        let desk = Rc::new(Self {
            place,
            solver,
            held: RefCell::new(Held::Nothing),
            opening: Mutex::new(()),
            typed: RefCell::default(),
            listeners: RefCell::default(),
            told: RefCell::default(),
            open,
            keeper: keeping::Keeper::default(),
            listener: listening::Listener::default(),
            proofs: proofs::Proofs::default(),
            keeping: Cell::new(false),
        });
        desk.look().await;
        desk
    }

    /// Looks what there is.
    async fn look(&self) {
        let place = self.place.clone();
        let found = spawn_blocking(move || Safe::of(&place).find()).await;
        let held = match found {
            // Whoever took the key out of the keyring took the account: it is logged in to anew.
            Ok(Ok(Found::Nothing | Found::Lost)) => Held::Nothing,
            Ok(Ok(Found::Sealed { account })) => Held::Sealed(account),
            Ok(Ok(Found::Keyring(key))) => {
                let key = Arc::new(key);
                match self.engine_of(&key, false).await {
                    Ok(engine) => Held::Open {
                        engine,
                        key,
                        kept: KeyKept::Yes,
                    },
                    Err(_) => Held::Broken(Instant::now()),
                }
            }
            _ => Held::Broken(Instant::now()),
        };
        self.held.replace(held);
    }

    /// A keyring that was away may be there by now.
    pub(super) async fn look_again(&self) {
        let _opening = self.opening.lock().await;
        let due = match &*self.held.borrow() {
            Held::Broken(at) => at.elapsed().as_secs() >= LOOK_AGAIN_S,
            _ => false,
        };
        if due {
            self.look().await;
        }
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

    /// An engine without an account, to log in with; the password is what its database is sealed under
    /// once it has one.
    ///
    /// # Errors
    /// [`ErrorCode::AccountExists`], [`ErrorCode::StoreFailed`].
    pub(super) async fn engine_for(&self, password: &SecretText) -> Result<HostEngine, WireError> {
        let _opening = self.opening.lock().await;
        if matches!(*self.held.borrow(), Held::Sealed(_)) {
            return Err(ErrorCode::AccountExists.into());
        }
        if let Some(engine) = self.engine() {
            self.typed.replace(Some(password.clone()));
            return Ok(engine);
        }
        if matches!(*self.held.borrow(), Held::Broken(_)) {
            return Err(ErrorCode::StoreFailed.into());
        }
        let mut random = Ok(());
        let key = Arc::new(DatabaseKey::init_with(|key| random = getrandom::fill(key)));
        random.map_err(|_| WireError::new(ErrorCode::Internal))?;
        // One whose key was never kept has no account that anybody knows of.
        Database::remove(&self.place).map_err(|_| WireError::new(ErrorCode::StoreFailed))?;
        let engine = self.engine_of(&key, true).await?;
        self.held.replace(Held::Open {
            engine: engine.clone(),
            key,
            kept: KeyKept::Nowhere,
        });
        self.typed.replace(Some(password.clone()));
        Ok(engine)
    }

    /// Opens the database with the password that its key is sealed under, where it is not open.
    ///
    /// # Errors
    /// [`ErrorCode::PasswordWrong`], [`ErrorCode::NoAccount`], [`ErrorCode::StoreFailed`].
    pub(super) async fn unseal(&self, password: &SecretText) -> Result<HostEngine, WireError> {
        let _opening = self.opening.lock().await;
        if !matches!(*self.held.borrow(), Held::Sealed(_)) {
            return self.opened();
        }
        let (place, password) = (self.place.clone(), password.clone());
        let key = spawn_blocking(move || Safe::of(&place).open_sealed(&password)).await;
        let key = match key {
            Ok(Ok(key)) => Arc::new(key),
            Ok(Err(SafeError::WrongPassword)) => return Err(ErrorCode::PasswordWrong.into()),
            _ => return Err(ErrorCode::StoreFailed.into()),
        };
        let engine = self.engine_of(&key, false).await?;
        self.held.replace(Held::Open {
            engine: engine.clone(),
            key,
            kept: KeyKept::Yes,
        });
        Ok(engine)
    }

    /// The key is to be sealed under another password from now on.
    pub(super) fn password_is(&self, password: &SecretText) {
        self.typed.replace(Some(password.clone()));
        if let Held::Open { kept, .. } = &mut *self.held.borrow_mut()
            && *kept == KeyKept::Yes
        {
            *kept = KeyKept::Outdated;
        }
    }

    /// The account was removed: nothing of it stays.
    ///
    /// # Errors
    /// [`ErrorCode::StoreFailed`].
    pub(super) async fn remove(&self) -> Result<(), WireError> {
        let _opening = self.opening.lock().await;
        self.typed.take();
        self.held.replace(Held::Nothing);
        let place = self.place.clone();
        let removed = spawn_blocking(move || {
            // The key first: without it the rest is noise.
            let forgotten = Safe::of(&place).forget().is_ok();
            Database::remove(&place).is_ok() && forgotten
        });
        if matches!(removed.await, Ok(true)) {
            Ok(())
        } else {
            Err(ErrorCode::StoreFailed.into())
        }
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
        let status = engine.status().await;
        if let AppStatus::Unlocked { address, .. } = &status
            && let Err(problem) = self.keep_key(address).await
        {
            return AppStatus::Empty {
                problem: Some(problem),
            };
        }
        status
    }

    /// Keeps the key of the database, where that is not done.
    async fn keep_key(&self, address: &Address) -> Result<(), WireError> {
        let (key, kept) = match &*self.held.borrow() {
            Held::Open { key, kept, .. } if *kept != KeyKept::Yes => (Arc::clone(key), *kept),
            _ => return Ok(()),
        };
        let Some(password) = self.typed.borrow().clone() else {
            return Ok(());
        };
        if self.keeping.replace(true) {
            return Ok(());
        }
        let (place, address) = (self.place.clone(), address.clone());
        let done = spawn_blocking(move || {
            let safe = Safe::of(&place);
            if kept == KeyKept::Nowhere {
                safe.keep(&key, &address, &password)
            } else {
                safe.reseal(&key, &address, &password)
            }
        });
        let done = done.await;
        self.keeping.set(false);
        if !matches!(done, Ok(Ok(_))) {
            return Err(ErrorCode::StoreFailed.into());
        }
        if let Held::Open { kept, .. } = &mut *self.held.borrow_mut() {
            *kept = KeyKept::Yes;
        }
        self.typed.take();
        Ok(())
    }

    pub(super) fn settings(&self) -> Settings {
        self.engine().map(|it| it.settings()).unwrap_or_default()
    }

    pub(super) fn join(&self, extension: usize, tell: Tell) {
        self.listeners.borrow_mut().insert(extension, tell);
    }

    pub(super) fn leave(&self, extension: usize) {
        self.listeners.borrow_mut().remove(&extension);
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
        let known = self.told.replace(Some(now.clone()));
        if known.as_ref() != Some(&now) {
            self.tell(&HostEvent::Account(Box::new(now)));
        }
        proofs::settle(self).await;
        listening::settle(self).await;
    }

    async fn engine_of(&self, key: &Arc<DatabaseKey>, new: bool) -> Result<HostEngine, WireError> {
        let failed = || WireError::new(ErrorCode::StoreFailed);
        let (place, key) = (self.place.clone(), Arc::clone(key));
        let database = spawn_blocking(move || {
            if new {
                Database::make(&place, &key)
            } else {
                Database::open(&place, &key)
            }
        });
        let database = database
            .await
            .map_err(|_| failed())?
            .map_err(|_| failed())?;
        let authorities = std::env::var_os(AUTHORITIES_VARIABLE);
        let authorities = authorities.as_deref().map(std::path::Path::new);
        let http = Http::new(&Route::Direct, authorities).map_err(|_| failed())?;
        let native = Native::new(database, Memory::default(), http);
        Engine::open(native).await.map_err(WireError::from)
    }
}
