//! The system's keyring: opens the vault in place of the password, for a time that the user chose.
//!
//! A native host keeps a random secret there; here lie the keys, sealed under it. So nothing that this process
//! has in memory or on the disk opens a locked vault, and neither does the keyring alone.
//!
//! **Invariant:** it ends with its time, with a new password or new keys, with the session, and with the
//! account; a clock that is put back ends it, too. While no engine runs nobody sees that: then what the clock
//! is put back by is gained, up to what was seen last.

use proto::{
    bridge::popup::{AppStatus, NodeState},
    bytes::{Base64, Hex},
    error::{ErrorCode, WireError},
    ids::UnixMillis,
};
use serde::{Deserialize, Serialize};
use wasm_core::{
    keyring_unlock::{Bound, KEYRING_SALT_BYTES, Term},
    secret::KeyringSecret,
};

use crate::{
    Engine,
    deadline::CLOCK_TOLERANCE_MS,
    error::EngineError,
    keyring::{Keyring, OsRandom},
    node::NodeError,
    platform::{Change, Platform, Store},
    records::{AccountRecord, BY_KEYRING, put, read},
};

/// How much later than written down the clock was seen until that is written down, milliseconds.
const SEEN_EVERY_MS: u64 = 10 * 60 * 1000;

/// Bytes of the name that a secret has in the system's keyring.
pub const ENTRY_BYTES: usize = 16;

/// What lies in the store.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ByKeyring {
    /// Under which name the keyring has the secret.
    entry: Hex<ENTRY_BYTES>,
    salt: Hex<KEYRING_SALT_BYTES>,
    since: UnixMillis,
    until: UnixMillis,
    /// The latest time that was seen.
    seen: UnixMillis,
    sealed: Base64,
}

/// What the keyring is to be asked for, and what was when that began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyringTry {
    /// The name of the secret.
    pub entry: Hex<ENTRY_BYTES>,
    locks: u64,
}

impl ByKeyring {
    fn is_over(&self, now: UnixMillis) -> bool {
        now >= self.until || now.plus(CLOCK_TOLERANCE_MS) < self.seen
    }

    fn bound<'a>(&'a self, account: &'a AccountRecord) -> Bound<'a> {
        Bound {
            account: &account.address,
            salt: &self.salt.0,
            term: Term {
                since: self.since,
                until: self.until,
            },
            keys: &account.keys,
        }
    }
}

impl<P: Platform> Engine<P> {
    /// Lets a secret of the system's keyring open the vault, for so many milliseconds from now, in place of
    /// any earlier one. `entry` is its name there.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::NoAccount`], [`EngineError::Node`] where this device is signed
    /// out, [`EngineError::Store`].
    pub async fn set_by_keyring(
        &self,
        entry: Hex<ENTRY_BYTES>,
        secret: &KeyringSecret,
        millis: u64,
    ) -> Result<(), EngineError> {
        self.ensure_open().await?;
        // Until it is done, nobody changes the keys.
        let _writing = self.writing().await;
        let account = self.account()?;
        if self.node_state() == NodeState::SignedOut {
            let ended = WireError::new(ErrorCode::SessionInvalid);
            return Err(NodeError::Refused(Box::new(ended)).into());
        }
        let since = self.platform().now();
        let mut salt = [0; KEYRING_SALT_BYTES];
        self.platform().random(&mut salt);
        let mut made = ByKeyring {
            entry,
            salt: Hex(salt),
            since,
            until: since.plus(millis),
            seen: since,
            sealed: Base64(Vec::new()),
        };
        let mut random = OsRandom(self.platform());
        let bound = made.bound(&account);
        let sealed = self
            .with_open(|open| Ok(open.keyring.seal_by_keyring(secret, &bound, &mut random)?))?;
        made.sealed = Base64(sealed);
        let change = put(BY_KEYRING.to_owned(), &made)?;
        self.platform().store().commit(vec![change]).await?;
        self.state_mut().by_keyring = Some(made);
        Ok(())
    }

    /// Sees how late it is, while it may open the vault: a clock that is put back after that ends it.
    ///
    /// # Errors
    /// [`EngineError::Store`]: it is known only here.
    pub async fn watch_by_keyring(&self) -> Result<(), EngineError> {
        let now = self.platform().now();
        let change = {
            let mut state = self.state_mut();
            let Some(kept) = state.by_keyring.as_mut().filter(|kept| !kept.is_over(now)) else {
                return Ok(());
            };
            if now < kept.seen.plus(SEEN_EVERY_MS) {
                return Ok(());
            }
            kept.seen = now;
            put(BY_KEYRING.to_owned(), kept)?
        };
        Ok(self.platform().store().commit(vec![change]).await?)
    }

    /// Lets the keyring open it no more. Returns the name of the secret, which opens nothing from now on.
    ///
    /// # Errors
    /// [`EngineError::Store`]: the record is there still, and counts no more for as long as this engine lives.
    pub async fn end_by_keyring(&self) -> Result<Option<Hex<ENTRY_BYTES>>, EngineError> {
        let Some(kept) = self.state_mut().by_keyring.take() else {
            return Ok(None);
        };
        let key = BY_KEYRING.to_owned();
        let change = Change::Remove { key };
        self.platform().store().commit(vec![change]).await?;
        Ok(Some(kept.entry))
    }

    /// The name of the secret that opens it, and until when; `None` where none does.
    pub fn by_keyring(&self) -> Option<(Hex<ENTRY_BYTES>, UnixMillis)> {
        let now = self.platform().now();
        let state = self.state();
        let kept = state.by_keyring.as_ref()?;
        (!kept.is_over(now)).then_some((kept.entry, kept.until))
    }

    /// Before the keyring is asked, which takes its time: a lock from now on counts.
    ///
    /// # Errors
    /// [`EngineError::KeyringGone`].
    pub fn begin_by_keyring(&self) -> Result<KeyringTry, EngineError> {
        let (entry, _) = self.by_keyring().ok_or(EngineError::KeyringGone)?;
        let locks = self.state().locks;
        Ok(KeyringTry { entry, locks })
    }

    /// Opens the vault with what the keyring has given; `None`: it has that secret no more. The node is not
    /// asked.
    ///
    /// # Errors
    /// [`EngineError::KeyringGone`], [`EngineError::NoAccount`], [`EngineError::Store`],
    /// [`EngineError::Locked`] where it was locked meanwhile.
    pub async fn unlock_by_keyring(
        &self,
        begun: KeyringTry,
        secret: Option<&KeyringSecret>,
    ) -> Result<AppStatus, EngineError> {
        let KeyringTry { entry, locks } = begun;
        let _writing = self.writing().await;
        let account = self.account()?;
        // Another one that was set meanwhile is not touched.
        let kept = self.state().by_keyring.clone();
        let kept = kept.filter(|kept| kept.entry == entry && !kept.is_over(self.platform().now()));
        let kept = kept.ok_or(EngineError::KeyringGone)?;
        let stored = self.stored().await?;
        let opened = secret.and_then(|secret| {
            Keyring::open_by_keyring(secret, &kept.bound(&account), &kept.sealed.0)
        });
        let Some(keyring) = opened else {
            // None, another one, or keys from before: it never will.
            let _ = self.end_by_keyring().await;
            return Err(EngineError::KeyringGone);
        };
        self.open_vault(&account, keyring, stored, locks).await
    }

    /// Reads what was set before this engine began.
    pub(crate) async fn revive_by_keyring(&self) {
        // What cannot be read opens nothing, and is not worth an engine that does not start.
        let kept: Option<ByKeyring> = read(self.platform().store(), BY_KEYRING)
            .await
            .ok()
            .flatten();
        self.state_mut().by_keyring = kept;
    }
}
