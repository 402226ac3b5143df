//! The vault as a file, part by part: sealed by the background, or plain for other programs.

use serde::{Deserialize, Serialize};

use crate::{
    address::Address,
    bytes::{Base64, Hex},
    export::{EXPORT_SALT_BYTES, ExportedItem},
    ids::ExportId,
    vault::SecretText,
};

payloads! {
    /// Begin an export of all items.
    BeginExport {
        /// Of the account, typed once more.
        password: SecretText,
        /// What the file is to be opened with.
        file_password: SecretText,
    }

    /// What the file is made of.
    ExportStarted {
        /// The export; it ends with the lock.
        export: ExportId,
        /// Whose vault it is.
        account: Address,
        /// Salt of the file's key.
        salt: Hex<EXPORT_SALT_BYTES>,
        /// Items in it.
        items: u32,
        /// Parts that it comes in.
        parts: u32,
    }

    /// One part of an export.
    GetExportPart {
        /// Which export.
        export: ExportId,
        /// Which part, from 0.
        number: u32,
    }

    /// A part.
    ExportPart {
        /// Its envelope.
        part: Base64,
        /// Items that are not in it, because they do not open.
        unreadable: u32,
    }

    /// Begin an export of all items that anybody can read.
    BeginPlainExport {
        /// Of the account, typed once more.
        password: SecretText,
    }

    /// What it is made of.
    PlainExportStarted {
        /// The export; it ends with the lock.
        export: ExportId,
        /// Whose vault it is.
        account: Address,
        /// Items in it.
        items: u32,
        /// Parts that it comes in.
        parts: u32,
    }

    /// One part of a plain export.
    GetPlainPart {
        /// Which export.
        export: ExportId,
        /// Which part, from 0.
        number: u32,
    }

    /// A part, in the open.
    PlainPart {
        /// Its items, with everything that is in them.
        items: Vec<ExportedItem>,
        /// Items that are not in it, because they do not open.
        unreadable: u32,
    }
}
