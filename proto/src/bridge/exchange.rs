//! Between the full page and the module that reads and writes files of other programs
//! (`extension/exchange`): JSON texts. The module keeps the secrets of a file that it reads; the page
//! learns what it shows.

use serde::{Deserialize, Serialize};

use crate::vault::ItemKind;

macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "camelCase")]
        pub struct $name { $($(#[$fdoc])* pub $field: $type,)* }
    )*};
}

payloads! {
    /// What a file holds.
    Contents {
        /// Who wrote it, as people say it: `Bitwarden`.
        format: String,
        /// What can be taken, in the file's order.
        items: Vec<Listed>,
        /// What cannot.
        left_out: Vec<LeftOut>,
    }

    /// An item as the preview lists it.
    Listed {
        /// What it is.
        kind: ItemKind,
        /// Name shown; empty where the file has none.
        title: String,
        /// User name, holder, or name.
        subtitle: String,
        /// Host of its first address; empty where there is none.
        host: String,
        /// Whether an item before it in the file is the very same.
        repeated: bool,
        /// What is not where the other program had it.
        remarks: Vec<Remark>,
    }

    /// What became of a part of an item.
    Remark {
        /// The part, as the file names it.
        part: String,
        /// What became of it, for people: `kept as a line of the notes`.
        fate: String,
        /// Whether it is not taken.
        lost: bool,
    }

    /// Something that is not taken.
    LeftOut {
        /// Its title, or where it stands.
        name: String,
        /// Why, for people: `it was in the trash`.
        why: String,
    }

    /// An item of an export that is not in the file as Pearvault has it.
    Moved {
        /// Its title.
        name: String,
        /// What is elsewhere.
        remarks: Vec<Remark>,
    }

    /// Why a file is not read; nothing of it was taken.
    Refused {
        /// What to do about it.
        kind: RefusedKind,
        /// For people, one sentence that says what to do.
        message: String,
    }
}

/// What a page does about a file that is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusedKind {
    /// Tells so.
    Unusable,
    /// Asks for the file's password.
    PasswordNeeded,
    /// Asks for it again.
    PasswordWrong,
}
