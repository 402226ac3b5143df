//! What comes from the node.

mod record;

use std::{collections::BTreeMap, ops::Range};

use proto::{
    api::vault::VaultPage,
    ids::{ItemId, Revision},
    limits::{VAULT_MAX_ITEMS, VAULT_ROWS_PER_ITEM},
};
use wasm_core::manifest::Head;

use super::{SyncReport, page::check, snapshot::Asked};
use crate::{
    Engine,
    error::EngineError,
    keyring::OsRandom,
    node::{NodeError, PAGE_ITEMS},
    platform::{Change, Platform},
    records::{
        ITEMS, IndexedItem, ItemRecord, META, OUTBOX, OutboxRecord, numbered_key, put, read,
        read_items,
    },
    vault::Write,
};

/// Pages of one pull: several times as many as a full vault with all its tombstones has.
pub(super) const PAGES_MAX: u32 = 1_000;
/// Items that a log may have, deleted ones with them: what a node takes.
pub(super) const HEADS_MAX: usize = (VAULT_ROWS_PER_ITEM * VAULT_MAX_ITEMS) as usize;
/// How often the log is asked for again where more was signed than it shows.
const AHEAD_MAX: u32 = 3;
/// Records that do not open which a device remembers. Those beyond are passed over: whoever fills a
/// log with them must not stop it.
const UNREADABLE_MAX: usize = VAULT_MAX_ITEMS as usize;

/// How a pull ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pulled {
    /// All that the node shows is here, what the report says of it aside.
    Whole,
    /// The node's newest link is forged, and nothing was taken over.
    Held,
}

/// The newest waiting write of an item that the node has already, by item.
type Arrived = BTreeMap<ItemId, u64>;

/// What one page of the node's log does to the store.
#[derive(Default)]
struct Applied {
    changes: Vec<Change>,
    edits: Vec<IndexedItem>,
    /// Writes that need not wait any longer.
    dropped: Vec<u64>,
    /// Items that opened or did not.
    opened: Vec<(ItemId, bool)>,
    /// What waiting writes were made on, where it arrived without an answer.
    bases: BTreeMap<ItemId, ItemRecord>,
    /// What the node has by now.
    heads: Vec<(ItemId, Head)>,
    /// What this device makes of it: merged versions, and copies of its own.
    writes: Vec<Write>,
    /// How many of them are copies.
    copies: u32,
    news: u32,
}

impl<P: Platform> Engine<P> {
    /// Takes over all that the node's log has since the last time. That it shows another vault than
    /// was signed is told; what waits here is sent all the same: it may be what mends it. `told`
    /// hears of what was taken over, before it is compared.
    pub(super) async fn pull(
        &self,
        epoch: u64,
        report: &mut SyncReport,
        told: &mut impl FnMut(&SyncReport),
    ) -> Result<Pulled, EngineError> {
        self.read_anew_if_due(epoch).await?;
        let (mut ahead, mut compared) = (0, false);
        for _ in 0..PAGES_MAX {
            let since = self.with_open(|open| Ok(open.since))?;
            let page = match self.ask_page(since).await? {
                Asked::Page(page) => page,
                // What it has is of another database: nothing is taken over before all of it was compared.
                Asked::Snapshot(first) if !compared => {
                    self.compare_snapshot(epoch, first).await?;
                    compared = true;
                    continue;
                }
                Asked::Snapshot(_) => return Err(NodeError::Misbehaved.into()),
            };
            let read_to = check(&page, since)?;
            self.ensure_open().await?;
            if read_to > since {
                // On another line than this device knows nothing is taken over.
                let followed = self.follow_to(page.manifest.clone()).await;
                if followed == Err(NodeError::Altered.into()) {
                    report.problem = Some(Self::told(NodeError::Altered));
                    return Ok(Pulled::Held);
                }
                followed?;
                // Before the lock is taken: whoever saves must not wait for the node.
                let arrived = self.arrived(&page).await?;
                let log = since..read_to;
                self.take(epoch, &page, &arrived, log, report).await?;
            }
            let signed = page.manifest.as_ref().map(|signed| signed.revision);
            if !page.has_more && signed > Some(read_to) && ahead < AHEAD_MAX {
                // It was signed while the page was read: the next one has what it describes.
                ahead += 1;
                continue;
            }
            if !page.has_more {
                told(report);
                let compared = self.compare_with_signed(epoch, page.manifest).await;
                match compared {
                    Err(EngineError::Node(
                        error @ (NodeError::Altered
                        | NodeError::KeyMissing
                        | NodeError::KeyOlder
                        | NodeError::Unproven),
                    )) => report.problem = Some(Self::told(error)),
                    compared => compared?,
                }
                return Ok(Pulled::Whole);
            }
        }
        Err(NodeError::Misbehaved.into())
    }

    async fn take(
        &self,
        epoch: u64,
        page: &VaultPage,
        arrived: &Arrived,
        log: Range<Revision>,
        report: &mut SyncReport,
    ) -> Result<(), EngineError> {
        let _writing = self.writing_in(epoch).await?;
        // Our own write was acknowledged meanwhile: the page begins too early, and is asked again.
        if self.with_open(|open| Ok(open.since))? != log.start {
            return Ok(());
        }
        let read_to = log.end;
        let mut applied = Applied::default();
        let ids = page.records.iter().map(|theirs| theirs.id);
        let locals: Vec<Option<ItemRecord>> =
            read_items(self.platform().store(), ITEMS, ids).await?;
        for (theirs, local) in page.records.iter().zip(locals) {
            self.take_record(theirs, local, arrived, &mut applied)
                .await?;
        }
        let Applied {
            mut changes,
            edits,
            dropped,
            opened,
            heads,
            writes,
            copies,
            news,
            ..
        } = applied;
        self.with_open(|open| {
            if page.cursor.is_some() {
                open.cursor.clone_from(&page.cursor);
            }
            changes.push(put(META.to_owned(), &open.meta(read_to))?);
            changes.extend(open.heads.with(&heads));
            Ok(())
        })?;
        let prepared =
            self.with_open(|open| open.prepare(writes, edits, &mut OsRandom(self.platform())))?;
        let mut prepared = prepared;
        prepared.changes.append(&mut changes);
        self.commit_pulled(prepared).await?;
        report.pulled += news;
        report.conflicts += copies;
        self.with_open(|open| {
            open.since = read_to;
            open.heads.apply(heads);
            for number in dropped {
                open.outbox.remove(&number);
            }
            for (id, readable) in opened {
                if readable {
                    open.bad.remove(&id)
                } else {
                    open.bad.insert(id)
                };
            }
            Ok(())
        })
    }

    /// Which waiting writes the node has among the versions before those of a page: the answer was
    /// lost, and another device has built on it since. What is queued from now on was never sent.
    async fn arrived(&self, page: &VaultPage) -> Result<Arrived, EngineError> {
        let mut arrived = Arrived::new();
        for theirs in &page.records {
            let queued = self.queued(theirs.id).await?;
            let behind = queued
                .first()
                .is_some_and(|(_, first)| theirs.version > first.version);
            if !behind {
                continue;
            }
            let before = Some(theirs.version);
            let page = self.ask_versions(theirs.id, before, PAGE_ITEMS / 2).await?;
            let has = |ours: &OutboxRecord| {
                let mut versions = page.versions.iter();
                versions.any(|was| was.version == ours.version && was.content == ours.content)
            };
            let newest = queued.iter().rev().find(|(_, ours)| has(ours));
            arrived.extend(newest.map(|(number, _)| (theirs.id, *number)));
        }
        Ok(arrived)
    }

    /// Writes of one item that wait, oldest first.
    pub(super) async fn queued(&self, id: ItemId) -> Result<Vec<(u64, OutboxRecord)>, EngineError> {
        let numbers: Vec<u64> = self.with_open(|open| {
            let of_item = open.outbox.iter().filter(|(_, queued)| **queued == id);
            Ok(of_item.map(|(number, _)| *number).collect())
        })?;
        let mut queued = Vec::with_capacity(numbers.len());
        for number in numbers {
            let record = read(self.platform().store(), &numbered_key(OUTBOX, number)).await?;
            queued.extend(record.map(|record| (number, record)));
        }
        Ok(queued)
    }
}
