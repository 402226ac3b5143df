//! Messages that stay on this node: both accounts have one at once, or neither has it.

use async_trait::async_trait;
use proto::{
    api::message::Delivery,
    ids::{AccountId, Position},
};
use sqlx::PgConnection;

use super::{
    super::{
        super::{NewReceived, NewSent, ShownWork, StoreError},
        Operation, lock_account,
    },
    Kept, keep, take_in, work,
};

/// Keeps a message with its sender, delivered, and takes it in for its recipient; the same once more changes nothing.
pub(in super::super) struct HandOver {
    pub(in super::super) sent: NewSent,
    pub(in super::super) received: NewReceived,
    pub(in super::super) shown: ShownWork,
    pub(in super::super) max_bytes: u64,
}

#[async_trait]
impl Operation for HandOver {
    /// Of the sender, and of the recipient where it is new.
    type Output = (Position, Option<Position>);

    fn account(&self) -> Option<AccountId> {
        Some(self.sent.account)
    }

    fn other_account(&self) -> Option<AccountId> {
        Some(self.received.account)
    }

    async fn run(&mut self, connection: &mut PgConnection) -> Result<Self::Output, StoreError> {
        // Both by their ids: two who write to one another must not wait for one another.
        let (one, other) = (self.sent.account, self.received.account);
        lock_account(connection, one.min(other)).await?;
        lock_account(connection, one.max(other)).await?;
        let kept = keep(connection, &self.sent, self.max_bytes, Delivery::Delivered).await?;
        let Kept::New(position) = kept else {
            return Ok((kept.position(), None));
        };
        work::take_once(connection, &self.shown).await?;
        let received = take_in(connection, &self.received, self.max_bytes).await?;
        Ok((position, Some(received)))
    }
}
