//! Messages on their way to other servers.

use proto::{
    address::Address,
    api::message::Delivery,
    ids::{AccountId, MessageId, Position, UnixMillis},
};

use super::{
    super::{
        super::{
            DueDelivery, HeldUp, NewSent, Outcome, Places, Sealed, StoreError, Work,
            codec::{self, integer, number, value},
            rules,
        },
        sql::{Connection, Row, query},
        writer::Operation,
    },
    advance,
};

/// Begins the delivery of a message that was just kept.
pub(super) fn begin(connection: &Connection, new: &NewSent) -> Result<(), StoreError> {
    let work = &new.work;
    query(
        "INSERT INTO delivery (account_id, message_id, domain, token, token_hash, solved_header, \
         target, work_expires_at, work_signature, due_at, ends_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(new.account.as_bytes().as_slice())
    .bind(new.message.as_bytes().as_slice())
    .bind(new.to.domain())
    .bind(new.token.0.as_slice())
    .bind(rules::token_hash(&new.token).as_slice())
    .bind(work.solved_header.as_slice())
    .bind(work.target.as_slice())
    .bind(integer(work.expires_at.0))
    .bind(work.signature.as_slice())
    .bind(integer(new.at.0))
    .bind(integer(new.ends_at.0))
    .execute(connection)?;
    Ok(())
}

/// One account's messages must not take all the time that there is for everybody's.
///
/// # Errors
/// [`StoreError::QuotaExceeded`].
pub(super) fn check_room(connection: &Connection, account: AccountId) -> Result<(), StoreError> {
    let row = query("SELECT count(*) AS under_way FROM delivery WHERE account_id = ?")
        .bind(account.as_bytes().as_slice())
        .fetch_one(connection)?;
    if number(&row, "under_way")? >= rules::UNDER_WAY_MAX {
        return Err(StoreError::QuotaExceeded {
            max: rules::UNDER_WAY_MAX,
        });
    }
    Ok(())
}

/// Takes what is due, for a while: another process takes the same only after that.
pub(in super::super) struct Claim {
    pub(in super::super) now: UnixMillis,
    pub(in super::super) until: UnixMillis,
    pub(in super::super) places: Places,
}

impl Operation for Claim {
    type Output = Vec<DueDelivery>;

    fn run(&mut self, connection: &Connection) -> Result<Vec<DueDelivery>, StoreError> {
        let mut rows = Vec::new();
        let list = |names: Vec<String>| serde_json::to_string(&names).map_err(StoreError::database);
        let (full, busy) = (list(self.places.full())?, list(self.places.busy())?);
        // Two looks, each by an index of its own: what is due, and what has waited for other work to its end.
        let looks = [
            (
                "d.due_at <= ?1 AND d.domain NOT IN (SELECT value FROM json_each(?3)) \
                 AND lower(hex(d.account_id)) NOT IN (SELECT value FROM json_each(?4)) ORDER BY d.due_at",
                &[full.as_str(), busy.as_str()][..],
            ),
            (
                "d.due_at IS NULL AND d.ends_at <= ?1 ORDER BY d.ends_at",
                &[],
            ),
        ];
        for (which, lists) in looks {
            let left = i64::from(self.places.free) - i64::try_from(rows.len()).unwrap_or(i64::MAX);
            let look = query(format!(
                "SELECT d.*, a.address AS sender, m.address AS recipient FROM delivery d \
                 JOIN account a ON a.id = d.account_id \
                 JOIN message m ON m.account_id = d.account_id AND m.message_id = d.message_id \
                 WHERE {which} LIMIT ?2"
            ));
            let look = look.bind(integer(self.now.0)).bind(left.max(0));
            let look = lists.iter().fold(look, |look, list| look.bind(*list));
            rows.extend(look.fetch_all(connection)?);
        }
        let due = rows.iter().map(codec::due_delivery);
        let due = due.collect::<Result<Vec<_>, _>>()?;
        let due = std::mem::take(&mut self.places).taken(due);
        for delivery in &due {
            query(
                "UPDATE delivery SET due_at = ?1, claimed_until = ?1, tries = tries + 1 \
                 WHERE account_id = ?2 AND message_id = ?3",
            )
            .bind(integer(self.until.0))
            .bind(delivery.account.as_bytes().as_slice())
            .bind(delivery.message.as_bytes().as_slice())
            .execute(connection)?;
        }
        Ok(due)
    }
}

/// Keeps what became of a try.
pub(in super::super) struct Conclude {
    pub(in super::super) account: AccountId,
    pub(in super::super) message: MessageId,
    /// How often it had been tried before, and by how many works.
    pub(in super::super) tries: u32,
    pub(in super::super) works: u32,
    pub(in super::super) outcome: Outcome,
}

impl Operation for Conclude {
    /// The log's newest place, where its devices are to hear of it.
    type Output = Option<Position>;

    fn run(&mut self, connection: &Connection) -> Result<Option<Position>, StoreError> {
        let (account, message) = (self.account, self.message);
        let present =
            query("SELECT tries, works FROM delivery WHERE account_id = ? AND message_id = ?")
                .bind(account.as_bytes().as_slice())
                .bind(message.as_bytes().as_slice())
                .fetch_optional(connection)?;
        let Some(present) = present else {
            return Ok(None);
        };
        // What is there is there. Else only the newest try with the newest work says how it fares.
        let is_newest = number(&present, "tries")? == u64::from(self.tries) + 1
            && number(&present, "works")? == u64::from(self.works);
        if !is_newest && self.outcome != Outcome::Delivered {
            return Ok(None);
        }
        let of_message = |statement: &'static str| {
            query(statement)
                .bind(account.as_bytes().as_slice())
                .bind(message.as_bytes().as_slice())
        };
        let (state, reason) = match &self.outcome {
            Outcome::Delivered => (Delivery::Delivered, None),
            Outcome::Failed { reason } => (Delivery::Failed, Some(reason)),
            Outcome::WorkWanted { reason } => (Delivery::WorkWanted, Some(reason)),
            Outcome::Again { due_at, reason } => {
                query(
                    "UPDATE delivery SET due_at = ?, claimed_until = 0 \
                     WHERE account_id = ? AND message_id = ?",
                )
                .bind(integer(due_at.0))
                .bind(account.as_bytes().as_slice())
                .bind(message.as_bytes().as_slice())
                .execute(connection)?;
                (Delivery::UnderWay, Some(reason))
            }
        };
        match &self.outcome {
            Outcome::Delivered | Outcome::Failed { .. } => {
                of_message("DELETE FROM delivery WHERE account_id = ? AND message_id = ?")
                    .execute(connection)?;
            }
            Outcome::WorkWanted { .. } => {
                of_message(
                    "UPDATE delivery SET due_at = NULL, claimed_until = 0, solved_header = NULL, \
                     target = NULL, work_expires_at = NULL, work_signature = NULL \
                     WHERE account_id = ? AND message_id = ?",
                )
                .execute(connection)?;
            }
            Outcome::Again { .. } => {}
        }
        say(
            connection,
            account,
            message,
            state,
            reason.map(String::as_str),
        )
    }
}

/// Tells an account's devices how a message fares; `None` where they know, or the message is gone.
fn say(
    connection: &Connection,
    account: AccountId,
    message: MessageId,
    state: Delivery,
    reason: Option<&str>,
) -> Result<Option<Position>, StoreError> {
    let changed: Option<Row> = query(
        "SELECT 1 FROM message WHERE account_id = ? AND message_id = ? \
         AND (state IS NOT ? OR reason IS NOT ?)",
    )
    .bind(account.as_bytes().as_slice())
    .bind(message.as_bytes().as_slice())
    .bind(codec::delivery_number(state))
    .bind(reason)
    .fetch_optional(connection)?;
    if changed.is_none() {
        return Ok(None);
    }
    let position = advance(connection, account, 0)?;
    query(
        "UPDATE message SET state = ?, reason = ?, position = ? \
         WHERE account_id = ? AND message_id = ?",
    )
    .bind(codec::delivery_number(state))
    .bind(reason)
    .bind(integer(position.0))
    .bind(account.as_bytes().as_slice())
    .bind(message.as_bytes().as_slice())
    .execute(connection)?;
    Ok(Some(position))
}

/// Goes on with a delivery by other work.
pub(in super::super) struct Renew {
    pub(in super::super) account: AccountId,
    pub(in super::super) message: MessageId,
    pub(in super::super) work: Work,
    pub(in super::super) at: UnixMillis,
}

impl Operation for Renew {
    type Output = Option<Position>;

    fn run(&mut self, connection: &Connection) -> Result<Option<Position>, StoreError> {
        let work = &self.work;
        let done = query(
            "UPDATE delivery SET solved_header = ?, target = ?, work_expires_at = ?, \
             work_signature = ?, due_at = ?, claimed_until = 0, works = works + 1 WHERE account_id = ? AND message_id = ?",
        )
        .bind(work.solved_header.as_slice())
        .bind(work.target.as_slice())
        .bind(integer(work.expires_at.0))
        .bind(work.signature.as_slice())
        .bind(integer(self.at.0))
        .bind(self.account.as_bytes().as_slice())
        .bind(self.message.as_bytes().as_slice())
        .execute(connection)?;
        if done == 0 {
            return Err(StoreError::ItemMissing);
        }
        let (account, message) = (self.account, self.message);
        say(connection, account, message, Delivery::UnderWay, None)
    }
}

/// Makes what was claimed due now.
pub(in super::super) struct Release {
    pub(in super::super) now: UnixMillis,
}

impl Operation for Release {
    type Output = u64;

    fn run(&mut self, connection: &Connection) -> Result<u64, StoreError> {
        let done =
            query("UPDATE delivery SET due_at = ?1, claimed_until = 0 WHERE claimed_until > ?1")
                .bind(integer(self.now.0))
                .execute(connection)?;
        Ok(done)
    }
}

/// Tries what waits for a domain at once: it has just spoken to this node.
pub(in super::super) struct Hurry {
    pub(in super::super) domain: String,
    pub(in super::super) now: UnixMillis,
}

impl Operation for Hurry {
    type Output = u64;

    fn run(&mut self, connection: &Connection) -> Result<u64, StoreError> {
        let done = query(
            "UPDATE delivery SET due_at = ?1 \
             WHERE domain = ?2 AND due_at > ?1 AND claimed_until <= ?1",
        )
        .bind(integer(self.now.0))
        .bind(self.domain.as_str())
        .execute(connection)?;
        Ok(done)
    }
}

/// What has been tried in vain, by domains.
pub(in super::super::super) fn held_up(
    reader: &Connection,
    limit: u32,
) -> Result<Vec<HeldUp>, StoreError> {
    let rows = query(
        "SELECT d.domain, COUNT(*) AS messages, MIN(m.written_at) AS since, MAX(m.reason) AS reason \
         FROM delivery d JOIN message m ON m.account_id = d.account_id AND m.message_id = d.message_id \
         WHERE m.reason IS NOT NULL GROUP BY d.domain ORDER BY messages DESC, d.domain LIMIT ?",
    )
    .bind(i64::from(limit))
    .fetch_all(reader)?;
    rows.iter()
        .map(|row| {
            Ok(HeldUp {
                domain: value::<&str>(row, "domain")?.to_owned(),
                messages: number(row, "messages")?,
                since: UnixMillis(number(row, "since")?),
                reason: value::<&str>(row, "reason")?.to_owned(),
            })
        })
        .collect()
}

/// The message that a token pulls, with sender and recipient.
pub(in super::super) fn pulled(
    reader: &Connection,
    token_hash: &[u8; 32],
) -> Result<Option<(Address, Address, Sealed)>, StoreError> {
    query(
        "SELECT a.address AS sender, m.address AS recipient, m.suite, m.content, m.sender_key, \
         m.recipient_key FROM delivery d JOIN account a ON a.id = d.account_id \
         JOIN message m ON m.account_id = d.account_id AND m.message_id = d.message_id \
         WHERE d.token_hash = ?",
    )
    .bind(token_hash.as_slice())
    .fetch_optional(reader)?
    .map(|row| {
        Ok((
            codec::address(&row, "sender")?,
            codec::address(&row, "recipient")?,
            codec::sealed(&row)?,
        ))
    })
    .transpose()
}
