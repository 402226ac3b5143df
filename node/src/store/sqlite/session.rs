//! Sessions.

use async_trait::async_trait;
use proto::{
    ids::{AccountId, SessionId, UnixMillis},
    limits::SESSIONS_MAX,
};
use sqlx::{SqliteConnection, SqlitePool};

use super::{
    super::{
        NewSession, Session, StoreError, TokenHash,
        codec::{integer, session},
        rules,
    },
    recovery::{login_hash, recovery_hash},
    writer::Operation,
};

pub(super) async fn by_token(
    readers: &SqlitePool,
    token: &TokenHash,
) -> Result<Option<Session>, StoreError> {
    sqlx::query(
        "SELECT id, account_id, description, created_at, last_used_at, expires_at \
         FROM session WHERE token_hash = ?",
    )
    .bind(token.0.as_slice())
    .fetch_optional(readers)
    .await
    .map_err(StoreError::database)?
    .map(|row| session(&row))
    .transpose()
}

pub(super) async fn of_account(
    readers: &SqlitePool,
    account: AccountId,
    now: UnixMillis,
) -> Result<Vec<Session>, StoreError> {
    sqlx::query(
        "SELECT id, account_id, description, created_at, last_used_at, expires_at \
         FROM session WHERE account_id = ? AND expires_at > ? \
         ORDER BY last_used_at DESC, id DESC",
    )
    .bind(account.as_bytes().as_slice())
    .bind(integer(now.0))
    .fetch_all(readers)
    .await
    .map_err(StoreError::database)?
    .iter()
    .map(session)
    .collect()
}

/// Opens a session in place of the device's older one.
pub(super) struct Open(pub(super) NewSession);

#[async_trait]
impl Operation for Open {
    type Output = bool;

    async fn run(&mut self, connection: &mut SqliteConnection) -> Result<bool, StoreError> {
        let account = self.0.account.as_bytes().as_slice();
        let password = login_hash(connection, self.0.account).await?;
        if let Some(proven) = &self.0.proven {
            // Whoever was let in by a password that was changed meanwhile stays out.
            let words = recovery_hash(connection, self.0.account).await?;
            rules::still_proven(proven, &password, words.as_ref())?;
        }
        let older = sqlx::query("DELETE FROM session WHERE account_id = ? AND device_id = ?")
            .bind(account)
            .bind(self.0.device.as_bytes().as_slice())
            .execute(&mut *connection)
            .await
            .map_err(StoreError::database)?;
        // A full list must not lock its owner out: the device away for longest makes room.
        sqlx::query(
            "DELETE FROM session WHERE id IN (SELECT id FROM session WHERE account_id = ? \
             ORDER BY last_used_at DESC, id DESC LIMIT -1 OFFSET ?)",
        )
        .bind(account)
        .bind(SESSIONS_MAX - 1)
        .execute(&mut *connection)
        .await
        .map_err(StoreError::database)?;
        insert(connection, &self.0).await?;
        Ok(older.rows_affected() == 0)
    }
}

/// Notes a use.
pub(super) struct Touch {
    pub(super) id: SessionId,
    pub(super) used_at: UnixMillis,
    pub(super) expires_at: UnixMillis,
}

#[async_trait]
impl Operation for Touch {
    type Output = ();

    async fn run(&mut self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE session SET last_used_at = ?, expires_at = ? WHERE id = ? AND last_used_at < ?",
        )
        .bind(integer(self.used_at.0))
        .bind(integer(self.expires_at.0))
        .bind(self.id.as_bytes().as_slice())
        .bind(integer(self.used_at.0))
        .execute(connection)
        .await
        .map_err(StoreError::database)?;
        Ok(())
    }
}

/// Ends a session of an account.
pub(super) struct End {
    pub(super) account: AccountId,
    pub(super) id: SessionId,
}

#[async_trait]
impl Operation for End {
    type Output = bool;

    async fn run(&mut self, connection: &mut SqliteConnection) -> Result<bool, StoreError> {
        let ended = sqlx::query("DELETE FROM session WHERE id = ? AND account_id = ?")
            .bind(self.id.as_bytes().as_slice())
            .bind(self.account.as_bytes().as_slice())
            .execute(connection)
            .await
            .map_err(StoreError::database)?;
        Ok(ended.rows_affected() == 1)
    }
}

pub(super) async fn insert(
    connection: &mut SqliteConnection,
    new: &NewSession,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO session (id, account_id, device_id, description, token_hash, created_at, \
         last_used_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(new.id.as_bytes().as_slice())
    .bind(new.account.as_bytes().as_slice())
    .bind(new.device.as_bytes().as_slice())
    .bind(new.description.as_str())
    .bind(new.token.0.as_slice())
    .bind(integer(new.created_at.0))
    .bind(integer(new.created_at.0))
    .bind(integer(new.expires_at.0))
    .execute(connection)
    .await
    .map_err(StoreError::database)?;
    Ok(())
}
