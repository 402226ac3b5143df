//! Removing what is over.

use async_trait::async_trait;
use proto::ids::UnixMillis;
use sqlx::SqliteConnection;

use super::{
    super::{StoreError, codec::integer, rules},
    history,
    writer::Operation,
};

/// Removes expired challenges, work and codes, forgotten sessions, keys of other domains that were not named for long, and versions that nobody may want back any more.
pub(super) struct Purge {
    pub(super) now: UnixMillis,
    pub(super) limit: u32,
}

#[async_trait]
impl Operation for Purge {
    type Output = u64;

    async fn run(&mut self, connection: &mut SqliteConnection) -> Result<u64, StoreError> {
        let mut removed = 0;
        for (over_since, statement) in [
            (
                self.now,
                "DELETE FROM spent_challenge WHERE challenge IN \
             (SELECT challenge FROM spent_challenge WHERE expires_at <= ? LIMIT ?)",
            ),
            (
                rules::forgotten_since(self.now),
                "DELETE FROM session WHERE id IN \
             (SELECT id FROM session WHERE last_used_at <= ? LIMIT ?)",
            ),
            (
                self.now,
                "DELETE FROM taken_work WHERE challenge IN \
             (SELECT challenge FROM taken_work WHERE expires_at <= ? LIMIT ?)",
            ),
            (
                self.now,
                "DELETE FROM one_time_code WHERE code_hash IN \
             (SELECT code_hash FROM one_time_code WHERE expires_at <= ? LIMIT ?)",
            ),
            (
                rules::keys_forgotten_since(self.now),
                "DELETE FROM seen_key WHERE (address, public_key) IN \
             (SELECT address, public_key FROM seen_key WHERE seen_at <= ? LIMIT ?)",
            ),
        ] {
            removed += sqlx::query(statement)
                .bind(integer(over_since.0))
                .bind(self.limit)
                .execute(&mut *connection)
                .await
                .map_err(StoreError::database)?
                .rows_affected();
        }
        Ok(removed + history::purge(connection, self.now, self.limit).await?)
    }
}

/// Goes through the writer and changes nothing: whether a transaction can be committed now.
pub(super) struct Nothing;

#[async_trait]
impl Operation for Nothing {
    type Output = ();

    async fn run(&mut self, _connection: &mut SqliteConnection) -> Result<(), StoreError> {
        Ok(())
    }
}
