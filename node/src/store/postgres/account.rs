//! Accounts, addresses, keys and spent challenges.

use async_trait::async_trait;
use proto::{
    address::Address,
    api::account::KeyAdded,
    ids::{AccountId, UnixMillis},
};
use sqlx::{PgConnection, PgPool};
use wasm_core::kdf::server::StoredLoginHash;

use super::{
    super::{
        Account, AddressState, Deletion, NewAccount, NewKey, SpentChallenge, StoreError, StoredKey,
        codec::{account, bytes, damaged, integer, key, key_added, value},
        rules::{address_hash, is_for_words, is_next_key, still_proven},
    },
    Operation, failed, lock_account,
    recovery::{put_key, recovery_hash},
    session,
};

pub(super) async fn address_state(
    pool: &PgPool,
    address: &Address,
) -> Result<AddressState, StoreError> {
    let mut connection = pool.acquire().await.map_err(failed)?;
    state_of(&mut connection, address).await
}

pub(super) async fn by_address(
    pool: &PgPool,
    address: &Address,
) -> Result<Option<Account>, StoreError> {
    sqlx::query("SELECT id, address, login_key_hash FROM account WHERE address = $1")
        .bind(address.as_str())
        .fetch_optional(pool)
        .await
        .map_err(failed)?
        .map(|row| account(&row))
        .transpose()
}

pub(super) async fn by_id(pool: &PgPool, id: AccountId) -> Result<Option<Account>, StoreError> {
    sqlx::query("SELECT id, address, login_key_hash FROM account WHERE id = $1")
        .bind(id.as_bytes().as_slice())
        .fetch_optional(pool)
        .await
        .map_err(failed)?
        .map(|row| account(&row))
        .transpose()
}

pub(super) async fn active_public_key(
    pool: &PgPool,
    address: &Address,
) -> Result<Option<[u8; 33]>, StoreError> {
    sqlx::query(
        "SELECT public_key FROM account JOIN address_key ON account_id = id \
         WHERE address = $1 ORDER BY number DESC LIMIT 1",
    )
    .bind(address.as_str())
    .fetch_optional(pool)
    .await
    .map_err(failed)?
    .map(|row| bytes(&row, "public_key"))
    .transpose()
}

pub(super) async fn keys(pool: &PgPool, account: AccountId) -> Result<Vec<StoredKey>, StoreError> {
    sqlx::query(
        "SELECT number, public_key, sealed_private_key FROM address_key \
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

/// When each key pair was added.
pub(super) async fn keys_added(
    pool: &PgPool,
    account: AccountId,
) -> Result<Vec<KeyAdded>, StoreError> {
    sqlx::query("SELECT number, created_at FROM address_key WHERE account_id = $1 ORDER BY number")
        .bind(account.as_bytes().as_slice())
        .fetch_all(pool)
        .await
        .map_err(failed)?
        .iter()
        .map(key_added)
        .collect()
}

/// Spends a challenge.
pub(super) struct Spend(pub(super) SpentChallenge);

#[async_trait]
impl Operation for Spend {
    type Output = ();

    async fn run(&mut self, connection: &mut PgConnection) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO spent_challenge (challenge, expires_at) VALUES ($1, $2) \
             ON CONFLICT DO NOTHING",
        )
        .bind(self.0.challenge.as_slice())
        .bind(integer(self.0.expires_at.0))
        .execute(connection)
        .await
        .map_err(failed)?;
        if done.rows_affected() == 1 {
            Ok(())
        } else {
            Err(StoreError::AlreadySpent)
        }
    }
}

/// Makes an account with its first key and session.
pub(super) struct Create(pub(super) NewAccount);

#[async_trait]
impl Operation for Create {
    type Output = ();

    async fn run(&mut self, connection: &mut PgConnection) -> Result<(), StoreError> {
        let new = &self.0;
        if state_of(connection, &new.address).await? != AddressState::Free {
            return Err(StoreError::AddressTaken);
        }
        sqlx::query(
            "INSERT INTO account (id, address, login_key_hash, created_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(new.id.as_bytes().as_slice())
        .bind(new.address.as_str())
        .bind(new.login_hash.as_bytes().as_slice())
        .bind(integer(new.created_at.0))
        .execute(&mut *connection)
        .await
        .map_err(|error| match &error {
            // Another one took it after the look at it.
            sqlx::Error::Database(refused) if refused.is_unique_violation() => {
                StoreError::AddressTaken
            }
            _ => failed(error),
        })?;
        insert_key(
            connection,
            new.id,
            &new.key,
            &new.login_hash,
            new.created_at,
        )
        .await?;
        session::insert(connection, &new.session, None).await
    }
}

/// Deletes an account and retires its address.
pub(super) struct Delete(pub(super) Deletion);

#[async_trait]
impl Operation for Delete {
    type Output = ();

    fn account(&self) -> Option<AccountId> {
        Some(self.0.account)
    }

    async fn run(&mut self, connection: &mut PgConnection) -> Result<(), StoreError> {
        let password = account(&lock_account(connection, self.0.account).await?)?.login_hash;
        still_proven(&self.0.proven, &password, None)?;
        // Keys, sessions and items go with it (ON DELETE CASCADE).
        let row = sqlx::query("DELETE FROM account WHERE id = $1 RETURNING address")
            .bind(self.0.account.as_bytes().as_slice())
            .fetch_optional(&mut *connection)
            .await
            .map_err(failed)?
            .ok_or(StoreError::AccountMissing)?;
        let address: Address = value::<&str>(&row, "address")?
            .parse()
            .map_err(|_| damaged("address"))?;
        sqlx::query("INSERT INTO retired_address (address_hash, retired_at) VALUES ($1, $2)")
            .bind(address_hash(&address).as_slice())
            .bind(integer(self.0.at.0))
            .execute(connection)
            .await
            .map_err(failed)?;
        Ok(())
    }
}

/// Adds a key pair to an account.
pub(super) struct AddKey(pub(super) NewKey);

#[async_trait]
impl Operation for AddKey {
    type Output = ();

    fn account(&self) -> Option<AccountId> {
        Some(self.0.account)
    }

    async fn run(&mut self, connection: &mut PgConnection) -> Result<(), StoreError> {
        let NewKey {
            account: id,
            key: new,
            proven,
            for_words,
            created_at,
        } = &self.0;
        let password = account(&lock_account(connection, *id).await?)?.login_hash;
        still_proven(proven, &password, None)?;
        let newest = sqlx::query(
            "SELECT number, public_key, sealed_private_key FROM address_key \
             WHERE account_id = $1 ORDER BY number DESC LIMIT 1",
        )
        .bind(id.as_bytes().as_slice())
        .fetch_optional(&mut *connection)
        .await
        .map_err(failed)?
        .map(|row| key(&row))
        .transpose()?;
        if !is_next_key(newest.as_ref(), new)? {
            return Ok(());
        }
        insert_key(connection, *id, new, &password, *created_at).await?;
        if let Some(sealed) = for_words {
            let set = recovery_hash(connection, *id).await?;
            is_for_words(Some(&sealed.words), set.as_ref())?;
            put_key(connection, *id, &sealed.of(new)).await?;
        }
        Ok(())
    }
}

/// The newest public key of an account, within a write.
pub(super) async fn newest_public_key(
    connection: &mut PgConnection,
    account: AccountId,
) -> Result<Option<[u8; 33]>, StoreError> {
    sqlx::query(
        "SELECT public_key FROM address_key WHERE account_id = $1 ORDER BY number DESC LIMIT 1",
    )
    .bind(account.as_bytes().as_slice())
    .fetch_optional(connection)
    .await
    .map_err(failed)?
    .map(|row| bytes(&row, "public_key"))
    .transpose()
}

pub(super) async fn insert_key(
    connection: &mut PgConnection,
    account: AccountId,
    key: &StoredKey,
    login_hash: &StoredLoginHash,
    created_at: UnixMillis,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO address_key \
         (account_id, number, public_key, sealed_private_key, login_key_hash, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(account.as_bytes().as_slice())
    .bind(i64::from(key.number.0))
    .bind(key.public_key.as_slice())
    .bind(key.sealed_private_key.as_slice())
    .bind(login_hash.as_bytes().as_slice())
    .bind(integer(created_at.0))
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

pub(super) async fn state_of(
    connection: &mut PgConnection,
    address: &Address,
) -> Result<AddressState, StoreError> {
    let row = sqlx::query(
        "SELECT EXISTS (SELECT 1 FROM account WHERE address = $1) AS in_use, \
         EXISTS (SELECT 1 FROM retired_address WHERE address_hash = $2) AS retired",
    )
    .bind(address.as_str())
    .bind(address_hash(address).as_slice())
    .fetch_one(connection)
    .await
    .map_err(failed)?;
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
