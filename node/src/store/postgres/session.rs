//! Sessions.

use async_trait::async_trait;
use proto::{
    ids::{AccountId, SessionId, UnixMillis},
    limits::SESSIONS_MAX,
};
use sqlx::{PgConnection, PgPool};

use super::{
    super::{
        NewSession, Session, StoreError, TokenHash,
        codec::{account, integer, session},
        rules,
    },
    Operation, failed, lock_account,
    recovery::recovery_hash,
};

pub(super) async fn by_token(
    pool: &PgPool,
    token: &TokenHash,
) -> Result<Option<Session>, StoreError> {
    sqlx::query(
        "SELECT id, account_id, description, created_at, last_used_at, expires_at \
         FROM session WHERE token_hash = $1",
    )
    .bind(token.0.as_slice())
    .fetch_optional(pool)
    .await
    .map_err(failed)?
    .map(|row| session(&row))
    .transpose()
}

pub(super) async fn of_account(
    pool: &PgPool,
    account: AccountId,
    now: UnixMillis,
) -> Result<Vec<Session>, StoreError> {
    sqlx::query(
        "SELECT id, account_id, description, created_at, last_used_at, expires_at \
         FROM session WHERE account_id = $1 AND expires_at > $2 \
         ORDER BY last_used_at DESC, id DESC",
    )
    .bind(account.as_bytes().as_slice())
    .bind(integer(now.0))
    .fetch_all(pool)
    .await
    .map_err(failed)?
    .iter()
    .map(session)
    .collect()
}

/// Opens a session in place of the device's older one.
pub(super) struct Open(pub(super) NewSession);

#[async_trait]
impl Operation for Open {
    type Output = bool;

    fn account(&self) -> Option<AccountId> {
        Some(self.0.account)
    }

    async fn run(&mut self, connection: &mut PgConnection) -> Result<bool, StoreError> {
        let id = self.0.account.as_bytes().as_slice();
        let password = account(&lock_account(connection, self.0.account).await?)?.login_hash;
        if let Some(proven) = &self.0.proven {
            // Whoever was let in by a password that was changed meanwhile stays out.
            let words = recovery_hash(connection, self.0.account).await?;
            rules::still_proven(proven, &password, words.as_ref())?;
        }
        let older = sqlx::query("DELETE FROM session WHERE account_id = $1 AND device_id = $2")
            .bind(id)
            .bind(self.0.device.as_bytes().as_slice())
            .execute(&mut *connection)
            .await
            .map_err(failed)?;
        // A full list must not lock its owner out: the device away for longest makes room.
        sqlx::query(
            "DELETE FROM session WHERE id IN (SELECT id FROM session WHERE account_id = $1 \
             ORDER BY last_used_at DESC, id DESC OFFSET $2)",
        )
        .bind(id)
        .bind(i64::from(SESSIONS_MAX) - 1)
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
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

    async fn run(&mut self, connection: &mut PgConnection) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE session SET last_used_at = $1, expires_at = $2 WHERE id = $3 AND last_used_at < $4",
        )
        .bind(integer(self.used_at.0))
        .bind(integer(self.expires_at.0))
        .bind(self.id.as_bytes().as_slice())
        .bind(integer(self.used_at.0))
        .execute(connection)
        .await
        .map_err(failed)?;
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

    async fn run(&mut self, connection: &mut PgConnection) -> Result<bool, StoreError> {
        let ended = sqlx::query("DELETE FROM session WHERE id = $1 AND account_id = $2")
            .bind(self.id.as_bytes().as_slice())
            .bind(self.account.as_bytes().as_slice())
            .execute(connection)
            .await
            .map_err(failed)?;
        Ok(ended.rows_affected() == 1)
    }
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    new: &NewSession,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO session (id, account_id, device_id, description, token_hash, created_at, \
         last_used_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
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
    .map_err(failed)?;
    Ok(())
}
