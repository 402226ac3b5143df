//! Earlier versions of items, deleted items, and versions that the user has to choose between.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{ItemId, ItemVersion, UnixMillis},
    vault::{ItemKind, ItemPart, UrlMatch},
};

payloads! {
    /// Read the versions of an item.
    GetHistory {
        /// Which.
        id: ItemId,
        /// Only those before this one.
        #[serde(default)]
        before: Option<ItemVersion>,
    }

    /// Versions of an item.
    History {
        /// The newest first.
        versions: Vec<VersionView>,
        /// Whether there are older ones.
        has_more: bool,
    }

    /// One version of an item.
    VersionView {
        /// Which.
        version: ItemVersion,
        /// When it was written, as the device that did says; `None` where it does not open.
        at: Option<UnixMillis>,
        /// What it was.
        deed: VersionDeed,
        /// What is not as in the version before it, in the order of the item.
        changes: Vec<PartChange>,
    }

    /// A part that differs between two versions.
    PartChange {
        /// Which.
        part: ItemPart,
        /// What it was; `None` where it was not there.
        before: Option<PartValue>,
        /// What it is then; `None` where it is gone.
        after: Option<PartValue>,
    }

    /// Read a secret part of a version.
    RevealVersion {
        /// Of which item.
        id: ItemId,
        /// Of which version.
        version: ItemVersion,
        /// Which part.
        part: ItemPart,
    }

    /// Make an item what it was.
    RestoreVersion {
        /// Which.
        id: ItemId,
        /// As in which version.
        version: ItemVersion,
        /// Only these parts of it; `None` for all.
        #[serde(default)]
        parts: Option<Vec<ItemPart>>,
    }

    /// List what was deleted.
    ListTrash {}

    /// What was deleted and can be brought back on this device.
    Trash {
        /// The last deleted first.
        items: Vec<TrashItem>,
    }

    /// A deleted item.
    TrashItem {
        /// Which.
        id: ItemId,
        /// What it is.
        kind: ItemKind,
        /// Its name.
        title: String,
        /// Its second line.
        subtitle: String,
        /// When it was deleted.
        deleted_at: UnixMillis,
        /// When it is gone for good.
        gone_at: UnixMillis,
    }

    /// Compare an item with the one that it is another version of.
    CompareVersions {
        /// The item that two devices' changes were kept apart in.
        copy: ItemId,
    }

    /// Two versions of an item.
    Comparison {
        /// The item.
        original: ItemId,
        /// Name of the item.
        title: String,
        /// Its version.
        original_version: ItemVersion,
        /// When it was changed.
        original_at: UnixMillis,
        /// The other version's version.
        copy_version: ItemVersion,
        /// When it was changed.
        copy_at: UnixMillis,
        /// What differs: `before` in the item, `after` in its other version.
        changes: Vec<PartChange>,
    }

    /// Go on with a server that was set back or has lost something.
    Repair {}

    /// What came of it.
    Repaired {
        /// Items that came from the server.
        received: u32,
        /// Items of this device that were sent to it again, or kept beside its own.
        sent: u32,
    }

    /// Delete what the server has and no key of this device opens. What this device has an item of
    /// stays, and what is sealed under a key that is locked.
    RemoveUnreadable {}

    /// What came of it.
    RemovedUnreadable {
        /// Items that are deleted with the next synchronisation.
        removed: u32,
    }

    /// Choose between two versions.
    Choose {
        /// The other version.
        copy: ItemId,
        /// Versions that were compared: of the item, and of its other version.
        compared: (ItemVersion, ItemVersion),
        /// Which to keep.
        keep: Keep,
    }
}

/// What a version of an item was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VersionDeed {
    /// It was made.
    Made,
    /// It was changed, or written again as it was.
    Changed,
    /// It was deleted.
    Deleted,
    /// It was brought back.
    Restored,
    /// It does not open: damaged, or under a key that is not here.
    Unreadable,
}

/// What a part holds, as far as it is told without being asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartValue {
    /// A text that is no secret.
    Text(String),
    /// How an address is compared.
    Matching(UrlMatch),
    /// A secret.
    Concealed,
}

/// Which of two versions to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// The item's; the other is deleted.
    Original,
    /// The other one: it becomes the item's.
    Copy,
    /// Both, as two items.
    Both,
}
