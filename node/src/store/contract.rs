//! What every store must do: one suite for all of them.

mod history;
mod manifest;

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use proto::{
    address::Address,
    api::vault::{SealedItem, SealedTombstone, VaultContent},
    bytes::Base64,
    ids::{
        AccountId, DeviceId, ItemId, ItemVersion, KeyNumber, Revision, SessionId, UnixMillis,
        UpdateId,
    },
    limits::{KEYS_MAX, SESSIONS_MAX, TOMBSTONE_BYTES, VAULT_PAGE_MAX_ITEMS},
};
use wasm_core::kdf::server::StoredLoginHash;

use super::{
    AddressState, ItemWrite, NewAccount, NewKey, NewSession, SpentChallenge, Store, StoreError,
    StoredKey, TokenHash, VaultQuota,
};

const NOW: UnixMillis = UnixMillis(1_795_226_516_049);
const QUOTA: VaultQuota = VaultQuota {
    items: 1000,
    bytes: 1 << 30,
};

/// Runs every fact on a store that holds nothing yet.
pub(crate) async fn run(store: Arc<dyn Store>) {
    challenge_is_spent_once(&store).await;
    one_of_many_gets_an_address(&store).await;
    deleted_account_leaves_only_a_taken_address(&store).await;
    device_has_one_session(&store).await;
    full_list_of_sessions_makes_room(&store).await;
    keys_are_numbered_in_order(&store).await;
    item_goes_from_version_to_version(&store).await;
    same_write_twice_is_one_write(&store).await;
    one_of_many_writes_a_version(&store).await;
    failing_write_fails_alone(&store).await;
    full_vault_takes_no_more(&store).await;
    history::versions_stay_until_they_are_too_many(&store).await;
    history::write_is_known_by_its_id_for_ever(&store).await;
    history::old_versions_make_room(&store).await;
    manifest::links_follow_one_another(&store).await;
    pages_hold_every_item_once(&store).await;
    page_ends_after_four_mebibytes(&store).await;
    what_is_over_is_purged(&store).await;
    history::what_nobody_wants_back_is_purged(&store).await;
    closed_store_takes_nothing(&store).await;
}

async fn challenge_is_spent_once(store: &Arc<dyn Store>) {
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

async fn one_of_many_gets_an_address(store: &Arc<dyn Store>) {
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

async fn deleted_account_leaves_only_a_taken_address(store: &Arc<dyn Store>) {
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

    store.delete_account(id, NOW).await.unwrap();
    assert_eq!(
        store.address_state(&name).await.unwrap(),
        AddressState::Retired
    );
    assert!(store.account_by_address(&name).await.unwrap().is_none());
    assert!(store.account(id).await.unwrap().is_none());
    assert_eq!(store.active_public_key(&name).await.unwrap(), None);
    assert!(store.session_by_token(&token).await.unwrap().is_none());
    assert!(store.keys(id).await.unwrap().is_empty());
    let latest = store.vault_latest(id).await;
    assert!(matches!(latest, Err(StoreError::AccountMissing)));
    let page = store.vault_page(id, Revision(0), 10).await;
    assert!(matches!(page, Err(StoreError::AccountMissing)));
    let write = write(store, id, 1, 2, Some(b"late")).await;
    assert!(matches!(write, Err(StoreError::AccountMissing)));
    let again = store.delete_account(id, NOW).await;
    assert!(matches!(again, Err(StoreError::AccountMissing)));
    let taken = store
        .create_account(new_account("deleted@a.example", 2))
        .await;
    assert!(matches!(taken, Err(StoreError::AddressTaken)));
}

async fn device_has_one_session(store: &Arc<dyn Store>) {
    let id = account(store, "sessions@a.example").await;
    let phone = device(1);
    let first = new_session(id, phone, 1, NOW);
    let second = new_session(id, phone, 2, NOW.plus(5));
    assert!(store.open_session(first.clone()).await.unwrap());
    assert!(!store.open_session(second.clone()).await.unwrap());
    assert!(
        store
            .session_by_token(&first.token)
            .await
            .unwrap()
            .is_none()
    );
    let found = store
        .session_by_token(&second.token)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((found.id, found.account), (second.id, id));
    assert_eq!(
        (found.created_at, found.last_used_at),
        (NOW.plus(5), NOW.plus(5))
    );

    // The last used comes first; a use never goes back in time.
    store
        .touch_session(second.id, NOW.plus(100), NOW.plus(1100))
        .await
        .unwrap();
    store
        .touch_session(second.id, NOW.plus(50), NOW.plus(1050))
        .await
        .unwrap();
    let list = store.sessions(id, NOW).await.unwrap();
    assert_eq!(list.len(), 2);
    assert_eq!(
        (list[0].id, list[0].last_used_at),
        (second.id, NOW.plus(100))
    );
    assert_eq!(list[0].expires_at, NOW.plus(1100));
    assert!(
        store
            .sessions(id, NOW.plus(1_000_000))
            .await
            .unwrap()
            .is_empty()
    );

    let stranger = account(store, "stranger@a.example").await;
    assert!(!store.end_session(stranger, second.id).await.unwrap());
    assert!(store.end_session(id, second.id).await.unwrap());
    assert!(!store.end_session(id, second.id).await.unwrap());
    assert!(
        store
            .session_by_token(&second.token)
            .await
            .unwrap()
            .is_none()
    );
}

async fn full_list_of_sessions_makes_room(store: &Arc<dyn Store>) {
    let id = account(store, "devices@a.example").await;
    for number in 0..u8::try_from(SESSIONS_MAX).unwrap() + 2 {
        let at = NOW.plus(1 + u64::from(number));
        let session = new_session(id, device(number), 1000 + u16::from(number), at);
        assert!(store.open_session(session).await.unwrap());
    }
    let list = store.sessions(id, NOW).await.unwrap();
    assert_eq!(list.len(), SESSIONS_MAX as usize);
    assert_eq!(list[0].created_at, NOW.plus(u64::from(SESSIONS_MAX) + 2));
    assert_eq!(list[list.len() - 1].created_at, NOW.plus(3));
}

async fn keys_are_numbered_in_order(store: &Arc<dyn Store>) {
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

async fn item_goes_from_version_to_version(store: &Arc<dyn Store>) {
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

async fn same_write_twice_is_one_write(store: &Arc<dyn Store>) {
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

async fn one_of_many_writes_a_version(store: &Arc<dyn Store>) {
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

async fn failing_write_fails_alone(store: &Arc<dyn Store>) {
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

async fn full_vault_takes_no_more(store: &Arc<dyn Store>) {
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

    // Each row counts 128, each content twice: item 1 with 6 bytes makes 3 · 128 + 12 + 2 = 398.
    let tight = VaultQuota {
        items: 10,
        bytes: 399,
    };
    put(1, 2, 6, tight).await.unwrap();
    let full = put(1, 3, 7, tight).await;
    assert!(
        matches!(full, Err(StoreError::QuotaExceeded { max: 399 })),
        "{full:?}"
    );
    put(1, 3, 1, tight).await.unwrap();
    assert_eq!(
        store.vault_page(id, Revision(0), 10).await.unwrap().latest,
        Revision(7)
    );
}

async fn pages_hold_every_item_once(store: &Arc<dyn Store>) {
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

async fn page_ends_after_four_mebibytes(store: &Arc<dyn Store>) {
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

async fn what_is_over_is_purged(store: &Arc<dyn Store>) {
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
    assert_eq!(store.sessions(id, NOW).await.unwrap().len(), 1);
    assert_eq!(store.purge(later.plus(1), 7).await.unwrap(), 1);
}

async fn closed_store_takes_nothing(store: &Arc<dyn Store>) {
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

async fn account(store: &Arc<dyn Store>, name: &str) -> AccountId {
    let new = new_account(name, 1);
    let id = new.id;
    store.create_account(new).await.unwrap();
    id
}

async fn write(
    store: &Arc<dyn Store>,
    account: AccountId,
    item: u8,
    version: u64,
    bytes: Option<&[u8]>,
) -> Result<u64, StoreError> {
    let write = ItemWrite {
        account,
        item: item_id(item),
        update: named(item, version, bytes),
        version: ItemVersion(version),
        content: bytes.map_or_else(tombstone, content),
        written_at: NOW,
    };
    let accepted = store.write_item(write, QUOTA).await?;
    assert_eq!(accepted.version, ItemVersion(version));
    Ok(accepted.revision.0)
}

/// The id of a write: another for each item, version and content.
fn named(item: u8, version: u64, bytes: Option<&[u8]>) -> UpdateId {
    let mut hasher = DefaultHasher::new();
    (item, version, bytes).hash(&mut hasher);
    let mut id = [item; 16];
    id[..8].copy_from_slice(&hasher.finish().to_be_bytes());
    UpdateId::from_bytes(id)
}

fn content(bytes: &[u8]) -> VaultContent {
    VaultContent::Item(SealedItem {
        key_number: KeyNumber(1),
        overview: Base64(bytes.to_vec()),
        secrets: Base64(bytes.to_vec()),
    })
}

fn tombstone() -> VaultContent {
    VaultContent::Tombstone(SealedTombstone {
        key_number: KeyNumber(1),
        sealed: Base64(vec![9; TOMBSTONE_BYTES]),
    })
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

fn item_id(number: u8) -> ItemId {
    ItemId::make(NOW, [number; 10])
}

fn device(number: u8) -> DeviceId {
    DeviceId::make(NOW, [number; 10])
}

/// An account whose id and token are its own.
fn new_account(name: &str, number: u16) -> NewAccount {
    let hash = *blake3::hash(format!("{name} {number}").as_bytes()).as_bytes();
    let mut random = [0; 10];
    random.copy_from_slice(&hash[..10]);
    let id = AccountId::make(NOW, random);
    NewAccount {
        id,
        address: address(name),
        login_hash: StoredLoginHash::from_bytes(hash),
        key: StoredKey {
            number: KeyNumber(1),
            public_key: [2; 33],
            sealed_private_key: vec![4; 61],
        },
        session: new_session(id, device(200), 10_000 + number, NOW),
        created_at: NOW,
    }
}

fn new_session(account: AccountId, device: DeviceId, number: u16, at: UnixMillis) -> NewSession {
    let hash = *blake3::hash(format!("{account} {number}").as_bytes()).as_bytes();
    let mut random = [0; 10];
    random.copy_from_slice(&hash[..10]);
    NewSession {
        id: SessionId::make(at, random),
        account,
        device,
        description: "A device".to_owned(),
        token: TokenHash(hash),
        created_at: at,
        expires_at: at.plus(1000),
    }
}
