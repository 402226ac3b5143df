//! AVX-512 with VNNI: sixteen lanes, rotations and dot products in one instruction each.

#![expect(
    unsafe_code,
    reason = "instructions that a machine may lack; `Avx512` is the proof that it has them"
)]
#![expect(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instruction set of its caller"
)]

use std::arch::x86_64::{
    __m512i, _mm512_add_epi32, _mm512_dpbusd_epi32, _mm512_loadu_si512, _mm512_ror_epi32,
    _mm512_set1_epi8, _mm512_set1_epi32, _mm512_set4_epi32, _mm512_setzero_si512,
    _mm512_shuffle_epi8, _mm512_storeu_si512, _mm512_sub_epi32, _mm512_xor_si512,
};

use super::{Lanes, Task};

/// The proof that this machine has AVX-512 F, BW and VNNI.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx512(());

/// A digest, and 128 times the sum of its bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Factor {
    bytes: [__m512i; 8],
    start: __m512i,
}

impl Avx512 {
    /// Asks the machine.
    pub(crate) fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vnni"))
        .then_some(Self(()))
    }
}

impl Lanes for Avx512 {
    type Word = __m512i;
    type Factor = Factor;
    const LANES: usize = 16;

    fn run<T: Task>(self, task: T) -> T::Output {
        #[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
        #[inline(never)]
        fn run<T: Task>(task: T) -> T::Output {
            task.run()
        }
        // SAFETY: `self` exists only where AVX-512 is.
        unsafe { run(task) }
    }

    #[inline(always)]
    fn splat(self, word: u32) -> __m512i {
        // SAFETY: `self` exists only where AVX-512 is.
        unsafe { _mm512_set1_epi32(word.cast_signed()) }
    }

    #[inline(always)]
    fn load(self, words: &[u32]) -> __m512i {
        let words = &words[..Self::LANES];
        // SAFETY: `self` exists only where AVX-512 is, and there are so many words.
        unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
    }

    #[inline(always)]
    fn store(self, word: __m512i, words: &mut [u32]) {
        let words = &mut words[..Self::LANES];
        // SAFETY: `self` exists only where AVX-512 is, and there are so many words.
        unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), word) }
    }

    #[inline(always)]
    fn add(self, a: __m512i, b: __m512i) -> __m512i {
        // SAFETY: `self` exists only where AVX-512 is.
        unsafe { _mm512_add_epi32(a, b) }
    }

    #[inline(always)]
    fn xor(self, a: __m512i, b: __m512i) -> __m512i {
        // SAFETY: `self` exists only where AVX-512 is.
        unsafe { _mm512_xor_si512(a, b) }
    }

    #[inline(always)]
    fn rotate_16(self, word: __m512i) -> __m512i {
        // SAFETY: `self` exists only where AVX-512 is.
        unsafe { _mm512_ror_epi32::<16>(word) }
    }

    #[inline(always)]
    fn rotate_12(self, word: __m512i) -> __m512i {
        // SAFETY: `self` exists only where AVX-512 is.
        unsafe { _mm512_ror_epi32::<12>(word) }
    }

    #[inline(always)]
    fn rotate_8(self, word: __m512i) -> __m512i {
        // SAFETY: `self` exists only where AVX-512 is.
        unsafe { _mm512_ror_epi32::<8>(word) }
    }

    #[inline(always)]
    fn rotate_7(self, word: __m512i) -> __m512i {
        // SAFETY: `self` exists only where AVX-512 is.
        unsafe { _mm512_ror_epi32::<7>(word) }
    }

    #[inline(always)]
    fn swap_bytes(self, word: __m512i) -> __m512i {
        // SAFETY: `self` exists only where AVX-512 is.
        unsafe {
            _mm512_shuffle_epi8(
                word,
                _mm512_set4_epi32(0x0c0d_0e0f, 0x0809_0a0b, 0x0405_0607, 0x0001_0203),
            )
        }
    }

    /// The multiplication takes bytes of which only one side is without a sign. So 128 is taken
    /// from each byte of the other, and 128 times the sum of these is where the sums start.
    #[inline(always)]
    fn factor(self, digest: &[__m512i; 8]) -> Factor {
        // SAFETY: `self` exists only where AVX-512 is.
        unsafe {
            let mut negative = _mm512_setzero_si512();
            for word in digest {
                negative = _mm512_dpbusd_epi32(negative, *word, _mm512_set1_epi8(-128));
            }
            Factor {
                bytes: *digest,
                start: _mm512_sub_epi32(_mm512_setzero_si512(), negative),
            }
        }
    }

    #[inline(always)]
    fn dot(self, factor: &Factor, digest: &[__m512i; 8]) -> __m512i {
        // SAFETY: `self` exists only where AVX-512 is.
        unsafe {
            let mut sum = factor.start;
            for (bytes, word) in factor.bytes.iter().zip(digest) {
                let signed = _mm512_xor_si512(*word, _mm512_set1_epi8(-128));
                sum = _mm512_dpbusd_epi32(sum, *bytes, signed);
            }
            sum
        }
    }
}
