//! Challenges of the KeyPears procedures, and the request that asks for one.

use subtle::ConstantTimeEq;

use crate::{
    hazmat::{hmac_sha256, hmac_sha256_key},
    secret::{ChallengeKey, NodeSecret},
};

/// What a challenge's signature covers, without separators.
#[derive(Debug, Clone, Copy)]
pub struct Claims<'a> {
    /// The header; its second half is covered.
    pub header: &'a [u8; 64],
    /// What the hash must lie below.
    pub target: &'a [u8; 32],
    /// Good until, Unix milliseconds.
    pub expires_at: u64,
    /// Sender and recipient, where the challenge is for a message.
    pub addresses: Option<(&'a str, &'a str)>,
}

/// `HMAC-SHA-256(key = node secret, "keypears pow secret v1")`.
pub fn challenge_key(secret: &NodeSecret) -> ChallengeKey {
    // EXPOSE: the root secret goes into the derivation.
    ChallengeKey::init_with(|key| {
        hmac_sha256_key(secret.expose_secret(), b"keypears pow secret v1", key);
    })
}

/// What the sender signs with its address key when it asks for a challenge.
pub fn request_message(sender: &str, recipient: &str, timestamp: u64) -> String {
    format!("{sender}:{recipient}:{timestamp}")
}

impl Claims<'_> {
    /// The signature of a challenge.
    pub fn sign(&self, key: &ChallengeKey) -> [u8; 32] {
        let (sender, recipient) = self.addresses.unwrap_or_default();
        let expires_at = self.expires_at.to_be_bytes();
        let parts: [&[u8]; 5] = [
            &self.header[32..],
            self.target,
            &expires_at,
            sender.as_bytes(),
            recipient.as_bytes(),
        ];
        // EXPOSE: the key goes into the MAC.
        hmac_sha256(key.expose_secret(), &parts)
    }

    /// Whether a signature is this key's, in constant time.
    pub fn is_signed(&self, key: &ChallengeKey, signature: &[u8; 32]) -> bool {
        self.sign(key).ct_eq(signature).into()
    }
}
