//! Removing what is over.

use async_trait::async_trait;
use proto::ids::UnixMillis;
use sqlx::{PgConnection, PgPool};

use super::{
    super::{
        StoreError,
        codec::{integer, value},
        rules,
    },
    Operation, failed, history,
};

/// Removes expired challenges, work and codes, forgotten sessions, keys of other domains that were not named for long, and versions that nobody may want back any more.
pub(super) struct Purge {
    pub(super) now: UnixMillis,
    pub(super) limit: u32,
}

#[async_trait]
impl Operation for Purge {
    type Output = u64;

    async fn run(&mut self, connection: &mut PgConnection) -> Result<u64, StoreError> {
        let mut removed = 0;
        // Several nodes may clear up at once: each takes what no other has.
        for (over_since, statement) in [
            (
                self.now,
                "DELETE FROM spent_challenge WHERE challenge IN \
             (SELECT challenge FROM spent_challenge WHERE expires_at <= $1 LIMIT $2 \
             FOR UPDATE SKIP LOCKED)",
            ),
            (
                rules::forgotten_since(self.now),
                "DELETE FROM session WHERE id IN \
             (SELECT id FROM session WHERE last_used_at <= $1 LIMIT $2 \
             FOR UPDATE SKIP LOCKED)",
            ),
            (
                self.now,
                "DELETE FROM taken_work WHERE challenge IN \
             (SELECT challenge FROM taken_work WHERE expires_at <= $1 LIMIT $2 \
             FOR UPDATE SKIP LOCKED)",
            ),
            (
                self.now,
                "DELETE FROM one_time_code WHERE code_hash IN \
             (SELECT code_hash FROM one_time_code WHERE expires_at <= $1 LIMIT $2 \
             FOR UPDATE SKIP LOCKED)",
            ),
            (
                rules::keys_forgotten_since(self.now),
                "DELETE FROM seen_key WHERE (address, public_key) IN \
             (SELECT address, public_key FROM seen_key WHERE seen_at <= $1 LIMIT $2 \
             FOR UPDATE SKIP LOCKED)",
            ),
        ] {
            removed += sqlx::query(statement)
                .bind(integer(over_since.0))
                .bind(i64::from(self.limit))
                .execute(&mut *connection)
                .await
                .map_err(failed)?
                .rows_affected();
        }
        Ok(removed + history::purge(connection, self.now, self.limit).await?)
    }
}

/// Whether a transaction can be committed now: not on a standby, nor where it was made read-only.
pub(super) async fn check_writable(pool: &PgPool) -> Result<(), StoreError> {
    let row = sqlx::query(
        "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS read_only",
    )
    .fetch_one(pool)
    .await
    .map_err(failed)?;
    if value::<bool>(&row, "read_only")? {
        return Err(StoreError::unreachable(ReadOnly));
    }
    Ok(())
}

#[derive(Debug, thiserror::Error)]
#[error("the database takes no writes; name the primary server")]
struct ReadOnly;
