//! Saving an item, once however often it is asked for.

use proto::{
    bridge::popup::Saved,
    ids::{ItemId, ItemVersion, UnixMillis},
    vault::{ItemDraft, ItemOverview},
};

use super::{Content, Write, draft};
use crate::{
    Engine, error::EngineError, index::Entry, keyring::OsRandom, platform::Platform,
    records::ItemRecord, release,
};

/// How long the same new item counts as one request that was sent twice, milliseconds.
const REPEATED_WITHIN_MS: u64 = 60_000;

impl<P: Platform> Engine<P> {
    /// Writes an item: in the store when this returns, at the node after the next [`Self::sync`].
    /// The same draft sent twice is one write.
    ///
    /// # Errors
    /// [`EngineError::ItemInvalid`], [`EngineError::TooLarge`], [`EngineError::VersionConflict`]
    /// where the item has changed since it was edited, [`EngineError::ItemMissing`],
    /// [`EngineError::Store`], [`EngineError::Locked`].
    pub async fn save(&self, draft: ItemDraft) -> Result<Saved, EngineError> {
        self.ensure_open().await?;
        let now = self.platform().now();
        let checked = draft::check(draft)?;
        let _writing = self.writing().await;
        let (id, version, created_at, conflict_of) = match checked.edits {
            Some((id, edited)) => {
                let record = self.record(id).await?;
                if record.version != edited {
                    return self.saved_already(&checked, id, &record, edited);
                }
                let made = self.with_open(|open| {
                    let overview = &open
                        .index
                        .get(&id)
                        .ok_or(EngineError::ItemMissing)?
                        .overview;
                    if overview.kind != checked.secrets.kind() {
                        return Err(EngineError::ItemInvalid { field: "kind" });
                    }
                    Ok((overview.created_at, overview.conflict_of))
                })?;
                let (created_at, conflict_of) = made;
                (id, ItemVersion(edited.0 + 1), created_at, conflict_of)
            }
            None => match self.made_already(&checked, now).await? {
                Some(saved) => return Ok(saved),
                None => (self.make_item_id(now), ItemVersion(1), now, None),
            },
        };
        let overview = ItemOverview {
            conflict_of,
            ..checked.overview(created_at, now)
        };
        let prepared = self.with_open(|open| {
            let mut random = OsRandom(self.platform());
            let vault = open.keyring.active();
            let sealed = vault.seal_item(&id, version, &overview, &checked.secrets, &mut random)?;
            let content = Content::Item(sealed, overview);
            open.prepare(
                vec![Write {
                    id,
                    version,
                    content,
                }],
                Vec::new(),
                &mut random,
            )
        })?;
        self.commit(prepared).await?;
        Ok(Saved { id, version })
    }

    /// An edit of an older version: a conflict, unless it is the very edit that made the present
    /// one, sent once more.
    fn saved_already(
        &self,
        checked: &draft::Checked,
        id: ItemId,
        record: &ItemRecord,
        edited: ItemVersion,
    ) -> Result<Saved, EngineError> {
        self.with_open(|open| {
            let held = open.hold(id, record)?;
            let same = record.version.0 == edited.0 + 1
                && checked.shows_as(&held.overview)
                && release::holds_already(held, &checked.secrets);
            let version = record.version;
            if same {
                Ok(Saved { id, version })
            } else {
                Err(EngineError::VersionConflict { version })
            }
        })
    }

    /// The same new item, made a moment ago by a request whose answer was lost with the worker.
    async fn made_already(
        &self,
        checked: &draft::Checked,
        now: UnixMillis,
    ) -> Result<Option<Saved>, EngineError> {
        let alike: Vec<ItemId> = self.with_open(|open| {
            let recent = |entry: &Entry| {
                now.0.saturating_sub(entry.overview.created_at.0) < REPEATED_WITHIN_MS
            };
            let alike = open.index.iter().filter(|(_, entry)| {
                entry.version == ItemVersion(1)
                    && recent(entry)
                    && checked.shows_as(&entry.overview)
            });
            Ok(alike.map(|(id, _)| *id).collect())
        })?;
        for id in alike {
            let record = self.record(id).await?;
            let same = self.with_open(|open| {
                Ok(release::holds_already(
                    open.hold(id, &record)?,
                    &checked.secrets,
                ))
            });
            if same? {
                return Ok(Some(Saved {
                    id,
                    version: record.version,
                }));
            }
        }
        Ok(None)
    }
}
