//! Solved challenges.

use std::sync::Arc;

use super::make::NOW;
use crate::store::{SpentChallenge, Store, StoreError};

pub(crate) async fn challenge_is_spent_once(store: &Arc<dyn Store>) {
    let spend = |byte| SpentChallenge {
        challenge: [byte; 32],
        expires_at: NOW.plus(1000),
    };
    let tries: Vec<_> = (0..20)
        .map(|_| {
            let store = Arc::clone(store);
            tokio::spawn(async move { store.spend(spend(1)).await })
        })
        .collect();
    let mut spent = 0;
    for one in tries {
        match one.await.unwrap() {
            Ok(()) => spent += 1,
            Err(error) => assert!(matches!(error, StoreError::AlreadySpent), "{error}"),
        }
    }
    assert_eq!(spent, 1);
    store.spend(spend(2)).await.unwrap();
}
