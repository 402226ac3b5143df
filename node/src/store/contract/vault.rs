//! The vault and its log.

use std::{collections::BTreeSet, sync::Arc};

use proto::{
    ids::{ItemVersion, Position, Revision},
    limits::VAULT_PAGE_MAX_ITEMS,
};

use super::make::{NOW, account, content, delete, item_id, named, tombstone, write};
use crate::store::{ItemWrite, Latest, Store, StoreError, VaultQuota};

pub(crate) async fn item_goes_from_version_to_version(store: &Arc<dyn Store>) {
    let id = account(store, "item@a.example").await;
    let conflict = |answer: Result<_, StoreError>| match answer {
        Err(StoreError::VersionConflict { actual }) => actual.0,
        other => panic!("{other:?}"),
    };
    assert_eq!(conflict(write(store, id, 1, 2, Some(b"a")).await), 0);
    assert_eq!(conflict(write(store, id, 1, 0, Some(b"a")).await), 0);
    assert_eq!(write(store, id, 1, 1, Some(b"a")).await.unwrap(), 1);
    assert_eq!(conflict(write(store, id, 1, 1, Some(b"b")).await), 1);
    assert_eq!(write(store, id, 1, 2, Some(b"b")).await.unwrap(), 2);
    let missing = write(store, id, 2, 1, None).await;
    assert!(matches!(missing, Err(StoreError::ItemMissing)));
    assert_eq!(conflict(write(store, id, 1, 2, None).await), 2);
    assert_eq!(write(store, id, 1, 3, None).await.unwrap(), 3);
    let twice = write(store, id, 1, 4, None).await;
    assert!(matches!(twice, Err(StoreError::ItemMissing)));
    assert_eq!(conflict(write(store, id, 1, 1, Some(b"c")).await), 3);
    let page = store.vault_page(id, Revision(0), 10).await.unwrap();
    assert_eq!(page.records.len(), 1);
    assert_eq!(page.records[0].content, tombstone());
    // Back from the dead: what undoing a deletion needs.
    assert_eq!(write(store, id, 1, 4, Some(b"c")).await.unwrap(), 4);
    let page = store.vault_page(id, Revision(3), 10).await.unwrap();
    assert_eq!(page.records[0].content, content(b"c"));
    assert_eq!((page.latest, page.has_more), (Revision(4), false));
}

pub(crate) async fn same_write_twice_is_one_write(store: &Arc<dyn Store>) {
    let id = account(store, "twice@a.example").await;
    assert_eq!(write(store, id, 1, 1, Some(b"a")).await.unwrap(), 1);
    assert_eq!(write(store, id, 2, 1, Some(b"a")).await.unwrap(), 2);
    assert_eq!(write(store, id, 1, 1, Some(b"a")).await.unwrap(), 1);
    assert_eq!(write(store, id, 1, 2, None).await.unwrap(), 3);
    assert_eq!(write(store, id, 1, 2, None).await.unwrap(), 3);
    assert_eq!(
        store.vault_page(id, Revision(0), 10).await.unwrap().latest,
        Revision(3)
    );
}

pub(crate) async fn one_of_many_writes_a_version(store: &Arc<dyn Store>) {
    let id = account(store, "race@a.example").await;
    for version in 1..=5 {
        let tries: Vec<_> = (0..20_u8)
            .map(|number| {
                let store = Arc::clone(store);
                tokio::spawn(async move { write(&store, id, 1, version, Some(&[number; 8])).await })
            })
            .collect();
        let mut won = 0;
        for one in tries {
            match one.await.unwrap() {
                Ok(revision) => {
                    assert_eq!(revision, version);
                    won += 1;
                }
                Err(StoreError::VersionConflict { actual }) => assert_eq!(actual.0, version),
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(won, 1, "version {version}");
    }
}

pub(crate) async fn failing_write_fails_alone(store: &Arc<dyn Store>) {
    let id = account(store, "alone@a.example").await;
    // Every second one writes a version that cannot be; all wait in the same few transactions.
    let tries: Vec<_> = (0..200_u8)
        .map(|number| {
            let store = Arc::clone(store);
            let version = if number % 2 == 0 { 1 } else { 7 };
            tokio::spawn(async move { write(&store, id, number, version, Some(b"x")).await })
        })
        .collect();
    let mut revisions = BTreeSet::new();
    for (number, one) in tries.into_iter().enumerate() {
        match one.await.unwrap() {
            Ok(revision) => assert!(number % 2 == 0 && revisions.insert(revision)),
            Err(error) => assert!(number % 2 == 1, "{error}"),
        }
    }
    assert_eq!(revisions, (1..=100).collect());
    let page = store
        .vault_page(id, Revision(0), VAULT_PAGE_MAX_ITEMS)
        .await
        .unwrap();
    let stored: Vec<u64> = page
        .records
        .iter()
        .map(|record| record.revision.0)
        .collect();
    assert_eq!(stored, (1..=100).collect::<Vec<u64>>());
}

pub(crate) async fn full_vault_takes_no_more(store: &Arc<dyn Store>) {
    let id = account(store, "full@a.example").await;
    let put = async |item: u8, version: u64, bytes: usize, quota| {
        let update = named(item, version, Some(&vec![7; bytes]));
        let content = if bytes > 0 {
            content(&vec![7; bytes])
        } else {
            tombstone()
        };
        let write = ItemWrite {
            account: id,
            item: item_id(item),
            update,
            version: ItemVersion(version),
            content,
            written_at: NOW,
        };
        store
            .write_item(write, quota)
            .await
            .map(|accepted| accepted.revision.0)
    };
    let two = VaultQuota {
        items: 2,
        bytes: 1 << 30,
    };
    put(1, 1, 1, two).await.unwrap();
    put(2, 1, 1, two).await.unwrap();
    assert!(matches!(
        put(3, 1, 1, two).await,
        Err(StoreError::QuotaExceeded { max: 2 })
    ));
    put(2, 2, 2, two).await.unwrap();
    put(2, 3, 0, two).await.unwrap();
    put(3, 1, 1, two).await.unwrap();
    assert!(matches!(
        put(2, 4, 1, two).await,
        Err(StoreError::QuotaExceeded { max: 2 })
    ));

    // Ten at most were ever there, five for each live one: a device reads them all.
    for item in 4..=10 {
        put(item - 1, 2, 0, two).await.unwrap();
        put(item, 1, 1, two).await.unwrap();
    }
    put(10, 2, 0, two).await.unwrap();
    let full = put(11, 1, 1, two).await;
    assert!(
        matches!(full, Err(StoreError::QuotaExceeded { max: 10 })),
        "{full:?}"
    );
    put(10, 3, 1, two).await.unwrap();

    // Each row counts 128, each content twice: item 1 with 6 bytes makes 10 · 128 + 12 + 2 = 1294.
    let tight = VaultQuota {
        items: 10,
        bytes: 1295,
    };
    put(1, 2, 6, tight).await.unwrap();
    let full = put(1, 3, 7, tight).await;
    assert!(
        matches!(full, Err(StoreError::QuotaExceeded { max: 1295 })),
        "{full:?}"
    );
    put(1, 3, 1, tight).await.unwrap();
    assert_eq!(
        store.vault_page(id, Revision(0), 10).await.unwrap().latest,
        Revision(23)
    );
}

pub(crate) async fn pages_hold_every_item_once(store: &Arc<dyn Store>) {
    let id = account(store, "pages@a.example").await;
    let empty = store.vault_page(id, Revision(0), 10).await.unwrap();
    assert_eq!(
        (empty.records.len(), empty.latest, empty.has_more),
        (0, Revision(0), false)
    );
    assert_eq!(store.vault_latest(id).await.unwrap(), Revision(0));
    for item in 0..25 {
        write(store, id, item, 1, Some(&[item])).await.unwrap();
    }
    write(store, id, 3, 2, Some(b"again")).await.unwrap();
    assert_eq!(store.vault_latest(id).await.unwrap(), Revision(26));
    let mut seen = Vec::new();
    let mut since = Revision(0);
    for expected in [10, 10, 5] {
        let page = store.vault_page(id, since, 10).await.unwrap();
        assert_eq!((page.records.len(), page.latest), (expected, Revision(26)));
        assert_eq!(page.has_more, expected == 10);
        since = page.records[page.records.len() - 1].revision;
        seen.extend(page.records.into_iter().map(|record| record.revision.0));
    }
    // Item 3 stands at its newest place only.
    assert_eq!(
        seen,
        (1..=26)
            .filter(|revision| *revision != 4)
            .collect::<Vec<u64>>()
    );
    let after = store.vault_page(id, Revision(26), 10).await.unwrap();
    assert_eq!((after.records.len(), after.has_more), (0, false));
    let beyond = store.vault_page(id, Revision(u64::MAX), 10).await.unwrap();
    assert_eq!(
        (beyond.records.len(), beyond.latest, beyond.has_more),
        (0, Revision(26), false)
    );
}

pub(crate) async fn page_ends_after_four_mebibytes(store: &Arc<dyn Store>) {
    let id = account(store, "large@a.example").await;
    for item in 0..20 {
        write(store, id, item, 1, Some(&vec![item; 150_000]))
            .await
            .unwrap();
    }
    // `content` seals the bytes twice: 300 000 each, so the fourteenth passes 4 MiB.
    let page = store.vault_page(id, Revision(0), 500).await.unwrap();
    assert_eq!((page.records.len(), page.has_more), (14, true));
    let page = store.vault_page(id, Revision(14), 500).await.unwrap();
    assert_eq!((page.records.len(), page.has_more), (6, false));
    assert_eq!(page.records[5].content, content(&vec![19; 150_000]));
}

pub(crate) async fn many_are_asked_for_at_once(store: &Arc<dyn Store>) {
    let one = account(store, "one@a.example").await;
    let two = account(store, "two@a.example").await;
    write(store, two, 1, 1, Some(b"a")).await.unwrap();
    delete(store, one).await.unwrap();
    let three = account(store, "three@a.example").await;
    let mut found = store.latest_of(&[one, two, three]).await.unwrap();
    found.sort_by_key(|(_, latest)| latest.vault);
    let at = |vault| Latest {
        vault: Revision(vault),
        messages: Position(0),
    };
    assert_eq!(found, [(three, at(0)), (two, at(1))]);
    assert!(store.latest_of(&[]).await.unwrap().is_empty());
}
