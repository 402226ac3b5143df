//! What came of a file.

use std::fmt;

use proto::{ids::UnixMillis, vault::ItemDraft};

/// Who wrote a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Chrome, Edge, Brave, Vivaldi, Opera: `name,url,username,password,note`.
    ChromeCsv,
    /// Firefox: `url,username,password,httpRealm,…`.
    FirefoxCsv,
    /// Safari, Apple Passwords: `Title,URL,Username,Password,Notes,OTPAuth`.
    AppleCsv,
    /// Any other table with a heading for a password.
    OtherCsv,
    /// Bitwarden, JSON.
    Bitwarden,
    /// 1Password, 1PUX.
    OnePassword,
    /// `KeePass` 2, XML.
    KeePass,
    /// Proton Pass, JSON.
    ProtonPass,
    /// Pearvault, sealed.
    Pearvault,
    /// FIDO Credential Exchange Format, JSON.
    Cxf,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ChromeCsv => "Chrome",
            Self::FirefoxCsv => "Firefox",
            Self::AppleCsv => "Apple Passwords",
            Self::OtherCsv => "a table",
            Self::Bitwarden => "Bitwarden",
            Self::OnePassword => "1Password",
            Self::KeePass => "KeePass",
            Self::ProtonPass => "Proton Pass",
            Self::Pearvault => "Pearvault",
            Self::Cxf => "a FIDO credential exchange (CXF)",
        })
    }
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Who wrote it.
    pub format: Format,
    /// What can be taken, in the file's order.
    pub items: Vec<Imported>,
    /// What cannot.
    pub left_out: Vec<LeftOut>,
}

/// An item, ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// As it would be typed. It keeps all limits.
    pub draft: ItemDraft,
    /// When it was made, as the file says.
    pub created_at: Option<UnixMillis>,
    /// When it was last changed, as the file says.
    pub updated_at: Option<UnixMillis>,
    /// What is not where the other program had it.
    pub remarks: Vec<Remark>,
}

/// What became of a part of an item that has no place of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Its name, as the file has it.
    pub part: String,
    /// What became of it.
    pub fate: Fate,
}

/// Where a part is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    /// In a part of the file that only Pearvault reads.
    Extension,
    /// In a field that was added for it.
    Field,
    /// In the notes.
    Notes,
    /// Nowhere.
    Lost(WhyLeft),
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Extension => f.write_str("kept where only Pearvault reads it"),
            Self::Field => f.write_str("kept as a field"),
            Self::Notes => f.write_str("kept as a line of the notes"),
            Self::Lost(why) => write!(f, "not taken: {why}"),
        }
    }
}

/// An item that is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its title, or where it stands.
    pub name: String,
    /// Why.
    pub why: WhyLeft,
}

/// Why something is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WhyLeft {
    /// A file that hangs on it.
    Attachment,
    /// A key that only its own program can use (a passkey).
    Passkey,
    /// Nothing is in it.
    Empty,
    /// It was in the trash.
    Deleted,
    /// More than an item may hold.
    TooLarge,
    /// It makes no sense.
    Damaged,
}

impl fmt::Display for WhyLeft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Attachment => "attached files cannot be kept yet",
            Self::Passkey => "passkeys cannot be kept yet",
            Self::Empty => "nothing is in it",
            Self::Deleted => "it was in the trash",
            Self::TooLarge => "it holds more than an item may",
            Self::Damaged => "it makes no sense",
        })
    }
}
