//! Unlocking and locking.

use proto::{
    bridge::popup::{AppStatus, NodeState},
    ids::UnixMillis,
    limits::PASSWORD_MAX_BYTES,
    vault::SecretText,
};
use wasm_core::{kdf, secret::EncryptionKey};

use crate::{
    Engine,
    deadline::Deadline,
    error::EngineError,
    keyring::Keyring,
    platform::{Platform, SessionStore},
    records::AccountRecord,
    slots::{UNLOCKED, WORK_LOCKED},
    state::Stored,
};

/// How long a moved deadline may stay in memory alone, milliseconds. A worker that dies meanwhile
/// locks that much too early, never too late.
const SAVE_DEADLINE_EVERY_MS: u64 = 10_000;

/// Who is active.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActivityKind {
    /// The user did something: the deadline moves.
    User,
    /// Something happened by itself (an alarm, news of the node): the deadline stays.
    Background,
}

impl<P: Platform> Engine<P> {
    /// Opens the vault with the password; the node is not asked.
    ///
    /// # Errors
    /// [`EngineError::PasswordWrong`], [`EngineError::NoAccount`], [`EngineError::Store`],
    /// [`EngineError::KeyDerivation`], [`EngineError::Locked`] where it was locked meanwhile.
    pub async fn unlock(&self, password: &SecretText) -> Result<AppStatus, EngineError> {
        let account = self.account()?;
        check_length(password)?;
        let locks = self.state().locks;
        let _writing = self.writing().await;
        let stored = self.stored().await?;
        let key = self.encryption_key(password).await?;
        let keyring = Keyring::open(&account.address, &account.keys, &key)
            .ok_or(EngineError::PasswordWrong)?;
        drop(key);
        self.open_vault(&account, keyring, stored, locks).await
    }

    /// Opens the vault with the keys that password or PIN gave. `locks`: what the state counted
    /// when that began. Whoever calls this holds the right to write.
    pub(crate) async fn open_vault(
        &self,
        account: &AccountRecord,
        keyring: Keyring,
        stored: Stored,
        locks: u64,
    ) -> Result<AppStatus, EngineError> {
        if self.state().locks != locks {
            return Err(EngineError::Locked);
        }
        let deadline = Deadline::new(
            self.platform().now(),
            self.state().settings.lock_after_minutes,
        );
        self.set_open(account, keyring, stored, deadline).await?;
        self.state_mut().node = NodeState::Unknown;
        self.save_unlocked().await;
        self.forgive_tries().await;
        self.forget_problem().await;
        // The vault is open even if old rubbish cannot be carried out just now.
        let _ = self.empty_trash().await;
        let _ = self.forget_old_generated().await;
        let _ = self.forget_old_offers().await;
        Ok(self.status().await)
    }

    /// Closes the vault: no key is left anywhere, but for those that a PIN, or a secret of the system's keyring,
    /// seals.
    pub async fn lock(&self) -> AppStatus {
        let node = {
            let mut state = self.state_mut();
            state.locks += 1;
            state.open = None;
            std::mem::replace(&mut state.node, NodeState::Unknown)
        };
        self.platform().session().clear(UNLOCKED).await;
        self.end_pin_if_signed_out(node).await;
        self.remember_lock().await;
        self.status().await
    }

    /// Closes the vault if its time is over. Every other method does so first. The PIN of a device
    /// that was signed out meanwhile ends, too.
    ///
    /// Returns whether it did.
    pub async fn lock_if_due(&self) -> bool {
        let node = self.node_state();
        let now = self.platform().now();
        let over = {
            let mut state = self.state_mut();
            let over = state
                .open
                .as_mut()
                .is_some_and(|open| open.deadline.is_over(now));
            if over {
                state.locks += 1;
                state.open = None;
                state.node = NodeState::Unknown;
            }
            over
        };
        if over {
            self.platform().session().clear(UNLOCKED).await;
            self.remember_lock().await;
        }
        self.end_pin_if_signed_out(node).await;
        over
    }

    /// The system's screen was locked. Closes the vault where the user has set it so.
    ///
    /// Returns whether it did.
    pub async fn on_system_lock(&self) -> bool {
        let locks = {
            let mut state = self.state_mut();
            // What is just being opened must not open behind the locked screen.
            state.locks += u64::from(state.settings.lock_with_system);
            state.open.is_some() && state.settings.lock_with_system
        };
        if locks {
            self.lock().await;
        } else if self.state().settings.lock_with_system {
            self.remember_lock().await;
        }
        locks
    }

    /// Lets a lock outlive this worker, for the work that is under way.
    async fn remember_lock(&self) {
        let works = self.state().work.is_under_way();
        if works {
            self.platform().session().save(WORK_LOCKED, b"1").await;
        }
    }

    /// Moves the deadline where the user was active.
    pub async fn touch(&self, kind: ActivityKind) {
        self.lock_if_due().await;
        if kind == ActivityKind::Background {
            return;
        }
        let now = self.platform().now();
        let save = {
            let mut state = self.state_mut();
            let minutes = state.settings.lock_after_minutes;
            state.open.as_mut().is_some_and(|open| {
                open.deadline = Deadline::new(now, minutes);
                now >= open.saved_at.plus(SAVE_DEADLINE_EVERY_MS)
            })
        };
        if save {
            self.save_unlocked().await;
        }
    }

    /// When the vault locks if nothing is done; `None` while it is locked.
    pub fn next_deadline(&self) -> Option<UnixMillis> {
        self.state()
            .open
            .as_ref()
            .map(|open| open.deadline.locks_at())
    }

    /// The encryption key of this device's account; the key that proves the password to the node
    /// is not derived.
    pub(crate) async fn encryption_key(
        &self,
        password: &SecretText,
    ) -> Result<EncryptionKey, EngineError> {
        let account = self.account()?;
        kdf::derive_encryption_key(self.platform().kdf(), &account.address, password)
            .await
            .map_err(|_| EngineError::KeyDerivation)
    }
}

/// # Errors
/// [`EngineError::TooLarge`]: no password of ours is that long, and hashing it takes its time.
pub(crate) fn check_length(password: &SecretText) -> Result<(), EngineError> {
    // EXPOSE: only its length is looked at.
    if password.expose_secret().len() > PASSWORD_MAX_BYTES {
        return Err(EngineError::TooLarge {
            max: PASSWORD_MAX_BYTES,
        });
    }
    Ok(())
}
