//! What a search can tell its user.

use crate::target::Target;

/// How far a search is. The caller adds up the tries of all workers and has the clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    target: Target,
    tries: u64,
    elapsed_ms: u64,
}

impl Progress {
    /// So many tries in so many milliseconds.
    pub fn new(target: Target, tries: u64, elapsed_ms: u64) -> Self {
        Self {
            target,
            tries,
            elapsed_ms,
        }
    }

    /// Tries so far.
    pub fn tries(&self) -> u64 {
        self.tries
    }

    /// Tries a second; `None` before the first millisecond has passed.
    pub fn rate(&self) -> Option<f64> {
        (self.elapsed_ms > 0).then(|| as_f64(self.tries) * 1000.0 / as_f64(self.elapsed_ms))
    }

    /// Chance that so many tries find a solution, `1 − (1 − 1/d)^tries`: what a bar can show. In
    /// [0, 1).
    pub fn probability(&self) -> f64 {
        -f64::exp_m1(as_f64(self.tries) * f64::ln_1p(-self.target.chance()))
    }

    /// Seconds still to go on average; `None` while there is no rate.
    ///
    /// A search has no memory: it is the same figure at the start and after any bad luck.
    pub fn expected_remaining_seconds(&self) -> Option<f64> {
        self.rate()
            .filter(|rate| *rate > 0.0)
            .map(|rate| self.target.expected_tries() / rate)
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn as_f64(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn figures_follow_the_geometric_distribution() {
        let target = Target::from_difficulty(NonZeroU64::MIN.saturating_add(6_999_999));
        let at = |tries| Progress::new(target, tries, 10_000);
        assert!(at(0).probability().abs() < f64::EPSILON);
        assert!((at(7_000_000).probability() - 0.632_120).abs() < 1e-5);
        assert!((at(70_000_000).probability() - 0.999_954).abs() < 1e-5);
        assert_eq!(at(5_000_000).rate(), Some(500_000.0));
        let remaining = at(5_000_000).expected_remaining_seconds().unwrap_or(0.0);
        assert!((remaining - 14.0).abs() < 1e-6, "{remaining}");
        assert_eq!(Progress::new(target, 0, 0).rate(), None);
        assert_eq!(
            Progress::new(target, 0, 10).expected_remaining_seconds(),
            None
        );
    }
}
