//! Versions that another one came after.

use std::sync::Arc;

use proto::{
    ids::{ItemVersion, Revision, UpdateId},
    limits::{ITEM_VERSION_MAX, ITEM_VERSIONS_MAX, TRASH_KEPT_MS, VERSION_KEPT_MS},
};

use super::make::{NOW, QUOTA, account, content, item_id, named, tombstone, write};
use crate::store::{ItemWrite, Store, StoreError, VaultQuota};

const ALL: ItemVersion = ItemVersion(ITEM_VERSION_MAX);

/// `(version, revision)` of every version there is, read in pages of `limit`.
async fn read(
    store: &Arc<dyn Store>,
    account: proto::ids::AccountId,
    item: u8,
    limit: u32,
) -> Vec<(u64, u64)> {
    let (mut seen, mut before) = (Vec::new(), ALL);
    loop {
        let page = store.item_versions(account, item_id(item), before, limit);
        let page = page.await.unwrap();
        assert!(page.versions.len() <= limit as usize);
        seen.extend(page.versions.iter().map(|it| (it.version.0, it.revision.0)));
        match page.versions.last() {
            Some(last) if page.has_more => before = last.version,
            _ => return seen,
        }
    }
}

pub(crate) async fn versions_stay_until_they_are_too_many(store: &Arc<dyn Store>) {
    let id = account(store, "history@a.example").await;
    write(store, id, 1, 1, Some(b"one")).await.unwrap();
    write(store, id, 2, 1, Some(b"other")).await.unwrap();
    write(store, id, 1, 2, None).await.unwrap();
    write(store, id, 1, 3, Some(b"back")).await.unwrap();
    for limit in 1..5 {
        assert_eq!(read(store, id, 1, limit).await, [(3, 4), (2, 3), (1, 1)]);
    }
    let page = store.item_versions(id, item_id(1), ItemVersion(3), 9);
    let contents: Vec<_> = page.await.unwrap().versions;
    let contents: Vec<_> = contents.into_iter().map(|it| it.content).collect();
    assert_eq!(contents, [tombstone(), content(b"one")]);
    assert_eq!(read(store, id, 3, 9).await, []);

    for version in 4..=u64::from(ITEM_VERSIONS_MAX) + 10 {
        write(store, id, 1, version, Some(b"more")).await.unwrap();
    }
    let seen = read(store, id, 1, 50).await;
    assert_eq!(seen.len(), ITEM_VERSIONS_MAX as usize);
    assert_eq!(seen.last().map(|(version, _)| *version), Some(11));
    assert_eq!(read(store, id, 2, 9).await, [(1, 2)]);
}

pub(crate) async fn write_is_known_by_its_id_for_ever(store: &Arc<dyn Store>) {
    let id = account(store, "update@a.example").await;
    for version in 1..=3 {
        write(store, id, 1, version, Some(b"x")).await.unwrap();
    }
    // A write that is sent again long after is still that one.
    assert_eq!(write(store, id, 1, 1, Some(b"x")).await.unwrap(), 1);
    let latest = store.vault_latest(id).await.unwrap();
    assert_eq!(latest, Revision(3));
    // Another write under its name is none.
    let named = |item: u8, version: u64, update: UpdateId| ItemWrite {
        account: id,
        item: item_id(item),
        update,
        version: ItemVersion(version),
        content: content(b"y"),
        written_at: NOW,
    };
    let of = |version| named_for(1, version);
    for (item, version, update) in [(1, 4, of(3)), (2, 1, of(3)), (1, 3, of(3))] {
        let refused = store.write_item(named(item, version, update), QUOTA).await;
        let refused = refused.unwrap_err();
        assert!(
            matches!(
                refused,
                StoreError::UpdateReused | StoreError::VersionConflict { .. }
            ),
            "{refused}"
        );
    }
    assert_eq!(store.vault_latest(id).await.unwrap(), Revision(3));
}

/// The id that `write` gives to version `version` of an item with the content `x`.
fn named_for(item: u8, version: u64) -> UpdateId {
    named(item, version, Some(b"x"))
}

pub(crate) async fn old_versions_make_room(store: &Arc<dyn Store>) {
    let id = account(store, "room@a.example").await;
    let quota = VaultQuota {
        items: 10,
        bytes: 10 * (2 * 100 + 128),
    };
    let put = async |item: u8, version: u64| {
        let bytes = [item; 100];
        let write = ItemWrite {
            account: id,
            item: item_id(item),
            update: named(item, version, Some(&bytes)),
            version: ItemVersion(version),
            content: content(&bytes),
            written_at: NOW,
        };
        store.write_item(write, quota).await.map(|_| ())
    };
    put(1, 1).await.unwrap();
    put(1, 2).await.unwrap();
    put(2, 1).await.unwrap();
    for version in 2..=9 {
        put(2, version).await.unwrap();
    }
    // Nine earlier versions are there, ten have room; the twelfth write of item 2 makes eleven.
    assert_eq!(read(store, id, 1, 50).await.len(), 2);
    put(2, 10).await.unwrap();
    put(2, 11).await.unwrap();
    put(2, 12).await.unwrap();
    let left = read(store, id, 1, 50).await.len() + read(store, id, 2, 50).await.len();
    assert!(left <= 2 + 10, "{left} versions");
    assert_eq!(
        read(store, id, 1, 50).await,
        [(2, 2)],
        "the oldest went first"
    );
    assert_eq!(read(store, id, 2, 50).await.first().unwrap().0, 12);
}

pub(crate) async fn what_nobody_wants_back_is_purged(store: &Arc<dyn Store>) {
    let id = account(store, "unwanted@a.example").await;
    for version in 1..=3 {
        write(store, id, 1, version, Some(b"x")).await.unwrap();
        write(store, id, 2, version, Some(b"x")).await.unwrap();
    }
    write(store, id, 2, 4, None).await.unwrap();
    let purge = async |after_ms: u64| {
        while store.purge(NOW.plus(after_ms), 2).await.unwrap() > 0 {}
        (
            read(store, id, 1, 50).await.len(),
            read(store, id, 2, 50).await.len(),
        )
    };
    assert_eq!(purge(TRASH_KEPT_MS - 1).await, (3, 4));
    assert_eq!(purge(TRASH_KEPT_MS).await, (3, 1), "deleted for 30 days");
    assert_eq!(purge(VERSION_KEPT_MS - 1).await, (3, 1));
    assert_eq!(purge(VERSION_KEPT_MS).await, (1, 1), "replaced a year ago");
    assert_eq!(store.vault_latest(id).await.unwrap(), Revision(7));
}
