//! Which carrier of the feed to try, and when to try a better one again.
//!
//! A browser does not say why a WebSocket failed: a proxy refuses them, or the node is away. So all
//! carriers are tried, the best first, before there is a pause; the one that was heard is the first
//! from then on.

use proto::ids::UnixMillis;

/// How long a carrier that is not the best is good enough, milliseconds: half an hour.
const GOOD_ENOUGH_MS: u32 = 30 * 60 * 1_000;

/// A way on which the feed comes, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Carrier {
    /// A WebSocket.
    WebSocket,
    /// Server-sent events: an answer that goes on.
    Events,
    /// Long poll: answers that come late.
    Poll,
}

impl Carrier {
    const ALL: [Self; 3] = [Self::WebSocket, Self::Events, Self::Poll];

    fn below(self) -> Option<Self> {
        Self::ALL.into_iter().find(|other| *other > self)
    }
}

/// What is known of the carriers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carriers {
    now: Carrier,
    /// The one that was heard last, and since when it comes first.
    works: Option<(Carrier, UnixMillis)>,
    heard: bool,
}

impl Default for Carriers {
    fn default() -> Self {
        Self {
            now: Carrier::WebSocket,
            works: None,
            heard: false,
        }
    }
}

impl Carriers {
    /// What is known, as two numbers that outlive the worker: see [`Self::revived`].
    pub fn remembered(&self) -> Option<[u64; 2]> {
        self.works.map(|(works, since)| [works as u64, since.0])
    }

    /// What an earlier worker knew.
    pub fn revived(remembered: [u64; 2]) -> Self {
        let [works, since] = remembered;
        let works = Carrier::ALL.into_iter().find(|one| *one as u64 == works);
        Self {
            works: works.map(|works| (works, UnixMillis(since))),
            ..Self::default()
        }
    }

    /// The first to try after a pause: the one that works, for half an hour; then the best again.
    pub fn begin(&mut self, now: UnixMillis) -> Carrier {
        let good = self.works.filter(|(_, since)| is_good(*since, now));
        self.now = good.map_or(Carrier::WebSocket, |(works, _)| works);
        self.heard = false;
        self.now
    }

    /// The one that is tried now was heard. How long to stay with it at most, milliseconds; `None` for
    /// as long as it lasts.
    pub fn heard(&mut self, now: UnixMillis) -> Option<u32> {
        let same = self.works.filter(|(works, since)| {
            // One that is heard grows old; one that is found again after that is new.
            *works == self.now && (self.heard || is_good(*since, now))
        });
        let since = same.map_or(now, |(_, since)| since);
        self.works = Some((self.now, since));
        self.heard = true;
        (self.now != Carrier::WebSocket).then(|| {
            let gone = u32::try_from(now.0.saturating_sub(since.0)).unwrap_or(u32::MAX);
            GOOD_ENOUGH_MS.saturating_sub(gone)
        })
    }

    /// The one that is tried now has failed or ended. The next to try at once; `None` where it was heard, or
    /// is the last: then there is a pause before [`Self::begin`].
    pub fn ended(&mut self) -> Option<Carrier> {
        if std::mem::take(&mut self.heard) {
            return None;
        }
        let next = self.now.below();
        match next {
            Some(next) => self.now = next,
            // What worked does not: next time from the best on.
            None => self.works = None,
        }
        next
    }
}

/// Whether what works since then may stay the first. A clock that was set back makes it old.
fn is_good(since: UnixMillis, now: UnixMillis) -> bool {
    let age = now.0.checked_sub(since.0);
    age.is_some_and(|age| age < GOOD_ENOUGH_MS.into())
}

#[cfg(test)]
mod tests {
    use super::{
        Carrier::{Events, Poll, WebSocket},
        *,
    };

    const NOW: UnixMillis = UnixMillis(1_000_000_000);

    #[test]
    fn all_are_tried_before_there_is_a_pause() {
        let mut carriers = Carriers::default();
        for _ in 0..3 {
            assert_eq!(carriers.begin(NOW), WebSocket);
            assert_eq!(carriers.ended(), Some(Events));
            assert_eq!(carriers.ended(), Some(Poll));
            assert_eq!(carriers.ended(), None);
        }
    }

    #[test]
    fn what_works_is_first_for_half_an_hour() {
        let mut carriers = Carriers::default();
        carriers.begin(NOW);
        assert_eq!(carriers.ended(), Some(Events));
        assert_eq!(carriers.heard(NOW), Some(GOOD_ENOUGH_MS));
        // It breaks: a pause, and the same again, also in the next worker.
        assert_eq!(carriers.ended(), None);
        let minute = NOW.plus(60_000);
        let remembered = carriers.remembered();
        let mut next = remembered.map(Carriers::revived).unwrap_or_default();
        assert_eq!(next.begin(minute), Events);
        assert_eq!(carriers.begin(minute), Events);
        // What is heard in between makes it no younger.
        assert_eq!(carriers.heard(minute), Some(GOOD_ENOUGH_MS - 60_000));
        let later = NOW.plus(GOOD_ENOUGH_MS.into());
        assert_eq!(carriers.heard(later.plus(5)), Some(0));
        assert_eq!(carriers.ended(), None);
        assert_eq!(carriers.begin(later), WebSocket);
        // Still nothing better: another half an hour.
        assert_eq!(carriers.ended(), Some(Events));
        assert_eq!(carriers.heard(later), Some(GOOD_ENOUGH_MS));
        assert_eq!(carriers.ended(), None);
        assert_eq!(carriers.begin(later.plus(GOOD_ENOUGH_MS.into())), WebSocket);
        assert_eq!(carriers.heard(later), None);
    }

    #[test]
    fn what_works_no_more_is_forgotten() {
        let mut carriers = Carriers::default();
        carriers.begin(NOW);
        carriers.ended();
        carriers.heard(NOW);
        carriers.ended();
        assert_eq!(carriers.begin(NOW), Events);
        assert_eq!(carriers.ended(), Some(Poll));
        assert_eq!(carriers.ended(), None);
        assert_eq!(carriers.begin(NOW), WebSocket);
        // Nor is what a clock of the future says.
        let mut odd = Carriers::revived([2, NOW.plus(5).0]);
        assert_eq!(odd.begin(NOW), WebSocket);
        assert_eq!(Carriers::revived([9, NOW.0]), Carriers::default());
    }
}
