//! Sign in with an address: the text that is signed.

use serde::{Deserialize, Serialize};

/// A request to sign in. Fields stand in the order in which they are signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Who signs in.
    pub address: String,
    /// What the relying site wants signed too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// The relying site.
    pub domain: String,
    /// RFC 3339, UTC, milliseconds.
    pub expires: String,
    /// 64 hex digits.
    pub nonce: String,
    /// RFC 3339, UTC, milliseconds.
    pub timestamp: String,
    /// Always `sign-in`.
    #[serde(rename = "type")]
    pub kind: Kind,
}

/// The only kind there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// `sign-in`
    #[serde(rename = "sign-in")]
    SignIn,
}

impl SignIn {
    /// The canonical JSON: keys sorted, no blanks.
    ///
    /// # Errors
    /// None that texts can give; the codec's signature has one.
    pub fn canonical(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}
