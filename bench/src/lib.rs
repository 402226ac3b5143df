//! Figures of the parts that need neither node nor browser.
//!
//! Each figure is one JSON object a line on the standard output, `{"name", "value", "unit"}`, as
//! often as it was measured; `cargo xtask bench` gathers them and makes the table. A name that
//! ends in `.straight` or `.bare` is what the same name without it is compared with.

pub mod native;

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use serde::Serialize;

/// Samples of a micro-bench; the table shows their median.
const SAMPLES: u32 = 9;
/// Shortest time that one sample covers: far above the clock's grain.
const SAMPLE_TIME: Duration = Duration::from_millis(60);

/// Which figures are wanted, and where they go.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    names: Vec<String>,
}

#[derive(Serialize)]
struct Line<'a> {
    name: &'a str,
    value: f64,
    unit: &'a str,
}

impl Figures {
    /// Only figures whose name holds one of `names`; all of them where there are none.
    pub fn of(names: Vec<String>) -> Self {
        Self { names }
    }

    /// Whether a figure is wanted: what it takes to measure it may be long.
    pub fn wants(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|part| name.contains(part))
    }

    /// Prints one measurement.
    pub fn tell(&self, name: &str, value: f64, unit: &str) {
        if !self.wants(name) {
            return;
        }
        // Cannot fail: names are text and measurements finite.
        if let Ok(line) = serde_json::to_string(&Line { name, value, unit }) {
            println!("{line}");
        }
    }

    /// Measures how long one call of `work` takes.
    pub fn milliseconds<T>(&self, name: &str, mut work: impl FnMut() -> T) {
        if !self.wants(name) {
            return;
        }
        let calls = calls_for_a_sample(&mut work);
        for _ in 0..SAMPLES {
            let start = Instant::now();
            for _ in 0..calls {
                black_box(work());
            }
            let seconds = start.elapsed().as_secs_f64() / f64::from(calls);
            self.tell(name, seconds * 1e3, "ms");
        }
    }
}

/// How many calls fill a sample; one for work that takes longer.
fn calls_for_a_sample<T>(work: &mut impl FnMut() -> T) -> u32 {
    let mut calls = 1_u32;
    loop {
        let start = Instant::now();
        for _ in 0..calls {
            black_box(work());
        }
        if start.elapsed() >= SAMPLE_TIME || calls >= 1 << 28 {
            return calls;
        }
        calls *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_chosen_by_their_parts() {
        let all = Figures::default();
        assert!(all.wants("pow.verify"));
        let some = Figures::of(vec!["verify".to_owned(), "node.".to_owned()]);
        assert!(some.wants("pow.verify.straight") && some.wants("node.logins"));
        assert!(!some.wants("pow.solve"));
    }
}
