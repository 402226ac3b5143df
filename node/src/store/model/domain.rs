//! What the store keeps of domains and codes.

use proto::{
    address::Address,
    api::domain::CodePurpose,
    ids::{AccountId, UnixMillis},
};
use wasm_core::kdf::server::StoredLoginHash;

use super::{NewSession, StoredKey};

/// A domain as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostedDomain {
    /// Its name, lower case.
    pub name: String,
    /// Who claimed it last; `None`: nobody, or an account that is gone.
    pub admin: Option<AccountId>,
    /// The key that proved the claim, compressed SEC1.
    pub public_key: Option<[u8; 33]>,
    /// When that was; `None`: it is kept here by the node's configuration alone.
    pub claimed_at: Option<UnixMillis>,
    /// Since when its file has named another server; its addresses are not kept to be here from then on.
    pub away_since: Option<UnixMillis>,
    /// Whether anybody may register.
    pub registration_open: bool,
}

impl HostedDomain {
    /// What holds of a domain of the configuration of which nothing else is stored.
    pub fn configured(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            admin: None,
            public_key: None,
            claimed_at: None,
            away_since: None,
            registration_open: true,
        }
    }
}

/// A claim that was proved.
#[derive(Debug, Clone)]
pub struct DomainClaim {
    /// The domain.
    pub domain: String,
    /// Who claims it.
    pub admin: AccountId,
    /// The key that proved it, compressed SEC1.
    pub public_key: Option<[u8; 33]>,
    /// When.
    pub at: UnixMillis,
    /// Whether anybody may register there at first: only where the configuration keeps it.
    pub is_open: bool,
}

/// What a one-time code is known by, [`wasm_core::domain::code_hash`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CodeHash(pub [u8; 32]);

impl std::fmt::Debug for CodeHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CodeHash")
    }
}

/// A code to be kept.
#[derive(Debug, Clone)]
pub struct NewCode {
    /// What it is known by.
    pub hash: CodeHash,
    /// Whom it is for.
    pub address: Address,
    /// What it is for.
    pub purpose: CodePurpose,
    /// Who gives it out; `None`: the node's operator.
    pub made_by: Option<AccountId>,
    /// When it ends.
    pub expires_at: UnixMillis,
}

/// A code as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCode {
    /// Whom it is for.
    pub address: Address,
    /// What it is for.
    pub purpose: CodePurpose,
    /// Who gave it out; `None`: the node's operator.
    pub made_by: Option<AccountId>,
    /// When it ends.
    pub expires_at: UnixMillis,
}

/// A password that is set without the one before.
#[derive(Debug, Clone)]
pub struct AccountReset {
    /// Whose.
    pub account: AccountId,
    /// Its address, for which the code is.
    pub address: Address,
    /// The code that allows it.
    pub code: CodeHash,
    /// Third KDF tier of the new password.
    pub login_hash: StoredLoginHash,
    /// A new key, sealed under the new password.
    pub key: StoredKey,
    /// The only session from then on, of this account.
    pub session: NewSession,
    /// When.
    pub at: UnixMillis,
}
