//! The vault opened by the system's keyring, for a time: what the keyring has, and the engine's word on it.

use std::{rc::Rc, sync::Arc};

use proto::{
    bridge::popup::{AppStatus, ByKeyring},
    bytes::Hex,
    error::{ErrorCode, WireError},
    limits::BY_KEYRING_MAX_HOURS,
    vault::SecretText,
};
use tokio::task::{spawn_blocking, spawn_local};
use wasm_core::{random::make_bytes, secret::KeyringSecret};

use super::{
    super::{
        safe::{Entry, Safe, SafeError},
        stack,
    },
    Desk, Held, HostEngine,
};
use crate::pairs::SystemRandom;

const HOUR_MS: u64 = 60 * 60 * 1000;

impl Desk {
    /// As the user is told. Where the keyring does not have the database's key, it is not asked for anything else.
    pub(super) fn by_keyring(&self) -> ByKeyring {
        let Some(engine) = self.engine() else {
            return ByKeyring::Absent {};
        };
        match engine.by_keyring() {
            Some((_, at)) => ByKeyring::Until { at },
            None if self.has_keyring.get() => ByKeyring::Off {},
            None => ByKeyring::Absent {},
        }
    }

    /// Lets the keyring open the vault from now on, for so many hours; 0: no more.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidField`], [`ErrorCode::KeyringAway`], or the engine's: then it is as it was.
    pub(in crate::account) async fn set_by_keyring(
        &self,
        hours: u32,
        password: Option<&SecretText>,
    ) -> Result<(), WireError> {
        let engine = self.opened()?;
        if hours > BY_KEYRING_MAX_HOURS || password.is_none() && hours > 0 {
            return Err(ErrorCode::InvalidField.into());
        }
        engine.lock_if_due().await;
        if engine.next_deadline().is_none() {
            return Err(ErrorCode::Locked.into());
        }
        if hours == 0 {
            // As this is settled it goes out of the keyring, too.
            engine.end_by_keyring().await?;
            return Ok(());
        }
        if !self.has_keyring.get() {
            return Err(ErrorCode::KeyringAway.into());
        }
        if let Some(password) = password {
            engine.check_password(password).await?;
        }
        let failed = |_| WireError::new(ErrorCode::Internal);
        let entry: Entry = Hex(make_bytes(&mut SystemRandom).map_err(failed)?);
        let mut random = Ok(());
        let secret = KeyringSecret::init_with(|secret| random = getrandom::fill(secret));
        random.map_err(|_| WireError::new(ErrorCode::Internal))?;
        let secret = Arc::new(secret);
        let kept = Arc::clone(&secret);
        let put = self.safe(move |safe| safe.put_secret(entry, &kept)).await;
        put.map_err(|_| WireError::new(ErrorCode::KeyringAway))?;
        let millis = u64::from(hours) * HOUR_MS;
        if let Err(error) = engine.set_by_keyring(entry, &secret, millis).await {
            self.safe(move |safe| Ok(safe.drop_secret(entry)))
                .await
                .ok();
            return Err(error.into());
        }
        Ok(())
    }

    /// Opens the vault with the keyring.
    ///
    /// # Errors
    /// [`ErrorCode::KeyringGone`], [`ErrorCode::KeyringAway`], or the engine's.
    pub(in crate::account) async fn unlock_by_keyring(&self) -> Result<AppStatus, WireError> {
        let engine = self.opened()?;
        let begun = engine.begin_by_keyring()?;
        let secret = self.safe(move |safe| safe.secret(begun.entry)).await;
        let secret = secret.map_err(|_| WireError::new(ErrorCode::KeyringAway))?;
        // None: its user has taken it out.
        Ok(engine.unlock_by_keyring(begun, secret.as_ref()).await?)
    }

    /// Whether its time is over, or the engine has ended it: to be told, and taken out of the keyring.
    pub(in crate::account) fn keyring_has_more(&self, engine: &HostEngine) -> bool {
        let known = *self.entry.borrow();
        known.is_some() && known != engine.by_keyring().map(|(entry, _)| entry)
    }

    /// Takes out of the keyring what opens nothing any more; nobody waits for that.
    pub(in crate::account) fn tidy_keyring(self: &Rc<Self>) {
        let desk = Rc::clone(self);
        spawn_local(async move { desk.tidy().await });
    }

    async fn tidy(&self) {
        let engine = self.engine();
        let now = engine.as_ref().and_then(HostEngine::by_keyring);
        let now = now.map(|(entry, _)| entry);
        let mut over = Vec::new();
        if now.is_none()
            && let Some(engine) = engine
        {
            // One whose time was over before this process began.
            over.extend(engine.end_by_keyring().await.ok().flatten());
        }
        over.extend(
            self.entry
                .replace(now)
                .filter(|before| Some(*before) != now),
        );
        if !over.is_empty() {
            // Where it cannot be asked, something is left in it that opens nothing.
            let tidy = self.safe(move |safe| Ok(over.into_iter().all(|it| safe.drop_secret(it))));
            drop(tidy.await);
        }
    }

    /// Whether the database's key is in the keyring.
    pub(super) fn learn_keyring(&self, held: &Held, in_keyring: bool) {
        self.has_keyring
            .set(in_keyring && matches!(held, Held::Open { .. }));
    }

    /// Asks the safe, one at a time: of a keyring that hangs the others hear at once.
    pub(super) async fn safe<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Safe) -> Result<T, SafeError> + Send + 'static,
    ) -> Result<T, SafeError> {
        let _asking = self.asking.lock().await;
        let safe = Arc::clone(&self.safe);
        let done = spawn_blocking(move || {
            let done = work(&safe);
            stack::wipe();
            done
        });
        done.await.unwrap_or(Err(SafeError::Keyring))
    }
}
