//! AVX2: eight lanes.

#![expect(
    unsafe_code,
    reason = "instructions that a machine may lack; `Avx2` is the proof that it has them"
)]
#![expect(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instruction set of its caller"
)]

use std::{
    arch::x86_64::{
        __m256i, _mm256_add_epi32, _mm256_and_si256, _mm256_loadu_si256, _mm256_madd_epi16,
        _mm256_or_si256, _mm256_set1_epi16, _mm256_set1_epi32, _mm256_setr_epi8,
        _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_slli_epi32, _mm256_srli_epi16,
        _mm256_srli_epi32, _mm256_storeu_si256, _mm256_xor_si256,
    },
    hint::black_box,
};

use super::{Lanes, Task};

/// The proof that this machine has AVX2, and the byte shuffles that rotate words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx2 {
    rotate_16: __m256i,
    rotate_8: __m256i,
}

impl Avx2 {
    /// Asks the machine.
    pub(crate) fn detect() -> Option<Self> {
        // SAFETY: it has just been asked.
        is_x86_feature_detected!("avx2").then(|| unsafe { Self::new() })
    }

    /// The compiler must not see through the shuffles: it would make two instructions of the one.
    #[target_feature(enable = "avx2")]
    fn new() -> Self {
        Self {
            rotate_16: black_box(_mm256_setr_epi8(
                2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13, 2, 3, 0, 1, 6, 7, 4, 5, 10,
                11, 8, 9, 14, 15, 12, 13,
            )),
            rotate_8: black_box(_mm256_setr_epi8(
                1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12, 1, 2, 3, 0, 5, 6, 7, 4, 9,
                10, 11, 8, 13, 14, 15, 12,
            )),
        }
    }
}

impl Lanes for Avx2 {
    type Word = __m256i;
    type Factor = [[__m256i; 2]; 8];
    const LANES: usize = 8;

    fn run<T: Task>(self, task: T) -> T::Output {
        #[target_feature(enable = "avx2")]
        #[inline(never)]
        fn run<T: Task>(task: T) -> T::Output {
            task.run()
        }
        // SAFETY: `self` exists only where AVX2 is.
        unsafe { run(task) }
    }

    #[inline(always)]
    fn splat(self, word: u32) -> __m256i {
        // SAFETY: `self` exists only where AVX2 is.
        unsafe { _mm256_set1_epi32(word.cast_signed()) }
    }

    #[inline(always)]
    fn load(self, words: &[u32]) -> __m256i {
        let words = &words[..Self::LANES];
        // SAFETY: `self` exists only where AVX2 is, and there are so many words.
        unsafe { _mm256_loadu_si256(words.as_ptr().cast()) }
    }

    #[inline(always)]
    fn store(self, word: __m256i, words: &mut [u32]) {
        let words = &mut words[..Self::LANES];
        // SAFETY: `self` exists only where AVX2 is, and there are so many words.
        unsafe { _mm256_storeu_si256(words.as_mut_ptr().cast(), word) }
    }

    #[inline(always)]
    fn add(self, a: __m256i, b: __m256i) -> __m256i {
        // SAFETY: `self` exists only where AVX2 is.
        unsafe { _mm256_add_epi32(a, b) }
    }

    #[inline(always)]
    fn xor(self, a: __m256i, b: __m256i) -> __m256i {
        // SAFETY: `self` exists only where AVX2 is.
        unsafe { _mm256_xor_si256(a, b) }
    }

    #[inline(always)]
    fn rotate_16(self, word: __m256i) -> __m256i {
        // SAFETY: `self` exists only where AVX2 is.
        unsafe { _mm256_shuffle_epi8(word, self.rotate_16) }
    }

    #[inline(always)]
    fn rotate_12(self, word: __m256i) -> __m256i {
        // SAFETY: `self` exists only where AVX2 is.
        unsafe { _mm256_or_si256(_mm256_srli_epi32::<12>(word), _mm256_slli_epi32::<20>(word)) }
    }

    #[inline(always)]
    fn rotate_8(self, word: __m256i) -> __m256i {
        // SAFETY: `self` exists only where AVX2 is.
        unsafe { _mm256_shuffle_epi8(word, self.rotate_8) }
    }

    #[inline(always)]
    fn rotate_7(self, word: __m256i) -> __m256i {
        // SAFETY: `self` exists only where AVX2 is.
        unsafe { _mm256_or_si256(_mm256_srli_epi32::<7>(word), _mm256_slli_epi32::<25>(word)) }
    }

    #[inline(always)]
    fn swap_bytes(self, word: __m256i) -> __m256i {
        // SAFETY: `self` exists only where AVX2 is.
        unsafe {
            _mm256_shuffle_epi8(
                word,
                _mm256_setr_epi8(
                    3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12, 3, 2, 1, 0, 7, 6, 5, 4,
                    11, 10, 9, 8, 15, 14, 13, 12,
                ),
            )
        }
    }

    /// Even and odd bytes as 16-bit numbers: bytes without a sign have no multiplication.
    #[inline(always)]
    fn factor(self, digest: &[__m256i; 8]) -> [[__m256i; 2]; 8] {
        let mut factor = [[digest[0]; 2]; 8];
        for (split, word) in factor.iter_mut().zip(digest) {
            // SAFETY: `self` exists only where AVX2 is.
            *split = unsafe {
                [
                    _mm256_and_si256(*word, _mm256_set1_epi16(0xff)),
                    _mm256_srli_epi16::<8>(*word),
                ]
            };
        }
        factor
    }

    #[inline(always)]
    fn dot(self, factor: &[[__m256i; 2]; 8], digest: &[__m256i; 8]) -> __m256i {
        // SAFETY: `self` exists only where AVX2 is.
        unsafe {
            let mut sum = _mm256_setzero_si256();
            for ([even, odd], word) in factor.iter().zip(digest) {
                let low = _mm256_and_si256(*word, _mm256_set1_epi16(0xff));
                let high = _mm256_srli_epi16::<8>(*word);
                sum = _mm256_add_epi32(sum, _mm256_madd_epi16(*even, low));
                sum = _mm256_add_epi32(sum, _mm256_madd_epi16(*odd, high));
            }
            sum
        }
    }
}
