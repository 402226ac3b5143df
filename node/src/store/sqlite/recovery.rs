//! Recovery words, and the change of a password.

use proto::{
    address::Address,
    ids::{AccountId, SessionId},
};
use wasm_core::{kdf::server::StoredLoginHash, recovery::RecoveryHash};

use super::{
    super::{
        KeptSession, NewRecovery, PasswordChange, StoreError, StoredKey, StoredRecovery,
        codec::{bytes, integer, key, number, recovery},
        rules,
    },
    session::give_token,
    sql::{Connection, query},
    writer::Operation,
};

pub(super) fn of_account(
    reader: &Connection,
    account: AccountId,
) -> Result<Option<StoredRecovery>, StoreError> {
    query("SELECT * FROM recovery WHERE account_id = ?")
        .bind(account.as_bytes().as_slice())
        .fetch_optional(reader)?
        .map(|row| recovery(&row))
        .transpose()
}

pub(super) fn by_address(
    reader: &Connection,
    address: &Address,
) -> Result<Option<StoredRecovery>, StoreError> {
    query("SELECT recovery.* FROM account JOIN recovery ON account_id = id WHERE address = ?")
        .bind(address.as_str())
        .fetch_optional(reader)?
        .map(|row| recovery(&row))
        .transpose()
}

pub(super) fn keys(reader: &Connection, account: AccountId) -> Result<Vec<StoredKey>, StoreError> {
    query(
        "SELECT number, public_key, recovery_key.sealed_private_key AS sealed_private_key \
         FROM recovery_key JOIN address_key USING (account_id, number) \
         WHERE account_id = ? ORDER BY number",
    )
    .bind(account.as_bytes().as_slice())
    .fetch_all(reader)?
    .iter()
    .map(key)
    .collect()
}

/// Sets recovery words in place of those there may be.
pub(super) struct Set(pub(super) NewRecovery);

impl Operation for Set {
    type Output = ();

    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let NewRecovery {
            recovery,
            keys,
            proven,
        } = &self.0;
        let account = recovery.account.as_bytes().as_slice();
        let password = login_hash(connection, recovery.account)?;
        if let Some(proven) = proven {
            let words = recovery_hash(connection, recovery.account)?;
            rules::still_proven(proven, &password, words.as_ref())?;
        }
        let set = recovery_number(connection, recovery.account)?;
        rules::replaces_words(set, recovery)?;
        // The older words' keys go with them (ON DELETE CASCADE).
        query("DELETE FROM recovery WHERE account_id = ?")
            .bind(account)
            .execute(connection)?;
        query(
            "INSERT INTO recovery \
             (account_id, login_hash, number, key_number, sealed_key, confirmed_at) \
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(account)
        .bind(recovery.login_hash.as_bytes().as_slice())
        .bind(integer(recovery.number))
        .bind(recovery.key_number.0)
        .bind(recovery.sealed_key.as_slice())
        .bind(integer(recovery.confirmed_at.0))
        .execute(connection)?;
        for key in keys {
            put_key(connection, recovery.account, key)?;
        }
        Ok(())
    }
}

/// Sets a password, seals keys anew, and ends the other sessions.
pub(super) struct Change(pub(super) PasswordChange);

impl Operation for Change {
    type Output = ();

    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let change = &self.0;
        let before = login_hash(connection, change.account)?;
        let words = recovery_hash(connection, change.account)?;
        let same = rules::allows_password(change, &before, words.as_ref())?;
        query("UPDATE account SET login_key_hash = ? WHERE id = ?")
            .bind(change.login_hash.as_bytes().as_slice())
            .bind(change.account.as_bytes().as_slice())
            .execute(connection)?;
        for key in &change.keys {
            seal_key(connection, change.account, key, &change.login_hash)?;
        }
        for key in &change.recovery_keys {
            put_key(connection, change.account, key)?;
        }
        // Whoever has a copy of the token is out with those of other devices, even with the key.
        let kept = KeptSession {
            account: change.account,
            id: change.session,
            shown: change.shown,
            token: change.token,
        };
        give_token(connection, &kept)?;
        if !same {
            end_others(connection, change.account, change.session)?;
        }
        Ok(())
    }
}

pub(super) fn login_hash(
    connection: &Connection,
    account: AccountId,
) -> Result<StoredLoginHash, StoreError> {
    let row = query("SELECT login_key_hash FROM account WHERE id = ?")
        .bind(account.as_bytes().as_slice())
        .fetch_optional(connection)?
        .ok_or(StoreError::AccountMissing)?;
    Ok(StoredLoginHash::from_bytes(bytes(&row, "login_key_hash")?))
}

/// The words that are set, and their number.
fn recovery_number(
    connection: &Connection,
    account: AccountId,
) -> Result<Option<(u64, RecoveryHash)>, StoreError> {
    query("SELECT number, login_hash FROM recovery WHERE account_id = ?")
        .bind(account.as_bytes().as_slice())
        .fetch_optional(connection)?
        .map(|row| {
            let hash = bytes(&row, "login_hash").map(RecoveryHash::from_bytes)?;
            Ok((number(&row, "number")?, hash))
        })
        .transpose()
}

pub(super) fn recovery_hash(
    connection: &Connection,
    account: AccountId,
) -> Result<Option<RecoveryHash>, StoreError> {
    query("SELECT login_hash FROM recovery WHERE account_id = ?")
        .bind(account.as_bytes().as_slice())
        .fetch_optional(connection)?
        .map(|row| bytes(&row, "login_hash").map(RecoveryHash::from_bytes))
        .transpose()
}

/// Replaces the sealed half of a key pair that is there.
fn seal_key(
    connection: &Connection,
    account: AccountId,
    key: &StoredKey,
    login_hash: &StoredLoginHash,
) -> Result<(), StoreError> {
    let done = query(
        "UPDATE address_key SET sealed_private_key = ?, login_key_hash = ? \
         WHERE account_id = ? AND number = ? AND public_key = ?",
    )
    .bind(key.sealed_private_key.as_slice())
    .bind(login_hash.as_bytes().as_slice())
    .bind(account.as_bytes().as_slice())
    .bind(key.number.0)
    .bind(key.public_key.as_slice())
    .execute(connection)?;
    if done == 1 {
        Ok(())
    } else {
        Err(StoreError::KeyMissing)
    }
}

/// Keeps a key pair for the recovery words, if it is one of the account.
pub(super) fn put_key(
    connection: &Connection,
    account: AccountId,
    key: &StoredKey,
) -> Result<(), StoreError> {
    let done = query(
        "INSERT INTO recovery_key (account_id, number, sealed_private_key) \
         SELECT account_id, number, ? FROM address_key \
         WHERE account_id = ? AND number = ? AND public_key = ? \
         ON CONFLICT DO UPDATE SET sealed_private_key = excluded.sealed_private_key",
    )
    .bind(key.sealed_private_key.as_slice())
    .bind(account.as_bytes().as_slice())
    .bind(key.number.0)
    .bind(key.public_key.as_slice())
    .execute(connection)?;
    if done == 1 {
        Ok(())
    } else {
        Err(StoreError::KeyMissing)
    }
}

/// Ends all sessions of an account but one; returns how many.
pub(super) fn end_others(
    connection: &Connection,
    account: AccountId,
    kept: SessionId,
) -> Result<u64, StoreError> {
    let ended = query("DELETE FROM session WHERE account_id = ? AND id <> ?")
        .bind(account.as_bytes().as_slice())
        .bind(kept.as_bytes().as_slice())
        .execute(connection)?;
    Ok(ended)
}
