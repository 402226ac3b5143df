//! Changes of the index: what to write of it, and in memory what was written. Both cost what the
//! changes and the chunks that they touch weigh, and nothing for the items of other chunks.

use std::collections::{BTreeMap, BTreeSet};

use proto::{
    ids::{ItemId, ItemVersion},
    vault::ItemOverview,
};
use serde::Serialize;
use wasm_core::{random::Random, seal::ObjectKind};
use zeroize::Zeroizing;

use super::{Entry, Index};
use crate::{
    error::EngineError,
    keyring::Keyring,
    platform::Change,
    records::{INDEX, IndexedItem, JOURNAL, numbered_key},
};

/// Items in one chunk. Larger chunks open faster, smaller ones are rewritten faster.
const CHUNK_ITEMS: usize = 256;
/// Changes in the journal before chunks are written instead.
const JOURNAL_CHANGES: usize = 64;

/// Changes of the index that wait for their commit.
pub(crate) struct Staged {
    /// For the store, in the commit of what they belong to.
    pub(crate) changes: Vec<Change>,
    edits: Vec<IndexedItem>,
    /// Where items lie once chunks are written; `None` where the journal took the changes.
    placed: Option<BTreeMap<ItemId, u64>>,
}

impl Index {
    /// Prepares changes: what to write, and what [`Self::apply`] does once it is written.
    pub(crate) fn stage(
        &self,
        edits: Vec<IndexedItem>,
        keyring: &Keyring,
        random: &mut dyn Random,
    ) -> Result<Staged, EngineError> {
        if edits.is_empty() {
            return Ok(Staged {
                changes: Vec::new(),
                edits,
                placed: None,
            });
        }
        let records = usize::try_from(self.next_journal).unwrap_or(usize::MAX);
        let room = JOURNAL_CHANGES.saturating_sub(self.journaled.len().max(records));
        if edits.len() <= room {
            let key = numbered_key(JOURNAL, self.next_journal);
            let value = seal(keyring, &key, &edits.iter().collect::<Vec<_>>(), random)?;
            let changes = vec![Change::Put { key, value }];
            return Ok(Staged {
                changes,
                edits,
                placed: None,
            });
        }
        let placed = self.place(&edits);
        let mut changes = Vec::new();
        for (number, contents) in self.contents(&edits, &placed) {
            let key = numbered_key(INDEX, number);
            let contents: Vec<&Listed<'_>> = contents.values().collect();
            let value = seal(keyring, &key, &contents, random)?;
            changes.push(Change::Put { key, value });
        }
        let journal = (0..self.next_journal).map(|number| numbered_key(JOURNAL, number));
        changes.extend(journal.map(|key| Change::Remove { key }));
        Ok(Staged {
            changes,
            edits,
            placed: Some(placed),
        })
    }

    /// Carries staged changes out, after their commit.
    pub(crate) fn apply(&mut self, staged: Staged) {
        let Staged { edits, placed, .. } = staged;
        if edits.is_empty() {
            return;
        }
        for item in edits {
            if placed.is_none() {
                self.note_journaled(item.id);
            }
            self.set(item, None);
        }
        match placed {
            None => self.next_journal += 1,
            Some(placed) => {
                for (id, chunk) in placed {
                    if let Some(entry) = self.entries.get_mut(&id) {
                        let before = entry.chunk.replace(chunk);
                        self.moved(id, before, Some(chunk));
                    }
                }
                self.journaled.clear();
                self.next_journal = 0;
            }
        }
    }

    /// A chunk for every live item that has none: the last one while it has room, then new ones.
    fn place(&self, edits: &[IndexedItem]) -> BTreeMap<ItemId, u64> {
        let last = self.chunks.last_key_value();
        let (mut last, mut held) = last.map_or((0, 0), |(number, items)| (*number, items.len()));
        let gone: BTreeMap<ItemId, bool> = edits
            .iter()
            .map(|item| (item.id, item.overview.is_none()))
            .collect();
        let is_gone = |id: &ItemId| gone.get(id).is_some_and(|gone| *gone);
        let is_homeless = |id: &ItemId| {
            self.entries
                .get(id)
                .is_some_and(|entry| entry.chunk.is_none())
        };
        let homeless = self.journaled.keys().copied().filter(is_homeless);
        let new = edits
            .iter()
            .map(|item| item.id)
            .filter(|id| !self.entries.contains_key(id));
        let mut placed = BTreeMap::new();
        for id in homeless.chain(new).filter(|id| !is_gone(id)) {
            if held >= CHUNK_ITEMS {
                (last, held) = (last + 1, 0);
            }
            if placed.insert(id, last).is_none() {
                held += 1;
            }
        }
        placed
    }

    /// The chunks that are no longer what the store has, and what belongs into them after the edits.
    fn contents<'a>(
        &'a self,
        edits: &'a [IndexedItem],
        placed: &BTreeMap<ItemId, u64>,
    ) -> BTreeMap<u64, BTreeMap<&'a ItemId, Listed<'a>>> {
        let chunk_of = |id: &ItemId| self.entries.get(id).and_then(|entry| entry.chunk);
        let edited = edits.iter().filter_map(|item| chunk_of(&item.id));
        let journaled = self.journaled.values().filter_map(|chunk| *chunk);
        let touched = edited.chain(journaled).chain(placed.values().copied());
        let touched: BTreeSet<u64> = touched.collect();
        let mut contents: BTreeMap<u64, BTreeMap<&ItemId, Listed<'_>>> = BTreeMap::new();
        for number in touched {
            let held = self.chunks.get(&number).into_iter().flatten();
            let held = held.filter_map(|id| self.listed(id));
            contents.insert(number, held.collect());
        }
        for (id, number) in placed {
            contents.entry(*number).or_default().extend(self.listed(id));
        }
        for item in edits {
            let chunk = chunk_of(&item.id).or_else(|| placed.get(&item.id).copied());
            let Some(chunk) = chunk else {
                continue;
            };
            let chunk = contents.entry(chunk).or_default();
            match &item.overview {
                Some(overview) => {
                    let listed = Listed::new(&item.id, item.version, overview);
                    chunk.insert(&item.id, listed);
                }
                None => drop(chunk.remove(&item.id)),
            }
        }
        contents
    }

    /// An item as it lies in its chunk.
    fn listed(&self, id: &ItemId) -> Option<(&ItemId, Listed<'_>)> {
        let (
            id,
            Entry {
                version, overview, ..
            },
        ) = self.entries.get_key_value(id)?;
        Some((id, Listed::new(id, *version, overview)))
    }
}

/// [`IndexedItem`] by reference.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed<'a> {
    id: &'a ItemId,
    version: ItemVersion,
    overview: Option<&'a ItemOverview>,
}

impl<'a> Listed<'a> {
    fn new(id: &'a ItemId, version: ItemVersion, overview: &'a ItemOverview) -> Self {
        Self {
            id,
            version,
            overview: Some(overview),
        }
    }
}

fn seal(
    keyring: &Keyring,
    key: &str,
    items: &impl Serialize,
    random: &mut dyn Random,
) -> Result<Vec<u8>, EngineError> {
    // Cannot fail: overviews are plain structs.
    let json = serde_json::to_vec(items).map_err(|_| EngineError::Unreadable)?;
    keyring.seal_local(ObjectKind::LocalRecord, key, &Zeroizing::new(json), random)
}
