//! Sessions: one for every device of an account.

use serde::{Deserialize, Serialize};

use super::{account::LoginKeyHex, challenge::ProofOfWork};
use crate::{
    address::Address,
    ids::{DeviceId, SessionId, UnixMillis},
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

/// One session as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionView {
    /// Which.
    pub id: SessionId,
    /// What the device called itself.
    pub description: String,
    /// When it was opened.
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
