//! What the contracts put into a store.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use proto::{
    address::Address,
    api::vault::{SealedItem, SealedTombstone, VaultContent},
    bytes::Base64,
    ids::{AccountId, DeviceId, ItemId, ItemVersion, KeyNumber, SessionId, UnixMillis, UpdateId},
    limits::TOMBSTONE_BYTES,
};
use wasm_core::kdf::server::StoredLoginHash;

use crate::store::{
    Deletion, ItemWrite, NewAccount, NewSession, Proven, Store, StoreError, StoredKey, TokenHash,
    VaultQuota,
};

/// The time at which everything happens.
pub(crate) const NOW: UnixMillis = UnixMillis(1_795_226_516_049);

/// More than any of them needs.
pub(crate) const QUOTA: VaultQuota = VaultQuota {
    items: 1000,
    bytes: 1 << 30,
};

pub(crate) async fn account(store: &Arc<dyn Store>, name: &str) -> AccountId {
    let new = new_account(name, 1);
    let id = new.id;
    store.create_account(new).await.unwrap();
    id
}

/// Deletes an account by the password that it has.
pub(crate) async fn delete(store: &Arc<dyn Store>, id: AccountId) -> Result<(), StoreError> {
    let password = store.account(id).await?.ok_or(StoreError::AccountMissing)?;
    let deletion = Deletion {
        account: id,
        proven: Proven::Password(password.login_hash),
        at: NOW,
    };
    store.delete_account(deletion).await
}

pub(crate) async fn write(
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
pub(crate) fn named(item: u8, version: u64, bytes: Option<&[u8]>) -> UpdateId {
    let mut hasher = DefaultHasher::new();
    (item, version, bytes).hash(&mut hasher);
    let mut id = [item; 16];
    id[..8].copy_from_slice(&hasher.finish().to_be_bytes());
    UpdateId::from_bytes(id)
}

pub(crate) fn content(bytes: &[u8]) -> VaultContent {
    VaultContent::Item(SealedItem {
        key_number: KeyNumber(1),
        overview: Base64(bytes.to_vec()),
        secrets: Base64(bytes.to_vec()),
    })
}

pub(crate) fn tombstone() -> VaultContent {
    VaultContent::Tombstone(SealedTombstone {
        key_number: KeyNumber(1),
        sealed: Base64(vec![9; TOMBSTONE_BYTES]),
    })
}

pub(crate) fn address(text: &str) -> Address {
    text.parse().unwrap()
}

pub(crate) fn item_id(number: u8) -> ItemId {
    ItemId::make(NOW, [number; 10])
}

pub(crate) fn device(number: u8) -> DeviceId {
    DeviceId::make(NOW, [number; 10])
}

/// An account whose id and token are its own.
pub(crate) fn new_account(name: &str, number: u16) -> NewAccount {
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

pub(crate) fn new_session(
    account: AccountId,
    device: DeviceId,
    number: u16,
    at: UnixMillis,
) -> NewSession {
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
        proven: None,
    }
}
