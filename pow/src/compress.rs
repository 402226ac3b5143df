//! BLAKE3's compression (BLAKE3 paper § 2.2) for inputs of at most one chunk, over `L` inputs.
//!
//! Word `i` of all inputs lies side by side, and one loop over the inputs holds a whole
//! compression: so the compiler computes several inputs at once in whatever vector registers the
//! target has for certain (SSE2 on x86-64, NEON on aarch64, SIMD128 in WebAssembly, which every
//! browser has had since 2023). Nothing is asked at run time and nothing is `unsafe`; wider
//! registers and GPUs are engines of their own.

#![expect(
    clippy::inline_always,
    reason = "a round that is a call keeps its state in memory, at a third of the speed"
)]

use std::array;

/// Hashes of `L` inputs: eight little-endian words.
pub(crate) type Digest<const L: usize> = [[u32; L]; 8];

const IV: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];
const CHUNK_START: u32 = 1;
const CHUNK_END: u32 = 2;
const ROOT: u32 = 8;

/// Which message word goes where in each of the seven rounds.
const SCHEDULE: [[usize; 16]; 7] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8],
    [3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1],
    [10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6],
    [12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4],
    [9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7],
    [11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13],
];

/// BLAKE3 of 32 bytes, nearly all of the work: with a compression of its own, which knows that half
/// of the block is zero. Never inlined: a chain of 32 of them, unrolled, keeps rustc busy for
/// minutes.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
#[inline(never)]
pub(crate) fn hash_32<const L: usize>(input: &Digest<L>) -> Digest<L> {
    let mut out = [[0; L]; 8];
    for lane in 0..L {
        let mut block = [0; 16];
        for (word, words) in block.iter_mut().zip(input) {
            *word = words[lane];
        }
        put(
            &mut out,
            lane,
            compress(&IV, &block, 32, CHUNK_START | CHUNK_END | ROOT),
        );
    }
    out
}

/// BLAKE3 of 64 bytes.
pub(crate) fn hash_64<const L: usize>(block: &[[u32; L]; 16]) -> Digest<L> {
    compress_lanes(
        &IV.map(|word| [word; L]),
        block,
        CHUNK_START | CHUNK_END | ROOT,
    )
}

/// BLAKE3 of 128 bytes.
pub(crate) fn hash_128<const L: usize>(blocks: &[[[u32; L]; 16]; 2]) -> Digest<L> {
    let chaining = compress_lanes(&IV.map(|word| [word; L]), &blocks[0], CHUNK_START);
    compress_lanes(&chaining, &blocks[1], CHUNK_END | ROOT)
}

/// One full block of every input.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
#[inline(never)]
fn compress_lanes<const L: usize>(
    chaining: &Digest<L>,
    block: &[[u32; L]; 16],
    flags: u32,
) -> Digest<L> {
    let mut out = [[0; L]; 8];
    for lane in 0..L {
        let (chaining, block) = (
            chaining.map(|words| words[lane]),
            block.map(|words| words[lane]),
        );
        put(&mut out, lane, compress(&chaining, &block, 64, flags));
    }
    out
}

#[inline(always)]
fn put<const L: usize>(out: &mut Digest<L>, lane: usize, words: [u32; 8]) {
    for (words_out, word) in out.iter_mut().zip(words) {
        words_out[lane] = word;
    }
}

#[inline(always)]
fn compress(chaining: &[u32; 8], block: &[u32; 16], bytes: u32, flags: u32) -> [u32; 8] {
    let [c0, c1, c2, c3, c4, c5, c6, c7] = *chaining;
    // The counter of the first chunk, words 12 and 13, is zero.
    let mut state = [
        c0, c1, c2, c3, c4, c5, c6, c7, IV[0], IV[1], IV[2], IV[3], 0, 0, bytes, flags,
    ];
    // Written out, for then every place is a constant and the state needs no memory.
    round(&mut state, block, &SCHEDULE[0]);
    round(&mut state, block, &SCHEDULE[1]);
    round(&mut state, block, &SCHEDULE[2]);
    round(&mut state, block, &SCHEDULE[3]);
    round(&mut state, block, &SCHEDULE[4]);
    round(&mut state, block, &SCHEDULE[5]);
    round(&mut state, block, &SCHEDULE[6]);
    array::from_fn(|i| state[i] ^ state[i + 8])
}

#[inline(always)]
fn round(state: &mut [u32; 16], block: &[u32; 16], order: &[usize; 16]) {
    mix(state, [0, 4, 8, 12], block[order[0]], block[order[1]]);
    mix(state, [1, 5, 9, 13], block[order[2]], block[order[3]]);
    mix(state, [2, 6, 10, 14], block[order[4]], block[order[5]]);
    mix(state, [3, 7, 11, 15], block[order[6]], block[order[7]]);
    mix(state, [0, 5, 10, 15], block[order[8]], block[order[9]]);
    mix(state, [1, 6, 11, 12], block[order[10]], block[order[11]]);
    mix(state, [2, 7, 8, 13], block[order[12]], block[order[13]]);
    mix(state, [3, 4, 9, 14], block[order[14]], block[order[15]]);
}

/// The quarter round `G`.
#[expect(clippy::many_single_char_names, reason = "the names of the paper")]
#[inline(always)]
fn mix(state: &mut [u32; 16], [a, b, c, d]: [usize; 4], x: u32, y: u32) {
    state[a] = state[a].wrapping_add(state[b]).wrapping_add(x);
    state[d] = (state[d] ^ state[a]).rotate_right(16);
    state[c] = state[c].wrapping_add(state[d]);
    state[b] = (state[b] ^ state[c]).rotate_right(12);
    state[a] = state[a].wrapping_add(state[b]).wrapping_add(y);
    state[d] = (state[d] ^ state[a]).rotate_right(8);
    state[c] = state[c].wrapping_add(state[d]);
    state[b] = (state[b] ^ state[c]).rotate_right(7);
}
