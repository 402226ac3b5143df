//! The encrypted vault: an append-only log of writes. The node keeps each item's last, and those before it for a while.

use serde::{Deserialize, Serialize};

use super::{feed::FeedCursor, manifest::VaultManifest};
use crate::{
    bytes::Base64,
    ids::{ItemId, ItemVersion, KeyNumber, Revision, UpdateId},
};

/// One item as the node has it: ciphertext, or a tombstone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VaultRecord {
    /// Which.
    pub id: ItemId,
    /// Its version.
    pub version: ItemVersion,
    /// Where in the log this version stands.
    pub revision: Revision,
    /// What that version is.
    pub content: VaultContent,
}

/// What a version of an item is: its content, or its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum VaultContent {
    /// A live item.
    Item(SealedItem),
    /// A deleted one.
    Tombstone(SealedTombstone),
}

impl VaultContent {
    /// The item, unless it was deleted.
    pub fn item(&self) -> Option<&SealedItem> {
        match self {
            Self::Item(item) => Some(item),
            Self::Tombstone(_) => None,
        }
    }

    /// Bytes of ciphertext.
    pub fn sealed_bytes(&self) -> usize {
        match self {
            Self::Item(item) => item.overview.0.len() + item.secrets.0.len(),
            Self::Tombstone(tombstone) => tombstone.sealed.0.len(),
        }
    }
}

/// Both halves of an item, sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SealedItem {
    /// Address key whose vault key seals it.
    pub key_number: KeyNumber,
    /// What lists and search need; at most 16 KiB.
    pub overview: Base64,
    /// The rest, bound to this overview; at most 64 KiB.
    pub secrets: Base64,
}

/// A deletion, sealed: only who has the vault key can delete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SealedTombstone {
    /// Address key whose vault key seals it.
    pub key_number: KeyNumber,
    /// When it was deleted; 37 bytes.
    pub sealed: Base64,
}

/// Answer of `GET /vault`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VaultPage {
    /// Writes after the place that was asked for, oldest first, each item's last only; at most `limit`.
    pub records: Vec<VaultRecord>,
    /// Position of the account's newest write.
    pub latest: Revision,
    /// Whether more follow after the last one here.
    pub has_more: bool,
    /// What a device signed of the vault last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<VaultManifest>,
    /// Where the next page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<FeedCursor>,
    /// Whether this begins at the log's start, whatever was asked for: the cursor was of another
    /// database, or of more than this one has.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub snapshot: bool,
}

/// Answer of `GET /vault/{item}/versions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ItemVersions {
    /// Versions before `before`, the newest first; at most `limit`.
    pub versions: Vec<VaultRecord>,
    /// Whether the node has older ones.
    pub has_more: bool,
}

/// Body of `PUT /vault/{item}`.
///
/// The same body sent twice is one write: the second answer is the first one's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WriteItemRequest {
    /// Name of this write.
    pub update: UpdateId,
    /// Version of this write: one more than the node's, 1 for a new item.
    pub version: ItemVersion,
    /// The content.
    pub content: SealedItem,
}

/// Body of `DELETE /vault/{item}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeleteItemRequest {
    /// Name of this write.
    pub update: UpdateId,
    /// Version of the tombstone: one more than the node's.
    pub version: ItemVersion,
    /// The tombstone.
    pub tombstone: SealedTombstone,
}

/// Answer of both writes: it is on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WriteAccepted {
    /// Version written.
    pub version: ItemVersion,
    /// Where in the log it stands.
    pub revision: Revision,
}
