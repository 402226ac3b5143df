//! One-time codes, and the domains that the account administers.

use serde::{Deserialize, Serialize};

use crate::{
    address::Address,
    api::domain::{CodePurpose, DomainName, DomainView},
    ids::UnixMillis,
    vault::SecretText,
};

payloads! {
    /// What is this code good for?
    CheckCode {
        /// Whom it was given to, as typed.
        address: String,
        /// As in [`CheckAddress`](super::CheckAddress).
        server: Option<String>,
        /// The code as typed: 32 hex digits, with hyphens or blanks between them.
        code: SecretText,
    }

    /// A code that is good.
    CodeView {
        /// Whom it was given to.
        address: Address,
        /// What it does.
        purpose: CodePurpose,
        /// Good until.
        expires_at: UnixMillis,
    }

    /// Use a code.
    RedeemCode {
        /// As in [`CheckCode`].
        address: String,
        /// As in [`CheckCode`].
        server: Option<String>,
        /// As in [`CheckCode`].
        code: SecretText,
        /// What the user was told that it does.
        purpose: CodePurpose,
        /// The password that is to be.
        password: SecretText,
    }

    /// Which domains are mine?
    ListDomains {}

    /// The domains that the account administers.
    Domains {
        /// By name.
        domains: Vec<DomainView>,
        /// What the file `/.well-known/keypears.json` of a domain says to make this account its administrator.
        file: String,
        /// The same with a key: one of the account's has to sign the claim then, so that its session alone does not do.
        keyed_file: String,
    }

    /// Become the administrator of a domain.
    ClaimDomain {
        /// As typed.
        domain: String,
    }

    /// Let anybody register under a domain, or nobody.
    OpenRegistration {
        /// Which.
        domain: DomainName,
        /// Whether anybody may.
        open: bool,
    }

    /// Who has an address of a domain?
    ListUsers {
        /// Which.
        domain: DomainName,
        /// Address, or the beginning of one, after which to begin; empty for the first.
        after: String,
    }

    /// Make a one-time code.
    GiveCode {
        /// Of which domain.
        domain: DomainName,
        /// For whom: the name before the `@`, as typed.
        name: String,
        /// What for.
        purpose: CodePurpose,
    }

    /// A one-time code, which is shown once.
    GivenCode {
        /// For whom.
        address: Address,
        /// The code, in groups with hyphens.
        code: SecretText,
        /// Good until.
        expires_at: UnixMillis,
    }
}
