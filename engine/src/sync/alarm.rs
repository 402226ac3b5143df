//! A node that shows another vault than was signed. What was read may have holes, so the log is read
//! once more from its start; where that does not help either, not at every synchronisation.

use proto::{
    bytes::Hex,
    ids::{Revision, UnixMillis},
};

use super::SyncReport;
use crate::{
    Engine,
    error::EngineError,
    heads::Heads,
    platform::{Change, Platform, Store},
    records::{Alarm, HEADS, META, put},
};

/// How long the log is not read again after it was for the first time, milliseconds; each time
/// after, twice as long.
const PAUSE_MS: u64 = 60_000;
/// How often the pause is doubled: to a good hour.
const DOUBLED_MAX: u32 = 6;

impl Alarm {
    /// Whether the log is to be read again: the first time at once.
    fn is_due(&self, now: UnixMillis) -> bool {
        let Some(before) = self.reads.checked_sub(1) else {
            return true;
        };
        let pause = PAUSE_MS << before.min(DOUBLED_MAX);
        // A clock that was set back must not hold it up for ever.
        now < self.read_at || now.0 - self.read_at.0 >= pause
    }
}

impl<P: Platform> Engine<P> {
    /// [`Self::sync`] for a user who asks for it: where the node showed another vault than was
    /// signed, all of it is read again.
    ///
    /// # Errors
    /// As [`Self::sync`].
    pub async fn sync_now(&self) -> Result<SyncReport, EngineError> {
        self.ensure_open().await?;
        self.with_open(|open| {
            if let Some(alarm) = &mut open.alarm {
                alarm.reads = 0;
            }
            Ok(())
        })?;
        self.sync().await
    }

    /// Remembers that the vault is not the one that a link describes.
    pub(super) async fn raise_alarm(&self, epoch: u64, link: Hex<32>) -> Result<(), EngineError> {
        let _writing = self.writing_in(epoch).await?;
        let now = self.platform().now();
        let meta = self.with_open(|open| {
            let before = open.alarm;
            open.alarm = Some(Alarm {
                link,
                reads: before.map_or(0, |before| before.reads),
                read_at: before.map_or(now, |before| before.read_at),
            });
            open.compared = false;
            open.rechecked = true;
            Ok((open.alarm != before).then(|| open.meta(open.since)))
        })?;
        match meta {
            Some(meta) => {
                let change = put(META.to_owned(), &meta)?;
                Ok(self.platform().store().commit(vec![change]).await?)
            }
            None => Ok(()),
        }
    }

    /// Forgets what was read where there is an alarm and it is time, here and in the store; the items
    /// stay.
    pub(super) async fn read_anew_if_due(&self, epoch: u64) -> Result<(), EngineError> {
        let now = self.platform().now();
        let due = self.with_open(|open| Ok(open.alarm.filter(|alarm| alarm.is_due(now))))?;
        let Some(alarm) = due else {
            return Ok(());
        };
        let _writing = self.writing_in(epoch).await?;
        let store = self.platform().store();
        let records = store.read_prefix(HEADS).await?;
        let remove = |(key, _): (String, Vec<u8>)| Change::Remove { key };
        let mut changes: Vec<Change> = records.into_iter().map(remove).collect();
        let meta = self.with_open(|open| {
            open.compared = false;
            open.alarm = Some(Alarm {
                reads: alarm.reads.saturating_add(1),
                read_at: now,
                ..alarm
            });
            Ok(open.meta(Revision(0)))
        })?;
        changes.push(put(META.to_owned(), &meta)?);
        store.commit(changes).await?;
        self.with_open(|open| {
            open.since = Revision(0);
            open.heads = Heads::default();
            open.earlier = None;
            open.rechecked = false;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_an_hour() {
        let at = UnixMillis(1_000_000_000_000);
        let due = |reads, after: u64| {
            let link = Hex([1; 32]);
            let alarm = Alarm {
                link,
                reads,
                read_at: at,
            };
            alarm.is_due(at.plus(after))
        };
        assert!(due(0, 0));
        for (reads, minutes) in [(1, 1), (2, 2), (3, 4), (7, 64), (8, 64), (u32::MAX, 64)] {
            assert!(!due(reads, minutes * 60_000 - 1), "{reads}");
            assert!(due(reads, minutes * 60_000), "{reads}");
        }
        let back = Alarm {
            link: Hex([1; 32]),
            reads: 3,
            read_at: at,
        };
        assert!(back.is_due(UnixMillis(at.0 - 1)));
    }
}
