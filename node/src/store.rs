//! What the node keeps, and the one door to it.
//!
//! [`Store`] knows no database: [`sqlite`] is one, [`postgres`] another. Whatever a method
//! acknowledges is on disk. What both decide alike is in `rules`, how both read their rows in `codec`.

mod codec;
pub mod domains;
mod error;
pub mod messages;
mod migrate;
mod model;
pub(crate) mod peek;
pub mod postgres;
mod rules;
pub mod sqlite;
pub mod transfer;

#[cfg(test)]
pub(crate) mod contract;

use async_trait::async_trait;
use proto::{
    address::Address,
    api::{
        account::KeyAdded,
        manifest::{ManifestPage, VaultManifest},
        session::SealedDeviceName,
        vault::{ItemVersions, VaultPage, WriteAccepted},
    },
    ids::{AccountId, ItemId, ItemVersion, Revision, SessionId, UnixMillis},
};

pub use domains::Domains;
pub use error::StoreError;
pub use messages::Messages;
pub(crate) use model::MESSAGE_ROW_BYTES;
pub use model::{
    Account, AccountReset, AddressState, CodeHash, DatabaseId, Deletion, DomainClaim, DueDelivery,
    HeldUp, HostedDomain, ItemWrite, KeptSession, KeyForWords, Latest, NewAccount, NewCode, NewKey,
    NewReceived, NewRecovery, NewSent, NewSession, Outcome, PasswordChange, Places, Proven,
    PullToken, Renewal, Sealed, Session, ShownWork, SpentChallenge, StoredCode, StoredKey,
    StoredRecovery, Terms, TokenHash, VaultQuota, Work, WorkState,
};
pub(crate) use rules::is_next_key;

/// Durable truth of a node: accounts, keys, sessions, vaults, spent challenges.
///
/// Every method that writes is one transaction, and returns after it was committed. Methods that
/// read see every write that was acknowledged before.
#[async_trait]
pub trait Store: Domains + Messages + Send + Sync + 'static {
    /// Spends a challenge, once.
    ///
    /// # Errors
    /// [`StoreError::AlreadySpent`].
    async fn spend(&self, challenge: SpentChallenge) -> Result<(), StoreError>;

    /// Whether an address is free, in use, or was in use.
    async fn address_state(&self, address: &Address) -> Result<AddressState, StoreError>;

    /// The account of an address.
    async fn account_by_address(&self, address: &Address) -> Result<Option<Account>, StoreError>;

    /// An account by its id.
    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError>;

    /// The newest public key of an address, compressed SEC1.
    async fn active_public_key(&self, address: &Address) -> Result<Option<[u8; 33]>, StoreError>;

    /// Makes an account with its first key and first session, whole or not at all.
    ///
    /// # Errors
    /// [`StoreError::AddressTaken`]: somebody has the address or had it.
    async fn create_account(&self, new: NewAccount) -> Result<(), StoreError>;

    /// Deletes an account with all that belongs to it, and retires its address for good.
    ///
    /// # Errors
    /// [`StoreError::AccountMissing`], [`StoreError::ProofOutdated`].
    async fn delete_account(&self, deletion: Deletion) -> Result<(), StoreError>;

    /// Opens a session; the older one of the same device ends, and its name stays. Where the account
    /// has the most sessions that it may have, the one that was used longest ago ends too.
    ///
    /// Returns whether the device had no session before.
    ///
    /// # Errors
    /// [`StoreError::AccountMissing`], [`StoreError::ProofOutdated`].
    async fn open_session(&self, new: NewSession) -> Result<bool, StoreError>;

    /// The session of a token, if it is good at `now`: used within a day, begun within thirty.
    async fn session_by_token(
        &self,
        token: &TokenHash,
        now: UnixMillis,
    ) -> Result<Option<Session>, StoreError>;

    /// The session that may be renewed by a token: its own, or the one that it was renewed with last,
    /// whose answer may have been lost. Also one that has ended by age, if it was used within 90 days.
    async fn renewable_session(
        &self,
        token: &TokenHash,
        now: UnixMillis,
    ) -> Result<Option<Session>, StoreError>;

    /// Gives a session another token, spends the challenge, and begins its time anew; the older token
    /// ends. What was ended by anybody is not there to be renewed.
    ///
    /// # Errors
    /// [`StoreError::SessionMissing`] where it was ended, or the token shown is not its own any more,
    /// [`StoreError::ProofOutdated`] where the account's active key is another one,
    /// [`StoreError::AlreadySpent`], [`StoreError::AccountMissing`].
    async fn renew_session(&self, renewal: Renewal) -> Result<(), StoreError>;

    /// Notes a use of a session. Does nothing where it was ended, or was used later.
    async fn touch_session(&self, id: SessionId, used_at: UnixMillis) -> Result<(), StoreError>;

    /// The sessions of an account that were used within 90 days, the last used first: those that are
    /// good or may be renewed.
    async fn sessions(
        &self,
        account: AccountId,
        now: UnixMillis,
    ) -> Result<Vec<Session>, StoreError>;

    /// Ends a session of an account; returns whether there was one.
    async fn end_session(&self, account: AccountId, id: SessionId) -> Result<bool, StoreError>;

    /// Ends all sessions of an account but one; returns how many.
    async fn end_other_sessions(&self, kept: KeptSession) -> Result<u64, StoreError>;

    /// Keeps what the user calls the device of a session, or nothing; returns whether there is such a
    /// session.
    async fn name_session(
        &self,
        account: AccountId,
        id: SessionId,
        name: Option<SealedDeviceName>,
    ) -> Result<bool, StoreError>;

    /// The key pairs of an account, the newest last.
    async fn keys(&self, account: AccountId) -> Result<Vec<StoredKey>, StoreError>;

    /// When each of them was added.
    async fn keys_added(&self, account: AccountId) -> Result<Vec<KeyAdded>, StoreError>;

    /// Adds a key pair, sealed under the account's current password, and for its recovery words where
    /// that is wanted. The newest one sent again is no second write.
    ///
    /// # Errors
    /// [`StoreError::VersionConflict`] where its number is not the next one,
    /// [`StoreError::RecoveryOutdated`] where the words are not those it is sealed for,
    /// [`StoreError::QuotaExceeded`], [`StoreError::AccountMissing`].
    async fn add_key(&self, new: NewKey) -> Result<(), StoreError>;

    /// The recovery words of an account.
    async fn recovery(&self, account: AccountId) -> Result<Option<StoredRecovery>, StoreError>;

    /// The recovery words of an address: one query, whether nobody has it or no words are set.
    async fn recovery_by_address(
        &self,
        address: &Address,
    ) -> Result<Option<StoredRecovery>, StoreError>;

    /// The key pairs that an account's recovery words open, sealed for them, the newest last.
    async fn recovery_keys(&self, account: AccountId) -> Result<Vec<StoredKey>, StoreError>;

    /// Sets recovery words, in place of those there may be.
    ///
    /// # Errors
    /// [`StoreError::KeyMissing`] for a key pair that the account does not have,
    /// [`StoreError::AccountMissing`].
    async fn set_recovery(&self, new: NewRecovery) -> Result<(), StoreError>;

    /// Sets a password and seals key pairs anew; those not named stay as they are. All sessions
    /// but one end, unless the password is that of before and was the proof.
    ///
    /// # Errors
    /// [`StoreError::ProofOutdated`] where password or words are others by now,
    /// [`StoreError::KeyMissing`] for a key pair that the account does not have, or for a recovery
    /// key where no words are set, [`StoreError::AccountMissing`].
    async fn change_password(&self, change: PasswordChange) -> Result<(), StoreError>;

    /// Writes one version of a vault item, or its tombstone. A write that is sent again, known by
    /// its id and content, is no second write and has the first one's answer. The version before
    /// it is kept: at most 100 of an item, and of an account no more bytes than of its items.
    ///
    /// # Errors
    /// [`StoreError::VersionConflict`] where it is not the next version,
    /// [`StoreError::ItemMissing`] for a tombstone of what is not there,
    /// [`StoreError::UpdateReused`], [`StoreError::QuotaExceeded`], [`StoreError::AccountMissing`].
    async fn write_item(
        &self,
        write: ItemWrite,
        quota: VaultQuota,
    ) -> Result<WriteAccepted, StoreError>;

    /// Position of the account's newest vault write; 0 before the first.
    ///
    /// # Errors
    /// [`StoreError::AccountMissing`].
    async fn vault_latest(&self, account: AccountId) -> Result<Revision, StoreError>;

    /// How far the logs of many accounts have got, in any order, without those that are missing.
    async fn latest_of(
        &self,
        accounts: &[AccountId],
    ) -> Result<Vec<(AccountId, Latest)>, StoreError>;

    /// Which database it is, since it was opened.
    fn database(&self) -> DatabaseId;

    /// Whether other processes may write what it keeps.
    fn is_shared(&self) -> bool;

    /// The newest version of each item written after `since`, oldest first; at most `limit`, and
    /// no more after the first 4 MiB of ciphertext.
    ///
    /// # Errors
    /// [`StoreError::AccountMissing`].
    async fn vault_page(
        &self,
        account: AccountId,
        since: Revision,
        limit: u32,
    ) -> Result<VaultPage, StoreError>;

    /// Versions of an item below `before`, the newest first; at most `limit`, and no more after the
    /// first 4 MiB of ciphertext. Nothing where the account has no such item.
    async fn item_versions(
        &self,
        account: AccountId,
        item: ItemId,
        before: ItemVersion,
        limit: u32,
    ) -> Result<ItemVersions, StoreError>;

    /// What devices have signed of a vault, after number `after`, the oldest first; at most `limit`.
    async fn manifests(
        &self,
        account: AccountId,
        after: u64,
        limit: u32,
    ) -> Result<ManifestPage, StoreError>;

    /// The newest of them.
    async fn newest_manifest(
        &self,
        account: AccountId,
    ) -> Result<Option<VaultManifest>, StoreError>;

    /// Adds the next one; the newest 1 000 are kept. The newest one sent again is no second write.
    ///
    /// # Errors
    /// [`StoreError::VersionConflict`] where its number is not the next one,
    /// [`StoreError::AccountMissing`].
    async fn add_manifest(
        &self,
        account: AccountId,
        manifest: VaultManifest,
    ) -> Result<(), StoreError>;

    /// Removes challenges, work and codes that are over, keys of other domains that were not named for two years, sessions that
    /// were not used for 90 days, versions that were replaced a year ago, and
    /// those of items that were deleted 30 days ago; at most `limit` of each. Returns how many.
    async fn purge(&self, now: UnixMillis, limit: u32) -> Result<u64, StoreError>;

    /// Whether it can write now.
    async fn ready(&self) -> Result<(), StoreError>;

    /// Finishes what was asked, then lets go of the files. Later calls fail.
    async fn close(&self) -> Result<(), StoreError>;
}
