//! Targets and difficulties: `target = ⌊(2²⁵⁶ − 1) / difficulty⌋`.

use std::{array, fmt, num::NonZeroU64};

use crate::hash::HASH_BYTES;

/// A bound that a hash must lie strictly below; 32 bytes, big-endian, never zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target([u8; HASH_BYTES]);

/// Bytes or a number that are no target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// Not lowercase hex.
    #[error("expected lowercase hex digits")]
    Digits,
    /// Another length.
    #[error("expected {expected} bytes, not {actual}")]
    Length {
        /// Always [`HASH_BYTES`].
        expected: usize,
        /// Bytes that came.
        actual: usize,
    },
    /// Difficulty or target 0, which no hash can meet.
    #[error("zero")]
    Zero,
}

impl Target {
    /// The one that no hash but zero meets: for measuring.
    pub const HARDEST: Self = {
        let mut bytes = [0; HASH_BYTES];
        bytes[HASH_BYTES - 1] = 1;
        Self(bytes)
    };

    /// Takes the 32 big-endian bytes.
    ///
    /// # Errors
    /// [`TargetError::Zero`].
    pub fn new(bytes: [u8; HASH_BYTES]) -> Result<Self, TargetError> {
        if bytes == [0; HASH_BYTES] {
            Err(TargetError::Zero)
        } else {
            Ok(Self(bytes))
        }
    }

    /// Reads a target from bytes of unknown length.
    ///
    /// # Errors
    /// [`TargetError::Length`], [`TargetError::Zero`].
    pub fn parse(bytes: &[u8]) -> Result<Self, TargetError> {
        let bytes = bytes.try_into().map_err(|_| TargetError::Length {
            expected: HASH_BYTES,
            actual: bytes.len(),
        })?;
        Self::new(bytes)
    }

    /// Reads 64 lowercase hex digits.
    ///
    /// # Errors
    /// [`TargetError::Length`], [`TargetError::Digits`], [`TargetError::Zero`].
    pub fn parse_hex(text: &str) -> Result<Self, TargetError> {
        if text.len() != 2 * HASH_BYTES {
            return Err(TargetError::Length {
                expected: HASH_BYTES,
                actual: text.len() / 2,
            });
        }
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(TargetError::Digits);
        }
        let mut bytes = [0; HASH_BYTES];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| TargetError::Digits)?;
        Self::new(bytes)
    }

    /// The target that costs `difficulty` tries on average.
    pub fn from_difficulty(difficulty: NonZeroU64) -> Self {
        let mut wide = [0; HASH_BYTES];
        wide[24..].copy_from_slice(&difficulty.get().to_be_bytes());
        Self(divide_maximum_by(&wide))
    }

    /// The same for a difficulty of up to 256 bits, big-endian.
    ///
    /// # Errors
    /// [`TargetError::Zero`].
    pub fn from_wide_difficulty(difficulty: &[u8; HASH_BYTES]) -> Result<Self, TargetError> {
        if *difficulty == [0; HASH_BYTES] {
            return Err(TargetError::Zero);
        }
        Ok(Self(divide_maximum_by(difficulty)))
    }

    /// Whether a hash lies strictly below.
    pub fn is_met_by(&self, hash: &[u8; HASH_BYTES]) -> bool {
        *hash < self.0
    }

    /// The first four bytes as a number: no hash whose own is greater meets the target.
    pub(crate) fn first_word(&self) -> u32 {
        u32::from_be_bytes(array::from_fn(|i| self.0[i]))
    }

    /// The 32 bytes, big-endian.
    pub const fn as_bytes(&self) -> &[u8; HASH_BYTES] {
        &self.0
    }

    /// `⌊(2²⁵⁶ − 1) / target⌋`, 256 bits, big-endian: the greatest difficulty with this target.
    pub fn wide_difficulty(&self) -> [u8; HASH_BYTES] {
        divide_maximum_by(&self.0)
    }

    /// The same, at most `u64::MAX`.
    pub fn difficulty(&self) -> u64 {
        let wide = self.wide_difficulty();
        match wide.split_last_chunk::<8>() {
            Some((high, low)) if high.iter().all(|byte| *byte == 0) => u64::from_be_bytes(*low),
            _ => u64::MAX,
        }
    }

    /// Tries that it costs on average, `2²⁵⁶ / target`, rounded.
    pub fn expected_tries(&self) -> f64 {
        1.0 / self.chance()
    }

    /// Chance that one try succeeds, `target / 2²⁵⁶`, rounded; in (0, 1].
    pub(crate) fn chance(&self) -> f64 {
        self.0
            .iter()
            .rev()
            .fold(0.0, |chance, byte| (chance + f64::from(*byte)) / 256.0)
    }
}

/// `⌊(2²⁵⁶ − 1) / divisor⌋` by long division, bit by bit. The divisor is not zero.
fn divide_maximum_by(divisor: &[u8; HASH_BYTES]) -> [u8; HASH_BYTES] {
    let mut quotient = [0; HASH_BYTES];
    let mut rest = [0; HASH_BYTES];
    for bit in 0..8 * HASH_BYTES {
        // Each bit of the dividend is 1. A bit shifted out of `rest` stands for 2²⁵⁶, which is
        // above every divisor; subtracting wraps to the right remainder.
        let carry = shift_in_one(&mut rest);
        if carry || rest >= *divisor {
            subtract(&mut rest, divisor);
            quotient[bit / 8] |= 0x80 >> (bit % 8);
        }
    }
    quotient
}

/// `rest = 2 · rest + 1`; tells whether a bit fell out.
fn shift_in_one(rest: &mut [u8; HASH_BYTES]) -> bool {
    let mut carry = 1;
    for byte in rest.iter_mut().rev() {
        let next = *byte >> 7;
        *byte = *byte << 1 | carry;
        carry = next;
    }
    carry == 1
}

/// `rest = rest − other`, wrapping.
fn subtract(rest: &mut [u8; HASH_BYTES], other: &[u8; HASH_BYTES]) {
    let mut borrow = false;
    for (a, b) in rest.iter_mut().zip(other).rev() {
        let (difference, under) = a.overflowing_sub(*b);
        let (difference, under_again) = difference.overflowing_sub(u8::from(borrow));
        *a = difference;
        borrow = under || under_again;
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({self})")
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn a_hash_equal_to_the_target_is_refused() {
        let target = Target::from_difficulty(NonZeroU64::MIN.saturating_add(999));
        let equal = *target.as_bytes();
        let mut below = equal;
        below[31] -= 1;
        let mut above = equal;
        above[31] += 1;
        assert!(target.is_met_by(&below));
        assert!(!target.is_met_by(&equal));
        assert!(!target.is_met_by(&above));
    }

    #[test]
    fn zero_is_no_target_and_no_difficulty() {
        assert_eq!(Target::new([0; 32]), Err(TargetError::Zero));
        assert_eq!(
            Target::from_wide_difficulty(&[0; 32]),
            Err(TargetError::Zero)
        );
        assert_eq!(Target::parse_hex(&"00".repeat(32)), Err(TargetError::Zero));
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #[test]
        fn division_agrees_with_128_bit_arithmetic(difficulty in 1_u64..) {
            let difficulty = NonZeroU64::new(difficulty).unwrap_or(NonZeroU64::MIN);
            let d = u128::from(difficulty.get());
            let mut expected = [0; 32];
            let mut rest = 0_u128;
            for limb in expected.chunks_exact_mut(8) {
                let dividend = rest << 64 | u128::from(u64::MAX);
                limb.copy_from_slice(&(dividend / d).to_be_bytes()[8..]);
                rest = dividend % d;
            }
            let target = Target::from_difficulty(difficulty);
            proptest::prop_assert_eq!(target.as_bytes(), &expected);
            proptest::prop_assert!(target.difficulty() >= difficulty.get());
        }

        #[test]
        fn chance_is_the_inverse_of_the_difficulty(difficulty in 1_u32..) {
            let target = Target::from_difficulty(NonZeroU64::MIN.saturating_add(u64::from(difficulty) - 1));
            let error = target.expected_tries() / f64::from(difficulty) - 1.0;
            proptest::prop_assert!(error.abs() < 1e-9, "{}", error);
        }
    }
}
