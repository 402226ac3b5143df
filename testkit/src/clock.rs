//! A clock that moves when it is told to.

use std::{cell::Cell, rc::Rc};

use proto::ids::UnixMillis;

/// Time of every new clock: 2026-11-21T00:00:00Z.
pub const START: UnixMillis = UnixMillis(1_795_219_200_000);

/// A clock; clones are the same one.
#[derive(Debug, Clone)]
pub struct MockClock(Rc<Cell<u64>>);

impl MockClock {
    /// A clock at [`START`].
    pub fn new() -> Self {
        Self(Rc::new(Cell::new(START.0)))
    }

    /// Moves it forward by milliseconds.
    pub fn advance(&self, millis: u64) {
        self.0.set(self.0.get() + millis);
    }

    /// Turns it back by milliseconds.
    pub fn turn_back(&self, millis: u64) {
        self.0.set(self.0.get() - millis);
    }

    /// The time it shows.
    pub fn now(&self) -> UnixMillis {
        UnixMillis(self.0.get())
    }
}

impl Default for MockClock {
    fn default() -> Self {
        Self::new()
    }
}
