//! What KeyPears servers and Pearvault nodes say to one another: discovery and oRPC.
//!
//! Readers accept unknown fields and several generations; see `docs/PROTOCOL.md`.

use serde::{Deserialize, Serialize};

use crate::bytes::Hex;

/// `/.well-known/keypears.json` as we write it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WellKnown {
    /// Host of the API, which lies at `https://<apiDomain>/api`.
    pub api_domain: String,
    /// Address of the domain's administrator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin: Option<String>,
}

/// Any generation of `/.well-known/keypears.json`, as a reader meets it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum WellKnownAny {
    /// Now: the API's host.
    Domain(WellKnown),
    /// Late 2025: the API's URL.
    Url {
        /// `https://…/api`.
        #[serde(rename = "apiUrl")]
        api_url: String,
    },
}

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
    /// The active key, `null` where there is none.
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
