//! A node's proof-of-work challenges: signed, so that the node need not remember them.
//!
//! ```text
//! signature = HMAC-SHA-256(key, "pearvault challenge v1" ‖ u32be(len) ‖ field …)
//! fields    = purpose, address, header[32..64], target(32), u64be(expires at)
//! ```

use proto::{
    address::Address,
    api::challenge::{ProofOfWork, Purpose},
    bytes::Hex,
    ids::UnixMillis,
};
use subtle::ConstantTimeEq;

use crate::{
    hazmat::{hmac_sha256, hmac_sha256_key},
    secret::{ChallengeKey, NodeSecret},
};

/// A signature is not this node's over these fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature is wrong")]
pub struct ForgedError;

/// What a challenge's signature covers.
#[derive(Debug, Clone, Copy)]
pub struct Claims<'a> {
    /// What the work is for.
    pub purpose: Purpose,
    /// For whom.
    pub address: &'a Address,
    /// The header; its second half is covered.
    pub header: &'a Hex<64>,
    /// What the hash must lie below.
    pub target: &'a Hex<32>,
    /// Good until.
    pub expires_at: UnixMillis,
}

impl ChallengeKey {
    /// The key of a node's own challenges.
    pub fn derive(secret: &NodeSecret) -> Self {
        // EXPOSE: the root secret goes into the derivation.
        Self::init_with(|key| {
            hmac_sha256_key(secret.expose_secret(), b"Pearvault challenge key v1", key);
        })
    }
}

impl Claims<'_> {
    /// Signs a new challenge.
    pub fn sign(&self, key: &ChallengeKey) -> Hex<32> {
        let fields: [&[u8]; 5] = [
            self.purpose.as_str().as_bytes(),
            self.address.as_str().as_bytes(),
            &self.header.0[32..],
            &self.target.0,
            &self.expires_at.0.to_be_bytes(),
        ];
        Hex(tag(key, b"pearvault challenge v1", &fields))
    }
}

/// Checks that a proof of work answers a challenge of this node, made for this purpose and
/// address. Whether it is solved, still good and unspent is the caller's to check.
///
/// # Errors
/// [`ForgedError`], also for a challenge of another purpose or address.
pub fn verify(
    key: &ChallengeKey,
    purpose: Purpose,
    address: &Address,
    pow: &ProofOfWork,
) -> Result<(), ForgedError> {
    let expected = Claims {
        purpose,
        address,
        header: &pow.solved_header,
        target: &pow.target,
        expires_at: pow.expires_at,
    }
    .sign(key);
    if expected.0.ct_eq(&pow.signature.0).into() {
        Ok(())
    } else {
        Err(ForgedError)
    }
}

/// HMAC-SHA-256 over a label and fields of any content; each field's length stands before it.
pub(crate) fn tag(key: &ChallengeKey, label: &[u8], fields: &[&[u8]]) -> [u8; 32] {
    let mut message = label.to_vec();
    for field in fields {
        // Cannot truncate: the longest field is an address.
        message.extend_from_slice(&u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
        message.extend_from_slice(field);
    }
    // EXPOSE: the key goes into the MAC.
    hmac_sha256(key.expose_secret(), &[&message])
}
