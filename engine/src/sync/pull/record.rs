//! What one record of the node's log does to the store.

use proto::{
    api::vault::{VaultContent, VaultRecord},
    ids::{ItemId, ItemVersion},
    vault::ItemOverview,
};
use wasm_core::seal::OpenError;

use super::{Applied, Arrived, HEADS_MAX, UNREADABLE_MAX};
use crate::{
    Engine,
    error::EngineError,
    node::NodeError,
    platform::{Change, Platform},
    records::{
        BAD, BASE, BadRecord, ITEMS, IndexedItem, ItemRecord, OUTBOX, OutboxRecord, TRASH,
        TrashRecord, item_key, numbered_key, put, read,
    },
    release,
    sync::conflict::{Met, Verdict, judge},
    vault::Content,
};

impl<P: Platform> Engine<P> {
    /// What is new of a record; `local` is what this device has of its item.
    pub(super) async fn take_record(
        &self,
        theirs: &VaultRecord,
        local: Option<ItemRecord>,
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
        let queued = self.queued(id).await?;
        // Nothing was made on an item that is not here.
        let is_first = local.is_none() && queued.is_empty();
        let queued = without_arrived(id, queued, arrived.get(&id).copied(), applied);
        let upto = match judge(local.as_ref(), &queued, theirs) {
            Verdict::Known => return self.show_again(id, local, applied),
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
        if !stay.is_empty() || merged {
            applied.changes.push(put(key, &record_of(theirs))?);
        } else if !is_first {
            applied.changes.push(Change::Remove { key });
        }
        let remove = |number: &u64| Change::Remove {
            key: numbered_key(OUTBOX, *number),
        };
        applied.changes.extend(gone.iter().map(remove));
        applied.dropped.extend(gone);
        Ok(())
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
    pub(in crate::sync) fn opened(
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

    /// Shows what is here already and did not open, where it does by now: its key was locked.
    fn show_again(
        &self,
        id: ItemId,
        local: Option<ItemRecord>,
        applied: &mut Applied,
    ) -> Result<(), EngineError> {
        let Some((version, content)) =
            local.and_then(|local| Some((local.version, local.content?)))
        else {
            return Ok(());
        };
        let overview = self.with_open(|open| {
            let held = open
                .bad
                .contains(&id)
                .then(|| open.keyring.hold(id, version, &content));
            let held = held.and_then(Result::ok);
            Ok(held.and_then(|held| {
                let overview = held.overview.clone();
                release::opens(held).then_some(overview)
            }))
        })?;
        if overview.is_some() {
            applied.news += 1;
            applied.opened.push((id, true));
            applied.changes.push(Change::Remove {
                key: item_key(BAD, &id),
            });
            applied.edits.push(IndexedItem {
                id,
                version,
                overview,
            });
        }
        Ok(())
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
        if self.with_open(|open| Ok(open.bad.contains(&id)))? {
            applied.changes.push(Change::Remove {
                key: item_key(BAD, &id),
            });
        }
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
