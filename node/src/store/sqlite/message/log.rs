//! What devices read of messages, and what their users decide.

use proto::{
    address::Address,
    api::message::{MessagePage, Standing},
    ids::{AccountId, Position, UnixMillis},
};

use super::{
    super::{
        super::{
            MESSAGE_ROW_BYTES, StoreError, Terms,
            codec::{self, bytes, integer, number},
            rules::{self, PAGE_BYTES},
        },
        sql::{Connection, query},
        writer::Operation,
    },
    advance, stand,
};

/// Lets somebody stand otherwise.
pub(in super::super) struct Stand {
    pub(in super::super) account: AccountId,
    pub(in super::super) address: Address,
    pub(in super::super) standing: Standing,
    pub(in super::super) at: UnixMillis,
}

impl Operation for Stand {
    type Output = Position;

    fn run(&mut self, connection: &Connection) -> Result<Position, StoreError> {
        stand(
            connection,
            self.account,
            &self.address,
            self.standing,
            self.at,
        )
    }
}

/// Deletes all messages from and to somebody, those on their way with them.
pub(in super::super) struct Clear {
    pub(in super::super) account: AccountId,
    pub(in super::super) address: Address,
    pub(in super::super) at: UnixMillis,
}

impl Operation for Clear {
    type Output = Position;

    fn run(&mut self, connection: &Connection) -> Result<Position, StoreError> {
        let row = query(
            "SELECT count(*) AS messages, COALESCE(SUM(LENGTH(content)), 0) AS bytes \
             FROM message WHERE account_id = ? AND address = ?",
        )
        .bind(self.account.as_bytes().as_slice())
        .bind(self.address.as_str())
        .fetch_one(connection)?;
        let freed = number(&row, "bytes")? + number(&row, "messages")? * MESSAGE_ROW_BYTES;
        query("DELETE FROM message WHERE account_id = ? AND address = ?")
            .bind(self.account.as_bytes().as_slice())
            .bind(self.address.as_str())
            .execute(connection)?;
        let position = advance(connection, self.account, -integer(freed))?;
        query(
            "UPDATE correspondent SET position = ?1, cleared = ?1, changed_at = ?2 \
             WHERE account_id = ?3 AND address = ?4",
        )
        .bind(integer(position.0))
        .bind(integer(self.at.0))
        .bind(self.account.as_bytes().as_slice())
        .bind(self.address.as_str())
        .execute(connection)?;
        Ok(position)
    }
}

/// Says what messages to an account cost.
pub(in super::super) struct SetPrices {
    pub(in super::super) account: AccountId,
    pub(in super::super) first: u64,
    pub(in super::super) later: u64,
}

impl Operation for SetPrices {
    type Output = ();

    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let done =
            query("UPDATE account SET first_difficulty = ?, later_difficulty = ? WHERE id = ?")
                .bind(integer(self.first))
                .bind(integer(self.later))
                .bind(self.account.as_bytes().as_slice())
                .execute(connection)?;
        if done == 0 {
            return Err(StoreError::AccountMissing);
        }
        Ok(())
    }
}

/// On which terms somebody may write to an address of this node.
pub(in super::super) fn terms(
    reader: &Connection,
    recipient: &Address,
    sender: &Address,
) -> Result<Option<Terms>, StoreError> {
    let rows = query(
        "SELECT a.id, a.first_difficulty, a.later_difficulty, c.standing, k.public_key \
         FROM account a JOIN address_key k ON k.account_id = a.id \
         LEFT JOIN correspondent c ON c.account_id = a.id AND c.address = ?2 \
         WHERE a.address = ?1 ORDER BY k.number",
    )
    .bind(recipient.as_str())
    .bind(sender.as_str())
    .fetch_all(reader)?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let keys = rows.iter().map(|row| bytes(row, "public_key"));
    codec::terms(row, keys.collect::<Result<_, _>>()?).map(Some)
}

/// Changes after `since`, the oldest first.
pub(in super::super) fn page(
    reader: &Connection,
    account: AccountId,
    since: Position,
    limit: u32,
) -> Result<MessagePage, StoreError> {
    let _state = reader.one_state()?;
    let latest = query("SELECT message_position FROM account WHERE id = ?")
        .bind(account.as_bytes().as_slice())
        .fetch_optional(reader)?
        .ok_or(StoreError::AccountMissing)?;
    let latest = Position(number(&latest, "message_position")?);
    let messages = query(
        "WITH summed AS ( \
           SELECT *, SUM(LENGTH(content)) OVER (ORDER BY position) - LENGTH(content) AS before \
           FROM (SELECT * FROM message WHERE account_id = ?1 AND position > ?2 \
                 ORDER BY position LIMIT ?3)) \
         SELECT * FROM summed WHERE before <= ?4 ORDER BY position",
    )
    .bind(account.as_bytes().as_slice())
    .bind(integer(since.0))
    .bind(limit)
    .bind(integer(PAGE_BYTES))
    .fetch_all(reader)?;
    let correspondents = query(
        "SELECT * FROM correspondent WHERE account_id = ? AND position > ? \
         ORDER BY position LIMIT ?",
    )
    .bind(account.as_bytes().as_slice())
    .bind(integer(since.0))
    .bind(limit)
    .fetch_all(reader)?;
    let messages = messages.iter().map(codec::message);
    let correspondents = correspondents.iter().map(codec::correspondent);
    Ok(rules::message_page(
        messages.collect::<Result<_, _>>()?,
        correspondents.collect::<Result<_, _>>()?,
        latest,
        limit,
    ))
}
