//! Proof-of-work challenges: stateless, signed, bound to a purpose and a subject, spent once.

use serde::{Deserialize, Serialize};

use crate::{
    address::Address,
    bytes::Hex,
    ids::{Difficulty, UnixMillis},
};

/// What a proof of work is for. A solution for one opens no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Purpose {
    /// Making an account.
    Account,
    /// Opening a session.
    Login,
    /// Opening a session with recovery words.
    Recovery,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Account, Self::Login, Self::Recovery];

    /// The word that is signed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Login => "login",
            Self::Recovery => "recovery",
        }
    }
}

/// Body of `POST /challenges`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChallengeRequest {
    /// What for.
    pub purpose: Purpose,
    /// For which address.
    pub address: Address,
}

/// A challenge: find a `header` whose pow5-64b hash is below `target`, by changing its first half.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Challenge {
    /// 64 bytes: a nonce to vary, and 32 bytes that name the challenge.
    pub header: Hex<64>,
    /// 32 bytes, big-endian.
    pub target: Hex<32>,
    /// Average tries that it costs.
    pub difficulty: Difficulty,
    /// What it is for.
    pub purpose: Purpose,
    /// Good until.
    pub expires_at: UnixMillis,
    /// HMAC-SHA-256 of the node over all of it (`docs/PROTOCOL.md`).
    pub signature: Hex<32>,
}

/// A solved challenge, as it accompanies the request that it pays for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProofOfWork {
    /// The header with the nonce that solves it.
    pub solved_header: Hex<64>,
    /// As in the challenge.
    pub target: Hex<32>,
    /// As in the challenge.
    pub expires_at: UnixMillis,
    /// As in the challenge.
    pub signature: Hex<32>,
}
