//! What can go wrong in an engine, and the one table that turns it into an error on the wire.

use proto::{
    address::AddressError,
    error::{ErrorCode, WireError},
    ids::ItemVersion,
    limits::PASSWORD_MIN_CHARS,
    pin::{self, PinProblem},
};
use wasm_core::{
    random::RandomError,
    recovery::WordsError,
    seal::{OpenError, SealError},
};

use crate::{
    generate::GenerateError,
    node::{NodeError, ServerError},
    platform::StoreError,
    release::Refusal,
};

/// Why an engine did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// This device has an account already.
    #[error("this device has an account already")]
    AccountExists,
    /// The address is none.
    #[error("no address: {0}")]
    Address(#[from] AddressError),
    /// The address is not free.
    #[error("the address is not to be had: {0:?}")]
    AddressUnavailable(ErrorCode),
    /// An account is being made or logged in to already.
    #[error("under way already")]
    AlreadyRunning,
    /// The answer to a new password was lost: the node may have it.
    #[error("the new password may be set")]
    PasswordUnsure,
    /// The user has blocked whom this is to go to.
    #[error("the recipient is blocked")]
    Blocked,
    /// The recipient's key is another than the one that was seen first.
    #[error("the recipient's key has changed")]
    KeyChanged,
    /// Nobody has the address.
    #[error("nobody has the address")]
    RecipientUnknown,
    /// The user stopped it.
    #[error("stopped")]
    Cancelled,
    /// A text that is no one-time code, or one that does something else or was used by somebody else.
    #[error("not a good one-time code")]
    CodeWrong,
    /// A recipe for passwords that cannot be followed.
    #[error(transparent)]
    Generate(#[from] GenerateError),
    /// The item breaks a rule.
    #[error("the item's {field} cannot be so")]
    ItemInvalid {
        /// Which part of the draft.
        field: &'static str,
    },
    /// No such item, or not that field of it.
    #[error("no such item")]
    ItemMissing,
    /// The platform could not derive a key.
    #[error("key derivation failed")]
    KeyDerivation,
    /// That other password opens no key.
    #[error("no key has that password")]
    KeysLocked,
    /// The account has a newer key by now, and the password does not open it.
    #[error("the password does not open the newer key")]
    NewerKeyLocked,
    /// The account's active key is not open here.
    #[error("the active key is locked")]
    OwnKeyLocked,
    /// The number that was compared is of other keys than those of now.
    #[error("the safety number is another one by now")]
    NumberOutdated,
    /// The password was set anew, and what is open here would be locked by it.
    #[error("what is open would be locked")]
    WouldLock,
    /// The vault is locked.
    #[error("locked")]
    Locked,
    /// This device has no account.
    #[error("no account")]
    NoAccount,
    /// Nothing waits for a proof of work.
    #[error("nothing waits for a proof of work")]
    NoWork,
    /// The node did not do what it was asked.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The password is too short.
    #[error("the password is too short")]
    PasswordWeak,
    /// The password does not open this account.
    #[error("wrong password")]
    PasswordWrong,
    /// No PIN opens the vault: none was set, or it has ended.
    #[error("there is no PIN")]
    PinGone,
    /// The system's keyring opens the vault no more.
    #[error("the system's keyring opens the vault no more")]
    KeyringGone,
    /// A PIN that is not taken.
    #[error(transparent)]
    PinWeak(#[from] PinProblem),
    /// Not the PIN.
    #[error("wrong PIN, {left} tries left")]
    PinWrong {
        /// Wrong ones until the password is needed, 1 at least.
        left: u32,
    },
    /// The release gate refuses.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A setting is out of its range.
    #[error("the setting {field} is out of range")]
    Setting {
        /// Which.
        field: &'static str,
    },
    /// The server's URL cannot be used.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The store failed; nothing was changed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something is larger than it may be.
    #[error("larger than {max}")]
    TooLarge {
        /// Bytes or characters allowed.
        max: usize,
    },
    /// Something sealed does not open.
    #[error("something sealed does not open")]
    Unreadable,
    /// The vault holds as many items as it may.
    #[error("the vault holds {max} items")]
    VaultFull {
        /// Items allowed.
        max: u32,
    },
    /// The item has another version than the one that was edited.
    #[error("the item has version {version} by now")]
    VersionConflict {
        /// The version there is.
        version: ItemVersion,
    },
    /// A text is no recovery words.
    #[error(transparent)]
    Words(#[from] WordsError),
    /// A recovery word that was asked for is another.
    #[error("word {place} is another")]
    WordsDiffer {
        /// Its place, from 1.
        place: u32,
    },
    /// The recovery words that were shown are not there any more.
    #[error("these recovery words are gone")]
    WordsGone,
}

impl EngineError {
    /// The code on the wire.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::AccountExists => ErrorCode::AccountExists,
            Self::Address(_) => ErrorCode::AddressInvalid,
            Self::AddressUnavailable(code) => *code,
            Self::AlreadyRunning => ErrorCode::AlreadyRunning,
            Self::PasswordUnsure => ErrorCode::PasswordUnsure,
            Self::Blocked => ErrorCode::RecipientBlocked,
            Self::KeyChanged => ErrorCode::KeyChanged,
            Self::RecipientUnknown => ErrorCode::RecipientUnknown,
            Self::Cancelled => ErrorCode::Cancelled,
            Self::CodeWrong => ErrorCode::CodeWrong,
            Self::Generate(GenerateError::Random) | Self::KeyDerivation => ErrorCode::Internal,
            Self::Generate(_) | Self::Setting { .. } | Self::Server(_) => ErrorCode::InvalidField,
            Self::ItemInvalid { .. } => ErrorCode::ItemInvalid,
            Self::ItemMissing => ErrorCode::ItemMissing,
            Self::Locked => ErrorCode::Locked,
            Self::NoAccount => ErrorCode::NoAccount,
            Self::NoWork => ErrorCode::NotFound,
            Self::Node(error) => error.code(),
            Self::PasswordWeak => ErrorCode::PasswordWeak,
            Self::KeysLocked | Self::PasswordWrong => ErrorCode::PasswordWrong,
            Self::NewerKeyLocked => ErrorCode::NewerKeyLocked,
            Self::OwnKeyLocked => ErrorCode::OwnKeyLocked,
            Self::WouldLock => ErrorCode::VaultWouldLock,
            Self::NumberOutdated => ErrorCode::NumberOutdated,
            Self::KeyringGone => ErrorCode::KeyringGone,
            Self::PinGone => ErrorCode::PinGone,
            Self::PinWeak(_) => ErrorCode::PinWeak,
            Self::PinWrong { .. } => ErrorCode::PinWrong,
            Self::Refused(refusal) => (*refusal).into(),
            Self::Store(_) => ErrorCode::StoreFailed,
            Self::TooLarge { .. } => ErrorCode::TooLarge,
            Self::Unreadable => ErrorCode::Unreadable,
            Self::VaultFull { .. } => ErrorCode::QuotaExceeded,
            Self::WordsGone => ErrorCode::WordsGone,
            Self::WordsDiffer { .. } => ErrorCode::WordsDiffer,
            Self::Words(_) => ErrorCode::WordsInvalid,
            Self::VersionConflict { .. } => ErrorCode::VersionConflict,
        }
    }
}

impl From<EngineError> for WireError {
    fn from(error: EngineError) -> Self {
        let wire = Self::new(error.code());
        match error {
            EngineError::Address(rule) => wire.with("rule", rule),
            EngineError::Generate(GenerateError::Random) => wire,
            EngineError::Generate(GenerateError::Rules) => wire.with("field", "rules"),
            EngineError::Generate(_) => wire.with("field", "generator"),
            EngineError::ItemInvalid { field } | EngineError::Setting { field } => {
                wire.with("field", field)
            }
            EngineError::Node(NodeError::Refused(refused)) => *refused,
            EngineError::PasswordWeak => wire.with("min", PASSWORD_MIN_CHARS),
            EngineError::PinWeak(problem) => Self {
                message: problem.to_string(),
                ..wire
            }
            .with("rule", problem.rule()),
            EngineError::PinWrong { left } => Self {
                message: format!("Wrong PIN. {}", pin::tries_left(left)),
                ..wire
            }
            .with("left", left),
            EngineError::Server(error) => Self {
                message: error.to_string(),
                ..wire
            }
            .with("field", "server"),
            EngineError::TooLarge { max } => wire.with("max", max),
            EngineError::VaultFull { max } => wire.with("max", max),
            EngineError::KeysLocked => wire.with("field", "other"),
            EngineError::WordsDiffer { place } => wire.with("place", place),
            EngineError::Words(WordsError::Unknown { place }) => {
                wire.with("rule", "unknown").with("place", place)
            }
            EngineError::Words(WordsError::Count { actual }) => {
                wire.with("rule", "count").with("actual", actual)
            }
            EngineError::Words(_) => wire.with("rule", "checksum"),
            EngineError::VersionConflict { version } => wire.with("version", version),
            _ => wire,
        }
    }
}

impl From<OpenError> for EngineError {
    fn from(_: OpenError) -> Self {
        Self::Unreadable
    }
}

impl From<RandomError> for EngineError {
    fn from(_: RandomError) -> Self {
        Self::KeyDerivation
    }
}

impl From<SealError> for EngineError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::TooLarge => Self::TooLarge {
                max: proto::limits::ITEM_SECRETS_MAX_BYTES,
            },
            _ => Self::KeyDerivation,
        }
    }
}
