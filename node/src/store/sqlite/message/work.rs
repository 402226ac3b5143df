//! Work that was shown for messages, and keys that domains have named.

use proto::{address::Address, ids::UnixMillis};

use super::super::{
    super::{
        ShownWork, StoreError, WorkState,
        codec::{bytes, integer, number, value},
        rules,
    },
    sql::{Connection, query},
    writer::Operation,
};

/// Takes work for one message, each time that it is to be pulled.
pub(in super::super) struct Take(pub(in super::super) ShownWork);

impl Operation for Take {
    type Output = WorkState;

    fn run(&mut self, connection: &Connection) -> Result<WorkState, StoreError> {
        let shown = &self.0;
        let row = query(
            "INSERT INTO taken_work (challenge, token_hash, tries, expires_at) VALUES (?, ?, 1, ?) \
             ON CONFLICT (challenge) DO UPDATE SET tries = tries + 1 \
             RETURNING token_hash, tries, is_done",
        )
        .bind(shown.challenge.as_slice())
        .bind(shown.token_hash.as_slice())
        .bind(integer(shown.expires_at.0))
        .fetch_one(connection)?;
        rules::work_state(
            shown,
            &bytes(&row, "token_hash")?,
            number(&row, "tries")?,
            value::<i64>(&row, "is_done")? == 1,
        )
    }
}

/// Takes work for a message that is here.
///
/// # Errors
/// [`StoreError::AlreadySpent`], also where it was shown for this message before.
pub(super) fn take_once(connection: &Connection, shown: &ShownWork) -> Result<(), StoreError> {
    let done = query(
        "INSERT INTO taken_work (challenge, token_hash, tries, expires_at, is_done) \
         VALUES (?, ?, 1, ?, 1) ON CONFLICT (challenge) DO NOTHING",
    )
    .bind(shown.challenge.as_slice())
    .bind(shown.token_hash.as_slice())
    .bind(integer(shown.expires_at.0))
    .execute(connection)?;
    if done == 0 {
        return Err(StoreError::AlreadySpent);
    }
    Ok(())
}

/// The message that work paid for is here. Returns whether it was not before: one work pays for one message, whatever was pulled beside it.
pub(super) fn done(connection: &Connection, challenge: &[u8; 32]) -> Result<bool, StoreError> {
    let done = query("UPDATE taken_work SET is_done = 1 WHERE challenge = ? AND is_done = 0")
        .bind(challenge.as_slice())
        .execute(connection)?;
    Ok(done == 1)
}

/// Notes that a domain has named a key as active.
pub(in super::super) struct SeeKey {
    pub(in super::super) address: Address,
    pub(in super::super) key: [u8; 33],
    pub(in super::super) at: UnixMillis,
}

impl Operation for SeeKey {
    type Output = ();

    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        query(
            "INSERT INTO seen_key (address, public_key, seen_at) VALUES (?, ?, ?) \
             ON CONFLICT (address, public_key) DO UPDATE SET seen_at = excluded.seen_at",
        )
        .bind(self.address.as_str())
        .bind(self.key.as_slice())
        .bind(integer(self.at.0))
        .execute(connection)?;
        query(
            "DELETE FROM seen_key WHERE address = ?1 AND public_key NOT IN ( \
             SELECT public_key FROM seen_key WHERE address = ?1 ORDER BY seen_at DESC LIMIT ?2)",
        )
        .bind(self.address.as_str())
        .bind(rules::SEEN_KEYS_MAX)
        .execute(connection)?;
        Ok(())
    }
}

/// Whether a domain has named a key before.
pub(in super::super) fn has_seen(
    reader: &Connection,
    address: &Address,
    key: &[u8; 33],
) -> Result<bool, StoreError> {
    let row = query("SELECT 1 FROM seen_key WHERE address = ? AND public_key = ?")
        .bind(address.as_str())
        .bind(key.as_slice())
        .fetch_optional(reader)?;
    Ok(row.is_some())
}
