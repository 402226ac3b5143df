//! Key pairs of an account.

use std::sync::Arc;

use proto::{
    ids::{ItemVersion, KeyNumber},
    limits::KEYS_MAX,
};

use super::make::{NOW, account, address};
use crate::store::{NewKey, Store, StoreError, StoredKey};

pub(crate) async fn keys_are_numbered_in_order(store: &Arc<dyn Store>) {
    let id = account(store, "keys@a.example").await;
    let add = async |number: u32, byte: u8| {
        let key = StoredKey {
            number: KeyNumber(number),
            public_key: [byte; 33],
            sealed_private_key: vec![byte; 61],
        };
        store
            .add_key(NewKey {
                account: id,
                key,
                created_at: NOW,
            })
            .await
    };
    for wrong in [0, 1, 3] {
        let answer = add(wrong, 9).await;
        let newest = ItemVersion(1);
        assert!(
            matches!(answer, Err(StoreError::VersionConflict { actual }) if actual == newest),
            "{wrong}"
        );
    }
    add(2, 3).await.unwrap();
    add(2, 3).await.unwrap();
    assert!(matches!(
        add(2, 2).await,
        Err(StoreError::VersionConflict { .. })
    ));
    let keys = store.keys(id).await.unwrap();
    assert_eq!(
        keys.iter().map(|key| key.number.0).collect::<Vec<_>>(),
        [1, 2]
    );
    let active = store
        .active_public_key(&address("keys@a.example"))
        .await
        .unwrap();
    assert_eq!(active, Some([3; 33]));
    for number in 3..=u32::try_from(KEYS_MAX).unwrap() {
        add(number, 3).await.unwrap();
    }
    let answer = add(u32::try_from(KEYS_MAX).unwrap() + 1, 3).await;
    assert!(matches!(
        answer,
        Err(StoreError::QuotaExceeded { max: 100 })
    ));
}
