//! The server tier of the KDF: a few threads of their own beside the async runtime.
//!
//! One check takes some tenths of a second of a whole core. What does not fit is refused at once,
//! so that waiting has a bound.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

use proto::ids::AccountId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use wasm_core::{
    kdf::server::{StoredLoginHash, hash_login_key},
    secret::LoginKey,
};

use crate::metrics::KDF_WAITING;

/// Threads that turn login keys into stored hashes.
#[derive(Clone)]
pub struct KdfPool {
    jobs: mpsc::Sender<Job>,
    places: Arc<Semaphore>,
}

/// A place with the threads: what it is used for will be done.
pub struct KdfPlace {
    jobs: mpsc::Sender<Job>,
    place: OwnedSemaphorePermit,
}

/// The pool took no work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KdfError {
    /// As many wait as may.
    #[error("too many logins at once")]
    Busy,
    /// Its threads have ended.
    #[error("the password check has stopped")]
    Stopped,
}

struct Job {
    login_key: LoginKey,
    account: AccountId,
    answer: oneshot::Sender<StoredLoginHash>,
    _place: OwnedSemaphorePermit,
}

impl KdfPool {
    /// Starts `threads` threads, and lets `queue` jobs wait for them. The threads end with the
    /// last clone of the pool.
    ///
    /// # Errors
    /// The system's, where it gives no thread.
    pub fn start(threads: usize, queue: usize) -> io::Result<Self> {
        let (jobs, waiting) = mpsc::channel();
        let waiting = Arc::new(Mutex::new(waiting));
        for number in 0..threads {
            let waiting = Arc::clone(&waiting);
            thread::Builder::new()
                .name(format!("kdf-{number}"))
                .spawn(move || work(&waiting))?;
        }
        let places = Arc::new(Semaphore::new(threads.saturating_add(queue)));
        Ok(Self { jobs, places })
    }

    /// Takes a place. It comes before everything that costs its asker something, so that nobody
    /// pays a proof of work and is turned away.
    ///
    /// # Errors
    /// [`KdfError::Busy`].
    pub fn reserve(&self) -> Result<KdfPlace, KdfError> {
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| KdfError::Busy)?;
        Ok(KdfPlace {
            jobs: self.jobs.clone(),
            place,
        })
    }
}

impl KdfPlace {
    /// The stored hash of a login key.
    ///
    /// # Errors
    /// [`KdfError::Stopped`].
    pub async fn hash(
        self,
        login_key: LoginKey,
        account: AccountId,
    ) -> Result<StoredLoginHash, KdfError> {
        let (answer, answered) = oneshot::channel();
        let job = Job {
            login_key,
            account,
            answer,
            _place: self.place,
        };
        // Counted before a thread can take it off again.
        metrics::gauge!(KDF_WAITING).increment(1);
        if self.jobs.send(job).is_err() {
            metrics::gauge!(KDF_WAITING).decrement(1);
            return Err(KdfError::Stopped);
        }
        answered.await.map_err(|_| KdfError::Stopped)
    }
}

fn work(waiting: &Mutex<mpsc::Receiver<Job>>) {
    loop {
        // The lock is held while waiting: the other threads wait for the lock instead.
        let job = waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok(job) = job else { return };
        metrics::gauge!(KDF_WAITING).decrement(1);
        // Who asked may have gone; then the work is for nobody.
        if !job.answer.is_closed() {
            let hash = hash_login_key(&job.login_key, &job.account);
            // Nor does it matter when they go now.
            let _ = job.answer.send(hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use proto::ids::UnixMillis;

    use super::*;

    fn key(byte: u8) -> LoginKey {
        LoginKey::init_with(|bytes| bytes.fill(byte))
    }

    #[tokio::test]
    async fn full_pool_refuses_at_once() -> Result<(), Box<dyn std::error::Error>> {
        let pool = KdfPool::start(1, 2)?;
        let account = AccountId::make(UnixMillis(1), [1; 10]);
        let (one, two, three) = (pool.reserve()?, pool.reserve()?, pool.reserve()?);
        assert_eq!(pool.reserve().err(), Some(KdfError::Busy));
        // A place that is not used is free again, and so is one whose work is done.
        drop(three);
        let three = pool.reserve()?;
        let hashes = tokio::join!(
            one.hash(key(1), account),
            two.hash(key(1), account),
            three.hash(key(2), account)
        );
        let expected = hash_login_key(&key(1), &account);
        assert!(hashes.0?.matches(&expected) && hashes.1?.matches(&expected));
        assert!(!hashes.2?.matches(&expected));
        pool.reserve()?;
        Ok(())
    }
}
