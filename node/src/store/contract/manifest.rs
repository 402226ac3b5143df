//! What devices have signed.

use std::sync::Arc;

use proto::{
    api::manifest::{MANIFESTS_MAX, VaultManifest},
    bytes::Hex,
    ids::{ItemVersion, KeyNumber, Revision, UnixMillis},
};

use super::make::account;
use crate::store::{Store, StoreError};

fn link(number: u64, byte: u8) -> VaultManifest {
    VaultManifest {
        number,
        previous: Hex([byte; 32]),
        revision: Revision(number * 2),
        items: number + 1,
        digest: Hex([byte + 1; 32]),
        signed_at: UnixMillis(number * 3),
        key_number: KeyNumber(1),
        signature: Hex([byte + 2; 64]),
    }
}

pub(crate) async fn links_follow_one_another(store: &Arc<dyn Store>) {
    let id = account(store, "signed@a.example").await;
    assert_eq!(store.newest_manifest(id).await.unwrap(), None);
    let conflict = |answer: Result<(), StoreError>| match answer {
        Err(StoreError::VersionConflict { actual }) => actual,
        other => panic!("{other:?}"),
    };
    let add = async |number, byte| store.add_manifest(id, link(number, byte)).await;
    assert_eq!(conflict(add(2, 1).await), ItemVersion(0));
    assert_eq!(conflict(add(0, 1).await), ItemVersion(0));
    add(1, 1).await.unwrap();
    add(1, 1).await.unwrap();
    assert_eq!(
        conflict(add(1, 2).await),
        ItemVersion(1),
        "another one of that number"
    );
    add(2, 1).await.unwrap();
    add(3, 1).await.unwrap();
    assert_eq!(store.newest_manifest(id).await.unwrap(), Some(link(3, 1)));
    let page = store.manifests(id, 1, 1).await.unwrap();
    assert_eq!((page.manifests, page.has_more), (vec![link(2, 1)], true));
    let page = store.manifests(id, 1, 2).await.unwrap();
    assert_eq!((page.manifests.len(), page.has_more), (2, false));
    let other = account(store, "unsigned@a.example").await;
    assert_eq!(store.newest_manifest(other).await.unwrap(), None);

    for number in 4..=MANIFESTS_MAX + 5 {
        add(number, 7).await.unwrap();
    }
    let page = store.manifests(id, 0, 1).await.unwrap();
    assert_eq!(page.manifests[0].number, 6, "the oldest are let go of");
}
