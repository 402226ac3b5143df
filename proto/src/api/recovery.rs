//! Recovery words and the change of a password.

use serde::{Deserialize, Serialize};

use super::{
    account::{LoginKeyHex, SealedKeyPair, SessionOpened},
    challenge::ProofOfWork,
    session::Device,
};
use crate::{
    address::Address,
    bytes::{Base64, Hex},
    ids::{KeyNumber, UnixMillis},
};

/// A recovery login key on its way to the node: 64 hex digits, never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct RecoveryLoginKeyHex(pub Hex<32>);

impl std::fmt::Debug for RecoveryLoginKeyHex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryLoginKeyHex")
    }
}

impl Drop for RecoveryLoginKeyHex {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0.0);
    }
}

/// The key that seals address keys for the recovery words, itself sealed under the vault key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SealedRecoveryKey {
    /// SHA-256 of the recovery login key: names the words that it is of.
    pub login_hash: Hex<32>,
    /// Which of the account's words these are, counted from 1; 0: of before they were counted.
    /// Bound to what is sealed, so that words that were replaced are known by it.
    #[serde(default)]
    pub number: u64,
    /// Address key whose vault key seals it.
    pub key_number: KeyNumber,
    /// 61 bytes: version, nonce, sealed key, tag.
    pub sealed: Base64,
}

/// Body of `PUT /account/recovery`: new words, in place of those there may be.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetRecoveryRequest {
    /// The password once more: a stolen session must not make words of its own.
    pub login_key: LoginKeyHex,
    /// The recovery key, sealed.
    pub recovery_key: SealedRecoveryKey,
    /// The account's key pairs that the password opens, sealed under the recovery key; one at least.
    pub keys: Vec<SealedKeyPair>,
}

/// Answer of `GET /account/recovery` and `PUT /account/recovery`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecoveryStatus {
    /// The words that are set; `None`: the account cannot be recovered.
    pub words: Option<RecoverySet>,
}

/// Recovery words that are set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecoverySet {
    /// The recovery key, sealed.
    pub recovery_key: SealedRecoveryKey,
    /// When the user confirmed them.
    pub confirmed_at: UnixMillis,
    /// Key pairs that they open.
    pub keys: Vec<KeyNumber>,
}

/// Body of `POST /recovery`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecoverRequest {
    /// Whose account.
    pub address: Address,
    /// What proves the recovery words.
    pub recovery_login_key: RecoveryLoginKeyHex,
    /// The device that asks; its older session ends.
    pub device: Device,
    /// Solved challenge of purpose `recovery` for this address.
    pub pow: ProofOfWork,
}

/// Answer of `POST /recovery`: a session is open, and a new password can be set.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Recovered {
    /// The session, and all key pairs as the password seals them.
    pub opened: SessionOpened,
    /// The key pairs that the words open, sealed under the recovery key.
    pub recovery_keys: Vec<SealedKeyPair>,
}

/// What allows to set a new password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PasswordProof {
    /// The password of now.
    LoginKey(LoginKeyHex),
    /// The recovery words.
    RecoveryLoginKey(RecoveryLoginKeyHex),
}

/// Body of `PUT /account/password`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangePasswordRequest {
    /// What allows it.
    pub proof: PasswordProof,
    /// Login key of the new password; that of now where only keys are sealed anew.
    pub login_key: LoginKeyHex,
    /// Key pairs of the account, sealed under the new password; the others stay as they are.
    pub keys: Vec<SealedKeyPair>,
    /// Key pairs that the recovery words did not open before, sealed under the recovery key.
    pub recovery_keys: Vec<SealedKeyPair>,
    /// The words that they are sealed for, as `login_hash` of [`SealedRecoveryKey`]; `None` where there are
    /// no such key pairs.
    pub recovery_login_hash: Option<Hex<32>>,
    /// Random: what the session is known by from now on is made of it and of the token that was shown
    /// (`docs/PROTOCOL.md`). The client keeps it before it asks, so that an answer that is lost costs nothing.
    pub token_seed: Hex<32>,
}
