//! Messages and correspondents: one log for each account.

pub(in super::super) mod delivery;
pub(super) mod hand_over;
pub(super) mod log;
pub(super) mod work;

use proto::{
    address::Address,
    api::message::{Delivery, Standing},
    ids::{AccountId, Position, UnixMillis},
};

use super::{
    super::{
        MESSAGE_ROW_BYTES, NewReceived, NewSent, Sealed, StoreError,
        codec::{self, integer, number, value},
        rules,
    },
    sql::{self, Connection, query},
    writer::Operation,
};

/// Takes in a message that was pulled; the same once more changes nothing.
pub(super) struct Receive {
    pub(super) new: NewReceived,
    pub(super) max_bytes: u64,
}

impl Operation for Receive {
    type Output = Position;

    fn run(&mut self, connection: &Connection) -> Result<Position, StoreError> {
        take_in(connection, &self.new, self.max_bytes)
    }
}

fn take_in(
    connection: &Connection,
    new: &NewReceived,
    max_bytes: u64,
) -> Result<Position, StoreError> {
    let account = new.account;
    let hash = rules::content_hash(&new.sealed);
    let state = state_of(connection, account, &new.from, What::Content(&hash))?;
    if let Some(challenge) = &new.challenge
        && !work::done(connection, challenge)?
    {
        return Ok(state.position);
    }
    if state.known.is_some() {
        return Ok(state.position);
    }
    rules::has_room(state.bytes, &new.sealed, max_bytes)?;
    match state.standing {
        None => {
            stand(connection, account, &new.from, Standing::Request, new.at)?;
        }
        Some(Standing::Blocked) => return Err(StoreError::SenderBlocked),
        Some(Standing::Request | Standing::Accepted) => {}
    }
    let row = Row {
        id: new.message.as_bytes(),
        address: &new.from,
        sealed: &new.sealed,
        key_standing: Some(codec::key_standing_number(new.key)),
        state: None,
        at: new.at,
    };
    insert(connection, account, &row)
}

/// Keeps a message that is to be delivered; the same once more changes nothing.
pub(super) struct Send {
    pub(super) new: NewSent,
    pub(super) max_bytes: u64,
}

impl Operation for Send {
    type Output = Position;

    fn run(&mut self, connection: &Connection) -> Result<Position, StoreError> {
        let Self { new, max_bytes } = self;
        let kept = keep(connection, new, *max_bytes, Delivery::UnderWay)?;
        if let Kept::New(_) = kept {
            delivery::begin(connection, new)?;
        }
        Ok(kept.position())
    }
}

/// Where a message of the sender's own stands in the log.
#[derive(Debug, Clone, Copy)]
enum Kept {
    New(Position),
    Before(Position),
}

impl Kept {
    fn position(self) -> Position {
        let (Self::New(position) | Self::Before(position)) = self;
        position
    }
}

fn keep(
    connection: &Connection,
    new: &NewSent,
    max_bytes: u64,
    delivery: Delivery,
) -> Result<Kept, StoreError> {
    let account = new.account;
    let what = What::Id(new.message.as_bytes());
    let state = state_of(connection, account, &new.to, what)?;
    if let Some(before) = &state.known {
        let hash = rules::content_hash(&new.sealed);
        return rules::sent_before(before, &new.to, &hash).map(Kept::Before);
    }
    rules::has_room(state.bytes, &new.sealed, max_bytes)?;
    if delivery == Delivery::UnderWay {
        delivery::check_room(connection, account)?;
    }
    // Who writes to somebody lets them answer.
    if matches!(state.standing, None | Some(Standing::Request)) {
        stand(connection, account, &new.to, Standing::Accepted, new.at)?;
    }
    let row = Row {
        id: new.message.as_bytes(),
        address: &new.to,
        sealed: &new.sealed,
        key_standing: None,
        state: Some(codec::delivery_number(delivery)),
        at: new.at,
    };
    insert(connection, account, &row).map(Kept::New)
}

/// How an account is before one more message.
struct State {
    position: Position,
    bytes: u64,
    /// How it stands to the other side.
    standing: Option<Standing>,
    /// The same message, where it is here.
    known: Option<sql::Row>,
}

/// By what a message is known.
#[derive(Clone, Copy)]
enum What<'a> {
    Id(&'a [u8; 16]),
    /// Of the other side, whatever its id is.
    Content(&'a [u8; 32]),
}

fn state_of(
    connection: &Connection,
    account: AccountId,
    other: &Address,
    what: What<'_>,
) -> Result<State, StoreError> {
    let (statement, what) = match what {
        What::Id(id) => (
            "SELECT a.message_position, a.message_bytes, c.standing, \
             m.position, m.address, m.is_sent, m.content_hash FROM account a \
             LEFT JOIN correspondent c ON c.account_id = a.id AND c.address = ?2 \
             LEFT JOIN message m ON m.account_id = a.id AND m.message_id = ?3 WHERE a.id = ?1",
            id.as_slice(),
        ),
        // The index has `is_sent` before the hash: named, no more than one row is looked at.
        What::Content(hash) => (
            "SELECT a.message_position, a.message_bytes, c.standing, m.position FROM account a \
             LEFT JOIN correspondent c ON c.account_id = a.id AND c.address = ?2 \
             LEFT JOIN message m ON m.account_id = a.id AND m.address = ?2 \
             AND m.is_sent IN (0, 1) AND m.content_hash = ?3 WHERE a.id = ?1",
            hash.as_slice(),
        ),
    };
    let row = query(statement)
        .bind(account.as_bytes().as_slice())
        .bind(other.as_str())
        .bind(what)
        .fetch_optional(connection)?
        .ok_or(StoreError::AccountMissing)?;
    let standing = value::<Option<i64>>(&row, "standing")?;
    Ok(State {
        position: Position(number(&row, "message_position")?),
        bytes: number(&row, "message_bytes")?,
        standing: standing.map(codec::standing).transpose()?,
        known: value::<Option<i64>>(&row, "position")?.map(|_| row),
    })
}

/// Takes the account's next place in the log.
fn advance(
    connection: &Connection,
    account: AccountId,
    bytes: i64,
) -> Result<Position, StoreError> {
    let row = query(
        "UPDATE account SET message_position = message_position + 1, \
         message_bytes = message_bytes + ? WHERE id = ? RETURNING message_position",
    )
    .bind(bytes)
    .bind(account.as_bytes().as_slice())
    .fetch_optional(connection)?
    .ok_or(StoreError::AccountMissing)?;
    number(&row, "message_position").map(Position)
}

/// Lets somebody stand otherwise from now on.
fn stand(
    connection: &Connection,
    account: AccountId,
    address: &Address,
    standing: Standing,
    at: UnixMillis,
) -> Result<Position, StoreError> {
    let position = advance(connection, account, 0)?;
    query(
        "INSERT INTO correspondent (account_id, address, standing, position, changed_at) \
         VALUES (?, ?, ?, ?, ?) ON CONFLICT (account_id, address) DO UPDATE SET \
         standing = excluded.standing, position = excluded.position, changed_at = excluded.changed_at",
    )
    .bind(account.as_bytes().as_slice())
    .bind(address.as_str())
    .bind(codec::standing_number(standing))
    .bind(integer(position.0))
    .bind(integer(at.0))
    .execute(connection)?;
    Ok(position)
}

/// A row of `message` to be.
struct Row<'a> {
    id: &'a [u8; 16],
    address: &'a Address,
    sealed: &'a Sealed,
    key_standing: Option<i64>,
    state: Option<i64>,
    at: UnixMillis,
}

fn insert(
    connection: &Connection,
    account: AccountId,
    row: &Row<'_>,
) -> Result<Position, StoreError> {
    let bytes = row.sealed.content.len() as u64 + MESSAGE_ROW_BYTES;
    let position = advance(connection, account, integer(bytes))?;
    query(
        "INSERT INTO message (account_id, message_id, position, address, is_sent, suite, content, \
         content_hash, sender_key, recipient_key, key_standing, state, written_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(account.as_bytes().as_slice())
    .bind(row.id.as_slice())
    .bind(integer(position.0))
    .bind(row.address.as_str())
    .bind(i64::from(row.state.is_some()))
    .bind(codec::suite_number(row.sealed.suite))
    .bind(row.sealed.content.as_slice())
    .bind(rules::content_hash(row.sealed).as_slice())
    .bind(row.sealed.sender_key.as_slice())
    .bind(row.sealed.recipient_key.as_slice())
    .bind(row.key_standing)
    .bind(row.state)
    .bind(integer(row.at.0))
    .execute(connection)?;
    Ok(position)
}
