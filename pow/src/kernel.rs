//! Many headers at once, with any instruction set.
//!
//! The chain of one header is serial: all speed comes from lanes. A group of `LANES` positions is
//! hashed up to the one word of the result that a solution's must be small in; what passes is
//! hashed again, by the definition.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instruction set of its caller"
)]

use std::hint::black_box;

use crate::{
    compress::{hash_32, hash_64, hash_128, step},
    hash::{ROWS, hash},
    header::HEADER_BYTES,
    lanes::{LANES_MAX, Lanes, Task, Words},
    search::{Job, Span},
};

/// Words 6 and 7 of a header hold the position.
const NONCE_WORDS: [usize; 2] = [6, 7];

/// The lowest position of the span that solves the job.
pub(crate) fn scan<S: Lanes>(set: S, job: &Job, span: Span) -> Option<u64> {
    let limit = job.target().first_word();
    let mut positions = span.positions();
    while let Some(first) = positions.next() {
        let lanes = (S::LANES as u64).min(positions.end - first);
        positions.start = first + lanes;
        let words = set.run(Group::new(set, job, first));
        for (position, word) in (first..first + lanes).zip(words) {
            // The first word of BLAKE3 is little-endian, the hash as a number big-endian.
            if word.swap_bytes() <= limit && job.target().is_met_by(&hash(&job.header_at(position)))
            {
                return Some(position);
            }
        }
    }
    None
}

/// `LANES` neighbouring positions, as headers: one word is the same in all lanes, but for those of
/// the nonce.
struct Group<S> {
    set: S,
    header: [u32; HEADER_BYTES / 4],
    nonce: [Words; 2],
}

impl<S: Lanes> Group<S> {
    fn new(set: S, job: &Job, first: u64) -> Self {
        let mut nonce = [[0; LANES_MAX]; 2];
        let [high, low] = &mut nonce;
        for (lane, (high, low)) in (0..S::LANES as u64).zip(high.iter_mut().zip(low)) {
            // Past the end of all positions, whatever comes out is not used.
            [*high, *low] = job.nonce_at(first.wrapping_add(lane));
        }
        Self {
            set,
            header: job.header_at(first).words(),
            nonce,
        }
    }
}

impl<S: Lanes> Task for Group<S> {
    /// The first word of each hash.
    type Output = Words;

    #[inline(always)]
    fn run(self) -> Words {
        let Self { set, header, nonce } = self;
        let mut block = [set.splat(0); 16];
        for (word, same) in block.iter_mut().zip(header) {
            *word = set.splat(same);
        }
        for (place, words) in NONCE_WORDS.into_iter().zip(&nonce) {
            block[place] = set.load(words);
        }
        let a = hash_64(set, &block);
        let factor = set.factor(&a);
        let mut chain = a;
        let mut rows = [set.splat(0); ROWS];
        // How long the chain is, the compiler must not know: it would unroll it, for minutes.
        for row in &mut rows[..black_box(ROWS)] {
            chain = step(set, &chain);
            // Big-endian in the input, little-endian words in BLAKE3.
            *row = set.swap_bytes(set.dot(&factor, &chain));
        }
        let work = match rows.as_chunks() {
            ([low, high], []) => hash_128(set, [low, high]),
            _ => unreachable!("32 rows are two blocks"),
        };
        let mut words = [0; LANES_MAX];
        set.store(hash_32(set, &hash_32(set, &work))[0], &mut words);
        words
    }
}
