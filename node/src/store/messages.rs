//! What the node keeps of messages.

use async_trait::async_trait;
use proto::{
    address::Address,
    api::message::{MessagePage, Standing},
    ids::{AccountId, MessageId, Position, UnixMillis},
};

use super::{
    DueDelivery, HeldUp, NewReceived, NewSent, Outcome, Places, Sealed, ShownWork, StoreError,
    Terms, Work, WorkState,
};

/// Durable truth of messages: those of each account, those on their way, and what paid for them.
///
/// As in [`Store`](super::Store): a method that writes is one transaction, and returns after it was committed.
#[async_trait]
pub trait Messages {
    /// On which terms `sender` may write to an address of this node; `None`: nobody has it.
    async fn terms(
        &self,
        recipient: &Address,
        sender: &Address,
    ) -> Result<Option<Terms>, StoreError>;

    /// Takes the work that is shown for a message. The same work pays for pulling the same message again,
    /// some times: the answer may have been lost.
    ///
    /// # Errors
    /// [`StoreError::AlreadySpent`].
    async fn take_work(&self, shown: ShownWork) -> Result<WorkState, StoreError>;

    /// Takes in a message that was pulled, and remembers that its work is done. Who has never written
    /// before is a request from then on. The same content once more changes nothing.
    ///
    /// Returns the newest position of the account's log.
    ///
    /// # Errors
    /// [`StoreError::SenderBlocked`], [`StoreError::QuotaExceeded`], [`StoreError::AccountMissing`].
    async fn receive(&self, new: NewReceived, max_bytes: u64) -> Result<Position, StoreError>;

    /// Keeps a message with its delivery; from then on the recipient may answer. The same once more
    /// changes nothing.
    ///
    /// # Errors
    /// [`StoreError::UpdateReused`] where the id is of another message, [`StoreError::QuotaExceeded`],
    /// [`StoreError::AccountMissing`].
    async fn send(&self, new: NewSent, max_bytes: u64) -> Result<Position, StoreError>;

    /// Keeps a message between two accounts of this node and takes it in, in one transaction: there is nothing to deliver
    /// afterwards. The same once more changes nothing.
    ///
    /// Returns the newest positions of the sender's log, and of the recipient's where the message is new.
    ///
    /// # Errors
    /// Those of [`Messages::send`] and [`Messages::receive`], and [`StoreError::AlreadySpent`]; [`StoreError::Unreachable`] also where
    /// others write to the recipient's account just then. Neither of them has the message then.
    async fn hand_over(
        &self,
        sent: NewSent,
        received: NewReceived,
        shown: ShownWork,
        max_bytes: u64,
    ) -> Result<(Position, Option<Position>), StoreError>;

    /// The message that a token pulls, from whom and to whom; `None`: none that is still on its way.
    async fn pulled(
        &self,
        token_hash: &[u8; 32],
    ) -> Result<Option<(Address, Address, Sealed)>, StoreError>;

    /// Takes deliveries that are due and have a place, the longest due first, and those whose time is over while they waited for
    /// other work; nobody else gets them before `until`.
    async fn claim(
        &self,
        now: UnixMillis,
        until: UnixMillis,
        places: Places,
    ) -> Result<Vec<DueDelivery>, StoreError>;

    /// Keeps what became of a try; only the newest one counts, unless the message was delivered. Returns the log's newest position where devices are to hear of it.
    async fn conclude(
        &self,
        tried: &DueDelivery,
        outcome: Outcome,
    ) -> Result<Option<Position>, StoreError>;

    /// Goes on with a delivery by other work.
    ///
    /// # Errors
    /// [`StoreError::ItemMissing`] where it is not on its way any more.
    async fn renew_work(
        &self,
        account: AccountId,
        message: MessageId,
        work: Work,
        at: UnixMillis,
    ) -> Result<Option<Position>, StoreError>;

    /// Makes all that somebody has claimed due now: for a store that nobody else writes to, whoever claimed it is dead.
    /// Returns how many.
    async fn release_claims(&self, now: UnixMillis) -> Result<u64, StoreError>;

    /// Domains that have not taken messages so far, those with the most of them first, at most `limit`.
    async fn held_up(&self, limit: u32) -> Result<Vec<HeldUp>, StoreError>;

    /// Makes all that waits for a domain due now; returns how many.
    async fn hurry(&self, domain: &str, now: UnixMillis) -> Result<u64, StoreError>;

    /// Changes of messages and correspondents after `since`, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::AccountMissing`].
    async fn message_page(
        &self,
        account: AccountId,
        since: Position,
        limit: u32,
    ) -> Result<MessagePage, StoreError>;

    /// Lets somebody stand otherwise to an account from now on.
    ///
    /// # Errors
    /// [`StoreError::AccountMissing`].
    async fn stand(
        &self,
        account: AccountId,
        address: &Address,
        standing: Standing,
        at: UnixMillis,
    ) -> Result<Position, StoreError>;

    /// Deletes an account's messages from and to somebody, those on their way with them.
    ///
    /// # Errors
    /// [`StoreError::AccountMissing`].
    async fn clear(
        &self,
        account: AccountId,
        address: &Address,
        at: UnixMillis,
    ) -> Result<Position, StoreError>;

    /// Says what a first and a later message to an account cost, average tries.
    ///
    /// # Errors
    /// [`StoreError::AccountMissing`].
    async fn set_prices(
        &self,
        account: AccountId,
        first: u64,
        later: u64,
    ) -> Result<(), StoreError>;

    /// Notes that the domain of an address has named a key as its active one.
    async fn see_key(
        &self,
        address: &Address,
        key: [u8; 33],
        at: UnixMillis,
    ) -> Result<(), StoreError>;

    /// Whether it ever has.
    async fn has_seen_key(&self, address: &Address, key: &[u8; 33]) -> Result<bool, StoreError>;
}
