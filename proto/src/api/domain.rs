//! Domains that an account administers here, and the one-time codes that their administrators give out.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{
    account::{LoginKeyHex, SealedKeyPair},
    session::Device,
};
use crate::{
    address::{Address, AddressError, check_domain},
    bytes::Hex,
    ids::{KeyNumber, UnixMillis},
};

/// A domain of addresses: a host name in lower case, checked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct DomainName(String);

impl DomainName {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DomainName {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        check_domain(text)?;
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for DomainName {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        text.parse()
    }
}

impl From<DomainName> for String {
    fn from(name: DomainName) -> Self {
        name.0
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Body of `POST /domains/challenge`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DomainChallengeRequest {
    /// The domain to be claimed.
    pub domain: DomainName,
}

/// Answer of `POST /domains/challenge`: what the domain's key signs (`docs/PROTOCOL.md`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DomainChallenge {
    /// The whole text to be signed.
    pub text: String,
    /// 32 random bytes, which the text has too.
    pub challenge: Hex<32>,
    /// Good until.
    pub expires_at: UnixMillis,
    /// HMAC-SHA-256 of the node over it, the domain and the account.
    pub mac: Hex<32>,
}

/// Body of `POST /domains`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClaimDomainRequest {
    /// Which; its `keypears.json` names this node, and the address of the account that asks as `admin`.
    pub domain: DomainName,
    /// Wanted where that file has a `domainPubKeyHash`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<DomainKeyProof>,
}

/// That whoever claims a domain has its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DomainKeyProof {
    /// P-256, compressed SEC1, 33 bytes; its SHA-256 is in the domain's file.
    pub public_key: Hex<33>,
    /// As in the challenge.
    pub challenge: Hex<32>,
    /// As in the challenge.
    pub expires_at: UnixMillis,
    /// As in the challenge.
    pub mac: Hex<32>,
    /// ECDSA P-256 by that key over the challenge's text, `r ‖ s`.
    pub signature: Hex<64>,
}

/// A domain as its administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DomainView {
    /// Which.
    pub domain: DomainName,
    /// Whether its administrator lets anybody register.
    pub registration_open: bool,
    /// Whether anybody can: the node's operator may have closed registration for all.
    pub takes_accounts: bool,
    /// When it was claimed last; none for a domain of the node's own configuration.
    pub claimed_at: Option<UnixMillis>,
    /// The key that proved the claim.
    pub public_key: Option<Hex<33>>,
}

/// Answer of `GET /domains`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DomainList {
    /// By name.
    pub domains: Vec<DomainView>,
}

/// Body of `PUT /domains/{domain}/registration`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetRegistrationRequest {
    /// Whether anybody may register.
    pub open: bool,
}

/// An account of a domain as its administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DomainUser {
    /// Its address.
    pub address: Address,
    /// When it was made.
    pub created_at: UnixMillis,
}

/// Answer of `GET /domains/{domain}/users`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DomainUsers {
    /// By address, in the order of its bytes.
    pub users: Vec<DomainUser>,
    /// Whether there are more behind the last of them.
    pub has_more: bool,
}

/// Body of `POST /domains/{domain}/invitations` and `POST /domains/{domain}/resets`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GiveCodeRequest {
    /// The name before the `@`.
    pub name: String,
}

/// What a one-time code is for. One for the one does not do for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CodePurpose {
    /// Makes an account.
    Account,
    /// Sets a new password and a new key.
    Reset,
}

/// A one-time code: 32 hex digits, never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct OneTimeCodeHex(pub Hex<16>);

impl fmt::Debug for OneTimeCodeHex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCodeHex")
    }
}

impl Drop for OneTimeCodeHex {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0.0);
    }
}

/// A new code, which is shown once. The older one of the same address and purpose is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CodeGiven {
    /// For whom.
    pub address: Address,
    /// The code.
    pub code: OneTimeCodeHex,
    /// Good until.
    pub expires_at: UnixMillis,
}

/// Body of `POST /codes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShowCodeRequest {
    /// Whom it was given to.
    pub address: Address,
    /// The code.
    pub code: OneTimeCodeHex,
}

/// Answer of `POST /codes`: what a code is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CodeStanding {
    /// What for.
    pub purpose: CodePurpose,
    /// Good until.
    pub expires_at: UnixMillis,
    /// Number that the key has that is sent with it.
    pub next_key: KeyNumber,
}

/// Body of `POST /codes/redeem`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RedeemCodeRequest {
    /// Whom it was given to.
    pub address: Address,
    /// The code.
    pub code: OneTimeCodeHex,
    /// What the code is shown for.
    pub purpose: CodePurpose,
    /// Third-tier input of the new password.
    pub login_key: LoginKeyHex,
    /// A new key, sealed under the new password.
    pub key: SealedKeyPair,
    /// The device that asks.
    pub device: Device,
}
