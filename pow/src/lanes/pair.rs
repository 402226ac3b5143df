//! Two words of a set as one: the two are independent, so that one is computed while the other
//! waits for its operands.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instruction set of its caller"
)]

use super::{Lanes, Task};

/// Twice the lanes of a set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair<S>(pub(crate) S);

impl<S: Lanes> Lanes for Pair<S> {
    type Word = [S::Word; 2];
    type Factor = [S::Factor; 2];
    const LANES: usize = 2 * S::LANES;

    #[inline(always)]
    fn run<T: Task>(self, task: T) -> T::Output {
        self.0.run(task)
    }

    #[inline(always)]
    fn splat(self, word: u32) -> Self::Word {
        [self.0.splat(word); 2]
    }

    #[inline(always)]
    fn load(self, words: &[u32]) -> Self::Word {
        [self.0.load(words), self.0.load(&words[S::LANES..])]
    }

    #[inline(always)]
    fn store(self, [one, two]: Self::Word, words: &mut [u32]) {
        self.0.store(one, words);
        self.0.store(two, &mut words[S::LANES..]);
    }

    #[inline(always)]
    fn add(self, a: Self::Word, b: Self::Word) -> Self::Word {
        [self.0.add(a[0], b[0]), self.0.add(a[1], b[1])]
    }

    #[inline(always)]
    fn xor(self, a: Self::Word, b: Self::Word) -> Self::Word {
        [self.0.xor(a[0], b[0]), self.0.xor(a[1], b[1])]
    }

    #[inline(always)]
    fn rotate_16(self, [one, two]: Self::Word) -> Self::Word {
        [self.0.rotate_16(one), self.0.rotate_16(two)]
    }

    #[inline(always)]
    fn rotate_12(self, [one, two]: Self::Word) -> Self::Word {
        [self.0.rotate_12(one), self.0.rotate_12(two)]
    }

    #[inline(always)]
    fn rotate_8(self, [one, two]: Self::Word) -> Self::Word {
        [self.0.rotate_8(one), self.0.rotate_8(two)]
    }

    #[inline(always)]
    fn rotate_7(self, [one, two]: Self::Word) -> Self::Word {
        [self.0.rotate_7(one), self.0.rotate_7(two)]
    }

    #[inline(always)]
    fn swap_bytes(self, [one, two]: Self::Word) -> Self::Word {
        [self.0.swap_bytes(one), self.0.swap_bytes(two)]
    }

    #[inline(always)]
    fn factor(self, digest: &[Self::Word; 8]) -> Self::Factor {
        [
            self.0.factor(&half(digest, 0)),
            self.0.factor(&half(digest, 1)),
        ]
    }

    #[inline(always)]
    fn dot(self, factor: &Self::Factor, digest: &[Self::Word; 8]) -> Self::Word {
        [
            self.0.dot(&factor[0], &half(digest, 0)),
            self.0.dot(&factor[1], &half(digest, 1)),
        ]
    }
}

#[inline(always)]
fn half<W: Copy>(digest: &[[W; 2]; 8], i: usize) -> [W; 8] {
    let mut words = [digest[0][i]; 8];
    for (word, pair) in words.iter_mut().zip(digest) {
        *word = pair[i];
    }
    words
}
