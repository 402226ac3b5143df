//! What a vault is, signed by its devices: so that a node cannot show another one.

use serde::{Deserialize, Serialize};

use crate::{
    bytes::Hex,
    ids::{KeyNumber, Revision, UnixMillis},
};

/// A link of the chain: what the vault was at one revision. `docs/FORMATS.md` has the bytes that are hashed and signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VaultManifest {
    /// 1 for the first, one more for each.
    pub number: u64,
    /// SHA-256 of the link before with its signature; zeros in the first.
    pub previous: Hex<32>,
    /// Position in the log that it describes.
    pub revision: Revision,
    /// How many items there are, tombstones with them.
    pub items: u64,
    /// SHA-256 over all of them.
    pub digest: Hex<32>,
    /// When it was signed, by the device's clock.
    pub signed_at: UnixMillis,
    /// Address key that signed it.
    pub key_number: KeyNumber,
    /// ECDSA P-256 with SHA-256, `r ‖ s`.
    pub signature: Hex<64>,
}

/// Answer of `GET /vault/manifests`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ManifestPage {
    /// Links after `after`, the oldest first; at most 100.
    pub manifests: Vec<VaultManifest>,
    /// Whether more follow.
    pub has_more: bool,
}

/// Links in one answer.
pub const MANIFEST_PAGE_MAX: u32 = 100;
/// Links that a node keeps of an account.
pub const MANIFESTS_MAX: u64 = 1_000;
