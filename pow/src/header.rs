//! The 64 bytes that are hashed, and how a position in the search becomes a nonce.

use std::{array, fmt};

/// Bytes of a header: nonce, then challenge.
pub const HEADER_BYTES: usize = 64;
/// Bytes of the first half, which a solver varies.
pub const NONCE_BYTES: usize = 32;
/// Bytes of the second half, which names the challenge.
pub const CHALLENGE_BYTES: usize = 32;

/// A header: `nonce(32) ‖ challenge(32)`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Header([u8; HEADER_BYTES]);

/// Bytes that are no header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// Not lowercase hex.
    #[error("expected lowercase hex digits")]
    Digits,
    /// Another length.
    #[error("expected {expected} bytes, not {actual}")]
    Length {
        /// Always [`HEADER_BYTES`].
        expected: usize,
        /// Bytes that came.
        actual: usize,
    },
}

impl Header {
    /// Takes the bytes as they are.
    pub const fn new(bytes: [u8; HEADER_BYTES]) -> Self {
        Self(bytes)
    }

    /// Reads a header from bytes of unknown length.
    ///
    /// # Errors
    /// [`HeaderError::Length`].
    pub fn parse(bytes: &[u8]) -> Result<Self, HeaderError> {
        let bytes = bytes.try_into().map_err(|_| HeaderError::Length {
            expected: HEADER_BYTES,
            actual: bytes.len(),
        })?;
        Ok(Self(bytes))
    }

    /// Reads 128 lowercase hex digits.
    ///
    /// # Errors
    /// [`HeaderError::Length`], [`HeaderError::Digits`].
    pub fn parse_hex(text: &str) -> Result<Self, HeaderError> {
        if text.len() != 2 * HEADER_BYTES {
            return Err(HeaderError::Length {
                expected: HEADER_BYTES,
                actual: text.len() / 2,
            });
        }
        let mut bytes = [0; HEADER_BYTES];
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(HeaderError::Digits);
        }
        hex::decode_to_slice(text, &mut bytes).map_err(|_| HeaderError::Digits)?;
        Ok(Self(bytes))
    }

    /// All 64 bytes.
    pub const fn as_bytes(&self) -> &[u8; HEADER_BYTES] {
        &self.0
    }

    /// The 16 little-endian words of BLAKE3.
    pub(crate) fn words(&self) -> [u32; HEADER_BYTES / 4] {
        array::from_fn(|i| u32::from_le_bytes(array::from_fn(|byte| self.0[4 * i + byte])))
    }

    /// The second half: what the challenge's signature covers.
    pub fn challenge(&self) -> &[u8] {
        &self.0[NONCE_BYTES..]
    }

    /// The same challenge with the nonce of one position of one worker.
    ///
    /// Bytes 28..31 become the position's low half, big-endian. Its high half is added to bytes
    /// 24..27 and the worker's number to bytes 20..23, both big-endian and wrapping, so that
    /// position 0..2³² of worker 0 is the search of the reference and no two workers ever try the
    /// same nonce.
    #[must_use]
    pub fn at(&self, worker: u32, position: u64) -> Self {
        let mut bytes = self.0;
        let [high, low] = self.position_words(position);
        bytes[20..24].copy_from_slice(&self.word(20).wrapping_add(worker).to_be_bytes());
        bytes[24..28].copy_from_slice(&high.to_be_bytes());
        bytes[28..32].copy_from_slice(&low.to_be_bytes());
        Self(bytes)
    }

    /// Bytes 24..27 and 28..31 at a position, as big-endian numbers.
    pub(crate) fn position_words(&self, position: u64) -> [u32; 2] {
        let [h0, h1, h2, h3, low @ ..] = position.to_be_bytes();
        let high = self
            .word(24)
            .wrapping_add(u32::from_be_bytes([h0, h1, h2, h3]));
        [high, u32::from_be_bytes(low)]
    }

    /// Four bytes as a big-endian number.
    fn word(&self, first: usize) -> u32 {
        u32::from_be_bytes(array::from_fn(|i| self.0[first + i]))
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Header({self})")
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn positions_run_on_past_four_nonce_bytes() {
        let mut bytes = [0xee; HEADER_BYTES];
        bytes[24..28].copy_from_slice(&[0, 0, 0, 0xff]);
        bytes[20..24].copy_from_slice(&[0xff; 4]);
        let nonce = |worker, position| {
            let header = Header::new(bytes).at(worker, position);
            assert_eq!(header.as_bytes()[..20], bytes[..20]);
            assert_eq!(header.challenge(), &bytes[32..]);
            hex::encode(&header.as_bytes()[20..32])
        };
        assert_eq!(nonce(0, 7), "ffffffff000000ff00000007");
        assert_eq!(nonce(0, u64::from(u32::MAX)), "ffffffff000000ffffffffff");
        assert_eq!(nonce(0, 1 << 32), "ffffffff0000010000000000");
        assert_eq!(nonce(1, 0), "00000000000000ff00000000");
        assert_eq!(nonce(3, (2 << 32) + 5), "000000020000010100000005");
        assert_eq!(nonce(0, u64::MAX), "ffffffff000000feffffffff");
    }

    #[test]
    fn only_sixty_four_bytes_are_a_header() {
        for length in [0, 1, 32, 63, 65, 128] {
            let error = HeaderError::Length {
                expected: 64,
                actual: length,
            };
            assert_eq!(Header::parse(&vec![0; length]), Err(error));
            assert_eq!(Header::parse_hex(&"00".repeat(length)), Err(error));
        }
        assert_eq!(
            Header::parse_hex(&"0A".repeat(64)),
            Err(HeaderError::Digits)
        );
        assert_eq!(
            Header::parse_hex(&"0g".repeat(64)),
            Err(HeaderError::Digits)
        );
        assert_eq!(
            Header::parse_hex(&"0a".repeat(64)),
            Ok(Header::new([10; 64]))
        );
    }
}
