//! Key pairs of an account.

use std::sync::Arc;

use proto::{
    ids::{ItemVersion, KeyNumber},
    limits::KEYS_MAX,
};

use wasm_core::kdf::server::StoredLoginHash;

use super::make::{NOW, account, address};
use crate::store::{NewKey, Proven, Store, StoreError, StoredKey};

pub(crate) async fn keys_are_numbered_in_order(store: &Arc<dyn Store>) {
    let id = account(store, "keys@a.example").await;
    let password = store.account(id).await.unwrap().unwrap().login_hash;
    let add_with = async |number: u32, byte: u8, password| {
        let key = StoredKey {
            number: KeyNumber(number),
            public_key: [byte; 33],
            sealed_private_key: vec![byte; 61],
        };
        store
            .add_key(NewKey {
                account: id,
                key,
                proven: Proven::Password(password),
                for_words: None,
                created_at: NOW,
            })
            .await
    };
    let add = async |number, byte| add_with(number, byte, password).await;
    for wrong in [0, 1, 3] {
        let answer = add(wrong, 9).await;
        let newest = ItemVersion(1);
        assert!(
            matches!(answer, Err(StoreError::VersionConflict { actual }) if actual == newest),
            "{wrong}"
        );
    }
    // A key sealed under a password that was changed meanwhile must not become the active one.
    let outdated = add_with(2, 3, StoredLoginHash::from_bytes([99; 32])).await;
    assert!(matches!(outdated, Err(StoreError::ProofOutdated)));
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
    let added = store.keys_added(id).await.unwrap();
    let added = added.iter().map(|it| (it.number.0, it.at));
    assert_eq!(added.collect::<Vec<_>>(), [(1, NOW), (2, NOW)]);
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
