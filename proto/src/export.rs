//! The file of a sealed export, `docs/FORMATS.md`: JSON around envelopes.

use serde::{Deserialize, Serialize};

use crate::{
    address::Address,
    bytes::{Base64, Hex},
    ids::UnixMillis,
    vault::ItemDraft,
};

/// First field of every sealed export: what it is.
pub const SEALED_EXPORT: &str = "pearvault-export";
/// Version of the file that this build writes; it reads no other.
pub const SEALED_EXPORT_VERSION: u32 = 1;
/// Items in one part: as many as fit a frame of the bridge, however large they are.
pub const EXPORT_PART_ITEMS: usize = 32;
/// Bytes of the salt.
pub const EXPORT_SALT_BYTES: usize = 32;

/// A sealed export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SealedExport {
    /// [`SEALED_EXPORT`].
    pub format: String,
    /// [`SEALED_EXPORT_VERSION`].
    pub version: u32,
    /// Whose vault it was.
    pub account: Address,
    /// Salt of the key, made anew for every export.
    pub salt: Hex<EXPORT_SALT_BYTES>,
    /// Envelopes, each around the JSON of up to [`EXPORT_PART_ITEMS`] [`ExportedItem`]s.
    pub parts: Vec<Base64>,
}

/// An item with everything that is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ExportedItem {
    /// Both halves; it edits none.
    pub draft: ItemDraft,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it was last changed.
    pub updated_at: UnixMillis,
}
