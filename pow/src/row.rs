//! The chain of a single header with SSE4.1: the state is four registers, each a row of BLAKE3's
//! matrix, so that the four quarter rounds of half a round are one.
//!
//! Its speed is that of its longest path, 14 instructions in half a round. Nothing but the second
//! row is on it: the diagonals are reached by turning the three others, which are ready earlier,
//! and the message is gathered while the round before is on its way.

use std::{
    arch::x86_64::{
        __m128i, _mm_add_epi32, _mm_and_si128, _mm_extract_epi32, _mm_madd_epi16, _mm_or_si128,
        _mm_set1_epi16, _mm_setr_epi8, _mm_setr_epi32, _mm_shuffle_epi8, _mm_shuffle_epi32,
        _mm_slli_epi32, _mm_srli_epi16, _mm_srli_epi32, _mm_xor_si128,
    },
    hint::black_box,
};

use crate::{
    compress::{IV, SCHEDULE, WHOLE},
    hash::ROWS,
};

/// The proof that this machine has SSE4.1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row(());

/// A digest: its lower and its upper four words.
type Halves = [__m128i; 2];

#[expect(clippy::unused_self, reason = "it is the proof")]
impl Row {
    /// Asks the machine.
    pub(crate) fn detect() -> Option<Self> {
        is_x86_feature_detected!("sse4.1").then_some(Self(()))
    }

    /// The 32 products of a header's hash with its chain.
    #[expect(unsafe_code, reason = "SSE4.1 was asked for")]
    pub(crate) fn products(self, a: &[u32; 8]) -> [u32; ROWS] {
        // SAFETY: `self` exists only where SSE4.1 does.
        unsafe { products(a) }
    }

    /// BLAKE3 of BLAKE3 of 32 bytes.
    #[expect(unsafe_code, reason = "SSE4.1 was asked for")]
    pub(crate) fn hash_twice(self, input: &[u32; 8]) -> [u32; 8] {
        // SAFETY: `self` exists only where SSE4.1 does.
        unsafe { hash_twice(input) }
    }
}

#[target_feature(enable = "sse4.1")]
fn products(a: &[u32; 8]) -> [u32; ROWS] {
    let turns = Turns::new();
    let mut chain = load(a);
    let factor = [split(chain[0]), split(chain[1])];
    let mut products = [0; ROWS];
    for product in &mut products {
        chain = hash_32(&turns, chain);
        *product = dot(&factor, chain);
    }
    products
}

#[target_feature(enable = "sse4.1")]
fn hash_twice(input: &[u32; 8]) -> [u32; 8] {
    let turns = Turns::new();
    let [low, high] = hash_32(&turns, hash_32(&turns, load(input)));
    let word = |word: i32| word.cast_unsigned();
    [
        word(_mm_extract_epi32::<0>(low)),
        word(_mm_extract_epi32::<1>(low)),
        word(_mm_extract_epi32::<2>(low)),
        word(_mm_extract_epi32::<3>(low)),
        word(_mm_extract_epi32::<0>(high)),
        word(_mm_extract_epi32::<1>(high)),
        word(_mm_extract_epi32::<2>(high)),
        word(_mm_extract_epi32::<3>(high)),
    ]
}

/// Byte shuffles that rotate each word. The compiler must not see through them: it would make two
/// instructions of the one, on the longest path.
struct Turns {
    by_16: __m128i,
    by_8: __m128i,
}

impl Turns {
    #[target_feature(enable = "sse4.1")]
    fn new() -> Self {
        let by_16 = _mm_setr_epi8(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
        let by_8 = _mm_setr_epi8(1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12);
        Self {
            by_16: black_box(by_16),
            by_8: black_box(by_8),
        }
    }
}

/// One call for each step, or the chain unrolls.
#[target_feature(enable = "sse4.1")]
#[inline(never)]
fn hash_32(turns: &Turns, message: Halves) -> Halves {
    let mut state = [
        row([IV[0], IV[1], IV[2], IV[3]]),
        row([IV[4], IV[5], IV[6], IV[7]]),
        row([IV[0], IV[1], IV[2], IV[3]]),
        row([0, 0, 32, WHOLE]),
    ];
    // Written out and each a function of its own: with one call it is inlined, and its shuffles are
    // constants.
    round::<0>(turns, &mut state, message);
    round::<1>(turns, &mut state, message);
    round::<2>(turns, &mut state, message);
    round::<3>(turns, &mut state, message);
    round::<4>(turns, &mut state, message);
    round::<5>(turns, &mut state, message);
    round::<6>(turns, &mut state, message);
    let [a, b, c, d] = state;
    [_mm_xor_si128(a, c), _mm_xor_si128(b, d)]
}

#[target_feature(enable = "sse4.1")]
#[inline]
fn round<const R: usize>(turns: &Turns, state: &mut [__m128i; 4], message: Halves) {
    let gather = const { GATHER[R] };
    let words = [gathered(message, gather[0]), gathered(message, gather[1])];
    half_round(turns, state, words);
    let [a, b, c, d] = *state;
    *state = [
        _mm_shuffle_epi32::<0b10_01_00_11>(a),
        b,
        _mm_shuffle_epi32::<0b00_11_10_01>(c),
        _mm_shuffle_epi32::<0b01_00_11_10>(d),
    ];
    let words = [gathered(message, gather[2]), gathered(message, gather[3])];
    half_round(turns, state, words);
    let [a, b, c, d] = *state;
    *state = [
        _mm_shuffle_epi32::<0b00_11_10_01>(a),
        b,
        _mm_shuffle_epi32::<0b10_01_00_11>(c),
        _mm_shuffle_epi32::<0b01_00_11_10>(d),
    ];
}

/// Four quarter rounds `G` side by side.
#[expect(clippy::many_single_char_names, reason = "the names of the paper")]
#[target_feature(enable = "sse4.1")]
#[inline]
fn half_round(turns: &Turns, state: &mut [__m128i; 4], [x, y]: [__m128i; 2]) {
    let [mut a, mut b, mut c, mut d] = *state;
    a = _mm_add_epi32(_mm_add_epi32(a, x), b);
    d = _mm_shuffle_epi8(_mm_xor_si128(d, a), turns.by_16);
    c = _mm_add_epi32(c, d);
    b = _mm_xor_si128(b, c);
    b = _mm_or_si128(_mm_srli_epi32::<12>(b), _mm_slli_epi32::<20>(b));
    a = _mm_add_epi32(_mm_add_epi32(a, y), b);
    d = _mm_shuffle_epi8(_mm_xor_si128(d, a), turns.by_8);
    c = _mm_add_epi32(c, d);
    b = _mm_xor_si128(b, c);
    b = _mm_or_si128(_mm_srli_epi32::<7>(b), _mm_slli_epi32::<25>(b));
    *state = [a, b, c, d];
}

/// Which byte of a half goes where; negative: zero.
type Shuffle = [i8; 16];

/// For each round the words that its four additions take, out of the lower and the upper half.
const GATHER: [[[Shuffle; 2]; 4]; 7] = {
    // Where each lane's word stands in the schedule. Lanes of the diagonals are turned by one, for
    // it is the second row that stays where it is.
    const PLACES: [[usize; 4]; 4] = [[0, 2, 4, 6], [1, 3, 5, 7], [14, 8, 10, 12], [15, 9, 11, 13]];
    let mut gather = [[[[-1; 16]; 2]; 4]; 7];
    let mut i = 0;
    while i < 7 * 4 * 16 {
        let (round, addition, byte) = (i / 64, i / 16 % 4, i % 16);
        let word = SCHEDULE[round][PLACES[addition][byte / 4]];
        // The upper eight words of the block are zero.
        if word < 8 {
            #[expect(clippy::cast_possible_truncation, reason = "< 16")]
            let from = (word % 4 * 4 + byte % 4) as i8;
            gather[round][addition][word / 4][byte] = from;
        }
        i += 1;
    }
    gather
};

#[target_feature(enable = "sse4.1")]
#[inline]
fn gathered([low, high]: Halves, [from_low, from_high]: [Shuffle; 2]) -> __m128i {
    _mm_or_si128(
        _mm_shuffle_epi8(low, bytes(from_low)),
        _mm_shuffle_epi8(high, bytes(from_high)),
    )
}

/// Even and odd bytes as 16-bit numbers.
#[target_feature(enable = "sse4.1")]
#[inline]
fn split(half: __m128i) -> [__m128i; 2] {
    [
        _mm_and_si128(half, _mm_set1_epi16(0xff)),
        _mm_srli_epi16::<8>(half),
    ]
}

#[target_feature(enable = "sse4.1")]
#[inline]
fn dot(factor: &[[__m128i; 2]; 2], digest: Halves) -> u32 {
    let half = |i: usize| {
        let [even, odd] = split(digest[i]);
        _mm_add_epi32(
            _mm_madd_epi16(factor[i][0], even),
            _mm_madd_epi16(factor[i][1], odd),
        )
    };
    let four = _mm_add_epi32(half(0), half(1));
    let two = _mm_add_epi32(four, _mm_shuffle_epi32::<0b01_00_11_10>(four));
    let one = _mm_add_epi32(two, _mm_shuffle_epi32::<0b10_11_00_01>(two));
    _mm_extract_epi32::<0>(one).cast_unsigned()
}

#[target_feature(enable = "sse4.1")]
#[inline]
fn load(digest: &[u32; 8]) -> Halves {
    let [low, high] = [0, 4].map(|first| [0, 1, 2, 3].map(|i| digest[first + i]));
    [row(low), row(high)]
}

#[target_feature(enable = "sse4.1")]
#[inline]
fn row(words: [u32; 4]) -> __m128i {
    let [a, b, c, d] = words.map(u32::cast_signed);
    _mm_setr_epi32(a, b, c, d)
}

#[target_feature(enable = "sse4.1")]
#[inline]
fn bytes(it: Shuffle) -> __m128i {
    _mm_setr_epi8(
        it[0], it[1], it[2], it[3], it[4], it[5], it[6], it[7], it[8], it[9], it[10], it[11],
        it[12], it[13], it[14], it[15],
    )
}
