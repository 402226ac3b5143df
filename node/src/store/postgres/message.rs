//! Messages and correspondents: one log for each account.

pub(in super::super) mod delivery;
pub(super) mod hand_over;
pub(super) mod log;
pub(super) mod work;

use async_trait::async_trait;
use proto::{
    address::Address,
    api::message::{Delivery, Standing},
    ids::{AccountId, Position, UnixMillis},
};
use sqlx::{PgConnection, postgres::PgRow};

use super::{
    super::{
        MESSAGE_ROW_BYTES, NewReceived, NewSent, Sealed, StoreError,
        codec::{self, integer, number, value},
        rules,
    },
    Operation, failed, lock_account,
};

/// Takes in a message that was pulled; the same once more changes nothing.
pub(super) struct Receive {
    pub(super) new: NewReceived,
    pub(super) max_bytes: u64,
}

#[async_trait]
impl Operation for Receive {
    type Output = Position;

    fn account(&self) -> Option<AccountId> {
        Some(self.new.account)
    }

    async fn run(&mut self, connection: &mut PgConnection) -> Result<Position, StoreError> {
        take_in(connection, &self.new, self.max_bytes).await
    }
}

async fn take_in(
    connection: &mut PgConnection,
    new: &NewReceived,
    max_bytes: u64,
) -> Result<Position, StoreError> {
    let account = new.account;
    let state = state_of(connection, account).await?;
    if let Some(challenge) = &new.challenge
        && !work::done(connection, challenge).await?
    {
        return Ok(state.position);
    }
    let hash = rules::content_hash(&new.sealed);
    let known = sqlx::query(
        "SELECT 1 FROM message \
             WHERE account_id = $1 AND address = $2 AND is_sent IN (0, 1) AND content_hash = $3",
    )
    .bind(account.as_bytes().as_slice())
    .bind(new.from.as_str())
    .bind(hash.as_slice())
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    if known.is_some() {
        return Ok(state.position);
    }
    rules::has_room(state.bytes, &new.sealed, max_bytes)?;
    let standing = standing(connection, account, &new.from).await?;
    match standing {
        None => {
            stand(connection, account, &new.from, Standing::Request, new.at).await?;
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
    insert(connection, account, &row).await
}

/// Keeps a message that is to be delivered; the same once more changes nothing.
pub(super) struct Send {
    pub(super) new: NewSent,
    pub(super) max_bytes: u64,
}

#[async_trait]
impl Operation for Send {
    type Output = Position;

    fn account(&self) -> Option<AccountId> {
        Some(self.new.account)
    }

    async fn run(&mut self, connection: &mut PgConnection) -> Result<Position, StoreError> {
        let Self { new, max_bytes } = self;
        let kept = keep(connection, new, *max_bytes, Delivery::UnderWay).await?;
        if let Kept::New(_) = kept {
            delivery::begin(connection, new).await?;
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

async fn keep(
    connection: &mut PgConnection,
    new: &NewSent,
    max_bytes: u64,
    delivery: Delivery,
) -> Result<Kept, StoreError> {
    let account = new.account;
    let state = state_of(connection, account).await?;
    let hash = rules::content_hash(&new.sealed);
    let before = sqlx::query(
        "SELECT position, address, is_sent, content_hash FROM message \
             WHERE account_id = $1 AND message_id = $2",
    )
    .bind(account.as_bytes().as_slice())
    .bind(new.message.as_bytes().as_slice())
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    if let Some(before) = before {
        return rules::sent_before(&before, &new.to, &hash).map(Kept::Before);
    }
    rules::has_room(state.bytes, &new.sealed, max_bytes)?;
    if delivery == Delivery::UnderWay {
        delivery::check_room(connection, account).await?;
    }
    // Who writes to somebody lets them answer.
    if matches!(
        standing(connection, account, &new.to).await?,
        None | Some(Standing::Request)
    ) {
        stand(connection, account, &new.to, Standing::Accepted, new.at).await?;
    }
    let row = Row {
        id: new.message.as_bytes(),
        address: &new.to,
        sealed: &new.sealed,
        key_standing: None,
        state: Some(codec::delivery_number(delivery)),
        at: new.at,
    };
    insert(connection, account, &row).await.map(Kept::New)
}

/// What an account's messages are in all.
struct State {
    position: Position,
    bytes: u64,
}

/// Locks the account until the transaction ends: its log has one writer at a time.
async fn state_of(connection: &mut PgConnection, account: AccountId) -> Result<State, StoreError> {
    lock_account(connection, account).await?;
    let row = sqlx::query("SELECT message_position, message_bytes FROM account WHERE id = $1")
        .bind(account.as_bytes().as_slice())
        .fetch_one(connection)
        .await
        .map_err(failed)?;
    Ok(State {
        position: Position(number(&row, "message_position")?),
        bytes: number(&row, "message_bytes")?,
    })
}

/// Takes the account's next place in the log.
async fn advance(
    connection: &mut PgConnection,
    account: AccountId,
    bytes: i64,
) -> Result<Position, StoreError> {
    let row = sqlx::query(
        "UPDATE account SET message_position = message_position + 1, \
         message_bytes = message_bytes + $1 WHERE id = $2 RETURNING message_position",
    )
    .bind(bytes)
    .bind(account.as_bytes().as_slice())
    .fetch_optional(connection)
    .await
    .map_err(failed)?
    .ok_or(StoreError::AccountMissing)?;
    number(&row, "message_position").map(Position)
}

/// How an account stands to somebody.
async fn standing(
    connection: &mut PgConnection,
    account: AccountId,
    address: &Address,
) -> Result<Option<Standing>, StoreError> {
    let row: Option<PgRow> =
        sqlx::query("SELECT standing FROM correspondent WHERE account_id = $1 AND address = $2")
            .bind(account.as_bytes().as_slice())
            .bind(address.as_str())
            .fetch_optional(connection)
            .await
            .map_err(failed)?;
    row.map(|row| codec::standing(value(&row, "standing")?))
        .transpose()
}

/// Lets somebody stand otherwise from now on.
async fn stand(
    connection: &mut PgConnection,
    account: AccountId,
    address: &Address,
    standing: Standing,
    at: UnixMillis,
) -> Result<Position, StoreError> {
    let position = advance(connection, account, 0).await?;
    sqlx::query(
        "INSERT INTO correspondent (account_id, address, standing, position, changed_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_id, address) DO UPDATE SET \
         standing = excluded.standing, position = excluded.position, changed_at = excluded.changed_at",
    )
    .bind(account.as_bytes().as_slice())
    .bind(address.as_str())
    .bind(codec::standing_number(standing))
    .bind(integer(position.0))
    .bind(integer(at.0))
    .execute(connection)
    .await
    .map_err(failed)?;
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

async fn insert(
    connection: &mut PgConnection,
    account: AccountId,
    row: &Row<'_>,
) -> Result<Position, StoreError> {
    let bytes = row.sealed.content.len() as u64 + MESSAGE_ROW_BYTES;
    let position = advance(connection, account, integer(bytes)).await?;
    sqlx::query(
        "INSERT INTO message (account_id, message_id, position, address, is_sent, suite, content, \
         content_hash, sender_key, recipient_key, key_standing, state, written_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
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
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(position)
}
