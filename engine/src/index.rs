//! The overviews of all live items: in memory to be listed and searched, in the store in chunks
//! that are each sealed as one.
//!
//! ```text
//! index/0  [ up to 256 overviews ]     written when the journal is full
//! index/1  [ … ]
//! journal/0  [ changes ]               one with every commit
//! journal/1  [ … ]                     read after the chunks, in their order
//! ```

mod names;
mod staging;

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
};

use proto::{
    ids::{ItemId, ItemVersion},
    origin::{Origin, Scheme},
    vault::{ItemKind, ItemOverview, ItemSummary},
};
use wasm_core::seal::ObjectKind;

use self::names::Names;
pub(crate) use self::staging::Staged;
use crate::{
    error::EngineError,
    keyring::Keyring,
    matching::{Fit, Rule, best_fit, display_host, is_downgrade, rules},
    records::{INDEX, IndexedItem, JOURNAL, decode, suffix},
    search::Haystack,
    site::is_loopback,
};

/// All live items.
#[derive(Default)]
pub(crate) struct Index {
    entries: BTreeMap<ItemId, Entry>,
    /// Live items by the chunk that they lie in; no chunk is empty.
    chunks: BTreeMap<u64, BTreeSet<ItemId>>,
    /// Items changed since the chunks were written, with the chunk that holds their older state.
    /// Every live item without a chunk is among them.
    journaled: BTreeMap<ItemId, Option<u64>>,
    next_journal: u64,
    /// Made when it is first asked for, and again after a change.
    names: OnceCell<Names>,
}

/// One live item.
pub(crate) struct Entry {
    pub(crate) version: ItemVersion,
    pub(crate) overview: ItemOverview,
    pub(crate) haystack: Haystack,
    rules: OnceCell<Vec<Rule>>,
    chunk: Option<u64>,
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

    /// Takes over the newest state of an item; without `chunk` it stays in the one that it lies in.
    fn set(&mut self, item: IndexedItem, chunk: Option<u64>) {
        self.names.take();
        let before = self.entries.get(&item.id).and_then(|old| old.chunk);
        let Some(overview) = item.overview else {
            self.entries.remove(&item.id);
            self.moved(item.id, before, None);
            return;
        };
        let chunk = chunk.or(before);
        let entry = Entry {
            version: item.version,
            haystack: Haystack::new(&overview),
            overview,
            rules: OnceCell::new(),
            chunk,
        };
        self.entries.insert(item.id, entry);
        self.moved(item.id, before, chunk);
    }

    /// Notes that an item lies in another chunk, or in none.
    fn moved(&mut self, id: ItemId, before: Option<u64>, now: Option<u64>) {
        if before == now {
            return;
        }
        if let Some(number) = before
            && let Some(items) = self.chunks.get_mut(&number)
        {
            items.remove(&id);
            if items.is_empty() {
                self.chunks.remove(&number);
            }
        }
        if let Some(number) = now {
            self.chunks.entry(number).or_default().insert(id);
        }
    }

    fn note_journaled(&mut self, id: ItemId) {
        let chunk = self.entries.get(&id).and_then(|entry| entry.chunk);
        self.journaled.entry(id).or_insert(chunk);
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

fn open(keyring: &Keyring, key: &str, sealed: &[u8]) -> Result<Vec<IndexedItem>, EngineError> {
    decode(&keyring.open_local(ObjectKind::LocalRecord, key, sealed)?)
}

fn number_of(prefix: &str, key: &str) -> Result<u64, EngineError> {
    u64::from_str_radix(suffix(prefix, key), 16).map_err(|_| EngineError::Unreadable)
}

#[cfg(test)]
mod tests;
