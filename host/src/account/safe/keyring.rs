//! The system's keyring: Secret Service, Keychain or Credential Manager. It may be missing, locked, or
//! never answer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use keyring::Entry;
use zeroize::Zeroizing;

use super::super::stack;

/// Name under which all of them list what is ours.
const SERVICE: &str = "app.pearvault.host";

/// A keyring: secrets by the name of their entry. Its calls may take for ever.
pub(super) trait Ring: Send + Sync + 'static {
    fn get(&self, entry: &str) -> Result<Option<Secret>, RingError>;
    fn set(&self, entry: &str, secret: &[u8]) -> Result<(), RingError>;
    fn remove(&self, entry: &str) -> Result<(), RingError>;
}

pub(super) type Secret = Zeroizing<Vec<u8>>;

/// There is none, it is locked, or it did not answer in time. Its own words are dropped: they may quote
/// a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RingError;

/// The system's own.
pub(super) struct System;

/// A keyring whose calls end in time.
pub(super) struct Bounded {
    ring: Arc<dyn Ring>,
    limit: Duration,
    /// Whether a call is under way, also one that is no longer waited for.
    busy: Arc<AtomicBool>,
}

impl Bounded {
    pub(super) fn new(ring: Arc<dyn Ring>, limit: Duration) -> Self {
        Self {
            ring,
            limit,
            busy: Arc::default(),
        }
    }

    pub(super) fn get(&self, entry: &str) -> Result<Option<Secret>, RingError> {
        let entry = entry.to_owned();
        self.ask(move |ring| ring.get(&entry), |_, _| {})
    }

    /// What is taken too late is removed again.
    pub(super) fn set(&self, entry: &str, secret: Secret) -> Result<(), RingError> {
        let (entry, same) = (entry.to_owned(), entry.to_owned());
        self.ask(
            move |ring| ring.set(&entry, &secret),
            move |ring, ()| {
                // It could not do more than try.
                let _ = ring.remove(&same);
            },
        )
    }

    pub(super) fn remove(&self, entry: &str) -> Result<(), RingError> {
        let entry = entry.to_owned();
        self.ask(move |ring| ring.remove(&entry), |_, ()| {})
    }

    /// The same keyring, whose calls may take so long.
    #[cfg(test)]
    pub(super) fn within(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    fn ask<T: Send + 'static>(
        &self,
        what: impl FnOnce(&dyn Ring) -> Result<T, RingError> + Send + 'static,
        late: impl FnOnce(&dyn Ring, T) + Send + 'static,
    ) -> Result<T, RingError> {
        if self.busy.swap(true, Ordering::AcqRel) {
            return Err(RingError);
        }
        let (ring, busy) = (Arc::clone(&self.ring), Arc::clone(&self.busy));
        // Without room: what is sent was received, or comes back.
        let (answer, answered) = mpsc::sync_channel(0);
        let asking = thread::Builder::new().name("keyring".to_owned());
        let asking = asking.spawn(move || {
            let said = what(&*ring);
            stack::wipe();
            if let Err(mpsc::SendError(unheard)) = answer.send(said) {
                if let Ok(done) = unheard {
                    late(&*ring, done);
                }
                busy.store(false, Ordering::Release);
            }
        });
        let said = match asking {
            Ok(_) => answered.recv_timeout(self.limit),
            Err(_) => Err(mpsc::RecvTimeoutError::Disconnected),
        };
        match said {
            Err(mpsc::RecvTimeoutError::Timeout) => Err(RingError),
            // Of a thread that could not be started, or has panicked.
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                self.busy.store(false, Ordering::Release);
                Err(RingError)
            }
            Ok(said) => {
                self.busy.store(false, Ordering::Release);
                said
            }
        }
    }
}

impl Ring for System {
    fn get(&self, entry: &str) -> Result<Option<Secret>, RingError> {
        match open(entry)?.get_secret() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(_) => Err(RingError),
        }
    }

    fn set(&self, entry: &str, secret: &[u8]) -> Result<(), RingError> {
        open(entry)?.set_secret(secret).map_err(|_| RingError)
    }

    fn remove(&self, entry: &str) -> Result<(), RingError> {
        match open(entry)?.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(_) => Err(RingError),
        }
    }
}

fn open(entry: &str) -> Result<Entry, RingError> {
    Entry::new(SERVICE, entry).map_err(|_| RingError)
}
