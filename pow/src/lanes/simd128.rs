//! SIMD128 of WebAssembly: four lanes.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instruction set of its caller"
)]

use std::arch::wasm32::{
    i8x16_shuffle, i32x4_add, i32x4_dot_i16x8, u16x8_shr, u16x8_splat, u32x4, u32x4_extract_lane,
    u32x4_shl, u32x4_shr, u32x4_splat, v128, v128_and, v128_or, v128_xor,
};

use super::{Lanes, Task};

/// The proof that this machine has SIMD128, which every browser has had since 2023: a module that
/// holds its instructions does not load where they are missing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Simd128;

impl Lanes for Simd128 {
    type Word = v128;
    type Factor = [[v128; 2]; 8];
    const LANES: usize = 4;

    fn run<T: Task>(self, task: T) -> T::Output {
        #[target_feature(enable = "simd128")]
        #[inline(never)]
        fn run<T: Task>(task: T) -> T::Output {
            task.run()
        }
        run(task)
    }

    #[inline(always)]
    fn splat(self, word: u32) -> v128 {
        u32x4_splat(word)
    }

    #[inline(always)]
    fn load(self, words: &[u32]) -> v128 {
        u32x4(words[0], words[1], words[2], words[3])
    }

    #[inline(always)]
    fn store(self, word: v128, words: &mut [u32]) {
        words[0] = u32x4_extract_lane::<0>(word);
        words[1] = u32x4_extract_lane::<1>(word);
        words[2] = u32x4_extract_lane::<2>(word);
        words[3] = u32x4_extract_lane::<3>(word);
    }

    #[inline(always)]
    fn add(self, a: v128, b: v128) -> v128 {
        i32x4_add(a, b)
    }

    #[inline(always)]
    fn xor(self, a: v128, b: v128) -> v128 {
        v128_xor(a, b)
    }

    #[inline(always)]
    fn rotate_16(self, word: v128) -> v128 {
        i8x16_shuffle::<2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13>(word, word)
    }

    #[inline(always)]
    fn rotate_12(self, word: v128) -> v128 {
        v128_or(u32x4_shr(word, 12), u32x4_shl(word, 20))
    }

    #[inline(always)]
    fn rotate_8(self, word: v128) -> v128 {
        v128_or(u32x4_shr(word, 8), u32x4_shl(word, 24))
    }

    #[inline(always)]
    fn rotate_7(self, word: v128) -> v128 {
        v128_or(u32x4_shr(word, 7), u32x4_shl(word, 25))
    }

    #[inline(always)]
    fn swap_bytes(self, word: v128) -> v128 {
        i8x16_shuffle::<3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12>(word, word)
    }

    /// Even and odd bytes as 16-bit numbers: bytes have no multiplication.
    #[inline(always)]
    fn factor(self, digest: &[v128; 8]) -> [[v128; 2]; 8] {
        let mut factor = [[digest[0]; 2]; 8];
        for (split, word) in factor.iter_mut().zip(digest) {
            *split = [v128_and(*word, u16x8_splat(0xff)), u16x8_shr(*word, 8)];
        }
        factor
    }

    #[inline(always)]
    fn dot(self, factor: &[[v128; 2]; 8], digest: &[v128; 8]) -> v128 {
        let mut sum = u32x4_splat(0);
        for ([even, odd], word) in factor.iter().zip(digest) {
            sum = i32x4_add(
                sum,
                i32x4_dot_i16x8(*even, v128_and(*word, u16x8_splat(0xff))),
            );
            sum = i32x4_add(sum, i32x4_dot_i16x8(*odd, u16x8_shr(*word, 8)));
        }
        sum
    }
}
