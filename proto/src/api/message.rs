//! Messages of an account, as its devices see them at their node.
//!
//! One log: each message and each correspondent stands in it once, at the position of its newest change.

use serde::{Deserialize, Serialize};

use super::{challenge::ProofOfWork, feed::FeedCursor};
use crate::{
    address::Address,
    bytes::{Base64, Hex},
    ids::{Difficulty, MessageId, Position, UnixMillis},
};

/// How a message is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Suite {
    /// As KeyPears v1 has it: one key for each pair of address keys.
    Kp1,
}

/// Whether somebody may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Standing {
    /// Has written, and was not answered yet.
    Request,
    /// May.
    Accepted,
    /// May not: this node takes nothing from there.
    Blocked,
}

/// What the sender's domain says of the key that sealed a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum KeyStanding {
    /// It was the active one when the message came.
    Active,
    /// It had been the active one before.
    Earlier,
    /// It never was, as far as this node knows.
    Other,
}

/// What became of a message that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Delivery {
    /// It is tried, or will be.
    UnderWay,
    /// The recipient's server has it.
    Delivered,
    /// It was given up.
    Failed,
    /// Its proof of work is used up or over: a device has to do another one.
    WorkWanted,
}

/// Which way a message went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "way", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Way {
    /// It came.
    Received {
        /// Of the key that sealed it.
        key: KeyStanding,
    },
    /// It was sent.
    Sent {
        /// What became of it.
        delivery: Delivery,
        /// Why it is not there, in the words of whoever refused it; at most 300 characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// Which.
    pub id: MessageId,
    /// Of its newest change.
    pub position: Position,
    /// Whom it is from or to.
    pub address: Address,
    /// Which way.
    #[serde(flatten)]
    pub way: Way,
    /// How it is sealed.
    pub suite: Suite,
    /// Sealed.
    pub content: Base64,
    /// The sender's key, compressed SEC1.
    pub sender_key: Hex<33>,
    /// The recipient's key, compressed SEC1.
    pub recipient_key: Hex<33>,
    /// When the node took it.
    pub written_at: UnixMillis,
}

/// Somebody with whom the account exchanges messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Correspondent {
    /// Who.
    pub address: Address,
    /// Of its newest change.
    pub position: Position,
    /// Whether they may write.
    pub standing: Standing,
    /// Messages up to this position were deleted by the account's owner.
    pub cleared: Position,
    /// When it changed.
    pub changed_at: UnixMillis,
}

/// Changes after a position, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessagePage {
    /// Messages among them.
    pub messages: Vec<Message>,
    /// Correspondents among them.
    pub correspondents: Vec<Correspondent>,
    /// Up to where this page has read.
    pub read_to: Position,
    /// Of the newest change of all.
    pub latest: Position,
    /// Where to go on; the node makes it, the client keeps it and hands it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<FeedCursor>,
    /// Whether the cursor that came is of another database, or beyond the end of this log: this page begins at the start.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub snapshot: bool,
}

/// Body of `POST /messages/challenge`: the wish to write to somebody, signed as the recipient's server wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageChallengeRequest {
    /// To whom.
    pub recipient: Address,
    /// The account's active key, compressed SEC1.
    pub sender_key: Hex<33>,
    /// By that key, over `sender:recipient:timestamp` (UTF-8, decimal milliseconds); ECDSA, IEEE P1363.
    pub signature: Hex<64>,
    /// When it was signed.
    pub timestamp: UnixMillis,
}

/// A challenge of the recipient's server: as [`Challenge`](super::challenge::Challenge), without a purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageChallenge {
    /// 64 bytes: a nonce to vary, and 32 bytes that name the challenge.
    pub header: Hex<64>,
    /// 32 bytes, big-endian.
    pub target: Hex<32>,
    /// Average tries that it costs.
    pub difficulty: Difficulty,
    /// Good until.
    pub expires_at: UnixMillis,
    /// MAC of the server that made it.
    pub signature: Hex<32>,
}

/// Body of `PUT /messages/{message}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SendMessageRequest {
    /// To whom.
    pub recipient: Address,
    /// How it is sealed.
    pub suite: Suite,
    /// Sealed, 30 to 25 000 bytes.
    pub content: Base64,
    /// The account's key that sealed it, compressed SEC1.
    pub sender_key: Hex<33>,
    /// The recipient's key that it is sealed for, compressed SEC1.
    pub recipient_key: Hex<33>,
    /// What pays for it at the recipient's server.
    pub pow: ProofOfWork,
}

/// Body of `PUT /messages/{message}/work`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RenewWorkRequest {
    /// What pays for it from now on.
    pub pow: ProofOfWork,
}

/// A change of messages or correspondents is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageAccepted {
    /// Of the newest change.
    pub position: Position,
}

/// Body of `PUT /correspondents/{address}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StandRequest {
    /// `accepted` or `blocked`.
    pub standing: Standing,
}

/// Answer of `GET /addresses/{address}/key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddressKey {
    /// The active key by the address's own domain, compressed SEC1; `null` where there is nobody of this address.
    pub public_key: Option<Hex<33>>,
}

/// What messages to an account cost their senders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessagePrices {
    /// Average tries of a first message.
    pub first: Difficulty,
    /// Of a later one.
    pub later: Difficulty,
    /// The least that the node lets either be.
    pub least: Difficulty,
}

/// Body of `PUT /messages/prices`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetPricesRequest {
    /// Average tries of a first message, from the least to [`MESSAGE_PRICE_MAX`](crate::limits::MESSAGE_PRICE_MAX).
    pub first: Difficulty,
    /// Of a later one.
    pub later: Difficulty,
}
