//! Random sources that are none.

use crate::{
    hazmat::sha256,
    random::{Random, RandomError},
};

/// Gives out bytes that were random once, to make the same ciphertext again.
#[derive(Debug)]
pub struct Replay<'a>(pub &'a [u8]);

impl Random for Replay<'_> {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        let (now, later) = self.0.split_at_checked(bytes.len()).ok_or(RandomError)?;
        bytes.copy_from_slice(now);
        self.0 = later;
        Ok(())
    }
}

/// Gives out SHA-256 of a seed and a counter: the same bytes at every run.
#[derive(Debug)]
pub struct Stream {
    seed: u64,
    counter: u64,
}

impl Stream {
    /// A stream of its own for every seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, counter: 0 }
    }
}

impl Random for Stream {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        for chunk in bytes.chunks_mut(32) {
            self.counter += 1;
            let block = sha256(&[&self.seed.to_be_bytes(), &self.counter.to_be_bytes()]);
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}
