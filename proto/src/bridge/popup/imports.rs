//! Items that come from another program: looked up in the vault, then written in batches.
//!
//! One frame holds no more than [`crate::limits::IMPORT_BATCH_MAX_ITEMS`] items; what is written is
//! written batch by batch, each whole or not at all.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{ImportId, ItemId, UnixMillis},
    vault::ItemDraft,
};

payloads! {
    /// Which of these items does the vault have already?
    CheckImport {
        /// At most [`crate::limits::IMPORT_BATCH_MAX_ITEMS`]; their numbers do not matter here.
        items: Vec<ImportItem>,
    }

    /// What the vault has of each item that was asked about, in the order of the question.
    CheckedImport {
        /// One for each.
        standings: Vec<Standing>,
    }

    /// Write items of an import. Sent again, it writes nothing twice.
    ImportItems {
        /// The import; the page makes one for each file that it imports.
        import: ImportId,
        /// At most [`crate::limits::IMPORT_BATCH_MAX_ITEMS`].
        items: Vec<ImportItem>,
    }

    /// A batch was written.
    ImportedItems {
        /// Items that were written now.
        written: u32,
        /// Items that an earlier request of the same import had written.
        already: u32,
        /// Items that were not, by their numbers.
        refused: Vec<RefusedItem>,
    }

    /// An item that was not written: the vault's own rules are against it.
    RefusedItem {
        /// Which.
        number: u32,
        /// What of it: `urls`, `title`, `size` and the like.
        field: String,
    }

    /// An item as another program had it.
    ImportItem {
        /// Its place in the import: no two of one import have the same.
        number: u32,
        /// The item; it edits none.
        draft: ItemDraft,
        /// When it was made; now where the file does not say.
        created_at: Option<UnixMillis>,
        /// When it was last changed; when it was made where the file does not say.
        updated_at: Option<UnixMillis>,
    }
}

/// How an item stands to what the vault has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The vault has nothing like it.
    New,
    /// The vault has it, with the very same secrets.
    Same(ItemId),
    /// The vault has one of the same name or site, and the same user, with other secrets.
    Differs(ItemId),
}
