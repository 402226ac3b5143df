//! The user's changes as commits: item, queue for the node and index in one.

use proto::{
    api::vault::{SealedItem, VaultContent},
    ids::{ItemId, ItemVersion, UnixMillis, UpdateId},
    vault::ItemOverview,
};
use wasm_core::random::Random;

use crate::{
    Engine,
    error::EngineError,
    index::Staged,
    platform::{Change, Platform, Store},
    records::{
        BASE, ITEMS, IndexedItem, ItemRecord, OUTBOX, OutboxRecord, item_key, numbered_key, put,
    },
    state::Open,
};

/// A change of one item that waits for its commit.
pub(crate) struct Write {
    pub(crate) id: ItemId,
    pub(crate) version: ItemVersion,
    pub(crate) content: Content,
}

/// What a change makes of an item.
pub(crate) enum Content {
    /// Both halves sealed, and the overview in the open.
    Item(SealedItem, ItemOverview),
    /// Its end, and when.
    Deleted(UnixMillis),
}

/// A prepared commit, and what memory learns when it has succeeded.
pub(crate) struct Prepared {
    pub(crate) changes: Vec<Change>,
    pub(crate) staged: Staged,
    /// Writes for the node: number and item.
    pub(crate) queued: Vec<(u64, ItemId)>,
}

impl Open {
    /// Prepares writes of this device: records, queue and index in one. `edits` are changes of the
    /// index that come along.
    pub(crate) fn prepare(
        &self,
        writes: Vec<Write>,
        mut edits: Vec<IndexedItem>,
        random: &mut dyn Random,
    ) -> Result<Prepared, EngineError> {
        let (mut changes, mut queued) = (Vec::new(), Vec::new());
        for (number, write) in (self.next_write..).zip(writes) {
            let Write {
                id,
                version,
                content,
            } = write;
            let (content, overview) = match content {
                Content::Item(item, overview) => (VaultContent::Item(item), Some(overview)),
                Content::Deleted(at) => {
                    let vault = self.keyring.active();
                    let tombstone = vault.seal_tombstone(&id, version, at, random)?;
                    (VaultContent::Tombstone(tombstone), None)
                }
            };
            let record = ItemRecord {
                version,
                content: content.item().cloned(),
            };
            changes.push(put(item_key(ITEMS, &id), &record)?);
            let queue = OutboxRecord {
                update: make_update_id(random)?,
                id,
                version,
                content,
            };
            changes.push(put(numbered_key(OUTBOX, number), &queue)?);
            queued.push((number, id));
            edits.push(IndexedItem {
                id,
                version,
                overview,
            });
        }
        let mut staged = self.index.stage(edits, &self.keyring, random)?;
        changes.append(&mut staged.changes);
        Ok(Prepared {
            changes,
            staged,
            queued,
        })
    }

    /// Takes over what was committed.
    pub(crate) fn accept(&mut self, staged: Staged, queued: Vec<(u64, ItemId)>) {
        self.index.apply(staged);
        for (number, id) in queued {
            self.outbox.insert(number, id);
            self.next_write = self.next_write.max(number + 1);
        }
    }
}

/// A name for a write that no other write has.
fn make_update_id(random: &mut dyn Random) -> Result<UpdateId, EngineError> {
    let mut bytes = [0; 16];
    random.fill(&mut bytes)?;
    Ok(UpdateId::from_bytes(bytes))
}

impl<P: Platform> Engine<P> {
    /// Commits, and then lets memory know. Whoever calls this holds the right to write.
    pub(crate) async fn commit(&self, mut prepared: Prepared) -> Result<(), EngineError> {
        // Before any other, so that what is said of a base later stands.
        let bases = self.bases(&prepared.queued).await?;
        prepared.changes.splice(0..0, bases);
        let changes = std::mem::take(&mut prepared.changes);
        self.platform().store().commit(changes).await?;
        self.accept(prepared);
        Ok(())
    }

    /// The same for what came from the node: nobody waits for the disk where this device has written
    /// nothing on top of it. At worst it is pulled once more.
    pub(crate) async fn commit_pulled(&self, mut prepared: Prepared) -> Result<(), EngineError> {
        if !prepared.queued.is_empty() {
            return self.commit(prepared).await;
        }
        let changes = std::mem::take(&mut prepared.changes);
        self.platform().store().commit_soon(changes).await?;
        self.accept(prepared);
        Ok(())
    }

    fn accept(&self, prepared: Prepared) {
        // Locked meanwhile: the next unlocking reads it from the store.
        if let Some(open) = &mut self.state_mut().open {
            open.accept(prepared.staged, prepared.queued);
        }
    }

    /// Keeps what the node has of items that are changed here for the first time since: what
    /// another device's change will be compared with.
    async fn bases(&self, queued: &[(u64, ItemId)]) -> Result<Vec<Change>, EngineError> {
        let first: Vec<ItemId> = self.with_open(|open| {
            let known = queued.iter().filter(|(_, id)| open.index.get(id).is_some());
            let waits = |id: &ItemId| open.outbox.values().any(|waiting| waiting == id);
            Ok(known.map(|(_, id)| *id).filter(|id| !waits(id)).collect())
        })?;
        let store = self.platform().store();
        let mut changes = Vec::new();
        for id in first {
            let value = store.read(&item_key(ITEMS, &id)).await?;
            changes.extend(value.map(|value| Change::Put {
                key: item_key(BASE, &id),
                value,
            }));
        }
        Ok(changes)
    }
}
