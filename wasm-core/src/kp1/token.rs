//! Tokens, of which a node keeps the SHA-256 only. Ours are hashed the same way.

use crate::hazmat::sha256;

/// Of a session token: over its 32 bytes.
pub fn session_token_hash(token: &[u8; 32]) -> [u8; 32] {
    sha256(&[token])
}

/// Of a pull token: over its text, 64 hex digits.
pub fn pull_token_hash(hex: &str) -> [u8; 32] {
    sha256(&[hex.as_bytes()])
}
