//! Messages that stay on this node: both accounts have one at once, or neither has it.

use async_trait::async_trait;
use proto::{api::message::Delivery, ids::Position};
use sqlx::SqliteConnection;

use super::{
    super::{
        super::{NewReceived, NewSent, ShownWork, StoreError},
        writer::Operation,
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

    async fn run(&mut self, connection: &mut SqliteConnection) -> Result<Self::Output, StoreError> {
        let kept = keep(connection, &self.sent, self.max_bytes, Delivery::Delivered).await?;
        let Kept::New(position) = kept else {
            return Ok((kept.position(), None));
        };
        work::take_once(connection, &self.shown).await?;
        let received = take_in(connection, &self.received, self.max_bytes).await?;
        Ok((position, Some(received)))
    }
}
