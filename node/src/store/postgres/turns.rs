//! How many writes of one account may be under way at once in this process.
//!
//! Each holds a connection while it waits for the account's row. Without a bound the writes of one
//! account would take every connection of the pool, and all other accounts would wait with it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use proto::ids::AccountId;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::super::StoreError;

/// Writes of one account at once: one that works, and one that is there when it has finished.
const AT_ONCE: usize = 2;

/// Accounts that are being written, or wait to be.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<AccountId, Arc<Semaphore>>>);

/// The turn of one write, until it is dropped.
pub(super) struct Turn {
    // Before the waiting one, whose end looks who is left.
    _permit: OwnedSemaphorePermit,
    _waiting: Waiting,
}

/// Somebody who has a turn or waits for one; the last of an account takes its entry away.
struct Waiting {
    turns: Arc<Turns>,
    account: AccountId,
}

/// It was nobody's turn for too long.
#[derive(Debug, thiserror::Error)]
#[error("too many writes of one account at once")]
struct Crowded;

impl Turns {
    /// Waits for a turn of an account, at most for `patience`.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`] where none came.
    pub(super) async fn take(
        self: &Arc<Self>,
        account: AccountId,
        patience: Duration,
    ) -> Result<Turn, StoreError> {
        let places = Arc::clone(
            self.all()
                .entry(account)
                .or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE))),
        );
        let waiting = Waiting {
            turns: Arc::clone(self),
            account,
        };
        match timeout(patience, places.acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Turn {
                _permit: permit,
                _waiting: waiting,
            }),
            _ => Err(StoreError::unreachable(Crowded)),
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<AccountId, Arc<Semaphore>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many accounts have an entry.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.all().len()
    }

    /// How many have a turn of an account or wait for one.
    #[cfg(test)]
    pub(super) fn waiting(&self, account: AccountId) -> usize {
        self.all()
            .get(&account)
            .map_or(0, |places| Arc::strong_count(places) - 1)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut all = self.turns.all();
        // Permits and those who wait hold one each: whoever sees none but the map's is the last.
        if all
            .get(&self.account)
            .is_some_and(|places| Arc::strong_count(places) == 1)
        {
            all.remove(&self.account);
        }
    }
}

#[cfg(test)]
mod tests {
    use proto::ids::UnixMillis;

    use super::*;

    const NONE: Duration = Duration::ZERO;
    const LONG: Duration = Duration::from_mins(1);

    fn account(byte: u8) -> AccountId {
        AccountId::make(UnixMillis(1), [byte; 10])
    }

    #[tokio::test]
    async fn turns_of_an_account_are_bounded_and_leave_nothing() -> Result<(), StoreError> {
        let turns = Arc::new(Turns::default());
        let one = turns.take(account(1), NONE).await?;
        let two = turns.take(account(1), NONE).await?;
        assert!(matches!(
            turns.take(account(1), NONE).await,
            Err(StoreError::Unreachable(_))
        ));
        let other = turns.take(account(2), NONE).await?;
        assert_eq!(turns.len(), 2);
        drop(other);
        assert_eq!(turns.len(), 1);
        let waits = tokio::spawn({
            let turns = Arc::clone(&turns);
            async move { turns.take(account(1), LONG).await }
        });
        // Who stops waiting leaves the others theirs.
        let gone = tokio::spawn({
            let turns = Arc::clone(&turns);
            async move { turns.take(account(1), LONG).await.map(drop) }
        });
        tokio::task::yield_now().await;
        gone.abort();
        drop(gone.await);
        drop(one);
        let Ok(three) = waits.await else {
            unreachable!("nothing panics")
        };
        let three = three?;
        drop(two);
        assert_eq!(turns.len(), 1);
        drop(three);
        assert_eq!(turns.len(), 0);
        Ok(())
    }
}
