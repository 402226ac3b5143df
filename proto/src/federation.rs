//! What KeyPears servers and Pearvault nodes say to one another: discovery and oRPC.
//!
//! Readers accept unknown fields and several generations; see `docs/PROTOCOL.md`.

mod discovery;
mod message;

pub use discovery::{ApiPlace, DomainKeyHash, PlaceError, WellKnown, WellKnownAny};
pub use message::{
    MessagePow, Notified, NotifyRequest, PowAsked, PowChallenge, PullRequest, PulledMessage,
};

use serde::{Deserialize, Serialize};

use crate::bytes::Hex;

/// oRPC's envelope: `{"json": …}`; `meta` is ignored whatever it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rpc<T> {
    /// Input or output.
    pub json: T,
}

/// oRPC's error, as KeyPears sends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RpcError {
    /// Whether the procedure announced this error; KeyPears: always false.
    pub defined: bool,
    /// `BAD_REQUEST`, `METHOD_NOT_SUPPORTED`, `PAYLOAD_TOO_LARGE`, `INTERNAL_SERVER_ERROR`.
    pub code: String,
    /// HTTP status once more.
    pub status: u16,
    /// For people.
    pub message: String,
    /// What was wrong with the input; a reader does not need it.
    #[serde(default, skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub data: Option<RpcErrorData>,
}

/// Details of a `BAD_REQUEST`, as KeyPears sends them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RpcErrorData {
    /// Every fault that was found.
    pub issues: Vec<RpcIssue>,
}

/// One fault of an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RpcIssue {
    /// The type wanted.
    pub expected: String,
    /// `invalid_type`.
    pub code: String,
    /// Names of the fields on the way to it.
    pub path: Vec<String>,
    /// For people.
    pub message: String,
}

/// Output of `serverInfo`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerInfo {
    /// The server's own domain.
    pub domain: String,
}

/// Input of `getPublicKey`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublicKeyRequest {
    /// Any text: a malformed address is answered with no key.
    pub address: String,
}

/// Output of `getPublicKey`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublicKeyResponse {
    /// The active key, `null` where there is none; absent where the server is of another generation,
    /// whose keys are none of these.
    #[serde(default)]
    pub public_key: Option<Hex<33>>,
}

/// Body of `POST /api/blake3` (first generation).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Blake3Request {
    /// Base64 with padding (RFC 4648 § 4), at most 10 240 bytes decoded.
    pub data: String,
}

/// Answer of `POST /api/blake3`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Blake3Response {
    /// BLAKE3 of the data.
    pub hash: Hex<32>,
}
