//! What is in memory is what would be read again, and a change costs what it touches.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proto::{
    bytes::Hex,
    ids::{ItemId, ItemVersion, KeyNumber, UnixMillis},
    vault::{ItemKind, ItemOverview},
};
use wasm_core::random::{Random, RandomError};

use super::Index;
use crate::{
    error::EngineError,
    keyring::{KeptKey, KeyHex, Keyring},
    platform::Change,
    records::{INDEX, IndexedItem, JOURNAL},
};

/// Counts: no nonce comes twice.
struct Counter(u64);

impl Random for Counter {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        self.0 += 1;
        bytes.fill(0);
        let count = self.0.to_be_bytes();
        let length = bytes.len().min(count.len());
        bytes[..length].copy_from_slice(&count[..length]);
        Ok(())
    }
}

/// An index, and the store that it is written to.
struct Kept {
    index: Index,
    store: BTreeMap<String, Vec<u8>>,
    keyring: Keyring,
    random: Counter,
}

impl Kept {
    fn new() -> Option<Self> {
        let secret = KeyHex(Hex([7; 32]));
        let number = KeyNumber(1);
        let key = KeptKey { number, secret };
        Some(Self {
            index: Index::default(),
            store: BTreeMap::new(),
            keyring: Keyring::revive(&"ada@localhost".parse().ok()?, &[key])?,
            random: Counter(0),
        })
    }

    /// Commits edits, and says which keys of the store were written.
    fn change(&mut self, edits: Vec<IndexedItem>) -> Result<Vec<String>, EngineError> {
        let staged = self.index.stage(edits, &self.keyring, &mut self.random)?;
        let mut written = Vec::new();
        for change in &staged.changes {
            match change {
                Change::Put { key, value } => {
                    written.push(key.clone());
                    self.store.insert(key.clone(), value.clone());
                }
                Change::Remove { key } => drop(self.store.remove(key)),
                Change::Clear => self.store.clear(),
            }
        }
        self.index.apply(staged);
        Ok(written)
    }

    /// The index as the next worker reads it.
    fn again(&self) -> Result<Index, EngineError> {
        let of = |prefix: &str| -> Vec<(String, Vec<u8>)> {
            let found = self.store.iter().filter(|(key, _)| key.starts_with(prefix));
            found
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect()
        };
        Index::load(&self.keyring, &of(INDEX), &of(JOURNAL))
    }
}

fn id(number: u16) -> ItemId {
    let mut bytes = [0; 16];
    bytes[..2].copy_from_slice(&number.to_be_bytes());
    ItemId::from_bytes(bytes)
}

fn edit(number: u16, title: Option<&str>) -> IndexedItem {
    let overview = title.map(|title| ItemOverview {
        kind: ItemKind::Note,
        title: title.to_owned(),
        subtitle: String::new(),
        urls: Vec::new(),
        has_password: false,
        has_totp: false,
        created_at: UnixMillis(1),
        updated_at: UnixMillis(1),
        conflict_of: None,
    });
    IndexedItem {
        id: id(number),
        version: ItemVersion(1),
        overview,
    }
}

fn titles(index: &Index) -> Vec<(ItemId, String)> {
    let titles = index.iter();
    titles
        .map(|(id, entry)| (*id, entry.overview.title.clone()))
        .collect()
}

#[test]
fn a_batch_writes_the_chunks_that_it_touches_and_no_other() -> Result<(), EngineError> {
    let mut kept = Kept::new().ok_or(EngineError::Unreadable)?;
    for start in (0..5000).step_by(250) {
        let batch = (start..start + 250).map(|number| edit(number, Some("Pear")));
        let written = kept.change(batch.collect())?;
        // 250 items lie in two chunks of 256 at most.
        assert!(written.len() <= 2, "{written:?}");
    }
    assert_eq!(kept.store.len(), 5000_usize.div_ceil(256));
    // Far from one another: one chunk each, and nothing of the others.
    let far = (0..70).map(|number| edit(number * 70, Some("Plum")));
    assert!(kept.change(far.collect())?.len() <= 20);
    assert_eq!(titles(&kept.again()?), titles(&kept.index));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is added, changed and deleted, a new worker reads what the old one had.
    #[test]
    fn what_is_read_again_is_what_was_in_memory(
        batches in proptest::collection::vec(
            proptest::collection::btree_map(0_u16..900, any::<Option<bool>>(), 1..300),
            1..12,
        ),
    ) {
        let mut kept = Kept::new().ok_or_else(|| TestCaseError::fail("no keys"))?;
        for batch in batches {
            let edits = batch.into_iter().map(|(number, what)| {
                edit(number, what.map(|pear| if pear { "Pear" } else { "Plum" }))
            });
            kept.change(edits.collect()).map_err(|error| TestCaseError::fail(error.to_string()))?;
            let again = kept.again().map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(titles(&again), titles(&kept.index));
            let homeless = kept.index.entries.iter().filter(|(_, entry)| entry.chunk.is_none());
            for (id, _) in homeless {
                prop_assert!(kept.index.journaled.contains_key(id));
            }
            for (number, items) in &kept.index.chunks {
                prop_assert!(!items.is_empty());
                for id in items {
                    let chunk = kept.index.entries.get(id).and_then(|entry| entry.chunk);
                    prop_assert_eq!(chunk, Some(*number));
                }
            }
        }
    }
}
