//! Messages that stay on this node: both accounts have one at once, or neither has it.

use proto::{api::message::Delivery, ids::Position};

use super::{
    super::{
        super::{NewReceived, NewSent, ShownWork, StoreError},
        sql::Connection,
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

impl Operation for HandOver {
    /// Of the sender, and of the recipient where it is new.
    type Output = (Position, Option<Position>);

    fn run(&mut self, connection: &Connection) -> Result<Self::Output, StoreError> {
        let kept = keep(connection, &self.sent, self.max_bytes, Delivery::Delivered)?;
        let Kept::New(position) = kept else {
            return Ok((kept.position(), None));
        };
        work::take_once(connection, &self.shown)?;
        let received = take_in(connection, &self.received, self.max_bytes)?;
        Ok((position, Some(received)))
    }
}
