//! What comes from the node.

use std::{collections::BTreeMap, ops::Range};

use proto::{
    api::vault::{VaultContent, VaultPage, VaultRecord},
    ids::{ItemId, Revision},
    limits::VAULT_MAX_ITEMS,
    vault::ItemOverview,
};

use wasm_core::{manifest::Head, seal::OpenError};

use super::{
    SyncReport,
    conflict::{Met, Verdict, judge},
    page::check,
};
use crate::{
    Engine,
    error::EngineError,
    keyring::OsRandom,
    node::{NodeError, PAGE_ITEMS},
    platform::{Change, Platform},
    records::{
        BAD, BASE, BadRecord, ITEMS, IndexedItem, ItemRecord, META, OUTBOX, OutboxRecord, TRASH,
        TrashRecord, item_key, numbered_key, put, read,
    },
    release,
    vault::Write,
};

/// Pages of one pull: several times as many as a full vault with all its tombstones has.
pub(super) const PAGES_MAX: u32 = 1_000;
/// Items that a log may have, deleted ones with them: five times as many as a vault holds.
const HEADS_MAX: usize = 5 * VAULT_MAX_ITEMS as usize;
/// How often the log is asked for again where more was signed than it shows.
const AHEAD_MAX: u32 = 3;
/// Records that do not open which a device remembers. Those beyond are passed over: whoever fills a
/// log with them must not stop it.
const UNREADABLE_MAX: usize = VAULT_MAX_ITEMS as usize;

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
    /// Takes over all that the node's log has since the last time.
    pub(super) async fn pull(
        &self,
        epoch: u64,
        report: &mut SyncReport,
    ) -> Result<(), EngineError> {
        let mut ahead = 0;
        for _ in 0..PAGES_MAX {
            let since = self.with_open(|open| Ok(open.since))?;
            let page = self.ask_node(async |node| node.vault(since).await).await?;
            let read_to = check(&page, since)?;
            self.ensure_open().await?;
            if read_to > since {
                // On another line than this device knows nothing is taken over.
                self.follow_to(page.manifest.clone()).await?;
                self.take(epoch, &page, since..read_to, report).await?;
            }
            let signed = page.manifest.as_ref().map(|signed| signed.revision);
            if !page.has_more && signed > Some(read_to) && ahead < AHEAD_MAX {
                // It was signed while the page was read: the next one has what it describes.
                ahead += 1;
                continue;
            }
            if !page.has_more {
                let compared = self.compare_with_signed(epoch, page.manifest).await;
                return match compared {
                    // What waits here is sent all the same: it may be what mends it.
                    Err(EngineError::Node(error @ NodeError::Altered)) => {
                        report.problem = Some(Self::told(error));
                        Ok(())
                    }
                    compared => compared,
                };
            }
        }
        Err(NodeError::Misbehaved.into())
    }

    async fn take(
        &self,
        epoch: u64,
        page: &VaultPage,
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
        for theirs in &page.records {
            self.take_record(theirs, &mut applied).await?;
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
            changes.push(put(META.to_owned(), &open.meta(read_to))?);
            changes.extend(open.heads.with(&heads));
            Ok(())
        })?;
        let prepared =
            self.with_open(|open| open.prepare(writes, edits, &mut OsRandom(self.platform())))?;
        let mut prepared = prepared;
        prepared.changes.append(&mut changes);
        self.commit(prepared).await?;
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

    async fn take_record(
        &self,
        theirs: &VaultRecord,
        applied: &mut Applied,
    ) -> Result<(), EngineError> {
        let id = theirs.id;
        let (version, revision) = (theirs.version, theirs.revision);
        let head = self.with_open(|open| {
            // A version that was there already, at a later place: an old state put on top.
            if open.heads.goes_back(id, version, revision) {
                return Err(NodeError::RolledBack.into());
            }
            Ok(open.heads.stage(id, version, revision, &theirs.content))
        })?;
        applied.heads.extend(head);
        if self.with_open(|open| Ok(open.heads.len() + applied.heads.len()))? > HEADS_MAX {
            return Err(NodeError::Misbehaved.into());
        }
        let store = self.platform().store();
        let local: Option<ItemRecord> = read(store, &item_key(ITEMS, &id)).await?;
        let queued = self.queued(id).await?;
        let queued = self.without_arrived(theirs, queued, applied).await?;
        let upto = match judge(local.as_ref(), &queued, theirs) {
            Verdict::Known => return Ok(()),
            Verdict::Arrived { upto } => upto,
            Verdict::News | Verdict::Conflict => {
                // What is here and what waits stay as they are; a write that waits goes over it.
                let Ok(overview) = self.opened(theirs)? else {
                    return self.mark_bad(theirs, applied);
                };
                self.meet(theirs, overview, local, &queued, applied).await?;
                u64::MAX
            }
        };
        let numbers = queued.iter().map(|(number, _)| *number);
        let (gone, stay): (Vec<u64>, Vec<u64>) = numbers.partition(|number| *number <= upto);
        let merged = applied.writes.last().is_some_and(|write| write.id == id);
        let key = item_key(BASE, &id);
        applied.changes.push(if stay.is_empty() && !merged {
            Change::Remove { key }
        } else {
            put(key, &record_of(theirs))?
        });
        let remove = |number: &u64| Change::Remove {
            key: numbered_key(OUTBOX, *number),
        };
        applied.changes.extend(gone.iter().map(remove));
        applied.dropped.extend(gone);
        Ok(())
    }

    /// Takes off the queue what the node has among the versions before `theirs`: the answer was
    /// lost, and another device has built on it since. What is left was made on that.
    async fn without_arrived(
        &self,
        theirs: &VaultRecord,
        mut queued: Vec<(u64, OutboxRecord)>,
        applied: &mut Applied,
    ) -> Result<Vec<(u64, OutboxRecord)>, EngineError> {
        let behind = queued
            .first()
            .is_some_and(|(_, first)| theirs.version > first.version);
        if !behind {
            return Ok(queued);
        }
        let id = theirs.id;
        let page = self
            .ask_versions(id, Some(theirs.version), PAGE_ITEMS / 2)
            .await?;
        let at = queued.iter().rposition(|(_, ours)| {
            let mut versions = page.versions.iter();
            versions.any(|was| was.version == ours.version && was.content == ours.content)
        });
        let Some(at) = at else {
            return Ok(queued);
        };
        let left = queued.split_off(at + 1);
        if let Some((_, arrived)) = queued.last() {
            let base = ItemRecord {
                version: arrived.version,
                content: arrived.content.item().cloned(),
            };
            applied.bases.insert(id, base);
        }
        for (number, _) in queued {
            let key = numbered_key(OUTBOX, number);
            applied.changes.push(Change::Remove { key });
            applied.dropped.push(number);
        }
        Ok(left)
    }

    /// The overview of the node's version, `None` for a deletion by somebody with the vault key; or
    /// that it does not open.
    fn opened(
        &self,
        theirs: &VaultRecord,
    ) -> Result<Result<Option<ItemOverview>, OpenError>, EngineError> {
        let (id, version) = (&theirs.id, theirs.version);
        self.with_open(|open| {
            Ok(match &theirs.content {
                // Both halves: one whose secrets are damaged must not take the place of one that opens.
                VaultContent::Item(item) => match open.keyring.hold(*id, version, item) {
                    Ok(held) => {
                        let overview = held.overview.clone();
                        let whole = release::opens(held);
                        whole.then_some(Some(overview)).ok_or(OpenError)
                    }
                    Err(error) => Err(error),
                },
                VaultContent::Tombstone(end) => {
                    open.keyring.tombstone(id, version, end).map(|_| None)
                }
            })
        })
    }

    /// The damage is told.
    fn mark_bad(&self, theirs: &VaultRecord, applied: &mut Applied) -> Result<(), EngineError> {
        let (id, version) = (theirs.id, theirs.version);
        applied.news += 1;
        let marked = applied.opened.iter().filter(|(_, opens)| !opens).count();
        let full = self.with_open(|open| {
            Ok(!open.bad.contains(&id) && open.bad.len() + marked >= UNREADABLE_MAX)
        })?;
        if !full {
            applied.opened.push((id, false));
            let bad = put(item_key(BAD, &id), &BadRecord { version })?;
            applied.changes.push(bad);
        }
        Ok(())
    }

    /// The node's version becomes the present one, with what waits here on top of it: merged into
    /// it where that can be, as an item of its own else.
    async fn meet(
        &self,
        theirs: &VaultRecord,
        overview: Option<ItemOverview>,
        local: Option<ItemRecord>,
        queued: &[(u64, OutboxRecord)],
        applied: &mut Applied,
    ) -> Result<(), EngineError> {
        // A deletion gives way; what was written before it and is nowhere else does not.
        let item = |(_, ours): &&(u64, OutboxRecord)| ours.content.item().is_some();
        let ours = queued.iter().rev().find(item).map(|(_, ours)| ours);
        let base = match (ours, applied.bases.remove(&theirs.id)) {
            (Some(_), None) => read(self.platform().store(), &item_key(BASE, &theirs.id)).await?,
            (_, arrived) => arrived,
        };
        let met = match ours {
            Some(ours) => self.reconcile(base.as_ref(), ours, theirs)?,
            None => Met::Theirs,
        };
        match met {
            Met::Theirs => self.replace(theirs, overview, local, applied),
            Met::Copy(copy) => {
                applied.copies += 1;
                applied.writes.push(copy);
                self.replace(theirs, overview, local, applied)
            }
            Met::Merged(merged) => {
                applied.news += 1;
                applied.opened.push((theirs.id, true));
                for prefix in [BAD, TRASH] {
                    let key = item_key(prefix, &theirs.id);
                    applied.changes.push(Change::Remove { key });
                }
                applied.writes.push(merged);
                Ok(())
            }
        }
    }

    /// The node's version becomes the present one.
    fn replace(
        &self,
        theirs: &VaultRecord,
        overview: Option<ItemOverview>,
        local: Option<ItemRecord>,
        applied: &mut Applied,
    ) -> Result<(), EngineError> {
        let VaultRecord {
            id,
            version,
            ref content,
            ..
        } = *theirs;
        applied.news += 1;
        applied.opened.push((id, true));
        applied.changes.push(Change::Remove {
            key: item_key(BAD, &id),
        });
        let content = content.item();
        match (content, local) {
            (Some(_), _) => applied.changes.push(Change::Remove {
                key: item_key(TRASH, &id),
            }),
            (
                None,
                Some(ItemRecord {
                    version,
                    content: Some(content),
                }),
            ) => {
                let trash = TrashRecord {
                    deleted_at: self.platform().now(),
                    version,
                    content,
                };
                applied.changes.push(put(item_key(TRASH, &id), &trash)?);
            }
            _ => {}
        }
        let record = record_of(theirs);
        applied.changes.push(put(item_key(ITEMS, &id), &record)?);
        applied.edits.push(IndexedItem {
            id,
            version,
            overview,
        });
        Ok(())
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

fn record_of(theirs: &VaultRecord) -> ItemRecord {
    ItemRecord {
        version: theirs.version,
        content: theirs.content.item().cloned(),
    }
}
