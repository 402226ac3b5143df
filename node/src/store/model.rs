//! What the store keeps, without a word of SQL.

mod domain;
mod message;

pub use domain::{AccountReset, CodeHash, DomainClaim, HostedDomain, NewCode, StoredCode};
pub(crate) use message::MESSAGE_ROW_BYTES;
pub use message::{
    DueDelivery, HeldUp, NewReceived, NewSent, Outcome, Places, PullToken, Sealed, ShownWork,
    Terms, Work, WorkState,
};
use proto::{
    address::Address,
    api::{session::SealedDeviceName, vault::VaultContent},
    ids::{
        AccountId, DeviceId, ItemId, ItemVersion, KeyNumber, Position, Revision, SessionId,
        UnixMillis, UpdateId,
    },
    limits::VAULT_ROWS_PER_ITEM,
};
use wasm_core::{kdf::server::StoredLoginHash, recovery::RecoveryHash};

/// An account without what belongs to it.
#[derive(Debug, Clone)]
pub struct Account {
    /// Which.
    pub id: AccountId,
    /// Its address.
    pub address: Address,
    /// Third KDF tier of its current password.
    pub login_hash: StoredLoginHash,
}

/// What is known of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressState {
    /// Nobody has it or had it.
    Free,
    /// An account has it.
    InUse,
    /// A deleted account had it; nobody gets it again.
    Retired,
}

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Which.
    pub id: AccountId,
    /// Its address.
    pub address: Address,
    /// Third KDF tier of its password.
    pub login_hash: StoredLoginHash,
    /// Its first key.
    pub key: StoredKey,
    /// Its first session, of this account.
    pub session: NewSession,
    /// When it is made.
    pub created_at: UnixMillis,
}

/// A key pair as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredKey {
    /// Which; the first is 1.
    pub number: KeyNumber,
    /// P-256, compressed SEC1.
    pub public_key: [u8; 33],
    /// Sealed by the client, 61 bytes.
    pub sealed_private_key: Vec<u8>,
}

/// A key pair to be added to an account.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Whose.
    pub account: AccountId,
    /// The key pair.
    pub key: StoredKey,
    /// What was shown for it, looked at once more when it is added: the password that sealed it.
    pub proven: Proven,
    /// The same for the recovery words.
    pub for_words: Option<KeyForWords>,
    /// When it is added.
    pub created_at: UnixMillis,
}

/// The private half of a new key pair for recovery words; added with it where those are still set.
#[derive(Debug, Clone)]
pub struct KeyForWords {
    /// Which words.
    pub words: RecoveryHash,
    /// Sealed by the client, 61 bytes.
    pub sealed_private_key: Vec<u8>,
}

impl KeyForWords {
    /// The pair as the words open it.
    pub(super) fn of(&self, key: &StoredKey) -> StoredKey {
        StoredKey {
            sealed_private_key: self.sealed_private_key.clone(),
            ..key.clone()
        }
    }
}

/// An account to be deleted.
#[derive(Debug, Clone, Copy)]
pub struct Deletion {
    /// Which.
    pub account: AccountId,
    /// What was shown for it, looked at once more when it is deleted.
    pub proven: Proven,
    /// When it is deleted.
    pub at: UnixMillis,
}

/// Recovery words as they are stored.
#[derive(Debug, Clone)]
pub struct StoredRecovery {
    /// Whose.
    pub account: AccountId,
    /// SHA-256 of the recovery login key.
    pub login_hash: RecoveryHash,
    /// Which of the account's words, as the client counts them.
    pub number: u64,
    /// Address key whose vault key seals `sealed_key`.
    pub key_number: KeyNumber,
    /// The recovery key, sealed by the client, 61 bytes.
    pub sealed_key: Vec<u8>,
    /// When the user confirmed the words.
    pub confirmed_at: UnixMillis,
}

/// Recovery words to be set.
#[derive(Debug, Clone)]
pub struct NewRecovery {
    /// The words.
    pub recovery: StoredRecovery,
    /// Key pairs of the account, sealed under the recovery key.
    pub keys: Vec<StoredKey>,
    /// What was shown for it, looked at once more when they are set.
    pub proven: Option<Proven>,
}

/// What was shown to allow a new password, as it was when it was looked at.
#[derive(Debug, Clone, Copy)]
pub enum Proven {
    /// The password.
    Password(StoredLoginHash),
    /// The recovery words.
    Words(RecoveryHash),
}

/// A password to be set.
#[derive(Debug, Clone)]
pub struct PasswordChange {
    /// Whose.
    pub account: AccountId,
    /// What allows it.
    pub proven: Proven,
    /// Third KDF tier of the new password.
    pub login_hash: StoredLoginHash,
    /// Key pairs of the account, sealed under the new password.
    pub keys: Vec<StoredKey>,
    /// Key pairs of the account, sealed under the recovery key.
    pub recovery_keys: Vec<StoredKey>,
    /// The words that those are sealed for.
    pub words: Option<RecoveryHash>,
    /// The one session that stays.
    pub session: SessionId,
    /// The token that was shown, which others may have as well.
    pub shown: TokenHash,
    /// What the session is known by from now on.
    pub token: TokenHash,
}

/// How far an account's two logs have got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Latest {
    /// Of the vault's newest write.
    pub vault: Revision,
    /// Of the newest change of messages and correspondents.
    pub messages: Position,
}

impl Latest {
    /// The later place of both, log by log.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            vault: self.vault.max(other.vault),
            messages: self.messages.max(other.messages),
        }
    }
}

/// Which database it is: random, made with its schema. Another one after a backup was restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatabaseId(pub [u8; 16]);

/// SHA-256 of a session token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

/// A session to be opened.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub account: AccountId,
    /// The device that it is for.
    pub device: DeviceId,
    /// What the device calls itself.
    pub description: String,
    /// What it is known by.
    pub token: TokenHash,
    /// When it is opened.
    pub created_at: UnixMillis,
    /// What was shown for it, looked at once more when it is opened; `None` for the first one of a
    /// new account.
    pub proven: Option<Proven>,
}

/// A session as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub account: AccountId,
    /// The account's address.
    pub address: Address,
    /// The device that it is of.
    pub device: DeviceId,
    /// What the device calls itself.
    pub description: String,
    /// What the user calls it.
    pub name: Option<SealedDeviceName>,
    /// When it was opened or renewed.
    pub created_at: UnixMillis,
    /// When it was last used, to the minute.
    pub last_used_at: UnixMillis,
}

/// A session to be renewed.
#[derive(Debug, Clone)]
pub struct Renewal {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub account: AccountId,
    /// The token that was shown.
    pub shown: TokenHash,
    /// Active key of the account that has signed for it, looked at once more when it is renewed.
    pub key: [u8; 33],
    /// What it has signed.
    pub challenge: SpentChallenge,
    /// What the session is known by from now on.
    pub token: TokenHash,
    /// When it is renewed.
    pub at: UnixMillis,
}

/// The one session of an account that stays, under another token.
#[derive(Debug, Clone, Copy)]
pub struct KeptSession {
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub id: SessionId,
    /// The token that was shown, which others may have as well.
    pub shown: TokenHash,
    /// What it is known by from now on.
    pub token: TokenHash,
}

/// One version of a vault item to be written.
#[derive(Debug, Clone)]
pub struct ItemWrite {
    /// Whose.
    pub account: AccountId,
    /// Which item.
    pub item: ItemId,
    /// What the client calls this write.
    pub update: UpdateId,
    /// Which version.
    pub version: ItemVersion,
    /// What that version is.
    pub content: VaultContent,
    /// When it is written.
    pub written_at: UnixMillis,
}

/// The most that a vault may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VaultQuota {
    /// Live items.
    pub items: u64,
    /// Ciphertext plus 128 for each item and tombstone, bytes. Earlier versions may take as much again.
    pub bytes: u64,
}

impl VaultQuota {
    /// Items, deleted ones with them: each device reads them all, and takes no more.
    pub fn rows(&self) -> u64 {
        self.items.saturating_mul(u64::from(VAULT_ROWS_PER_ITEM))
    }
}

/// A solved challenge that was used.
#[derive(Debug, Clone, Copy)]
pub struct SpentChallenge {
    /// Second half of its header.
    pub challenge: [u8; 32],
    /// When it ends.
    pub expires_at: UnixMillis,
}

impl std::fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenHash")
    }
}
