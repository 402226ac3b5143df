//! Making the index anew out of the items themselves, where it does not open.

use proto::ids::ItemId;

use crate::{
    Engine,
    error::EngineError,
    index::Index,
    keyring::OsRandom,
    platform::{Change, Platform, Store},
    records::{
        BAD, BadRecord, INDEX, ITEMS, IndexedItem, ItemRecord, JOURNAL, decode, item_key, put,
        suffix,
    },
};

impl<P: Platform> Engine<P> {
    /// Opens every item's overview and writes the index anew. Items that do not open are counted
    /// among those that cannot be read.
    pub(crate) async fn rebuild_index(&self) -> Result<(), EngineError> {
        let store = self.platform().store();
        let items = store.read_prefix(ITEMS).await?;
        let mut changes = Vec::new();
        for prefix in [INDEX, JOURNAL] {
            let old = store.read_prefix(prefix).await?;
            changes.extend(old.into_iter().map(|(key, _)| Change::Remove { key }));
        }
        let (staged, bad) = self.with_open(|open| {
            let (mut edits, mut bad) = (Vec::new(), Vec::new());
            for (key, value) in &items {
                let (Ok(id), Ok(record)) = (
                    suffix(ITEMS, key).parse::<ItemId>(),
                    decode::<ItemRecord>(value),
                ) else {
                    continue;
                };
                let Some(content) = &record.content else {
                    continue;
                };
                match open.keyring.overview(&id, record.version, content) {
                    Ok(overview) => {
                        edits.push(IndexedItem {
                            id,
                            version: record.version,
                            overview: Some(overview),
                        });
                    }
                    Err(_) => bad.push((
                        id,
                        BadRecord {
                            version: record.version,
                            key: Some(content.key_number),
                        },
                    )),
                }
            }
            Ok((
                Index::default().stage(edits, &open.keyring, &mut OsRandom(self.platform()))?,
                bad,
            ))
        })?;
        let mut staged = staged;
        changes.append(&mut staged.changes);
        for (id, record) in &bad {
            changes.push(put(item_key(BAD, id), record)?);
        }
        store.commit(changes).await?;
        self.with_open(|open| {
            open.index = Index::default();
            open.index.apply(staged);
            open.bad.extend(bad.into_iter().map(|(id, _)| id));
            Ok(())
        })
    }
}
