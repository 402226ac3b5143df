//! Deleting with a way back.

use std::cmp::Reverse;

use proto::{
    bridge::popup::{Saved, Trash, TrashItem},
    ids::{ItemId, ItemVersion},
    limits::TRASH_KEPT_MS,
    vault::ItemOverview,
};

use super::{Content, Write};
use crate::{
    Engine,
    error::EngineError,
    keyring::OsRandom,
    platform::{Change, Platform, Store},
    records::{TRASH, TrashRecord, decode, item_key, put, read, suffix},
    release,
};

impl<P: Platform> Engine<P> {
    /// Deletes an item; [`Self::undelete`] brings it back. Deleting it twice is deleting it once.
    ///
    /// # Errors
    /// [`EngineError::ItemMissing`], [`EngineError::Store`], [`EngineError::Locked`].
    pub async fn delete(&self, id: ItemId) -> Result<Saved, EngineError> {
        self.ensure_open().await?;
        let _writing = self.writing().await;
        let record = self.record(id).await?;
        let Some(content) = record.content else {
            return Ok(Saved {
                id,
                version: record.version,
            });
        };
        let now = self.platform().now();
        let trash = TrashRecord {
            deleted_at: now,
            version: record.version,
            content,
        };
        let version = ItemVersion(record.version.0 + 1);
        let mut prepared = self.with_open(|open| {
            let write = Write {
                id,
                version,
                content: Content::Deleted(now),
            };
            open.prepare(vec![write], Vec::new(), &mut OsRandom(self.platform()))
        })?;
        prepared.changes.push(put(item_key(TRASH, &id), &trash)?);
        self.commit(prepared).await?;
        Ok(Saved { id, version })
    }

    /// Brings a deleted item back, as a new version. Where it is there already, nothing happens.
    ///
    /// # Errors
    /// [`EngineError::ItemMissing`] also after 30 days; [`EngineError::Unreadable`],
    /// [`EngineError::Store`], [`EngineError::Locked`].
    pub async fn undelete(&self, id: ItemId) -> Result<Saved, EngineError> {
        self.ensure_open().await?;
        let _writing = self.writing().await;
        let record = self.record(id).await?;
        if record.content.is_some() {
            return Ok(Saved {
                id,
                version: record.version,
            });
        }
        let trash: Option<TrashRecord> =
            read(self.platform().store(), &item_key(TRASH, &id)).await?;
        let trash = trash.ok_or(EngineError::ItemMissing)?;
        let version = ItemVersion(record.version.0 + 1);
        let now = self.platform().now();
        let mut prepared = self.with_open(|open| {
            let held = open.keyring.hold(id, trash.version, &trash.content)?;
            let overview = ItemOverview {
                updated_at: now,
                ..held.overview.clone()
            };
            let mut random = OsRandom(self.platform());
            let vault = open.keyring.active();
            let sealed = release::reseal(held, &id, version, &overview, vault, &mut random)?;
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
        prepared.changes.push(Change::Remove {
            key: item_key(TRASH, &id),
        });
        self.commit(prepared).await?;
        Ok(Saved { id, version })
    }

    /// What was deleted and can be brought back on this device, the last deleted first.
    ///
    /// # Errors
    /// [`EngineError::Store`], [`EngineError::Locked`].
    pub async fn trash(&self) -> Result<Trash, EngineError> {
        self.ensure_open().await?;
        let records = self.platform().store().read_prefix(TRASH).await?;
        let now = self.platform().now();
        self.with_open(|open| {
            let items = records.iter().filter_map(|(key, value)| {
                let id: ItemId = suffix(TRASH, key).parse().ok()?;
                let record: TrashRecord = decode(value).ok()?;
                let gone_at = record.deleted_at.plus(TRASH_KEPT_MS);
                let overview = open.keyring.overview(&id, record.version, &record.content);
                let overview = overview.ok().filter(|_| gone_at > now)?;
                Some(TrashItem {
                    id,
                    kind: overview.kind,
                    title: overview.title,
                    subtitle: overview.subtitle,
                    deleted_at: record.deleted_at,
                    gone_at,
                })
            });
            let mut items: Vec<TrashItem> = items.collect();
            items.sort_by_key(|item| Reverse(item.deleted_at));
            Ok(Trash { items })
        })
    }

    /// Forgets what was deleted long ago. Whoever calls this holds the right to write.
    pub(crate) async fn empty_trash(&self) -> Result<(), EngineError> {
        let now = self.platform().now();
        let store = self.platform().store();
        let mut changes = Vec::new();
        for (key, value) in store.read_prefix(TRASH).await? {
            // What cannot be read cannot be brought back either.
            let deleted_at = decode::<TrashRecord>(&value).map_or(0, |trash| trash.deleted_at.0);
            if now.0.saturating_sub(deleted_at) > TRASH_KEPT_MS {
                changes.push(Change::Remove { key });
            }
        }
        if changes.is_empty() {
            Ok(())
        } else {
            Ok(store.commit(changes).await?)
        }
    }
}
