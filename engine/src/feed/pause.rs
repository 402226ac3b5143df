//! How long to wait before something is tried or asked again.

/// Upper bound of the first pause, milliseconds.
const PAUSE_FIRST_MS: u32 = 1_000;
/// Upper bound of any pause, milliseconds.
const PAUSE_MAX_MS: u32 = 5 * 60 * 1_000;
/// Between two questions while nothing hears by itself, milliseconds.
const ASK_FIRST_MS: u32 = 5_000;
/// The same where they found nothing new for a while, milliseconds.
const ASK_MAX_MS: u32 = 60_000;
/// Questions that find nothing before they become rarer.
const ASK_PATIENCE: u32 = 12;

/// Pauses between attempts: twice as long after each failure, at most five minutes, and each cut to a part of it by
/// chance, so that the clients of a node that comes back do not come all at once ("full jitter", Brooker 2015).
#[derive(Debug, Clone, Copy, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// An attempt went well.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// An attempt failed: how long to wait, milliseconds; `chance` is any of all 32-bit numbers.
    pub fn pause(&mut self, chance: u32) -> u32 {
        let most = PAUSE_FIRST_MS
            .saturating_mul(1 << self.failures.min(20))
            .min(PAUSE_MAX_MS);
        self.failures = self.failures.saturating_add(1);
        part(most, chance)
    }
}

/// Pauses between questions to a node that answers while no feed is heard: 5 s at first, after a
/// minute without anything new twice as long each time, up to a minute. Half of each is up to chance: a
/// user waits, so that none is close to zero.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pace {
    quiet: u32,
}

impl Pace {
    /// There was something new, or the user came.
    pub fn hasten(&mut self) {
        self.quiet = 0;
    }

    /// How long to wait, milliseconds; `chance` is any of all 32-bit numbers.
    pub fn pause(&mut self, chance: u32) -> u32 {
        let doublings = self.quiet.saturating_sub(ASK_PATIENCE).min(8);
        let most = (ASK_FIRST_MS << doublings).min(ASK_MAX_MS);
        self.quiet = self.quiet.saturating_add(1);
        most / 2 + part(most / 2, chance)
    }
}

/// A part of `most`, by chance; below it.
fn part(most: u32, chance: u32) -> u32 {
    let part = (u64::from(most) * u64::from(chance)) >> 32;
    u32::try_from(part).unwrap_or(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_five_minutes_and_vary() {
        let mut backoff = Backoff::default();
        let most: Vec<_> = (0..11).map(|_| backoff.pause(u32::MAX)).collect();
        assert_eq!(
            most,
            [
                999, 1_999, 3_999, 7_999, 15_999, 31_999, 63_999, 127_999, 255_999, 299_999,
                299_999
            ]
        );
        assert_eq!(backoff.pause(0), 0);
        assert_eq!(backoff.pause(1 << 31), PAUSE_MAX_MS / 2);
        backoff.reset();
        assert_eq!(backoff.pause(u32::MAX), 999);
        for _ in 0..100 {
            assert!(backoff.pause(u32::MAX) < PAUSE_MAX_MS);
        }
    }

    #[test]
    fn questions_become_rarer_where_nothing_is_new() {
        let mut pace = Pace::default();
        for _ in 0..=ASK_PATIENCE {
            assert_eq!((pace.pause(0), pace.quiet > 0), (2_500, true));
        }
        let later: Vec<_> = (0..5).map(|_| pace.pause(u32::MAX)).collect();
        assert_eq!(later, [9_999, 19_999, 39_999, 59_999, 59_999]);
        assert_eq!(pace.pause(0), ASK_MAX_MS / 2);
        pace.hasten();
        assert_eq!(pace.pause(u32::MAX), 4_999);
    }
}
