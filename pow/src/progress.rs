//! What a search can tell its user.

use std::collections::VecDeque;

use crate::target::Target;

/// Milliseconds over which a rate is taken.
const WINDOW_MS: u64 = 2_000;
/// Readings of a window, of which twice as many may be kept.
const READINGS_MAX: usize = 64;

/// How far a search is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    target: Target,
    tries: u64,
    rate: Option<f64>,
}

impl Progress {
    /// So many tries, at so many a second lately where that is known.
    pub fn new(target: Target, tries: u64, rate: Option<f64>) -> Self {
        Self {
            target,
            tries,
            rate,
        }
    }

    /// Tries so far.
    pub fn tries(&self) -> u64 {
        self.tries
    }

    /// Tries a second, lately; `None` before anything was tried.
    pub fn rate(&self) -> Option<f64> {
        self.rate
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
        self.rate
            .filter(|rate| *rate > 0.0)
            .map(|rate| self.target.expected_tries() / rate)
    }

    /// Whether so many seconds are longer than the milliseconds left.
    pub fn outlasts(seconds: f64, left_ms: u64) -> bool {
        seconds * 1000.0 > as_f64(left_ms)
    }
}

/// Tries a second over the last [`WINDOW_MS`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Rate {
    /// Time, and all tries until then; the oldest first.
    readings: VecDeque<(u64, u64)>,
}

impl Rate {
    /// Somebody begins to work; only the first time counts.
    pub(crate) fn begin(&mut self, now: u64) {
        if self.readings.is_empty() {
            self.readings.push_back((now, 0));
        }
    }

    /// So many tries are done in all.
    pub(crate) fn add(&mut self, tries: u64, now: u64) {
        if self.readings.back().is_some_and(|(at, _)| now < *at) {
            // The clock was set back.
            self.readings.clear();
            self.readings.push_back((now, tries));
        }
        self.begin(now);
        // Of readings close to each other the later is enough.
        let before_last = self.readings.iter().nth_back(1);
        if before_last.is_some_and(|(at, _)| now < at + WINDOW_MS / READINGS_MAX as u64) {
            self.readings.pop_back();
        }
        self.readings.push_back((now, tries));
        while self.readings.len() > 2
            && self
                .readings
                .get(1)
                .is_some_and(|(at, _)| at + WINDOW_MS <= now)
        {
            self.readings.pop_front();
        }
    }

    /// The rate, as of now: nothing done for a while shows.
    pub(crate) fn at(&self, now: u64) -> Option<f64> {
        let (first, before) = self.readings.front()?;
        let (last, tries) = self.readings.back()?;
        let until = if now.saturating_sub(*last) > WINDOW_MS {
            now
        } else {
            *last
        };
        let elapsed = until.saturating_sub(*first);
        (tries > before && elapsed > 0).then(|| as_f64(tries - before) * 1000.0 / as_f64(elapsed))
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
        let at = |tries| Progress::new(target, tries, Some(500_000.0));
        assert!(at(0).probability().abs() < f64::EPSILON);
        assert!((at(7_000_000).probability() - 0.632_120).abs() < 1e-5);
        assert!((at(70_000_000).probability() - 0.999_954).abs() < 1e-5);
        let remaining = at(5_000_000).expected_remaining_seconds().unwrap_or(0.0);
        assert!((remaining - 14.0).abs() < 1e-6, "{remaining}");
        for rate in [None, Some(0.0)] {
            let unknown = Progress::new(target, 0, rate);
            assert_eq!(unknown.expected_remaining_seconds(), None);
        }
        assert!(Progress::outlasts(1.001, 1000) && !Progress::outlasts(1.0, 1000));
    }

    #[test]
    fn rate_is_of_the_last_two_seconds() {
        let mut rate = Rate::default();
        assert_eq!(rate.at(0), None);
        rate.begin(1_000);
        assert_eq!(rate.at(1_000), None);
        let mut tries = 0;
        // 1 000 a second for ten seconds, then 5 000.
        for tick in 1..=1_000 {
            tries += 10;
            rate.add(tries, 1_000 + 10 * tick);
        }
        assert_eq!(rate.at(11_000), Some(1_000.0));
        for tick in 1..=300 {
            tries += 50;
            rate.add(tries, 11_000 + 10 * tick);
        }
        assert_eq!(rate.at(14_000), Some(5_000.0));
        assert!(rate.readings.len() <= 2 * READINGS_MAX + 2);
        // An engine that has stopped.
        assert!(rate.at(34_000).is_some_and(|rate| rate < 500.0));
    }
}
