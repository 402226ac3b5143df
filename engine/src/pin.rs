//! The PIN: opens the vault in place of the password until the browser ends.
//!
//! ```text
//! set_pin ──▶ slot "pin": keys, sealed ──┬─ unlock_with_pin: tries + 1 is written, then the PIN looked at
//!   └▶ record "pin": one is wanted       │     right ──▶ the vault is open, tries = 0
//!                                        └─ fifth wrong one, other keys, signed out ──▶ slot "pin": ended, why
//! ```
//!
//! A lock leaves the slot as it is, and so does the worker's death; with the browser it is gone.
//! The record stays, so that the user is asked for the PIN once more.

use std::rc::Rc;

use proto::{
    bridge::popup::{AppStatus, NodeState, PinEnd, PinState},
    bytes::{Base64, Hex},
    error::{ErrorCode, WireError},
    limits::PIN_TRIES,
    vault::SecretText,
};
use wasm_core::pin::{self, PIN_SALT_BYTES};

use crate::{
    Engine,
    error::EngineError,
    keyring::{Keyring, OsRandom},
    lock::check_length,
    node::NodeError,
    platform::{Change, Platform, SessionStore, Store, StoreError},
    records::{PIN_WANTED, put, read},
    slots::{self, PIN, PinSlot},
};

/// The PIN of this session, as the slot has it.
#[derive(Clone)]
pub(crate) enum Pin {
    /// The user wants none.
    Off,
    /// It opens the vault.
    Set {
        keys: Rc<SealedKeys>,
        /// Tries since the vault was opened last.
        tries: u32,
    },
    /// It does no longer.
    Ended(PinEnd),
}

/// The account's keys, sealed under a key that comes from the PIN.
pub(crate) struct SealedKeys {
    salt: [u8; PIN_SALT_BYTES],
    sealed: Vec<u8>,
}

impl Pin {
    /// As the user is told.
    pub(crate) fn state(&self) -> PinState {
        match self {
            Self::Off => PinState::Off,
            Self::Set { tries, .. } => PinState::Set {
                tries_left: PIN_TRIES.saturating_sub(*tries),
            },
            Self::Ended(why) => PinState::Ended { why: *why },
        }
    }
}

impl<P: Platform> Engine<P> {
    /// Lets a PIN open the vault until the browser ends, in place of any earlier one.
    ///
    /// # Errors
    /// [`EngineError::PinWeak`], [`EngineError::Locked`], [`EngineError::NoAccount`],
    /// [`EngineError::Node`] where this device is signed out, [`EngineError::Store`]: then there is
    /// no PIN; [`EngineError::KeyDerivation`].
    pub async fn set_pin(&self, code: &SecretText) -> Result<AppStatus, EngineError> {
        self.ensure_open().await?;
        // Until it is done, nobody changes the keys.
        let _writing = self.writing().await;
        let account = self.account()?;
        // EXPOSE: it is compared with what anybody would try.
        proto::pin::check(code.expose_secret(), account.address.name())?;
        if self.node_state() == NodeState::SignedOut {
            let ended = WireError::new(ErrorCode::SessionInvalid);
            return Err(NodeError::Refused(Box::new(ended)).into());
        }
        let mut salt = [0; PIN_SALT_BYTES];
        self.platform().random(&mut salt);
        let key = pin::derive_key(self.platform().kdf(), &salt, &account.keys, code)
            .await
            .map_err(|_| EngineError::KeyDerivation)?;
        let mut random = OsRandom(self.platform());
        let sealed =
            self.with_open(|open| Ok(open.keyring.seal_under_pin(&key, &salt, &mut random)?))?;
        drop(key);
        let wanted = put(PIN_WANTED.to_owned(), &true)?;
        self.platform().store().commit(vec![wanted]).await?;
        let keys = Rc::new(SealedKeys { salt, sealed });
        let pin = Pin::Set {
            keys: Rc::clone(&keys),
            tries: 0,
        };
        self.keep_pin(pin).await;
        if !self.is_written(&keys, 0).await {
            self.end_pin(PinEnd::Browser).await;
            return Err(StoreError.into());
        }
        Ok(self.status().await)
    }

    /// Lets the password alone open the vault.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::NoAccount`], [`EngineError::Store`]: then no PIN opens
    /// the vault, and one is asked for again.
    pub async fn remove_pin(&self) -> Result<AppStatus, EngineError> {
        self.ensure_open().await?;
        let _writing = self.writing().await;
        self.keep_pin(Pin::Off).await;
        let unwanted = Change::Remove {
            key: PIN_WANTED.to_owned(),
        };
        self.platform().store().commit(vec![unwanted]).await?;
        Ok(self.status().await)
    }

    /// Opens the vault with the PIN; the node is not asked. With the fifth wrong one in a row the
    /// PIN is gone.
    ///
    /// # Errors
    /// [`EngineError::PinWrong`], [`EngineError::PinGone`], [`EngineError::NoAccount`],
    /// [`EngineError::Store`], [`EngineError::KeyDerivation`], [`EngineError::Locked`] where it was
    /// locked meanwhile.
    pub async fn unlock_with_pin(&self, code: &SecretText) -> Result<AppStatus, EngineError> {
        check_length(code)?;
        let locks = self.state().locks;
        // One try at a time.
        let _writing = self.writing().await;
        let account = self.account()?;
        let stored = self.stored().await?;
        let (keys, tries) = self.count_try().await?;
        let key = pin::derive_key(self.platform().kdf(), &keys.salt, &account.keys, code)
            .await
            .map_err(|_| EngineError::KeyDerivation)?;
        let opened = Keyring::open_with_pin(&account.address, &key, &keys.salt, &keys.sealed);
        drop(key);
        let Some(keyring) = opened else {
            if tries < PIN_TRIES {
                let left = PIN_TRIES - tries;
                return Err(EngineError::PinWrong { left });
            }
            self.end_pin(PinEnd::Tries).await;
            return Err(EngineError::PinGone);
        };
        // Where it has ended while it was looked at, it opens nothing.
        if !matches!(self.state().pin, Pin::Set { .. }) {
            return Err(EngineError::PinGone);
        }
        self.forgive_tries().await;
        self.open_vault(&account, keyring, stored, locks).await
    }

    /// The vault was opened: wrong PINs before that count no more.
    pub(crate) async fn forgive_tries(&self) {
        let pin = self.state().pin.clone();
        if let Pin::Set { keys, tries: 1.. } = pin {
            self.keep_pin(Pin::Set { keys, tries: 0 }).await;
        }
    }

    /// Deletes the sealed keys, where there are any; those for the system's keyring too, unless only the PIN is
    /// to blame.
    pub(crate) async fn end_pin(&self, why: PinEnd) {
        if matches!(why, PinEnd::Password | PinEnd::SignedOut) {
            // Where the record cannot be removed, it opens nothing here any more.
            let _ = self.end_by_keyring().await;
        }
        let is_set = matches!(self.state().pin, Pin::Set { .. });
        if is_set {
            self.keep_pin(Pin::Ended(why)).await;
        }
    }

    /// The same on a device that its owner, or the node, has signed out. `node`: how it was met last.
    pub(crate) async fn end_pin_if_signed_out(&self, node: NodeState) {
        if node == NodeState::SignedOut {
            self.end_pin(PinEnd::SignedOut).await;
        }
    }

    /// Reads what this session's PIN was before the worker died.
    pub(crate) async fn revive_pin(&self) {
        let Ok(account) = self.account() else { return };
        // A wish that cannot be read is not worth an engine that does not start.
        let wanted: Option<bool> = read(self.platform().store(), PIN_WANTED)
            .await
            .ok()
            .flatten();
        let slot: Option<PinSlot> = slots::load(self.platform().session(), PIN).await;
        let was_there = slot.is_some();
        let pin = match slot {
            _ if wanted != Some(true) => Pin::Off,
            Some(PinSlot::Set {
                address,
                salt,
                sealed,
                tries,
            }) if address == account.address => {
                if tries < PIN_TRIES {
                    let keys = Rc::new(SealedKeys {
                        salt: salt.0,
                        sealed: sealed.0,
                    });
                    self.state_mut().pin = Pin::Set { keys, tries };
                    return;
                }
                // It died while it looked at the last one.
                Pin::Ended(PinEnd::Tries)
            }
            Some(PinSlot::Ended { address, why }) if address == account.address => Pin::Ended(why),
            _ => Pin::Ended(PinEnd::Browser),
        };
        if was_there {
            self.keep_pin(pin).await;
        } else {
            self.state_mut().pin = pin;
        }
    }

    /// Counts a try where it outlives the worker: who kills that gains none. What could not be
    /// written was not counted, and nothing is looked at.
    async fn count_try(&self) -> Result<(Rc<SealedKeys>, u32), EngineError> {
        let pin = self.state().pin.clone();
        let Pin::Set { keys, tries } = pin else {
            return Err(EngineError::PinGone);
        };
        // The last one was counted, and no answer came of it.
        if tries >= PIN_TRIES {
            self.end_pin(PinEnd::Tries).await;
            return Err(EngineError::PinGone);
        }
        let tries = tries + 1;
        let counted = Pin::Set {
            keys: Rc::clone(&keys),
            tries,
        };
        self.keep_pin(counted).await;
        if !self.is_written(&keys, tries).await {
            self.end_pin(PinEnd::Browser).await;
            return Err(EngineError::PinGone);
        }
        Ok((keys, tries))
    }

    /// Whether the slot has these keys with so many tries: a session store says nothing of a
    /// failure.
    async fn is_written(&self, keys: &SealedKeys, expected: u32) -> bool {
        let slot: Option<PinSlot> = slots::load(self.platform().session(), PIN).await;
        matches!(slot, Some(PinSlot::Set { salt, tries, .. }) if salt.0 == keys.salt && tries == expected)
    }

    /// Into memory and into the slot; sealed keys that are over go first, for they must go from a
    /// store that takes nothing more, too.
    async fn keep_pin(&self, pin: Pin) {
        let Ok(account) = self.account() else { return };
        let address = account.address.clone();
        let slot = match &pin {
            Pin::Off => None,
            Pin::Set { keys, tries } => Some(PinSlot::Set {
                address,
                salt: Hex(keys.salt),
                sealed: Base64(keys.sealed.clone()),
                tries: *tries,
            }),
            Pin::Ended(why) => Some(PinSlot::Ended { address, why: *why }),
        };
        let over = !matches!(pin, Pin::Set { .. });
        self.state_mut().pin = pin;
        let session = self.platform().session();
        if over {
            session.clear(PIN).await;
        }
        if let Some(slot) = slot {
            slots::save(session, PIN, &slot).await;
        }
    }
}
