//! Sessions: one for every device of an account.

use serde::{Deserialize, Serialize};

use super::{
    account::{LoginKeyHex, SessionTokenHex},
    challenge::ProofOfWork,
};
use crate::{
    address::Address,
    bytes::{Base64, Hex},
    ids::{DeviceId, KeyNumber, SessionId, UnixMillis},
};

/// The device that asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Device {
    /// Made by the device, one for every account.
    pub id: DeviceId,
    /// For the list of devices, at most 100 characters ("Firefox on Linux").
    pub description: String,
}

/// Body of `POST /sessions`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoginRequest {
    /// Whose account.
    pub address: Address,
    /// Third-tier input.
    pub login_key: LoginKeyHex,
    /// The device that asks; its older session ends.
    pub device: Device,
    /// Solved challenge of purpose `login` for this address.
    pub pow: ProofOfWork,
}

/// One device as its owner sees it, also where its session has ended by age: it can renew it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionView {
    /// Which.
    pub id: SessionId,
    /// The device that it is of.
    pub device: DeviceId,
    /// What the device calls itself.
    pub description: String,
    /// What the user calls it, where that is something else.
    #[serde(default)]
    pub name: Option<SealedDeviceName>,
    /// When it was opened or renewed.
    pub created_at: UnixMillis,
    /// When it was last used, to the minute.
    pub last_used_at: UnixMillis,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// Answer of `GET /sessions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionList {
    /// The last used first.
    pub sessions: Vec<SessionView>,
}

/// The name that a user gave a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SealedDeviceName {
    /// Address key whose vault key seals it.
    pub key_number: KeyNumber,
    /// 256 bytes.
    pub sealed: Base64,
}

/// Body of `PUT /sessions/{id}/name`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NameDeviceRequest {
    /// The name; `None`: the device has none but what it calls itself.
    pub name: Option<SealedDeviceName>,
}

/// Body of `POST /sessions/end-others`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndOthersRequest {
    /// As that of a new password: copies of this session's token end too.
    pub token_seed: Hex<32>,
}

/// Answer of `POST /sessions/end-others`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OthersEnded {
    /// How many devices it were.
    pub ended: u32,
}

/// Answer of `POST /sessions/current/challenge`: what the account's key has to sign to renew the
/// session (`docs/PROTOCOL.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RenewalChallenge {
    /// 32 random bytes.
    pub challenge: Hex<32>,
    /// Good until.
    pub expires_at: UnixMillis,
    /// HMAC-SHA-256 of the node over it and the token that was shown.
    pub mac: Hex<32>,
}

/// Body of `POST /sessions/current/renewal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RenewSessionRequest {
    /// As in the challenge.
    pub challenge: Hex<32>,
    /// As in the challenge.
    pub expires_at: UnixMillis,
    /// As in the challenge.
    pub mac: Hex<32>,
    /// ECDSA P-256 by the account's active key, `r ‖ s`.
    pub signature: Hex<64>,
}

/// Answer of `POST /sessions/current/renewal`. The token before is over.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionRenewed {
    /// Shown with every later request.
    pub token: SessionTokenHex,
    /// When it ends however often it is used; a day without use ends it too.
    pub expires_at: UnixMillis,
}
