//! What the hash needs of an instruction set: 32-bit words of several headers side by side.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instruction set of its caller"
)]

/// An instruction set, with the operations of the hash on words of several headers side by side.
///
/// Its operations must be `#[inline(always)]`, for they become instructions of the set only inside
/// of a function that is compiled for it.
pub(crate) trait Lanes: Copy {
    /// One word of every lane.
    type Word: Copy;
    /// The same word in every lane.
    fn splat(self, word: u32) -> Self::Word;

    /// Wrapping sum.
    fn add(self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// Exclusive or.
    fn xor(self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// Rotates right.
    fn rotate_16(self, word: Self::Word) -> Self::Word;
    /// Rotates right.
    fn rotate_12(self, word: Self::Word) -> Self::Word;
    /// Rotates right.
    fn rotate_8(self, word: Self::Word) -> Self::Word;
    /// Rotates right.
    fn rotate_7(self, word: Self::Word) -> Self::Word;

    /// Sums of the products of equal bytes, of 32 in each lane; at most 32 · 255².
    fn dot(self, a: &[Self::Word; 8], b: &[Self::Word; 8]) -> Self::Word;
}

/// Plain integers, one header at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scalar;

impl Lanes for Scalar {
    type Word = u32;

    #[inline(always)]
    fn splat(self, word: u32) -> u32 {
        word
    }

    #[inline(always)]
    fn add(self, a: u32, b: u32) -> u32 {
        a.wrapping_add(b)
    }

    #[inline(always)]
    fn xor(self, a: u32, b: u32) -> u32 {
        a ^ b
    }

    #[inline(always)]
    fn rotate_16(self, word: u32) -> u32 {
        word.rotate_right(16)
    }

    #[inline(always)]
    fn rotate_12(self, word: u32) -> u32 {
        word.rotate_right(12)
    }

    #[inline(always)]
    fn rotate_8(self, word: u32) -> u32 {
        word.rotate_right(8)
    }

    #[inline(always)]
    fn rotate_7(self, word: u32) -> u32 {
        word.rotate_right(7)
    }

    #[inline(always)]
    fn dot(self, a: &[u32; 8], b: &[u32; 8]) -> u32 {
        let pairs = a.iter().zip(b);
        let bytes = pairs.flat_map(|(x, y)| x.to_le_bytes().into_iter().zip(y.to_le_bytes()));
        bytes.map(|(x, y)| u32::from(x) * u32::from(y)).sum()
    }
}
