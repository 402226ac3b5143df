//! When the vault locks: an absolute time that only the user's acts move.

use proto::ids::UnixMillis;

/// How far the clock may go back before the vault locks, milliseconds. Computers correct their
/// clocks by less all the time; whoever turns it back by more wants to gain time.
pub(crate) const CLOCK_TOLERANCE_MS: u64 = 5_000;

/// A deadline, with the latest time that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deadline {
    locks_at: UnixMillis,
    seen: UnixMillis,
}

impl Deadline {
    /// A deadline `minutes` from now.
    pub(crate) fn new(now: UnixMillis, minutes: u32) -> Self {
        Self {
            locks_at: now.plus(u64::from(minutes) * 60_000),
            seen: now,
        }
    }

    /// A deadline that was written down at `seen`.
    pub(crate) fn revived(locks_at: UnixMillis, seen: UnixMillis) -> Self {
        Self { locks_at, seen }
    }

    /// When it locks.
    pub(crate) fn locks_at(&self) -> UnixMillis {
        self.locks_at
    }

    /// Whether it is over, or the clock went back.
    pub(crate) fn is_over(&mut self, now: UnixMillis) -> bool {
        let over = now >= self.locks_at || now.plus(CLOCK_TOLERANCE_MS) < self.seen;
        self.seen = self.seen.max(now);
        over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;

    #[test]
    fn deadline_is_over_at_its_time() {
        let mut deadline = Deadline::new(UnixMillis(1_000_000), 15);
        assert!(!deadline.is_over(UnixMillis(1_000_000 + 15 * MINUTE - 1)));
        assert!(deadline.is_over(UnixMillis(1_000_000 + 15 * MINUTE)));
    }

    #[test]
    fn clock_that_goes_back_locks() {
        let mut deadline = Deadline::new(UnixMillis(1_000_000), 15);
        assert!(!deadline.is_over(UnixMillis(1_000_000 + 10 * MINUTE)));
        assert!(
            !deadline.is_over(UnixMillis(1_000_000 + 10 * MINUTE - 2_000)),
            "a small correction"
        );
        assert!(deadline.is_over(UnixMillis(1_000_000)));
        let mut revived = Deadline::revived(UnixMillis(2_000_000), UnixMillis(1_500_000));
        assert!(revived.is_over(UnixMillis(1_400_000)));
    }
}
