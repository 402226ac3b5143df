//! Messages of an account, as its devices see them at their node.
//!
//! One log: each message and each correspondent stands in it once, at the position of its newest change.

use serde::{Deserialize, Serialize};

use crate::{
    address::Address,
    bytes::{Base64, Hex},
    ids::{MessageId, Position, UnixMillis},
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
}
