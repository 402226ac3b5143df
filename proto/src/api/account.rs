//! Accounts and their key pairs.

use serde::{Deserialize, Serialize};

use super::{challenge::ProofOfWork, session::Device};
use crate::{
    address::{Address, AddressWarning},
    bytes::{Base64, Hex},
    ids::{AccountId, KeyNumber, SessionId, UnixMillis},
};

/// An address key as the node stores it: the private half sealed under the encryption key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SealedKeyPair {
    /// Which; the first is 1.
    pub number: KeyNumber,
    /// P-256, compressed SEC1, 33 bytes.
    pub public_key: Hex<33>,
    /// 61 bytes: version, nonce, sealed scalar, tag.
    pub sealed_private_key: Base64,
}

/// Body of `POST /accounts`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateAccountRequest {
    /// The address wanted.
    pub address: Address,
    /// Third-tier input: what the client proves the password with.
    pub login_key: LoginKeyHex,
    /// The first address key.
    pub key: SealedKeyPair,
    /// The device that asks.
    pub device: Device,
    /// Solved challenge of purpose `account` for this address.
    pub pow: ProofOfWork,
}

/// A login key on its way to the node: 64 hex digits, never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct LoginKeyHex(pub Hex<32>);

/// A session token: 64 hex digits, never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct SessionTokenHex(pub Hex<32>);

macro_rules! redacted_and_wiped {
    ($($name:ident),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($name))
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                zeroize::Zeroize::zeroize(&mut self.0.0);
            }
        }
    )*};
}
redacted_and_wiped!(LoginKeyHex, SessionTokenHex);

/// Answer of `POST /accounts` and `POST /sessions`: a session is open.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionOpened {
    /// The account.
    pub account: AccountId,
    /// The session.
    pub session: SessionId,
    /// Shown with every later request.
    pub token: SessionTokenHex,
    /// When it ends however often it is used; a day without use ends it too.
    pub expires_at: UnixMillis,
    /// Whether the account had no session of this device before.
    pub is_new_device: bool,
    /// All key pairs, the newest last.
    pub keys: Vec<SealedKeyPair>,
    /// What other servers may not like about the address.
    pub warnings: Vec<AddressWarning>,
}

/// Body of `POST /account/delete`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeleteAccountRequest {
    /// The password once more.
    pub login_key: LoginKeyHex,
}

/// Answer of the key routes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyList {
    /// The newest last; that one is active.
    pub keys: Vec<SealedKeyPair>,
    /// When each was added; a node from before this says it of none.
    #[serde(default)]
    pub added: Vec<KeyAdded>,
}

/// When a key pair was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyAdded {
    /// Which.
    pub number: KeyNumber,
    /// When.
    pub at: UnixMillis,
}

/// Body of `POST /keys`: a new active key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddKeyRequest {
    /// The password once more: a stolen session must not choose the key that people write to.
    pub login_key: LoginKeyHex,
    /// Its number is one more than the newest.
    pub key: SealedKeyPair,
    /// The same for the recovery words; `None` where there are none, or the client cannot seal for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_words: Option<KeyForWords>,
}

/// The private half of a new key pair for the recovery words, added with it or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyForWords {
    /// The words that it is sealed for, as `login_hash` of
    /// [`SealedRecoveryKey`](super::recovery::SealedRecoveryKey).
    pub login_hash: Hex<32>,
    /// Sealed under the recovery key, 61 bytes.
    pub sealed_private_key: Base64,
}
