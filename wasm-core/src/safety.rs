//! What two people compare to know that nobody stands between them.
//!
//! ```text
//! h₀      = SHA-512("Pearvault safety number v1" ‖ 0x00 ‖ public key(33) ‖ address)
//! hᵢ₊₁    = SHA-512(hᵢ ‖ public key)                                      5 199 times
//! digits  = of each of the first six groups of five bytes of h: big-endian, mod 100 000
//! number  = the digits of both, the smaller ones first
//! ```
//! The form is Signal's (its numeric fingerprint, version 0), with our label and our keys: 30 digits for each
//! of the two, so that who reads them out reads 60.

use std::fmt;

use proto::address::Address;

use crate::{hazmat::sha512, keys::PublicKey};

/// What the first hash begins with.
const LABEL: &[u8] = b"Pearvault safety number v1\0";
/// Hashes: as many as Signal makes, so that looking for a key with a number like another one's takes that much
/// longer.
const ROUNDS: u32 = 5200;
/// Digits of one side.
const DIGITS: usize = 30;
/// Digits that come of five bytes.
const GROUP_DIGITS: usize = 5;

/// One side: an address with one of its keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fingerprint(String);

/// Both sides: the same for each of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SafetyNumber(String);

impl Fingerprint {
    /// Of an address and its key.
    pub fn of(address: &Address, key: &PublicKey) -> Self {
        let key = key.as_bytes();
        let mut hash = sha512(&[LABEL, key, address.as_str().as_bytes()]);
        for _ in 1..ROUNDS {
            hash = sha512(&[&hash, key]);
        }
        let groups = hash.chunks_exact(5).take(DIGITS / GROUP_DIGITS);
        let digits = groups.map(|group| {
            let number = group
                .iter()
                .fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
            format!("{:05}", number % 100_000)
        });
        Self(digits.collect())
    }

    /// 30 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl SafetyNumber {
    /// Of two sides, in any order.
    pub fn of(one: &Fingerprint, other: &Fingerprint) -> Self {
        let (first, second) = if one <= other {
            (one, other)
        } else {
            (other, one)
        };
        Self(format!("{}{}", first.0, second.0))
    }

    /// 60 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The twelve groups of five digits in which it is shown and read out.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        (0..self.0.len())
            .step_by(GROUP_DIGITS)
            .filter_map(|from| self.0.get(from..from + GROUP_DIGITS))
    }
}

impl fmt::Display for SafetyNumber {
    /// In its groups, a blank between them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, group) in self.groups().enumerate() {
            if number > 0 {
                f.write_str(" ")?;
            }
            f.write_str(group)?;
        }
        Ok(())
    }
}
