//! Plain integers: one lane, on every machine.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instruction set of its caller"
)]

use super::{Lanes, Task};

/// Plain integers, one header at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scalar;

impl Lanes for Scalar {
    type Word = u32;
    type Factor = [u32; 8];
    const LANES: usize = 1;

    #[inline(never)]
    fn run<T: Task>(self, task: T) -> T::Output {
        task.run()
    }

    #[inline(always)]
    fn splat(self, word: u32) -> u32 {
        word
    }

    #[inline(always)]
    fn load(self, words: &[u32]) -> u32 {
        words[0]
    }

    #[inline(always)]
    fn store(self, word: u32, words: &mut [u32]) {
        words[0] = word;
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
    fn swap_bytes(self, word: u32) -> u32 {
        word.swap_bytes()
    }

    #[inline(always)]
    fn factor(self, digest: &[u32; 8]) -> [u32; 8] {
        *digest
    }

    #[inline(always)]
    fn dot(self, factor: &[u32; 8], digest: &[u32; 8]) -> u32 {
        let pairs = factor.iter().zip(digest);
        let bytes = pairs.flat_map(|(x, y)| x.to_le_bytes().into_iter().zip(y.to_le_bytes()));
        bytes.map(|(x, y)| u32::from(x) * u32::from(y)).sum()
    }
}
