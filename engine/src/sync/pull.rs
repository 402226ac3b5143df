//! What comes from the node.

use std::{collections::BTreeMap, ops::Range};

use proto::{
    api::vault::{VaultContent, VaultPage, VaultRecord},
    ids::{ItemId, ItemVersion, Revision},
    limits::{VAULT_MAX_ITEMS, VAULT_ROWS_PER_ITEM},
    vault::ItemOverview,
};

use wasm_core::{manifest::Head, seal::OpenError};

use super::{
    SyncReport,
    conflict::{Met, Verdict, judge},
    page::check,
    snapshot::Asked,
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
    vault::{Content, Write},
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
    /// was signed is told; what waits here is sent all the same: it may be what mends it.
    pub(super) async fn pull(
        &self,
        epoch: u64,
        report: &mut SyncReport,
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
                let compared = self.compare_with_signed(epoch, page.manifest).await;
                match compared {
                    Err(EngineError::Node(
                        error @ (NodeError::Altered | NodeError::KeyMissing | NodeError::Unproven),
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
        for theirs in &page.records {
            self.take_record(theirs, arrived, &mut applied).await?;
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
        arrived: &Arrived,
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
        let queued = without_arrived(id, queued, arrived.get(&id).copied(), applied);
        let upto = match judge(local.as_ref(), &queued, theirs) {
            Verdict::Known => return Ok(()),
            Verdict::Arrived { upto } => upto,
            Verdict::News | Verdict::Conflict => {
                // What is here and what waits stay as they are; a write that waits goes over it.
                let Ok(overview) = self.opened(theirs)? else {
                    return self.mark_bad(theirs, applied);
                };
                self.keep_arrived(theirs, applied).await?;
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

    /// That a waiting write had arrived before `theirs` was made is the node's word alone. Where
    /// `theirs` has not all of it, it is kept in the trash as another version of the item: one that
    /// this device has deleted, and the node has never had.
    async fn keep_arrived(
        &self,
        theirs: &VaultRecord,
        applied: &mut Applied,
    ) -> Result<(), EngineError> {
        let id = theirs.id;
        // Of the first version it is certain: without it nobody could have made another.
        let arrived = applied.bases.get(&id);
        let Some(arrived) = arrived.filter(|arrived| arrived.version.0 > 1) else {
            return Ok(());
        };
        let base: Option<ItemRecord> = read(self.platform().store(), &item_key(BASE, &id)).await?;
        let met = self.reconcile(id, base.as_ref(), arrived, &record_of(theirs))?;
        let (Some(content), Met::Merged(_) | Met::Copy(_)) = (&arrived.content, met) else {
            return Ok(());
        };
        let original = theirs.content.item().map(|_| id);
        let copy = self.copy(id, arrived.version, content, original)?;
        let Content::Item(content, _) = copy.content else {
            return Ok(());
        };
        let trash = TrashRecord {
            deleted_at: self.platform().now(),
            version: copy.version,
            content,
        };
        let never_sent = ItemRecord {
            version: ItemVersion(0),
            content: None,
        };
        let changes = [
            put(item_key(TRASH, &copy.id), &trash)?,
            put(item_key(ITEMS, &copy.id), &never_sent)?,
        ];
        applied.changes.extend(changes);
        Ok(())
    }

    /// The overview of the node's version, `None` for a deletion by somebody with the vault key; or
    /// that it does not open.
    pub(super) fn opened(
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
            let key = Some(match &theirs.content {
                VaultContent::Item(item) => item.key_number,
                VaultContent::Tombstone(end) => end.key_number,
            });
            let bad = put(item_key(BAD, &id), &BadRecord { version, key })?;
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
            Some(ours) => {
                let ours = ItemRecord {
                    version: ours.version,
                    content: ours.content.item().cloned(),
                };
                self.reconcile(theirs.id, base.as_ref(), &ours, &record_of(theirs))?
            }
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

/// Takes off the queue of an item what has arrived. What is left was made on that.
fn without_arrived(
    id: ItemId,
    mut queued: Vec<(u64, OutboxRecord)>,
    arrived: Option<u64>,
    applied: &mut Applied,
) -> Vec<(u64, OutboxRecord)> {
    let Some(at) = queued
        .iter()
        .position(|(number, _)| Some(*number) == arrived)
    else {
        return queued;
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
    left
}

fn record_of(theirs: &VaultRecord) -> ItemRecord {
    ItemRecord {
        version: theirs.version,
        content: theirs.content.item().cloned(),
    }
}
