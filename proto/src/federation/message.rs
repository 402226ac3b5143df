//! The three procedures that a message takes from one server to another.
//!
//! ```text
//! sender's server                       recipient's server
//!   getPowChallenge  ────────────────▶    looks the sender's key up at the sender's server
//!   (the sender's client works)
//!   notifyMessage    ────────────────▶    checks the work
//!                    ◀────────────────  pullMessage
//!                    ◀────────────────  {success: true}
//! ```
//!
//! Fields are written in the order in which KeyPears' servers were recorded to write them.

use serde::{Deserialize, Serialize};

use crate::{
    bytes::{Hex, HexBytes},
    ids::{Difficulty, UnixMillis},
};

/// Input of `getPowChallenge`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PowAsked {
    /// Who it is for.
    pub recipient_address: String,
    /// Who wants to write.
    pub sender_address: String,
    /// The sender's active key, compressed SEC1.
    pub sender_pub_key: Hex<33>,
    /// By that key, over `sender:recipient:timestamp`; IEEE P1363.
    pub signature: Hex<64>,
    /// When it was signed.
    pub timestamp: UnixMillis,
}

/// Output of `getPowChallenge`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PowChallenge {
    /// 64 bytes: a nonce to vary, and 32 bytes that name the challenge.
    pub header: Hex<64>,
    /// What the hash must lie below, big-endian.
    pub target: Hex<32>,
    /// Good until.
    pub expires_at: UnixMillis,
    /// Average tries that it costs.
    pub difficulty: Difficulty,
    /// MAC of the server that made it.
    pub signature: Hex<32>,
    /// As in the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_address: Option<String>,
    /// As in the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient_address: Option<String>,
}

/// A solved challenge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessagePow {
    /// The header with the nonce that solves it.
    pub solved_header: Hex<64>,
    /// As in the challenge.
    pub target: Hex<32>,
    /// As in the challenge.
    pub expires_at: UnixMillis,
    /// As in the challenge.
    pub signature: Hex<32>,
    /// The sender once more; a reader goes by the one outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_address: Option<String>,
    /// The recipient once more; a reader goes by the one outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient_address: Option<String>,
}

/// Input of `notifyMessage`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotifyRequest {
    /// Who wrote.
    pub sender_address: String,
    /// To whom.
    pub recipient_address: String,
    /// What the message is pulled with.
    pub pull_token: String,
    /// The work that pays for it.
    pub pow: MessagePow,
}

/// Output of `notifyMessage`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notified {
    /// Always true; what went wrong is an error.
    pub success: bool,
}

/// Input of `pullMessage`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PullRequest {
    /// As `notifyMessage` had it.
    pub token: String,
}

/// Output of `pullMessage`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PulledMessage {
    /// Who wrote.
    pub sender_address: String,
    /// To whom.
    pub recipient_address: String,
    /// Sealed, at most [`KP1_MESSAGE_MAX_BYTES`](crate::limits::KP1_MESSAGE_MAX_BYTES).
    pub encrypted_content: HexBytes,
    /// The sender's key that sealed it.
    pub sender_pub_key: Hex<33>,
    /// The recipient's key that opens it.
    pub recipient_pub_key: Hex<33>,
}
