//! Why a file is not taken.

/// A file that is not taken; nothing of it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// Nothing is in it.
    #[error("The file is empty.")]
    Empty,
    /// None of the formats that are known.
    #[error(
        "Pearvault does not know this format. Export as CSV (browsers), JSON (Bitwarden, Proton Pass), 1PUX (1Password), XML (KeePass), or FIDO CXF."
    )]
    Unknown,
    /// A format that is known, but broken.
    #[error("The file is damaged or cut off at line {line}. Export it once more.")]
    Damaged {
        /// Where it stops making sense, from 1; 0 where that cannot be told.
        line: usize,
    },
    /// Neither UTF-8 nor UTF-16.
    #[error("The file's text is in an encoding that Pearvault cannot read. Save it as UTF-8.")]
    Encoding,
    /// More than [`crate::FILE_MAX_BYTES`], or it unpacks to that.
    #[error("The file is larger than 100 MB, or unpacks to more.")]
    TooLarge,
    /// More than [`crate::ITEMS_MAX`] items.
    #[error("The file has more items than a vault may hold.")]
    TooMany,
    /// It is sealed under a password, which is asked for.
    #[error("The file is protected by a password.")]
    PasswordNeeded,
    /// It does not open with the password that was given.
    #[error("That is not the password of this file.")]
    PasswordWrong,
    /// It is sealed under a key that only the other program has.
    #[error(
        "Only the account that made this file can open it. Export it again, protected by a password, or without protection."
    )]
    AccountBound,
    /// `KeePass`' own file, sealed.
    #[error(
        "This is a KeePass database. Open it in KeePass or KeePassXC, export it from there as XML, import that, and delete it."
    )]
    KeepassDatabase,
    /// Pearvault's own, of a version to come.
    #[error("A newer Pearvault wrote this file. Update Pearvault.")]
    Newer,
    /// It asks for something that no honest file needs: nested archives, entities, deep nesting.
    #[error(
        "The file holds something that Pearvault does not open: {0}. Export it again from the other program."
    )]
    Refused(&'static str),
}
