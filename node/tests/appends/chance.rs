//! Chance from a seed, for many tasks at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use testkit::random::SeededRandom;

/// A source of chance; clones draw from the same one. Which task draws first is not in the seed.
#[derive(Clone)]
pub(crate) struct Chance {
    seed: u64,
    drawn: Arc<AtomicU64>,
}

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            drawn: Arc::new(AtomicU64::new(0)),
        }
    }

    /// A source of its own.
    pub(crate) fn fork(&self) -> Self {
        Self::new(self.next())
    }

    pub(crate) fn next(&self) -> u64 {
        let number = self.drawn.fetch_add(1, Ordering::Relaxed);
        SeededRandom::new(self.seed ^ number.rotate_left(32)).next()
    }

    /// A number below `limit`; 0 where that is 0.
    pub(crate) fn below(&self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    /// One of them.
    pub(crate) fn pick<T: Copy>(&self, all: &[T]) -> Option<T> {
        let at = usize::try_from(self.below(all.len() as u64)).ok()?;
        all.get(at).copied()
    }

    /// A time from `least` to `most`, milliseconds.
    pub(crate) fn millis(&self, least: u64, most: u64) -> Duration {
        Duration::from_millis(least + self.below(most - least))
    }
}
