//! What devices read of messages, and what their users decide.

use async_trait::async_trait;
use proto::{
    address::Address,
    api::message::{MessagePage, Standing},
    ids::{AccountId, Position, UnixMillis},
};
use sqlx::{PgConnection, PgPool};

use super::{
    super::{
        super::{
            MESSAGE_ROW_BYTES, StoreError, Terms,
            codec::{self, bytes, integer, number},
            rules::{self, PAGE_BYTES},
        },
        Operation, failed,
    },
    advance, stand, state_of,
};

/// Lets somebody stand otherwise.
pub(in super::super) struct Stand {
    pub(in super::super) account: AccountId,
    pub(in super::super) address: Address,
    pub(in super::super) standing: Standing,
    pub(in super::super) at: UnixMillis,
}

#[async_trait]
impl Operation for Stand {
    type Output = Position;

    fn account(&self) -> Option<AccountId> {
        Some(self.account)
    }

    async fn run(&mut self, connection: &mut PgConnection) -> Result<Position, StoreError> {
        state_of(connection, self.account).await?;
        stand(
            connection,
            self.account,
            &self.address,
            self.standing,
            self.at,
        )
        .await
    }
}

/// Deletes all messages from and to somebody, those on their way with them.
pub(in super::super) struct Clear {
    pub(in super::super) account: AccountId,
    pub(in super::super) address: Address,
    pub(in super::super) at: UnixMillis,
}

#[async_trait]
impl Operation for Clear {
    type Output = Position;

    fn account(&self) -> Option<AccountId> {
        Some(self.account)
    }

    async fn run(&mut self, connection: &mut PgConnection) -> Result<Position, StoreError> {
        state_of(connection, self.account).await?;
        let row = sqlx::query(
            "SELECT count(*) AS messages, COALESCE(SUM(LENGTH(content)), 0)::BIGINT AS bytes \
             FROM message WHERE account_id = $1 AND address = $2",
        )
        .bind(self.account.as_bytes().as_slice())
        .bind(self.address.as_str())
        .fetch_one(&mut *connection)
        .await
        .map_err(failed)?;
        let freed = number(&row, "bytes")? + number(&row, "messages")? * MESSAGE_ROW_BYTES;
        sqlx::query("DELETE FROM message WHERE account_id = $1 AND address = $2")
            .bind(self.account.as_bytes().as_slice())
            .bind(self.address.as_str())
            .execute(&mut *connection)
            .await
            .map_err(failed)?;
        let position = advance(connection, self.account, -integer(freed)).await?;
        sqlx::query(
            "UPDATE correspondent SET position = $1, cleared = $1, changed_at = $2 \
             WHERE account_id = $3 AND address = $4",
        )
        .bind(integer(position.0))
        .bind(integer(self.at.0))
        .bind(self.account.as_bytes().as_slice())
        .bind(self.address.as_str())
        .execute(connection)
        .await
        .map_err(failed)?;
        Ok(position)
    }
}

/// Says what messages to an account cost.
pub(in super::super) struct SetPrices {
    pub(in super::super) account: AccountId,
    pub(in super::super) first: u64,
    pub(in super::super) later: u64,
}

#[async_trait]
impl Operation for SetPrices {
    type Output = ();

    fn account(&self) -> Option<AccountId> {
        Some(self.account)
    }

    async fn run(&mut self, connection: &mut PgConnection) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE account SET first_difficulty = $1, later_difficulty = $2 WHERE id = $3",
        )
        .bind(integer(self.first))
        .bind(integer(self.later))
        .bind(self.account.as_bytes().as_slice())
        .execute(connection)
        .await
        .map_err(failed)?;
        if done.rows_affected() == 0 {
            return Err(StoreError::AccountMissing);
        }
        Ok(())
    }
}

/// On which terms somebody may write to an address of this node.
pub(in super::super) async fn terms(
    readers: &PgPool,
    recipient: &Address,
    sender: &Address,
) -> Result<Option<Terms>, StoreError> {
    let rows = sqlx::query(
        "SELECT a.id, a.first_difficulty, a.later_difficulty, c.standing, k.public_key \
         FROM account a JOIN address_key k ON k.account_id = a.id \
         LEFT JOIN correspondent c ON c.account_id = a.id AND c.address = $2 \
         WHERE a.address = $1 ORDER BY k.number",
    )
    .bind(recipient.as_str())
    .bind(sender.as_str())
    .fetch_all(readers)
    .await
    .map_err(failed)?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let keys = rows.iter().map(|row| bytes(row, "public_key"));
    codec::terms(row, keys.collect::<Result<_, _>>()?).map(Some)
}

/// Changes after `since`, the oldest first.
pub(in super::super) async fn page(
    readers: &PgPool,
    account: AccountId,
    since: Position,
    limit: u32,
) -> Result<MessagePage, StoreError> {
    // One connection and one transaction see one state.
    let mut transaction = readers.begin().await.map_err(failed)?;
    sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    let latest = sqlx::query("SELECT message_position FROM account WHERE id = $1")
        .bind(account.as_bytes().as_slice())
        .fetch_optional(&mut *transaction)
        .await
        .map_err(failed)?
        .ok_or(StoreError::AccountMissing)?;
    let latest = Position(number(&latest, "message_position")?);
    let messages = sqlx::query(
        "WITH summed AS ( \
           SELECT *, SUM(LENGTH(content)) OVER (ORDER BY position) - LENGTH(content) AS before \
           FROM (SELECT * FROM message WHERE account_id = $1 AND position > $2 \
                 ORDER BY position LIMIT $3) AS newest) \
         SELECT * FROM summed WHERE before <= $4 ORDER BY position",
    )
    .bind(account.as_bytes().as_slice())
    .bind(integer(since.0))
    .bind(i64::from(limit))
    .bind(integer(PAGE_BYTES))
    .fetch_all(&mut *transaction)
    .await
    .map_err(failed)?;
    let correspondents = sqlx::query(
        "SELECT * FROM correspondent WHERE account_id = $1 AND position > $2 \
         ORDER BY position LIMIT $3",
    )
    .bind(account.as_bytes().as_slice())
    .bind(integer(since.0))
    .bind(i64::from(limit))
    .fetch_all(&mut *transaction)
    .await
    .map_err(failed)?;
    let messages = messages.iter().map(codec::message);
    let correspondents = correspondents.iter().map(codec::correspondent);
    Ok(rules::message_page(
        messages.collect::<Result<_, _>>()?,
        correspondents.collect::<Result<_, _>>()?,
        latest,
        limit,
    ))
}
