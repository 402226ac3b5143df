//! The short code that the user compares when extension and host meet for the first time.
//!
//! ```text
//! host      → commitment = SHA-256("Pearvault pairing commitment v1" ‖ hash ‖ host's nonce(32))
//! extension → its nonce(32)
//! host      → its nonce
//! code      = first 8 bytes of SHA-256("Pearvault pairing code v1" ‖ hash ‖ extension's nonce ‖ host's nonce),
//!             big-endian, mod 1 000 000: six digits
//! ```
//! `hash` is that of the handshake, over the channel of which this goes.
//!
//! # Security
//! Who stands between the two has two handshakes with two hashes, and must have chosen one nonce
//! towards each side before it sees what the other side chose: it can only guess, and is right once
//! in a million. Without the commitment it could try keys until the codes agree.

use std::fmt;

use subtle::ConstantTimeEq;

use super::{Channel, ChannelError};
use crate::{
    hazmat::sha256,
    random::{Random, RandomError, make_bytes},
};

const COMMITMENT: &[u8] = b"Pearvault pairing commitment v1";
const CODE: &[u8] = b"Pearvault pairing code v1";

/// What a side adds to the code.
pub type CodeNonce = [u8; 32];

/// Six digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairingCode(u32);

/// A nonce.
///
/// # Errors
/// [`RandomError`].
pub fn make_nonce(random: &mut dyn Random) -> Result<CodeNonce, RandomError> {
    make_bytes(random)
}

/// What the host says first.
pub fn commitment(channel: &Channel, host: &CodeNonce) -> [u8; 32] {
    sha256(&[COMMITMENT, channel.hash(), host])
}

/// The code, in the host.
pub fn of(channel: &Channel, extension: &CodeNonce, host: &CodeNonce) -> PairingCode {
    let hash = sha256(&[CODE, channel.hash(), extension, host]);
    let number = hash[..8]
        .iter()
        .fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    // Cannot truncate: the remainder is below a million.
    PairingCode(u32::try_from(number % 1_000_000).unwrap_or_default())
}

/// The code, in the extension.
///
/// # Errors
/// [`ChannelError`] where the host's nonce is not the one that it was bound to.
pub fn checked(
    channel: &Channel,
    committed: &[u8; 32],
    extension: &CodeNonce,
    host: &CodeNonce,
) -> Result<PairingCode, ChannelError> {
    let same: bool = commitment(channel, host).ct_eq(committed).into();
    if same {
        Ok(of(channel, extension, host))
    } else {
        Err(ChannelError)
    }
}

impl fmt::Display for PairingCode {
    /// In two groups of three digits, a blank between them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03} {:03}", self.0 / 1000, self.0 % 1000)
    }
}
