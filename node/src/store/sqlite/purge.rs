//! Removing what is over.

use proto::ids::UnixMillis;

use super::{
    super::{StoreError, codec::integer, rules},
    history,
    sql::{Connection, query},
    writer::Operation,
};

/// Removes expired challenges, work and codes, forgotten sessions, keys of other domains that were not named for long, and versions that nobody may want back any more.
pub(super) struct Purge {
    pub(super) now: UnixMillis,
    pub(super) limit: u32,
}

impl Operation for Purge {
    type Output = u64;

    fn run(&mut self, connection: &Connection) -> Result<u64, StoreError> {
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
            removed += query(statement)
                .bind(integer(over_since.0))
                .bind(self.limit)
                .execute(connection)?;
        }
        Ok(removed + history::purge(connection, self.now, self.limit)?)
    }
}

/// Goes through the writer and changes nothing: whether a transaction can be committed now.
pub(super) struct Nothing;

impl Operation for Nothing {
    type Output = ();

    fn run(&mut self, _connection: &Connection) -> Result<(), StoreError> {
        Ok(())
    }
}
