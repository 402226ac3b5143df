//! NEON: four lanes.

#![expect(
    unsafe_code,
    reason = "instructions that a machine may lack; `Neon` is the proof that it has them"
)]
#![expect(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instruction set of its caller"
)]

use std::arch::aarch64::{
    uint32x4_t, vaddq_u32, vdupq_n_u32, veorq_u32, vget_low_u8, vld1q_u32, vmull_high_u8, vmull_u8,
    vpadalq_u16, vpaddq_u32, vreinterpretq_u8_u32, vreinterpretq_u16_u32, vreinterpretq_u32_u8,
    vreinterpretq_u32_u16, vrev32q_u8, vrev32q_u16, vshlq_n_u32, vsriq_n_u32, vst1q_u32,
};

use super::{Lanes, Task};

/// The proof that this machine has NEON.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Neon(());

impl Neon {
    /// Asks the machine.
    pub(crate) fn detect() -> Option<Self> {
        std::arch::is_aarch64_feature_detected!("neon").then_some(Self(()))
    }
}

impl Lanes for Neon {
    type Word = uint32x4_t;
    type Factor = [uint32x4_t; 8];
    const LANES: usize = 4;

    fn run<T: Task>(self, task: T) -> T::Output {
        #[target_feature(enable = "neon")]
        #[inline(never)]
        fn run<T: Task>(task: T) -> T::Output {
            task.run()
        }
        // SAFETY: `self` exists only where NEON is.
        unsafe { run(task) }
    }

    #[inline(always)]
    fn splat(self, word: u32) -> uint32x4_t {
        // SAFETY: `self` exists only where NEON is.
        unsafe { vdupq_n_u32(word) }
    }

    #[inline(always)]
    fn load(self, words: &[u32]) -> uint32x4_t {
        let words = &words[..Self::LANES];
        // SAFETY: `self` exists only where NEON is, and there are so many words.
        unsafe { vld1q_u32(words.as_ptr()) }
    }

    #[inline(always)]
    fn store(self, word: uint32x4_t, words: &mut [u32]) {
        let words = &mut words[..Self::LANES];
        // SAFETY: `self` exists only where NEON is, and there are so many words.
        unsafe { vst1q_u32(words.as_mut_ptr(), word) }
    }

    #[inline(always)]
    fn add(self, a: uint32x4_t, b: uint32x4_t) -> uint32x4_t {
        // SAFETY: `self` exists only where NEON is.
        unsafe { vaddq_u32(a, b) }
    }

    #[inline(always)]
    fn xor(self, a: uint32x4_t, b: uint32x4_t) -> uint32x4_t {
        // SAFETY: `self` exists only where NEON is.
        unsafe { veorq_u32(a, b) }
    }

    #[inline(always)]
    fn rotate_16(self, word: uint32x4_t) -> uint32x4_t {
        // SAFETY: `self` exists only where NEON is.
        unsafe { vreinterpretq_u32_u16(vrev32q_u16(vreinterpretq_u16_u32(word))) }
    }

    #[inline(always)]
    fn rotate_12(self, word: uint32x4_t) -> uint32x4_t {
        // SAFETY: `self` exists only where NEON is.
        unsafe { vsriq_n_u32::<12>(vshlq_n_u32::<20>(word), word) }
    }

    #[inline(always)]
    fn rotate_8(self, word: uint32x4_t) -> uint32x4_t {
        // SAFETY: `self` exists only where NEON is.
        unsafe { vsriq_n_u32::<8>(vshlq_n_u32::<24>(word), word) }
    }

    #[inline(always)]
    fn rotate_7(self, word: uint32x4_t) -> uint32x4_t {
        // SAFETY: `self` exists only where NEON is.
        unsafe { vsriq_n_u32::<7>(vshlq_n_u32::<25>(word), word) }
    }

    #[inline(always)]
    fn swap_bytes(self, word: uint32x4_t) -> uint32x4_t {
        // SAFETY: `self` exists only where NEON is.
        unsafe { vreinterpretq_u32_u8(vrev32q_u8(vreinterpretq_u8_u32(word))) }
    }

    #[inline(always)]
    fn factor(self, digest: &[uint32x4_t; 8]) -> [uint32x4_t; 8] {
        *digest
    }

    #[inline(always)]
    fn dot(self, factor: &[uint32x4_t; 8], digest: &[uint32x4_t; 8]) -> uint32x4_t {
        // SAFETY: `self` exists only where NEON is.
        unsafe {
            // Each lane of the result is two neighbouring sums.
            let mut sums = [vdupq_n_u32(0); 2];
            for (a, b) in factor.iter().zip(digest) {
                let (a, b) = (vreinterpretq_u8_u32(*a), vreinterpretq_u8_u32(*b));
                sums[0] = vpadalq_u16(sums[0], vmull_u8(vget_low_u8(a), vget_low_u8(b)));
                sums[1] = vpadalq_u16(sums[1], vmull_high_u8(a, b));
            }
            vpaddq_u32(sums[0], sums[1])
        }
    }
}
