//! Elapsed time, for people.

use std::{
    fmt,
    time::{Duration, Instant},
};

/// A stopwatch.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

/// A moment until which something may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    begun: Stopwatch,
    limit: Duration,
}

impl Stopwatch {
    /// Starts it.
    #[expect(
        clippy::disallowed_methods,
        reason = "real browsers take real time: here is the clock"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since it was started.
    pub fn elapsed(self) -> Seconds {
        Seconds(self.0.elapsed())
    }
}

impl Deadline {
    pub(crate) fn after(limit: Duration) -> Self {
        Self {
            begun: Stopwatch::start(),
            limit,
        }
    }

    pub(crate) fn is_over(self) -> bool {
        self.begun.elapsed().0 > self.limit
    }
}

/// A duration that prints as seconds with one decimal.
#[derive(Debug, Clone, Copy)]
pub struct Seconds(pub Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} s", self.0.as_secs_f64())
    }
}
