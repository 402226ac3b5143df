//! [`Messages`] on `SQLite`.

use async_trait::async_trait;
use proto::{
    address::Address,
    api::message::{MessagePage, Standing},
    ids::{AccountId, MessageId, Position, UnixMillis},
};

use super::{
    super::{
        DueDelivery, HeldUp, Messages, NewReceived, NewSent, Outcome, Places, Sealed, ShownWork,
        StoreError, Terms, Work, WorkState,
    },
    SqliteStore,
    message::{Receive, Send, delivery, hand_over::HandOver, log, work},
};

#[async_trait]
impl Messages for SqliteStore {
    async fn terms(
        &self,
        recipient: &Address,
        sender: &Address,
    ) -> Result<Option<Terms>, StoreError> {
        self.readers
            .read(|reader| log::terms(reader, recipient, sender))
            .await
    }

    async fn take_work(&self, shown: ShownWork) -> Result<WorkState, StoreError> {
        self.writer.run(work::Take(shown)).await
    }

    async fn receive(&self, new: NewReceived, max_bytes: u64) -> Result<Position, StoreError> {
        self.writer.run(Receive { new, max_bytes }).await
    }

    async fn send(&self, new: NewSent, max_bytes: u64) -> Result<Position, StoreError> {
        self.writer.run(Send { new, max_bytes }).await
    }

    async fn hand_over(
        &self,
        sent: NewSent,
        received: NewReceived,
        shown: ShownWork,
        max_bytes: u64,
    ) -> Result<(Position, Option<Position>), StoreError> {
        let both = HandOver {
            sent,
            received,
            shown,
            max_bytes,
        };
        self.writer.run(both).await
    }

    async fn pulled(
        &self,
        token_hash: &[u8; 32],
    ) -> Result<Option<(Address, Address, Sealed)>, StoreError> {
        self.readers
            .read(|reader| delivery::pulled(reader, token_hash))
            .await
    }

    async fn claim(
        &self,
        now: UnixMillis,
        until: UnixMillis,
        places: Places,
    ) -> Result<Vec<DueDelivery>, StoreError> {
        self.writer
            .run(delivery::Claim { now, until, places })
            .await
    }

    async fn conclude(
        &self,
        tried: &DueDelivery,
        outcome: Outcome,
    ) -> Result<Option<Position>, StoreError> {
        self.writer
            .run(delivery::Conclude {
                account: tried.account,
                message: tried.message,
                tries: tried.tries,
                works: tried.works,
                outcome,
            })
            .await
    }

    async fn held_up(&self, limit: u32) -> Result<Vec<HeldUp>, StoreError> {
        self.readers
            .read_aside(move |reader| delivery::held_up(reader, limit))
            .await
    }

    async fn renew_work(
        &self,
        account: AccountId,
        message: MessageId,
        work: Work,
        at: UnixMillis,
    ) -> Result<Option<Position>, StoreError> {
        self.writer
            .run(delivery::Renew {
                account,
                message,
                work,
                at,
            })
            .await
    }

    async fn release_claims(&self, now: UnixMillis) -> Result<u64, StoreError> {
        self.writer.run(delivery::Release { now }).await
    }

    async fn hurry(&self, domain: &str, now: UnixMillis) -> Result<u64, StoreError> {
        let domain = domain.to_owned();
        self.writer.run(delivery::Hurry { domain, now }).await
    }

    async fn message_page(
        &self,
        account: AccountId,
        since: Position,
        limit: u32,
    ) -> Result<MessagePage, StoreError> {
        self.readers
            .read_aside(move |reader| log::page(reader, account, since, limit))
            .await
    }

    async fn stand(
        &self,
        account: AccountId,
        address: &Address,
        standing: Standing,
        at: UnixMillis,
    ) -> Result<Position, StoreError> {
        let address = address.clone();
        self.writer
            .run(log::Stand {
                account,
                address,
                standing,
                at,
            })
            .await
    }

    async fn clear(
        &self,
        account: AccountId,
        address: &Address,
        at: UnixMillis,
    ) -> Result<Position, StoreError> {
        let address = address.clone();
        self.writer
            .run(log::Clear {
                account,
                address,
                at,
            })
            .await
    }

    async fn set_prices(
        &self,
        account: AccountId,
        first: u64,
        later: u64,
    ) -> Result<(), StoreError> {
        let prices = log::SetPrices {
            account,
            first,
            later,
        };
        self.writer.run(prices).await
    }

    async fn see_key(
        &self,
        address: &Address,
        key: [u8; 33],
        at: UnixMillis,
    ) -> Result<(), StoreError> {
        let address = address.clone();
        self.writer.run(work::SeeKey { address, key, at }).await
    }

    async fn has_seen_key(&self, address: &Address, key: &[u8; 33]) -> Result<bool, StoreError> {
        self.readers
            .read(|reader| work::has_seen(reader, address, key))
            .await
    }
}
