//! Accounts and their addresses.

use std::sync::Arc;

use proto::ids::Revision;
use wasm_core::kdf::server::StoredLoginHash;

use super::make::{NOW, address, delete, new_account, write};
use crate::store::{AddressState, Deletion, Proven, Store, StoreError};

pub(crate) async fn one_of_many_gets_an_address(store: &Arc<dyn Store>) {
    let tries: Vec<_> = (0..20)
        .map(|number| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                let new = new_account("wanted@a.example", number);
                let id = new.id;
                store.create_account(new).await.map(|()| id)
            })
        })
        .collect();
    let mut made = Vec::new();
    for one in tries {
        match one.await.unwrap() {
            Ok(id) => made.push(id),
            Err(error) => assert!(matches!(error, StoreError::AddressTaken), "{error}"),
        }
    }
    assert_eq!(made.len(), 1);
    let account = store
        .account_by_address(&address("wanted@a.example"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(account.id, made[0]);
    assert_eq!(store.keys(account.id).await.unwrap().len(), 1);
    assert_eq!(store.sessions(account.id, NOW).await.unwrap().len(), 1);
}

pub(crate) async fn deleted_account_leaves_only_a_taken_address(store: &Arc<dyn Store>) {
    let name = address("deleted@a.example");
    assert_eq!(
        store.address_state(&name).await.unwrap(),
        AddressState::Free
    );
    let new = new_account("deleted@a.example", 1);
    let (id, token) = (new.id, new.session.token);
    store.create_account(new).await.unwrap();
    write(store, id, 1, 1, Some(b"content")).await.unwrap();
    assert_eq!(
        store.address_state(&name).await.unwrap(),
        AddressState::InUse
    );
    assert_eq!(store.active_public_key(&name).await.unwrap(), Some([2; 33]));

    let outdated = Deletion {
        account: id,
        proven: Proven::Password(StoredLoginHash::from_bytes([99; 32])),
        at: NOW,
    };
    let refused = store.delete_account(outdated).await;
    assert!(matches!(refused, Err(StoreError::ProofOutdated)));
    assert!(store.account(id).await.unwrap().is_some());
    delete(store, id).await.unwrap();
    assert_eq!(
        store.address_state(&name).await.unwrap(),
        AddressState::Retired
    );
    assert!(store.account_by_address(&name).await.unwrap().is_none());
    assert!(store.account(id).await.unwrap().is_none());
    assert_eq!(store.active_public_key(&name).await.unwrap(), None);
    assert!(store.session_by_token(&token, NOW).await.unwrap().is_none());
    assert!(store.keys(id).await.unwrap().is_empty());
    let latest = store.vault_latest(id).await;
    assert!(matches!(latest, Err(StoreError::AccountMissing)));
    let page = store.vault_page(id, Revision(0), 10).await;
    assert!(matches!(page, Err(StoreError::AccountMissing)));
    let write = write(store, id, 1, 2, Some(b"late")).await;
    assert!(matches!(write, Err(StoreError::AccountMissing)));
    let again = store.delete_account(outdated).await;
    assert!(matches!(again, Err(StoreError::AccountMissing)));
    let taken = store
        .create_account(new_account("deleted@a.example", 2))
        .await;
    assert!(matches!(taken, Err(StoreError::AddressTaken)));
}
