//! The overviews of all live items: in memory to be listed and searched, in the store in chunks
//! that are each sealed as one.
//!
//! ```text
//! index/0  [ up to 256 overviews ]     written when the journal is full
//! index/1  [ … ]
//! journal/0  [ changes ]               one with every commit
//! journal/1  [ … ]                     read after the chunks, in their order
//! ```

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
};

use proto::{
    ids::{ItemId, ItemVersion},
    origin::{Origin, Scheme},
    vault::{ItemKind, ItemOverview, ItemSummary},
};
use serde::Serialize;
use wasm_core::{random::Random, seal::ObjectKind};
use zeroize::Zeroizing;

use crate::{
    error::EngineError,
    keyring::Keyring,
    matching::{Fit, Rule, best_fit, display_host, is_downgrade, rules},
    platform::Change,
    records::{INDEX, IndexedItem, JOURNAL, decode, numbered_key, suffix},
    search::Haystack,
    site::is_loopback,
};

/// Items in one chunk. Larger chunks open faster, smaller ones are rewritten faster.
const CHUNK_ITEMS: usize = 256;
/// Changes in the journal before chunks are written instead.
const JOURNAL_CHANGES: usize = 64;

/// All live items.
#[derive(Default)]
pub(crate) struct Index {
    entries: BTreeMap<ItemId, Entry>,
    /// Items changed since the chunks were written, with the chunk that holds their older state.
    journaled: BTreeMap<ItemId, Option<u64>>,
    next_journal: u64,
}

/// One live item.
pub(crate) struct Entry {
    pub(crate) version: ItemVersion,
    pub(crate) overview: ItemOverview,
    pub(crate) haystack: Haystack,
    rules: OnceCell<Vec<Rule>>,
    chunk: Option<u64>,
}

/// Changes of the index that wait for their commit.
pub(crate) struct Staged {
    /// For the store, in the commit of what they belong to.
    pub(crate) changes: Vec<Change>,
    edits: Vec<IndexedItem>,
    /// Where items lie once chunks are written; `None` where the journal took the changes.
    placed: Option<BTreeMap<ItemId, u64>>,
}

impl Index {
    /// Reads the index out of the values of `index/` and `journal/`.
    pub(crate) fn load(
        keyring: &Keyring,
        chunks: &[(String, Vec<u8>)],
        journal: &[(String, Vec<u8>)],
    ) -> Result<Self, EngineError> {
        let mut index = Self::default();
        for (key, sealed) in chunks {
            let number = number_of(INDEX, key)?;
            for item in open(keyring, key, sealed)? {
                index.set(item, Some(number));
            }
        }
        for (key, sealed) in journal {
            index.next_journal = number_of(JOURNAL, key)? + 1;
            for item in open(keyring, key, sealed)? {
                index.note_journaled(item.id);
                index.set(item, None);
            }
        }
        Ok(index)
    }

    pub(crate) fn get(&self, id: &ItemId) -> Option<&Entry> {
        self.entries.get(id)
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&ItemId, &Entry)> {
        self.entries.iter()
    }

    /// Logins that fit a page.
    pub(crate) fn fitting(&self, page: &Origin) -> impl Iterator<Item = (&ItemId, &Entry)> {
        self.iter().filter(|(_, entry)| {
            entry.overview.kind == ItemKind::Login && best_fit(entry.rules(), page) == Fit::Fits
        })
    }

    /// Whether a page is http where a login of https has its host: never so on this computer.
    pub(crate) fn is_downgrade(&self, page: &Origin) -> bool {
        page.scheme() == Scheme::Http
            && !is_loopback(page.host())
            && self.iter().any(|(_, entry)| {
                entry.overview.kind == ItemKind::Login && is_downgrade(entry.rules(), page)
            })
    }

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
        let mut contents = self.contents(&edits, &placed);
        let mut changes = Vec::new();
        for number in self.touched(&edits, &placed) {
            let key = numbered_key(INDEX, number);
            let value = seal(
                keyring,
                &key,
                &contents.remove(&number).unwrap_or_default(),
                random,
            )?;
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
            let chunk = self.entries.get(&item.id).and_then(|entry| entry.chunk);
            if placed.is_none() {
                self.note_journaled(item.id);
            }
            self.set(item, chunk);
        }
        match placed {
            None => self.next_journal += 1,
            Some(placed) => {
                for (id, chunk) in placed {
                    if let Some(entry) = self.entries.get_mut(&id) {
                        entry.chunk = Some(chunk);
                    }
                }
                self.journaled.clear();
                self.next_journal = 0;
            }
        }
    }

    fn set(&mut self, item: IndexedItem, chunk: Option<u64>) {
        match item.overview {
            Some(overview) => {
                let haystack = Haystack::new(&overview);
                let chunk = chunk.or_else(|| self.entries.get(&item.id).and_then(|old| old.chunk));
                let entry = Entry {
                    version: item.version,
                    overview,
                    haystack,
                    rules: OnceCell::new(),
                    chunk,
                };
                self.entries.insert(item.id, entry);
            }
            None => {
                self.entries.remove(&item.id);
            }
        }
    }

    fn note_journaled(&mut self, id: ItemId) {
        let chunk = self.entries.get(&id).and_then(|entry| entry.chunk);
        self.journaled.entry(id).or_insert(chunk);
    }

    /// A chunk for every live item that has none: the last one while it has room, then new ones.
    fn place(&self, edits: &[IndexedItem]) -> BTreeMap<ItemId, u64> {
        let mut last = self
            .entries
            .values()
            .filter_map(|entry| entry.chunk)
            .max()
            .unwrap_or(0);
        let mut held = self
            .entries
            .values()
            .filter(|entry| entry.chunk == Some(last))
            .count();
        let gone: BTreeSet<_> = edits
            .iter()
            .filter(|item| item.overview.is_none())
            .map(|item| item.id)
            .collect();
        let homeless = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.chunk.is_none())
            .map(|(id, _)| *id);
        let new = edits
            .iter()
            .map(|item| item.id)
            .filter(|id| !self.entries.contains_key(id));
        let mut placed = BTreeMap::new();
        for id in homeless.chain(new).filter(|id| !gone.contains(id)) {
            if held >= CHUNK_ITEMS {
                (last, held) = (last + 1, 0);
            }
            if placed.insert(id, last).is_none() {
                held += 1;
            }
        }
        placed
    }

    /// Chunks that are no longer what the store has.
    fn touched(&self, edits: &[IndexedItem], placed: &BTreeMap<ItemId, u64>) -> BTreeSet<u64> {
        let edited = edits
            .iter()
            .filter_map(|item| self.entries.get(&item.id)?.chunk);
        let journaled = self.journaled.values().filter_map(|chunk| *chunk);
        edited
            .chain(journaled)
            .chain(placed.values().copied())
            .collect()
    }

    /// What belongs into every chunk after the edits.
    fn contents<'a>(
        &'a self,
        edits: &'a [IndexedItem],
        placed: &BTreeMap<ItemId, u64>,
    ) -> BTreeMap<u64, Vec<Listed<'a>>> {
        let mut after: BTreeMap<&ItemId, Listed<'a>> = self
            .entries
            .iter()
            .map(|(id, entry)| {
                (
                    id,
                    Listed {
                        id,
                        version: entry.version,
                        overview: Some(&entry.overview),
                    },
                )
            })
            .collect();
        for item in edits {
            match &item.overview {
                Some(overview) => {
                    let listed = Listed {
                        id: &item.id,
                        version: item.version,
                        overview: Some(overview),
                    };
                    after.insert(&item.id, listed)
                }
                None => after.remove(&item.id),
            };
        }
        let mut contents: BTreeMap<u64, Vec<Listed<'a>>> = BTreeMap::new();
        for (id, listed) in after {
            let chunk = self
                .entries
                .get(id)
                .and_then(|entry| entry.chunk)
                .or_else(|| placed.get(id).copied());
            if let Some(chunk) = chunk {
                contents.entry(chunk).or_default().push(listed);
            }
        }
        contents
    }
}

impl Entry {
    pub(crate) fn rules(&self) -> &[Rule] {
        self.rules.get_or_init(|| rules(&self.overview.urls))
    }

    /// As lists show it.
    pub(crate) fn summary(&self, id: ItemId, pending: bool) -> ItemSummary {
        let host = self
            .overview
            .urls
            .first()
            .map_or("", |url| display_host(&url.url));
        ItemSummary {
            id,
            kind: self.overview.kind,
            title: self.overview.title.clone(),
            subtitle: self.overview.subtitle.clone(),
            host: host.to_owned(),
            has_password: self.overview.has_password,
            pending,
        }
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

fn open(keyring: &Keyring, key: &str, sealed: &[u8]) -> Result<Vec<IndexedItem>, EngineError> {
    decode(&keyring.open_local(ObjectKind::LocalRecord, key, sealed)?)
}

fn number_of(prefix: &str, key: &str) -> Result<u64, EngineError> {
    u64::from_str_radix(suffix(prefix, key), 16).map_err(|_| EngineError::Unreadable)
}
