//! Accounts, addresses, keys and spent challenges.

use proto::{
    address::Address,
    api::account::KeyAdded,
    ids::{AccountId, UnixMillis},
};
use wasm_core::kdf::server::StoredLoginHash;

use super::{
    super::{
        Account, AddressState, Deletion, NewAccount, NewKey, SpentChallenge, StoreError, StoredKey,
        codec::{account, bytes, damaged, integer, key, key_added, value},
        rules::{address_hash, is_for_words, is_next_key, still_proven},
    },
    recovery::{login_hash, put_key, recovery_hash},
    session,
    sql::{Connection, query},
    writer::Operation,
};

pub(super) fn address_state(
    reader: &Connection,
    address: &Address,
) -> Result<AddressState, StoreError> {
    state_of(reader, address)
}

pub(super) fn by_address(
    reader: &Connection,
    address: &Address,
) -> Result<Option<Account>, StoreError> {
    query("SELECT id, address, login_key_hash FROM account WHERE address = ?")
        .bind(address.as_str())
        .fetch_optional(reader)?
        .map(|row| account(&row))
        .transpose()
}

pub(super) fn by_id(reader: &Connection, id: AccountId) -> Result<Option<Account>, StoreError> {
    query("SELECT id, address, login_key_hash FROM account WHERE id = ?")
        .bind(id.as_bytes().as_slice())
        .fetch_optional(reader)?
        .map(|row| account(&row))
        .transpose()
}

pub(super) fn active_public_key(
    reader: &Connection,
    address: &Address,
) -> Result<Option<[u8; 33]>, StoreError> {
    query(
        "SELECT public_key FROM account JOIN address_key ON account_id = id \
         WHERE address = ? ORDER BY number DESC LIMIT 1",
    )
    .bind(address.as_str())
    .fetch_optional(reader)?
    .map(|row| bytes(&row, "public_key"))
    .transpose()
}

pub(super) fn keys(reader: &Connection, account: AccountId) -> Result<Vec<StoredKey>, StoreError> {
    query(
        "SELECT number, public_key, sealed_private_key FROM address_key \
         WHERE account_id = ? ORDER BY number",
    )
    .bind(account.as_bytes().as_slice())
    .fetch_all(reader)?
    .iter()
    .map(key)
    .collect()
}

/// When each key pair was added.
pub(super) fn keys_added(
    reader: &Connection,
    account: AccountId,
) -> Result<Vec<KeyAdded>, StoreError> {
    query("SELECT number, created_at FROM address_key WHERE account_id = ? ORDER BY number")
        .bind(account.as_bytes().as_slice())
        .fetch_all(reader)?
        .iter()
        .map(key_added)
        .collect()
}

/// Spends a challenge.
pub(super) struct Spend(pub(super) SpentChallenge);

impl Operation for Spend {
    type Output = ();

    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let done = query(
            "INSERT INTO spent_challenge (challenge, expires_at) VALUES (?, ?) \
             ON CONFLICT DO NOTHING",
        )
        .bind(self.0.challenge.as_slice())
        .bind(integer(self.0.expires_at.0))
        .execute(connection)?;
        if done == 1 {
            Ok(())
        } else {
            Err(StoreError::AlreadySpent)
        }
    }
}

/// Makes an account with its first key and session.
pub(super) struct Create(pub(super) NewAccount);

impl Operation for Create {
    type Output = ();

    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let new = &self.0;
        if state_of(connection, &new.address)? != AddressState::Free {
            return Err(StoreError::AddressTaken);
        }
        query("INSERT INTO account (id, address, login_key_hash, created_at) VALUES (?, ?, ?, ?)")
            .bind(new.id.as_bytes().as_slice())
            .bind(new.address.as_str())
            .bind(new.login_hash.as_bytes().as_slice())
            .bind(integer(new.created_at.0))
            .execute(connection)?;
        insert_key(
            connection,
            new.id,
            &new.key,
            &new.login_hash,
            new.created_at,
        )?;
        session::insert(connection, &new.session, None)
    }
}

/// Deletes an account and retires its address.
pub(super) struct Delete(pub(super) Deletion);

impl Operation for Delete {
    type Output = ();

    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let password = login_hash(connection, self.0.account)?;
        still_proven(&self.0.proven, &password, None)?;
        // Keys, sessions and items go with it (ON DELETE CASCADE).
        let row = query("DELETE FROM account WHERE id = ? RETURNING address")
            .bind(self.0.account.as_bytes().as_slice())
            .fetch_optional(connection)?
            .ok_or(StoreError::AccountMissing)?;
        let address: Address = value::<&str>(&row, "address")?
            .parse()
            .map_err(|_| damaged("address"))?;
        query("INSERT INTO retired_address (address_hash, retired_at) VALUES (?, ?)")
            .bind(address_hash(&address).as_slice())
            .bind(integer(self.0.at.0))
            .execute(connection)?;
        Ok(())
    }
}

/// Adds a key pair to an account.
pub(super) struct AddKey(pub(super) NewKey);

impl Operation for AddKey {
    type Output = ();

    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let NewKey {
            account: id,
            key: new,
            proven,
            for_words,
            created_at,
        } = &self.0;
        let password = login_hash(connection, *id)?;
        still_proven(proven, &password, None)?;
        let newest = query(
            "SELECT number, public_key, sealed_private_key FROM address_key \
             WHERE account_id = ? ORDER BY number DESC LIMIT 1",
        )
        .bind(id.as_bytes().as_slice())
        .fetch_optional(connection)?
        .map(|row| key(&row))
        .transpose()?;
        if !is_next_key(newest.as_ref(), new)? {
            return Ok(());
        }
        insert_key(connection, *id, new, &password, *created_at)?;
        if let Some(sealed) = for_words {
            let set = recovery_hash(connection, *id)?;
            is_for_words(Some(&sealed.words), set.as_ref())?;
            put_key(connection, *id, &sealed.of(new))?;
        }
        Ok(())
    }
}

/// The newest public key of an account, within a write.
pub(super) fn newest_public_key(
    connection: &Connection,
    account: AccountId,
) -> Result<Option<[u8; 33]>, StoreError> {
    query("SELECT public_key FROM address_key WHERE account_id = ? ORDER BY number DESC LIMIT 1")
        .bind(account.as_bytes().as_slice())
        .fetch_optional(connection)?
        .map(|row| bytes(&row, "public_key"))
        .transpose()
}

pub(super) fn insert_key(
    connection: &Connection,
    account: AccountId,
    key: &StoredKey,
    login_hash: &StoredLoginHash,
    created_at: UnixMillis,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO address_key \
         (account_id, number, public_key, sealed_private_key, login_key_hash, created_at) \
         VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(account.as_bytes().as_slice())
    .bind(key.number.0)
    .bind(key.public_key.as_slice())
    .bind(key.sealed_private_key.as_slice())
    .bind(login_hash.as_bytes().as_slice())
    .bind(integer(created_at.0))
    .execute(connection)?;
    Ok(())
}

pub(super) fn state_of(
    connection: &Connection,
    address: &Address,
) -> Result<AddressState, StoreError> {
    let row = query(
        "SELECT EXISTS (SELECT 1 FROM account WHERE address = ?) AS in_use, \
         EXISTS (SELECT 1 FROM retired_address WHERE address_hash = ?) AS retired",
    )
    .bind(address.as_str())
    .bind(address_hash(address).as_slice())
    .fetch_one(connection)?;
    Ok(
        match (
            value::<bool>(&row, "in_use")?,
            value::<bool>(&row, "retired")?,
        ) {
            (true, _) => AddressState::InUse,
            (false, true) => AddressState::Retired,
            (false, false) => AddressState::Free,
        },
    )
}
