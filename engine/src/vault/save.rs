//! Saving an item, once however often it is asked for.

use proto::{
    api::vault::SealedItem,
    bridge::popup::Saved,
    ids::{ItemId, ItemVersion, UnixMillis},
    vault::{Edited, ItemDraft, ItemOverview, ItemSecrets},
};

use super::{Content, Write, draft};
use crate::{
    Engine,
    error::EngineError,
    index::Entry,
    keyring::OsRandom,
    platform::Platform,
    records::ItemRecord,
    release,
    sync::{Met, without_copy_mark},
};

/// How long the same new item counts as one request that was sent twice, milliseconds.
const REPEATED_WITHIN_MS: u64 = 60_000;

impl<P: Platform> Engine<P> {
    /// Writes an item: in the store when this returns, at the node after the next [`Self::sync`].
    /// Where the item is not what the form was filled from any more, both are brought together as
    /// what two devices change: merged, or kept beside each other for the user to choose. Where it
    /// was deleted, what was typed is a new item. The same draft sent twice is one write.
    ///
    /// # Errors
    /// [`EngineError::ItemInvalid`], [`EngineError::TooLarge`], [`EngineError::VersionConflict`]
    /// where the item has changed and the draft does not say what it was, [`EngineError::ItemMissing`],
    /// [`EngineError::Store`], [`EngineError::Locked`].
    pub async fn save(&self, draft: ItemDraft) -> Result<Saved, EngineError> {
        self.ensure_open().await?;
        let now = self.platform().now();
        let mut checked = draft::check(draft)?;
        let _writing = self.writing().await;
        let edited = match checked.edits.take() {
            None => None,
            Some(edited) => {
                let present = self.record(edited.id).await?;
                let deleted = present.content.is_none() && edited.content.is_some();
                (!deleted).then_some((edited, present))
            }
        };
        let (id, version, created_at, conflict_of) = match edited {
            Some((edited, present)) => {
                let overview = self.overview_of(edited.id, &checked)?;
                match edited.content {
                    None if present.version != edited.version => {
                        return self.saved_already(&checked, &edited, &present);
                    }
                    Some(content) if present.content.as_ref() != Some(&content) => {
                        let overview = checked.overview(overview.created_at, now);
                        let filled_from = ItemRecord {
                            version: edited.version,
                            content: Some(content),
                        };
                        let typed = (overview, checked.secrets);
                        return self.save_on(edited.id, filled_from, typed, present).await;
                    }
                    _ => {}
                }
                let version = ItemVersion(present.version.0 + 1);
                (
                    edited.id,
                    version,
                    overview.created_at,
                    overview.conflict_of,
                )
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
        let sealed = self.seal(&id, version, &overview, &checked.secrets)?;
        let content = Content::Item(sealed, overview);
        let write = Write {
            id,
            version,
            content,
        };
        self.commit_writes(vec![write]).await?;
        Ok(Saved { id, version })
    }

    /// What lists show of an item, which a draft must be of the same kind as.
    fn overview_of(
        &self,
        id: ItemId,
        checked: &draft::Checked,
    ) -> Result<ItemOverview, EngineError> {
        self.with_open(|open| {
            let entry = open.index.get(&id).ok_or(EngineError::ItemMissing)?;
            if entry.overview.kind == checked.secrets.kind() {
                Ok(entry.overview.clone())
            } else {
                Err(EngineError::ItemInvalid { field: "kind" })
            }
        })
    }

    fn seal(
        &self,
        id: &ItemId,
        version: ItemVersion,
        overview: &ItemOverview,
        secrets: &ItemSecrets,
    ) -> Result<SealedItem, EngineError> {
        self.with_open(|open| {
            let mut random = OsRandom(self.platform());
            let vault = open.keyring.active();
            Ok(vault.seal_item(id, version, overview, secrets, &mut random)?)
        })
    }

    /// Saves what was typed into a form that was filled from another version than the present one.
    async fn save_on(
        &self,
        id: ItemId,
        filled_from: ItemRecord,
        typed: (ItemOverview, ItemSecrets),
        present: ItemRecord,
    ) -> Result<Saved, EngineError> {
        let (overview, secrets) = typed;
        let version = ItemVersion(filled_from.version.0 + 1);
        let ours = ItemRecord {
            version,
            content: Some(self.seal(&id, version, &overview, &secrets)?),
        };
        let version = match self.reconcile(id, Some(&filled_from), &ours, &present)? {
            Met::Merged(write) => {
                let version = write.version;
                self.commit_writes(vec![write]).await?;
                version
            }
            Met::Copy(copy) if !self.has_copy(id, &ours).await? => {
                self.commit_writes(vec![copy]).await?;
                present.version
            }
            Met::Copy(_) | Met::Theirs => present.version,
        };
        Ok(Saved { id, version })
    }

    /// Whether another version of an item holds this already: a save that was sent twice.
    async fn has_copy(&self, id: ItemId, ours: &ItemRecord) -> Result<bool, EngineError> {
        let copies: Vec<ItemId> = self.with_open(|open| {
            let all = open.index.iter();
            let copies = all.filter(|(_, entry)| entry.overview.conflict_of == Some(id));
            Ok(copies.map(|(copy, _)| *copy).collect())
        })?;
        for copy in copies {
            let record = self.record(copy).await?;
            let same = self.with_open(|open| {
                let copy = release::titled(open.hold(copy, &record)?, without_copy_mark);
                release::alike(copy, open.hold(id, ours)?)
            });
            if same? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// An edit of an older version, known by its number only: a conflict, unless it is the very edit
    /// that made the present one, sent once more.
    fn saved_already(
        &self,
        checked: &draft::Checked,
        edited: &Edited,
        present: &ItemRecord,
    ) -> Result<Saved, EngineError> {
        self.with_open(|open| {
            let held = open.hold(edited.id, present)?;
            let same = present.version.0 == edited.version.0 + 1
                && checked.shows_as(&held.overview)
                && release::holds_already(held, &checked.secrets);
            let (id, version) = (edited.id, present.version);
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
