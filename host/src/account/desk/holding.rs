//! The database of the account: made, opened, closed to whoever has not the key, and removed.

use std::{fs, io, path::PathBuf, sync::Arc, time::Duration};

use engine::Engine;
use proto::{
    address::Address,
    bridge::popup::AppStatus,
    error::{ErrorCode, WireError},
    vault::SecretText,
};
use tokio::{task::spawn_blocking, time::Instant};
use wasm_core::secret::DatabaseKey;

use super::{
    super::{
        database::Database,
        memory::Memory,
        platform::Native,
        safe::{Found, Kept, Safe, SafeError},
        transport::{Http, Leave},
    },
    Desk, HostEngine,
};
use crate::{clock, place::Place};

/// Names a file with further authorities (PEM), for nodes of one's own.
const AUTHORITIES_VARIABLE: &str = "PEARVAULT_HOST_CA";
/// `1`: a node of a test, which speaks plain HTTP on this computer, is reached by way of a proxy, too.
const PLAIN_VARIABLE: &str = "PEARVAULT_HOST_PLAIN_BY_PROXY";

/// What there is of an account.
pub(super) enum Held {
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
pub(super) enum KeyKept {
    /// It is nowhere but here.
    Nowhere,
    /// It is sealed under the password from before.
    Outdated,
    Yes,
}

/// A file without content: somebody lives with the account here.
const SETTLED: &str = "account.settled";

/// Between two tries to reach a keyring, seconds.
const LOOK_AGAIN_S: u64 = 3;
/// How often, and with what pauses, files are removed that somebody may still have open.
const LETS_GO_TRIES: u32 = 20;
const LETS_GO_PAUSE: Duration = Duration::from_millis(100);

impl Desk {
    /// Looks what there is.
    pub(super) async fn look(&self) {
        let found = self.safe(Safe::find).await;
        let in_keyring = matches!(found, Ok(Found::Keyring(_)));
        let held = match found {
            // Whoever took the key out of the keyring took the account: it is logged in to anew.
            Ok(Found::Nothing | Found::Lost) => Held::Nothing,
            Ok(Found::Sealed { account }) => Held::Sealed(account),
            Ok(Found::Keyring(key)) => {
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
        self.learn_keyring(&held, in_keyring);
        self.held.replace(held);
    }

    /// A keyring that was away may be there by now.
    pub(in crate::account) async fn look_again(&self) {
        let _opening = self.opening.lock().await;
        let due = match &*self.held.borrow() {
            Held::Broken(at) => at.elapsed().as_secs() >= LOOK_AGAIN_S,
            _ => false,
        };
        if due {
            self.look().await;
        }
    }

    /// An engine without an account, to log in with; the password is what its database is sealed under
    /// once it has one.
    ///
    /// # Errors
    /// [`ErrorCode::HostSealed`], [`ErrorCode::StoreFailed`].
    pub(in crate::account) async fn engine_for(
        &self,
        password: &SecretText,
    ) -> Result<HostEngine, WireError> {
        let _opening = self.opening.lock().await;
        if matches!(*self.held.borrow(), Held::Sealed(_)) {
            return Err(ErrorCode::HostSealed.into());
        }
        if let Some(engine) = self.engine() {
            // Of a second login beside the first nothing comes.
            let mut typed = self.typed.borrow_mut();
            typed.get_or_insert_with(|| password.clone());
            return Ok(engine);
        }
        if matches!(*self.held.borrow(), Held::Broken(_)) {
            return Err(ErrorCode::StoreFailed.into());
        }
        let mut random = Ok(());
        let key = Arc::new(DatabaseKey::init_with(|key| random = getrandom::fill(key)));
        random.map_err(|_| WireError::new(ErrorCode::Internal))?;
        // One whose key was never kept has no account that anybody knows of.
        let failed = || WireError::new(ErrorCode::StoreFailed);
        Database::remove(&self.place).map_err(|_| failed())?;
        unsettle(&self.place).map_err(|_| failed())?;
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
    pub(in crate::account) async fn unseal(
        &self,
        password: &SecretText,
    ) -> Result<HostEngine, WireError> {
        let _opening = self.opening.lock().await;
        if !matches!(*self.held.borrow(), Held::Sealed(_)) {
            return self.opened();
        }
        let password = password.clone();
        let key = self.safe(move |safe| safe.open_sealed(&password)).await;
        let key = match key {
            Ok(key) => Arc::new(key),
            Err(SafeError::WrongPassword) => return Err(ErrorCode::PasswordWrong.into()),
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

    /// A password may become that of the account.
    pub(in crate::account) fn typed(&self, password: &SecretText) {
        self.typed.replace(Some(password.clone()));
    }

    /// The database opened with a password that the account does not open with: one from before.
    pub(in crate::account) fn is_outdated(&self) {
        self.outdated.set(true);
    }

    /// The account opened with a password: where the database does not, it is to, from now on.
    pub(in crate::account) async fn opened_with(&self, password: &SecretText) {
        if self.outdated.get() {
            self.typed(password);
            self.password_may_be_new().await;
        }
    }

    /// Where the password that was typed opens the account by now, the key is to be sealed under it.
    pub(in crate::account) async fn password_may_be_new(&self) {
        let (Some(engine), Some(typed)) = (self.engine(), self.typed.borrow().clone()) else {
            return;
        };
        if engine.check_password(&typed).await.is_err() {
            return;
        }
        if let Held::Open { kept, .. } = &mut *self.held.borrow_mut()
            && *kept == KeyKept::Yes
        {
            *kept = KeyKept::Outdated;
        }
    }

    /// Whether somebody has lived with the account here: then a browser that joins brings what it has beside it, and
    /// replaces nothing. Where it cannot be looked up it counts as so.
    pub(in crate::account) fn is_settled_in(&self) -> bool {
        !matches!(self.place.read(SETTLED), Ok(None))
    }

    /// Remembers that.
    ///
    /// # Errors
    /// [`ErrorCode::StoreFailed`].
    pub(in crate::account) fn settles_in(&self) -> Result<(), WireError> {
        if self.is_settled_in() {
            return Ok(());
        }
        let kept = self.place.write(SETTLED, &[]);
        kept.map_err(|_| ErrorCode::StoreFailed.into())
    }

    /// The account was removed: nothing of it stays.
    ///
    /// # Errors
    /// [`ErrorCode::StoreFailed`].
    pub(in crate::account) async fn remove(&self) -> Result<(), WireError> {
        let _opening = self.opening.lock().await;
        let _keeping = self.keeping.lock().await;
        self.typed.take();
        self.held.replace(Held::Nothing);
        self.has_keyring.set(false);
        self.outdated.set(false);
        self.hand_over(None);
        let place = self.place.clone();
        // The key first: without it the rest is noise.
        let forgotten = self.safe(Safe::forget).await.is_ok();
        let removed = spawn_blocking(move || {
            let mut removed = Database::remove(&place).is_ok();
            // Who was at it a moment ago may have it open still, which Windows minds.
            for _ in 0..LETS_GO_TRIES {
                if removed || !cfg!(windows) {
                    break;
                }
                clock::pause(LETS_GO_PAUSE);
                removed = Database::remove(&place).is_ok();
            }
            removed && unsettle(&place).is_ok() && forgotten
        });
        if matches!(removed.await, Ok(true)) {
            Ok(())
        } else {
            Err(ErrorCode::StoreFailed.into())
        }
    }

    /// Keeps the key of the database, where that is not done. One that is sealed under a password from before
    /// is not worth an error: the next time does it.
    ///
    /// # Errors
    /// [`ErrorCode::StoreFailed`]: the next start would not have the account.
    pub(super) async fn keep_key(&self, address: &Address) -> Result<(), WireError> {
        let _keeping = self.keeping.lock().await;
        let (engine, key, kept) = match &*self.held.borrow() {
            Held::Open { engine, key, kept } if *kept != KeyKept::Yes => {
                (engine.clone(), Arc::clone(key), *kept)
            }
            _ => return Ok(()),
        };
        let is_new = kept == KeyKept::Nowhere;
        let done = self.seal(&engine, &key, address, is_new).await;
        if done.is_err() {
            return if is_new { done } else { Ok(()) };
        }
        if let Held::Open {
            key: held, kept, ..
        } = &mut *self.held.borrow_mut()
            && Arc::ptr_eq(held, &key)
        {
            *kept = KeyKept::Yes;
        }
        self.outdated.set(false);
        Ok(())
    }

    async fn seal(
        &self,
        engine: &HostEngine,
        key: &Arc<DatabaseKey>,
        address: &Address,
        is_new: bool,
    ) -> Result<(), WireError> {
        let failed = || WireError::new(ErrorCode::StoreFailed);
        let password = self.typed.borrow().clone().ok_or_else(failed)?;
        // Under nothing that was mistyped: nobody would open it again.
        engine.check_password(&password).await?;
        let (key, address) = (Arc::clone(key), address.clone());
        let done = self.safe(move |safe| {
            if is_new {
                safe.keep(&key, &address, &password)
            } else {
                safe.reseal(&key, &address, &password)
            }
        });
        match done.await {
            Ok(kept) => {
                self.learn_keyring(&self.held.borrow(), kept == Kept::Keyring);
                Ok(())
            }
            _ => Err(failed()),
        }
    }

    /// Nobody waits for what was typed any more.
    pub(super) fn forget_typed(&self, status: &AppStatus) {
        let is_kept =
            !matches!(&*self.held.borrow(), Held::Open { kept, .. } if *kept != KeyKept::Yes);
        let is_over = match status {
            AppStatus::Working { .. } => false,
            AppStatus::Empty { .. } => true,
            _ => is_kept && self.engine().is_none_or(|it| it.work().is_none()),
        };
        if is_over && !self.deriving.get() {
            self.typed.take();
        }
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
        let leave = Leave {
            authorities: std::env::var_os(AUTHORITIES_VARIABLE).map(PathBuf::from),
            plain_by_proxy: std::env::var_os(PLAIN_VARIABLE).is_some_and(|is| is == "1"),
        };
        let http = Http::new(&self.route.borrow(), leave).map_err(|_| failed())?;
        let native = Native::new(database, Memory::default(), http);
        Engine::open(native).await.map_err(WireError::from)
    }
}

/// The account is another from now on, or none.
fn unsettle(place: &Place) -> io::Result<()> {
    match fs::remove_file(place.file(SETTLED)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
