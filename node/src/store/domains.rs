//! What the node keeps of domains and of the codes of their administrators.

use async_trait::async_trait;
use proto::{
    api::domain::{CodePurpose, DomainUsers},
    ids::{AccountId, UnixMillis},
};

use super::{
    AccountReset, AddressState, CodeHash, DomainClaim, HostedDomain, NewAccount, NewCode,
    StoreError, StoredCode,
};

/// Durable truth of domains: whose accounts are kept here, who administers them, and which codes are open.
///
/// As in [`Store`](super::Store): a method that writes is one transaction, and returns after it was committed.
#[async_trait]
pub trait Domains {
    /// A domain by its name.
    async fn domain(&self, name: &str) -> Result<Option<HostedDomain>, StoreError>;

    /// All domains that were claimed, those that have gone elsewhere with them.
    async fn claimed_domains(&self) -> Result<Vec<HostedDomain>, StoreError>;

    /// Notes since when a domain's file has named another server, or that it names this one again.
    async fn set_away(&self, domain: &str, since: Option<UnixMillis>) -> Result<(), StoreError>;

    /// The domains that an account has claimed, by name.
    async fn domains_of(&self, admin: AccountId) -> Result<Vec<HostedDomain>, StoreError>;

    /// Makes an account the administrator of a domain, in place of whoever was. Nobody may register there until it
    /// is opened, unless it was kept here before.
    ///
    /// # Errors
    /// [`StoreError::QuotaExceeded`] for more than `max` domains of one account, [`StoreError::AccountMissing`].
    async fn claim_domain(&self, claim: DomainClaim, max: u32) -> Result<(), StoreError>;

    /// Opens or closes the registration of a domain.
    async fn set_registration(&self, domain: &str, open: bool) -> Result<(), StoreError>;

    /// The accounts of a domain whose addresses come after `after` in the order of their bytes; at most `limit`.
    async fn users(&self, domain: &str, after: &str, limit: u32)
    -> Result<DomainUsers, StoreError>;

    /// Keeps a code, in place of the one of the same address and purpose.
    ///
    /// # Errors
    /// [`StoreError::AddressTaken`] for one that makes an account whose name somebody has or had,
    /// [`StoreError::ItemMissing`] for one that resets an account that is not there,
    /// [`StoreError::QuotaExceeded`] for more than `max` codes of one administrator.
    async fn put_code(&self, code: NewCode, max: u32) -> Result<(), StoreError>;

    /// What a code is for, if it is good at `now`.
    async fn code(
        &self,
        hash: &CodeHash,
        now: UnixMillis,
    ) -> Result<Option<StoredCode>, StoreError>;

    /// Spends a code and makes the account that it is for, whole or not at all.
    ///
    /// # Errors
    /// [`StoreError::CodeWrong`], [`StoreError::AddressTaken`].
    async fn create_invited(&self, new: NewAccount, code: CodeHash) -> Result<(), StoreError>;

    /// Spends a code, sets a password, adds a key that becomes the active one, and ends all sessions but the new one.
    /// The older keys stay sealed as they are.
    ///
    /// # Errors
    /// [`StoreError::CodeWrong`], [`StoreError::VersionConflict`] where the key's number is not the next one,
    /// [`StoreError::QuotaExceeded`], [`StoreError::AccountMissing`].
    async fn reset_account(&self, reset: AccountReset) -> Result<(), StoreError>;
}

/// Whether a code may be given out for an address of which that is known.
///
/// # Errors
/// [`StoreError::AddressTaken`], [`StoreError::ItemMissing`].
pub(super) fn fits(code: &NewCode, state: AddressState) -> Result<(), StoreError> {
    match (code.purpose, state) {
        (CodePurpose::Account, AddressState::Free) | (CodePurpose::Reset, AddressState::InUse) => {
            Ok(())
        }
        (CodePurpose::Account, _) => Err(StoreError::AddressTaken),
        (CodePurpose::Reset, _) => Err(StoreError::ItemMissing),
    }
}
