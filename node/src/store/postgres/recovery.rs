//! Recovery words, and the change of a password.

use async_trait::async_trait;
use proto::{
    address::Address,
    ids::{AccountId, SessionId},
};
use sqlx::{PgConnection, PgPool};
use wasm_core::{kdf::server::StoredLoginHash, recovery::RecoveryHash};

use super::{
    super::{
        KeptSession, NewRecovery, PasswordChange, StoreError, StoredKey, StoredRecovery,
        codec::{account as stored_account, bytes, integer, key, number, recovery},
        rules,
    },
    Operation, failed, lock_account,
    session::give_token,
};

pub(super) async fn of_account(
    pool: &PgPool,
    account: AccountId,
) -> Result<Option<StoredRecovery>, StoreError> {
    sqlx::query("SELECT * FROM recovery WHERE account_id = $1")
        .bind(account.as_bytes().as_slice())
        .fetch_optional(pool)
        .await
        .map_err(failed)?
        .map(|row| recovery(&row))
        .transpose()
}

pub(super) async fn by_address(
    pool: &PgPool,
    address: &Address,
) -> Result<Option<StoredRecovery>, StoreError> {
    sqlx::query(
        "SELECT recovery.* FROM account JOIN recovery ON account_id = id WHERE address = $1",
    )
    .bind(address.as_str())
    .fetch_optional(pool)
    .await
    .map_err(failed)?
    .map(|row| recovery(&row))
    .transpose()
}

pub(super) async fn keys(pool: &PgPool, account: AccountId) -> Result<Vec<StoredKey>, StoreError> {
    sqlx::query(
        "SELECT number, public_key, recovery_key.sealed_private_key AS sealed_private_key \
         FROM recovery_key JOIN address_key USING (account_id, number) \
         WHERE account_id = $1 ORDER BY number",
    )
    .bind(account.as_bytes().as_slice())
    .fetch_all(pool)
    .await
    .map_err(failed)?
    .iter()
    .map(key)
    .collect()
}

/// Sets recovery words in place of those there may be.
pub(super) struct Set(pub(super) NewRecovery);

#[async_trait]
impl Operation for Set {
    type Output = ();

    fn account(&self) -> Option<AccountId> {
        Some(self.0.recovery.account)
    }

    async fn run(&mut self, connection: &mut PgConnection) -> Result<(), StoreError> {
        let NewRecovery {
            recovery,
            keys,
            proven,
        } = &self.0;
        let account = recovery.account.as_bytes().as_slice();
        let password =
            stored_account(&lock_account(connection, recovery.account).await?)?.login_hash;
        if let Some(proven) = proven {
            let words = recovery_hash(connection, recovery.account).await?;
            rules::still_proven(proven, &password, words.as_ref())?;
        }
        let set = recovery_number(connection, recovery.account).await?;
        rules::replaces_words(set, recovery)?;
        // The older words' keys go with them (ON DELETE CASCADE).
        sqlx::query("DELETE FROM recovery WHERE account_id = $1")
            .bind(account)
            .execute(&mut *connection)
            .await
            .map_err(failed)?;
        sqlx::query(
            "INSERT INTO recovery \
             (account_id, login_hash, number, key_number, sealed_key, confirmed_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(account)
        .bind(recovery.login_hash.as_bytes().as_slice())
        .bind(integer(recovery.number))
        .bind(i64::from(recovery.key_number.0))
        .bind(recovery.sealed_key.as_slice())
        .bind(integer(recovery.confirmed_at.0))
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
        for key in keys {
            put_key(connection, recovery.account, key).await?;
        }
        Ok(())
    }
}

/// Sets a password, seals keys anew, and ends the other sessions.
pub(super) struct Change(pub(super) PasswordChange);

#[async_trait]
impl Operation for Change {
    type Output = ();

    fn account(&self) -> Option<AccountId> {
        Some(self.0.account)
    }

    async fn run(&mut self, connection: &mut PgConnection) -> Result<(), StoreError> {
        let change = &self.0;
        let before = stored_account(&lock_account(connection, change.account).await?)?.login_hash;
        let words = recovery_hash(connection, change.account).await?;
        let same = rules::allows_password(change, &before, words.as_ref())?;
        sqlx::query("UPDATE account SET login_key_hash = $1 WHERE id = $2")
            .bind(change.login_hash.as_bytes().as_slice())
            .bind(change.account.as_bytes().as_slice())
            .execute(&mut *connection)
            .await
            .map_err(failed)?;
        for key in &change.keys {
            seal_key(connection, change.account, key, &change.login_hash).await?;
        }
        for key in &change.recovery_keys {
            put_key(connection, change.account, key).await?;
        }
        // Whoever has a copy of the token is out with those of other devices, even with the key.
        let kept = KeptSession {
            account: change.account,
            id: change.session,
            shown: change.shown,
            token: change.token,
        };
        give_token(connection, &kept).await?;
        if !same {
            end_others(connection, change.account, change.session).await?;
        }
        Ok(())
    }
}

/// The words that are set, and their number.
async fn recovery_number(
    connection: &mut PgConnection,
    account: AccountId,
) -> Result<Option<(u64, RecoveryHash)>, StoreError> {
    sqlx::query("SELECT number, login_hash FROM recovery WHERE account_id = $1")
        .bind(account.as_bytes().as_slice())
        .fetch_optional(connection)
        .await
        .map_err(failed)?
        .map(|row| {
            let hash = bytes(&row, "login_hash").map(RecoveryHash::from_bytes)?;
            Ok((number(&row, "number")?, hash))
        })
        .transpose()
}

pub(super) async fn recovery_hash(
    connection: &mut PgConnection,
    account: AccountId,
) -> Result<Option<RecoveryHash>, StoreError> {
    sqlx::query("SELECT login_hash FROM recovery WHERE account_id = $1")
        .bind(account.as_bytes().as_slice())
        .fetch_optional(connection)
        .await
        .map_err(failed)?
        .map(|row| bytes(&row, "login_hash").map(RecoveryHash::from_bytes))
        .transpose()
}

/// Replaces the sealed half of a key pair that is there.
async fn seal_key(
    connection: &mut PgConnection,
    account: AccountId,
    key: &StoredKey,
    login_hash: &StoredLoginHash,
) -> Result<(), StoreError> {
    let done = sqlx::query(
        "UPDATE address_key SET sealed_private_key = $1, login_key_hash = $2 \
         WHERE account_id = $3 AND number = $4 AND public_key = $5",
    )
    .bind(key.sealed_private_key.as_slice())
    .bind(login_hash.as_bytes().as_slice())
    .bind(account.as_bytes().as_slice())
    .bind(i64::from(key.number.0))
    .bind(key.public_key.as_slice())
    .execute(connection)
    .await
    .map_err(failed)?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(StoreError::KeyMissing)
    }
}

/// Keeps a key pair for the recovery words, if it is one of the account.
pub(super) async fn put_key(
    connection: &mut PgConnection,
    account: AccountId,
    key: &StoredKey,
) -> Result<(), StoreError> {
    let done = sqlx::query(
        "INSERT INTO recovery_key (account_id, number, sealed_private_key) \
         SELECT account_id, number, $1::BYTEA FROM address_key \
         WHERE account_id = $2 AND number = $3 AND public_key = $4 \
         ON CONFLICT (account_id, number) DO UPDATE SET sealed_private_key = excluded.sealed_private_key",
    )
    .bind(key.sealed_private_key.as_slice())
    .bind(account.as_bytes().as_slice())
    .bind(i64::from(key.number.0))
    .bind(key.public_key.as_slice())
    .execute(connection)
    .await
    .map_err(failed)?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(StoreError::KeyMissing)
    }
}

/// Ends all sessions of an account but one; returns how many.
pub(super) async fn end_others(
    connection: &mut PgConnection,
    account: AccountId,
    kept: SessionId,
) -> Result<u64, StoreError> {
    let ended = sqlx::query("DELETE FROM session WHERE account_id = $1 AND id <> $2")
        .bind(account.as_bytes().as_slice())
        .bind(kept.as_bytes().as_slice())
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(ended.rows_affected())
}
