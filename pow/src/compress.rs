//! BLAKE3's compression (BLAKE3 paper § 2.2) for inputs of at most one chunk, over any [`Lanes`].

#![expect(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instruction set of its caller"
)]

use crate::lanes::{Lanes, Task};

pub(crate) const IV: [u32; 8] = [
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
/// Flags of an input of one block.
pub(crate) const WHOLE: u32 = CHUNK_START | CHUNK_END | ROOT;

/// Which message word goes where in each of the seven rounds.
pub(crate) const SCHEDULE: [[usize; 16]; 7] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8],
    [3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1],
    [10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6],
    [12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4],
    [9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7],
    [11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13],
];

/// BLAKE3 of 32 bytes as a step of the chain, nearly all of the work: inlined, and half of its
/// block is zero. These words are constants, and adding them compiles to nothing.
#[inline(always)]
pub(crate) fn step<S: Lanes>(set: S, chain: &[S::Word; 8]) -> [S::Word; 8] {
    compress(set, &start(set), &half_block(set, chain), 32, WHOLE)
}

/// BLAKE3 of 32 bytes.
#[inline(always)]
pub(crate) fn hash_32<S: Lanes>(set: S, input: &[S::Word; 8]) -> [S::Word; 8] {
    set.run(Compression {
        set,
        chaining: start(set),
        block: half_block(set, input),
        bytes: 32,
        flags: WHOLE,
    })
}

/// BLAKE3 of 64 bytes.
#[inline(always)]
pub(crate) fn hash_64<S: Lanes>(set: S, block: &[S::Word; 16]) -> [S::Word; 8] {
    set.run(Compression {
        set,
        chaining: start(set),
        block: *block,
        bytes: 64,
        flags: WHOLE,
    })
}

/// BLAKE3 of 128 bytes.
#[inline(always)]
pub(crate) fn hash_128<S: Lanes>(set: S, blocks: [&[S::Word; 16]; 2]) -> [S::Word; 8] {
    let block = |chaining, block: &_, flags| Compression {
        set,
        chaining,
        block: *block,
        bytes: 64,
        flags,
    };
    let chaining = set.run(block(start(set), blocks[0], CHUNK_START));
    set.run(block(chaining, blocks[1], CHUNK_END | ROOT))
}

/// Any compression: one function of an instruction set for all that is not the chain, a tenth of
/// the work. Inlined wherever it is used, it would double the extension's solver.
struct Compression<S: Lanes> {
    set: S,
    chaining: [S::Word; 8],
    block: [S::Word; 16],
    bytes: u32,
    flags: u32,
}

impl<S: Lanes> Task for Compression<S> {
    type Output = [S::Word; 8];

    #[inline(always)]
    fn run(self) -> [S::Word; 8] {
        compress(
            self.set,
            &self.chaining,
            &self.block,
            self.bytes,
            self.flags,
        )
    }
}

#[inline(always)]
fn half_block<S: Lanes>(set: S, input: &[S::Word; 8]) -> [S::Word; 16] {
    let mut block = [set.splat(0); 16];
    block[..8].copy_from_slice(input);
    block
}

#[inline(always)]
fn start<S: Lanes>(set: S) -> [S::Word; 8] {
    // No `map`: where it is a call, the words go through memory.
    [
        set.splat(IV[0]),
        set.splat(IV[1]),
        set.splat(IV[2]),
        set.splat(IV[3]),
        set.splat(IV[4]),
        set.splat(IV[5]),
        set.splat(IV[6]),
        set.splat(IV[7]),
    ]
}

#[inline(always)]
fn compress<S: Lanes>(
    set: S,
    chaining: &[S::Word; 8],
    block: &[S::Word; 16],
    bytes: u32,
    flags: u32,
) -> [S::Word; 8] {
    let [c0, c1, c2, c3, c4, c5, c6, c7] = *chaining;
    let [k0, k1, k2, k3, ..] = start(set);
    // The counter of the first chunk, words 12 and 13, is zero.
    let zero = set.splat(0);
    let (bytes, flags) = (set.splat(bytes), set.splat(flags));
    let mut state = [
        c0, c1, c2, c3, c4, c5, c6, c7, k0, k1, k2, k3, zero, zero, bytes, flags,
    ];
    // Written out, for then every place is a constant and the state needs no memory.
    round(set, &mut state, block, &SCHEDULE[0]);
    round(set, &mut state, block, &SCHEDULE[1]);
    round(set, &mut state, block, &SCHEDULE[2]);
    round(set, &mut state, block, &SCHEDULE[3]);
    round(set, &mut state, block, &SCHEDULE[4]);
    round(set, &mut state, block, &SCHEDULE[5]);
    round(set, &mut state, block, &SCHEDULE[6]);
    let s = state;
    [
        set.xor(s[0], s[8]),
        set.xor(s[1], s[9]),
        set.xor(s[2], s[10]),
        set.xor(s[3], s[11]),
        set.xor(s[4], s[12]),
        set.xor(s[5], s[13]),
        set.xor(s[6], s[14]),
        set.xor(s[7], s[15]),
    ]
}

#[inline(always)]
fn round<S: Lanes>(set: S, state: &mut [S::Word; 16], block: &[S::Word; 16], order: &[usize; 16]) {
    mix(set, state, [0, 4, 8, 12], block[order[0]], block[order[1]]);
    mix(set, state, [1, 5, 9, 13], block[order[2]], block[order[3]]);
    mix(set, state, [2, 6, 10, 14], block[order[4]], block[order[5]]);
    mix(set, state, [3, 7, 11, 15], block[order[6]], block[order[7]]);
    mix(set, state, [0, 5, 10, 15], block[order[8]], block[order[9]]);
    mix(
        set,
        state,
        [1, 6, 11, 12],
        block[order[10]],
        block[order[11]],
    );
    mix(
        set,
        state,
        [2, 7, 8, 13],
        block[order[12]],
        block[order[13]],
    );
    mix(
        set,
        state,
        [3, 4, 9, 14],
        block[order[14]],
        block[order[15]],
    );
}

/// The quarter round `G`.
#[expect(clippy::many_single_char_names, reason = "the names of the paper")]
#[inline(always)]
fn mix<S: Lanes>(
    set: S,
    state: &mut [S::Word; 16],
    [a, b, c, d]: [usize; 4],
    x: S::Word,
    y: S::Word,
) {
    // The message first: it is there before `b` is.
    state[a] = set.add(set.add(state[a], x), state[b]);
    state[d] = set.rotate_16(set.xor(state[d], state[a]));
    state[c] = set.add(state[c], state[d]);
    state[b] = set.rotate_12(set.xor(state[b], state[c]));
    state[a] = set.add(set.add(state[a], y), state[b]);
    state[d] = set.rotate_8(set.xor(state[d], state[a]));
    state[c] = set.add(state[c], state[d]);
    state[b] = set.rotate_7(set.xor(state[b], state[c]));
}
