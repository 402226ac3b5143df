//! What the node has, item by item, as this device knows it: hashes of each item's newest version.
//! They lie in 256 records, by the last byte of the item's id, so that a write changes a small one.

use std::collections::BTreeMap;

use proto::{
    api::vault::VaultContent,
    ids::{ItemId, ItemVersion, Revision},
};
use wasm_core::manifest::{self, HEAD_BYTES, Head};

use crate::{platform::Change, records::HEADS};

/// Bytes of an entry: an item's id and its head.
const ENTRY_BYTES: usize = 16 + HEAD_BYTES;

/// The heads of a vault, by record.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Heads(BTreeMap<u8, BTreeMap<ItemId, Head>>);

impl Heads {
    /// Reads the records. What is damaged is left out, and noticed at the next comparison.
    pub(crate) fn load(records: &[(String, Vec<u8>)]) -> Self {
        let entries = records
            .iter()
            .flat_map(|(_, value)| value.chunks_exact(ENTRY_BYTES));
        let mut heads = Self::default();
        heads.apply(entries.filter_map(read_entry).collect());
        heads
    }

    /// What is known of an item.
    pub(crate) fn get(&self, id: &ItemId) -> Option<&Head> {
        self.0.get(&bucket(id))?.get(id)
    }

    /// Whether there is one of an item.
    pub(crate) fn has(&self, id: &ItemId) -> bool {
        self.get(id).is_some()
    }

    /// What a version of the node makes of an item's head; nothing where a newer one is known.
    pub(crate) fn stage(
        &self,
        id: ItemId,
        version: ItemVersion,
        revision: Revision,
        content: &VaultContent,
    ) -> Option<(ItemId, Head)> {
        if self.get(&id).is_some_and(|head| head.revision >= revision) {
            return None;
        }
        let hash = manifest::content_hash(content);
        let head = Head {
            version,
            revision,
            hash,
        };
        Some((id, head))
    }

    /// Whether a version is no newer than what stands before it in the log.
    pub(crate) fn goes_back(&self, id: ItemId, version: ItemVersion, revision: Revision) -> bool {
        self.get(&id)
            .is_some_and(|head| head.revision < revision && head.version >= version)
    }

    /// The records as they are with staged heads.
    pub(crate) fn with(&self, staged: &[(ItemId, Head)]) -> Vec<Change> {
        let mut touched: BTreeMap<u8, BTreeMap<ItemId, Head>> = BTreeMap::new();
        for (id, head) in staged {
            let number = bucket(id);
            let record = touched
                .entry(number)
                .or_insert_with(|| self.0.get(&number).cloned().unwrap_or_default());
            record.insert(*id, *head);
        }
        touched
            .into_iter()
            .map(|(number, heads)| Change::Put {
                key: format!("{HEADS}{number:02x}"),
                value: heads.iter().flat_map(entry).collect(),
            })
            .collect()
    }

    /// Takes staged heads over, after the commit.
    pub(crate) fn apply(&mut self, staged: Vec<(ItemId, Head)>) {
        for (id, head) in staged {
            self.set(id, Some(head));
        }
    }

    /// Puts another head in an item's place, or none.
    pub(crate) fn set(&mut self, id: ItemId, head: Option<Head>) {
        let record = self.0.entry(bucket(&id)).or_default();
        match head {
            Some(head) => drop(record.insert(id, head)),
            None => drop(record.remove(&id)),
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.values().map(BTreeMap::len).sum()
    }

    /// Items whose newest version stands after a revision.
    pub(crate) fn after(&self, revision: Revision) -> Vec<(ItemId, Head)> {
        let all = self.0.values().flatten();
        let later = all.filter(|(_, head)| head.revision > revision);
        later.map(|(id, head)| (*id, *head)).collect()
    }

    /// How many there are, and what is signed of them.
    pub(crate) fn digest(&self) -> (u64, [u8; 32]) {
        let mut all: Vec<_> = self.0.values().flatten().collect();
        all.sort_unstable_by_key(|(id, _)| **id);
        manifest::digest(all.into_iter())
    }
}

/// The last byte is random in every id.
fn bucket(id: &ItemId) -> u8 {
    id.as_bytes()[15]
}

fn entry((id, head): (&ItemId, &Head)) -> [u8; ENTRY_BYTES] {
    let mut bytes = [0; ENTRY_BYTES];
    bytes[..16].copy_from_slice(id.as_bytes());
    bytes[16..].copy_from_slice(&head.to_bytes());
    bytes
}

fn read_entry(bytes: &[u8]) -> Option<(ItemId, Head)> {
    let (id, head) = bytes.split_first_chunk::<16>()?;
    Some((
        ItemId::from_bytes(*id),
        Head::from_bytes(head.try_into().ok()?),
    ))
}

#[cfg(test)]
mod tests {
    use proto::{api::vault::SealedTombstone, bytes::Base64, ids::KeyNumber};

    use super::*;

    #[test]
    fn heads_are_read_as_they_were_written() {
        let end = VaultContent::Tombstone(SealedTombstone {
            key_number: KeyNumber(1),
            sealed: Base64(vec![1; 37]),
        });
        let mut heads = Heads::default();
        let mut records = BTreeMap::new();
        for n in 1..=200_u64 {
            let id = ItemId::from_bytes((u128::from(n) * 7).to_be_bytes());
            let staged = heads.stage(id, ItemVersion(1), Revision(n), &end);
            let staged: Vec<_> = staged.into_iter().collect();
            for change in heads.with(&staged) {
                if let Change::Put { key, value } = change {
                    records.insert(key, value);
                }
            }
            heads.apply(staged);
            assert_eq!(heads.stage(id, ItemVersion(1), Revision(n), &end), None);
        }
        let records: Vec<_> = records.into_iter().collect();
        assert_eq!(Heads::load(&records), heads);
        assert_eq!(heads.after(Revision(0)).len(), 200);
        assert_eq!(heads.after(Revision(190)).len(), 10);
    }
}
