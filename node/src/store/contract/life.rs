//! The store itself: what goes by itself, and its end.

use std::sync::Arc;

use proto::{ids::UnixMillis, limits::DEVICE_KEPT_MS};

use super::make::{NOW, account, device, new_session};
use crate::store::{SpentChallenge, Store, StoreError};

pub(crate) async fn what_is_over_is_purged(store: &Arc<dyn Store>) {
    let later = NOW.plus(1 << 50);
    let id = account(store, "purge@a.example").await;
    store
        .open_session(new_session(id, device(1), 9, later))
        .await
        .unwrap();
    while store.purge(later, 7).await.unwrap() > 0 {}
    let spent = SpentChallenge {
        challenge: [1; 32],
        expires_at: later.plus(1),
    };
    store.spend(spent).await.unwrap();
    assert_eq!(store.purge(later, 7).await.unwrap(), 0);
    assert!(matches!(
        store.spend(spent).await,
        Err(StoreError::AlreadySpent)
    ));
    assert_eq!(store.sessions(id, later).await.unwrap().len(), 1);
    assert_eq!(store.purge(later.plus(1), 7).await.unwrap(), 1);
    let forgotten = later.plus(DEVICE_KEPT_MS);
    let before = UnixMillis(forgotten.0 - 1);
    assert_eq!(store.purge(before, 7).await.unwrap(), 0);
    assert_eq!(store.purge(forgotten, 7).await.unwrap(), 1);
}

pub(crate) async fn closed_store_takes_nothing(store: &Arc<dyn Store>) {
    store.ready().await.unwrap();
    store.close().await.unwrap();
    assert!(matches!(store.ready().await, Err(StoreError::Closed)));
    let spent = SpentChallenge {
        challenge: [3; 32],
        expires_at: NOW,
    };
    assert!(matches!(store.spend(spent).await, Err(StoreError::Closed)));
    store.close().await.unwrap();
}
