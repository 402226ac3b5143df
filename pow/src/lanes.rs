//! What the hash needs of an instruction set: 32-bit words of several headers side by side.

#[cfg(target_arch = "x86_64")]
pub(crate) mod avx2;
#[cfg(target_arch = "x86_64")]
pub(crate) mod avx512;
#[cfg(target_arch = "aarch64")]
pub(crate) mod neon;
#[cfg(target_arch = "x86_64")]
pub(crate) mod pair;
pub(crate) mod scalar;
#[cfg(target_arch = "wasm32")]
pub(crate) mod simd128;
#[cfg(target_arch = "x86_64")]
pub(crate) mod sse41;
#[cfg(test)]
mod tests;

/// Most lanes of any set.
pub(crate) const LANES_MAX: usize = 32;

/// One word of every lane, on its way from and to memory.
pub(crate) type Words = [u32; LANES_MAX];

/// An instruction set, with the operations of the hash on words of `LANES` headers side by side.
///
/// A value of the type is the proof that this machine has the instructions: each set makes one
/// only after it has asked, and that is why its operations are safe to call. They must be
/// `#[inline(always)]`, for they become instructions of the set only inside of [`Lanes::run`].
pub(crate) trait Lanes: Copy {
    /// One word of every lane.
    type Word: Copy;
    /// A digest prepared for many dot products.
    type Factor: Copy;
    /// 1 to [`LANES_MAX`].
    const LANES: usize;

    /// Does a task in a function that is compiled for this instruction set, and is a call.
    fn run<T: Task>(self, task: T) -> T::Output;

    /// The same word in every lane.
    fn splat(self, word: u32) -> Self::Word;
    /// The first `LANES` words of a slice; there must be so many.
    fn load(self, words: &[u32]) -> Self::Word;
    /// Writes the first `LANES` words of a slice; there must be so many.
    fn store(self, word: Self::Word, words: &mut [u32]);

    /// Wrapping sum.
    fn add(self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// Exclusive or.
    fn xor(self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// Rotates right.
    fn rotate_16(self, word: Self::Word) -> Self::Word;
    /// Rotates right.
    fn rotate_12(self, word: Self::Word) -> Self::Word;
    /// Rotates right.
    fn rotate_8(self, word: Self::Word) -> Self::Word;
    /// Rotates right.
    fn rotate_7(self, word: Self::Word) -> Self::Word;
    /// Turns the order of the four bytes.
    fn swap_bytes(self, word: Self::Word) -> Self::Word;

    /// Prepares one side of [`Lanes::dot`].
    fn factor(self, digest: &[Self::Word; 8]) -> Self::Factor;
    /// Sums of the products of equal bytes, of 32 in each lane; at most 32 · 255².
    fn dot(self, factor: &Self::Factor, digest: &[Self::Word; 8]) -> Self::Word;
}

/// Something to do inside of [`Lanes::run`].
pub(crate) trait Task {
    /// What comes out.
    type Output;
    /// Does it; `#[inline(always)]`.
    fn run(self) -> Self::Output;
}
