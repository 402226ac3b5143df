//! Messages at the node, and what they cost.

use proto::{
    address::Address,
    api::{
        feed::FeedCursor,
        message::{
            AddressKey, MessageAccepted, MessageChallenge, MessageChallengeRequest, MessagePage,
            MessagePrices, RenewWorkRequest, SendMessageRequest, SetPricesRequest, StandRequest,
            Standing,
        },
    },
    ids::{MessageId, UnixMillis},
};

use crate::platform::{Method, Transport};

use super::{
    ANSWER_MAX_BYTES, CHALLENGE_MAX_MS, MESSAGES, Node, NodeError, PAGE_MAX_BYTES, costs, encode,
    segment,
};

impl<T: Transport> Node<'_, T> {
    pub(crate) async fn prices(&self) -> Result<MessagePrices, NodeError> {
        let path = "/messages/prices";
        self.ask(Method::Get, path, None, ANSWER_MAX_BYTES).await
    }

    pub(crate) async fn set_prices(
        &self,
        request: &SetPricesRequest,
    ) -> Result<MessagePrices, NodeError> {
        let body = Some(encode(request)?);
        let path = "/messages/prices";
        self.ask(Method::Put, path, body, ANSWER_MAX_BYTES).await
    }

    /// What is new of messages, from a place of their log on.
    pub(crate) async fn messages(
        &self,
        cursor: Option<&FeedCursor>,
    ) -> Result<MessagePage, NodeError> {
        let from = cursor.map(|cursor| format!("cursor={}&", cursor.as_str()));
        let path = format!("/messages?{}limit={MESSAGES}", from.unwrap_or_default());
        self.ask(Method::Get, &path, None, PAGE_MAX_BYTES).await
    }

    /// A challenge of the recipient's server.
    pub(crate) async fn message_challenge(
        &self,
        wish: &MessageChallengeRequest,
        now: UnixMillis,
    ) -> Result<MessageChallenge, NodeError> {
        let challenge: MessageChallenge = self.post("/messages/challenge", wish).await?;
        if !costs(&challenge.target.0, challenge.difficulty) {
            return Err(NodeError::Misbehaved);
        }
        if challenge.expires_at <= now || challenge.expires_at > now.plus(CHALLENGE_MAX_MS) {
            return Err(NodeError::ClockDiffers);
        }
        Ok(challenge)
    }

    pub(crate) async fn send(
        &self,
        id: MessageId,
        request: &SendMessageRequest,
    ) -> Result<MessageAccepted, NodeError> {
        let body = Some(encode(request)?);
        let path = format!("/messages/{id}");
        self.ask(Method::Put, &path, body, ANSWER_MAX_BYTES).await
    }

    pub(crate) async fn renew_work(
        &self,
        id: MessageId,
        request: &RenewWorkRequest,
    ) -> Result<MessageAccepted, NodeError> {
        let body = Some(encode(request)?);
        let path = format!("/messages/{id}/work");
        self.ask(Method::Put, &path, body, ANSWER_MAX_BYTES).await
    }

    /// The active key of any address.
    pub(crate) async fn key_of(&self, address: &Address) -> Result<AddressKey, NodeError> {
        let path = format!("/addresses/{}/key", segment(address));
        self.ask(Method::Get, &path, None, ANSWER_MAX_BYTES).await
    }

    pub(crate) async fn stand(
        &self,
        address: &Address,
        standing: Standing,
    ) -> Result<MessageAccepted, NodeError> {
        let body = Some(encode(&StandRequest { standing })?);
        let path = format!("/correspondents/{}", segment(address));
        self.ask(Method::Put, &path, body, ANSWER_MAX_BYTES).await
    }

    pub(crate) async fn clear(&self, address: &Address) -> Result<MessageAccepted, NodeError> {
        let path = format!("/correspondents/{}/messages", segment(address));
        self.ask(Method::Delete, &path, None, ANSWER_MAX_BYTES)
            .await
    }
}
