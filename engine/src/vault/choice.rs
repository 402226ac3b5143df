//! Two devices changed the same of an item: both versions stay until the user has chosen.

use proto::{
    bridge::popup::{Comparison, Keep, Saved},
    ids::{ItemId, ItemVersion, UnixMillis},
    vault::ItemOverview,
};

use super::{Content, Write};
use crate::{
    Engine, error::EngineError, keyring::OsRandom, platform::Platform, records::ItemRecord,
    release, sync::without_copy_mark,
};

impl<P: Platform> Engine<P> {
    /// What differs between an item and its other version.
    ///
    /// # Errors
    /// [`EngineError::ItemMissing`] where it is no other version, or the item is gone;
    /// [`EngineError::Unreadable`], [`EngineError::Locked`].
    pub async fn compare(&self, copy: ItemId) -> Result<Comparison, EngineError> {
        let (other, original, present) = self.both_versions(copy).await?;
        let (original_version, copy_version) = (present.version, other.version);
        self.with_open(|open| {
            let present = open.hold(original, &present)?;
            let other = open.hold(copy, &other)?;
            let (title, original_at) =
                (present.overview.title.clone(), present.overview.updated_at);
            let copy_at = other.overview.updated_at;
            let other = release::titled(other, without_copy_mark);
            Ok(Comparison {
                original,
                title,
                original_version,
                original_at,
                copy_version,
                copy_at,
                changes: release::differences(present, other)?,
            })
        })
    }

    /// Keeps one of two versions, or both as two items. What is not kept stays in the history or
    /// in the trash.
    ///
    /// # Errors
    /// As [`Self::compare`], and [`EngineError::Store`]; [`EngineError::VersionConflict`] where one
    /// of them was changed since the versions in `compared`: of the item, and of the other one.
    pub async fn choose(
        &self,
        copy: ItemId,
        compared: (ItemVersion, ItemVersion),
        keep: Keep,
    ) -> Result<Saved, EngineError> {
        self.ensure_open().await?;
        let (other, _, present) = self.both_versions(copy).await?;
        for (seen, there) in [(compared.0, present.version), (compared.1, other.version)] {
            if seen != there {
                return Err(EngineError::VersionConflict { version: there });
            }
        }
        match keep {
            Keep::Original => self.delete(copy).await,
            Keep::Both => self.keep_both(copy).await,
            Keep::Copy => self.keep_copy(copy, compared).await,
        }
    }

    async fn keep_both(&self, copy: ItemId) -> Result<Saved, EngineError> {
        let _writing = self.writing().await;
        let record = self.record(copy).await?;
        let next = ItemVersion(record.version.0 + 1);
        let now = self.platform().now();
        let write = self.rewritten(copy, &record, copy, next, now, |overview| overview)?;
        self.commit_writes(vec![write]).await?;
        Ok(Saved {
            id: copy,
            version: next,
        })
    }

    async fn keep_copy(
        &self,
        copy: ItemId,
        compared: (ItemVersion, ItemVersion),
    ) -> Result<Saved, EngineError> {
        let _writing = self.writing().await;
        let (other, original, present) = self.both_versions(copy).await?;
        if (present.version, other.version) != compared {
            let version = present.version;
            return Err(EngineError::VersionConflict { version });
        }
        let next = ItemVersion(present.version.0 + 1);
        let now = self.platform().now();
        let named = |overview: ItemOverview| ItemOverview {
            title: without_copy_mark(&overview.title).to_owned(),
            ..overview
        };
        let write = self.rewritten(copy, &other, original, next, now, named)?;
        let end = Write {
            id: copy,
            version: ItemVersion(other.version.0 + 1),
            content: Content::Deleted(now),
        };
        self.commit_writes(vec![write, end]).await?;
        Ok(Saved {
            id: original,
            version: next,
        })
    }

    /// A record's content as version `next` of `target`, which is no other version of anything.
    fn rewritten(
        &self,
        id: ItemId,
        record: &ItemRecord,
        target: ItemId,
        next: ItemVersion,
        now: UnixMillis,
        change: impl FnOnce(ItemOverview) -> ItemOverview,
    ) -> Result<Write, EngineError> {
        self.with_open(|open| {
            let held = open.hold(id, record)?;
            let overview = change(ItemOverview {
                conflict_of: None,
                updated_at: now,
                ..held.overview.clone()
            });
            let mut random = OsRandom(self.platform());
            let vault = open.keyring.active();
            let sealed = release::reseal(held, &target, next, &overview, vault, &mut random)?;
            Ok(Write {
                id: target,
                version: next,
                content: Content::Item(sealed, overview),
            })
        })
    }

    /// Commits writes of this device. Whoever calls this holds the right to write.
    pub(super) async fn commit_writes(&self, writes: Vec<Write>) -> Result<(), EngineError> {
        let prepared = self
            .with_open(|open| open.prepare(writes, Vec::new(), &mut OsRandom(self.platform())))?;
        self.commit(prepared).await
    }

    /// The other version, the item that it is of, and that item's present version.
    async fn both_versions(
        &self,
        copy: ItemId,
    ) -> Result<(ItemRecord, ItemId, ItemRecord), EngineError> {
        let other = self.record(copy).await?;
        let original = self.with_open(|open| {
            let overview = open.hold(copy, &other)?.overview;
            overview.conflict_of.ok_or(EngineError::ItemMissing)
        })?;
        let present = self.record(original).await?;
        Ok((other, original, present))
    }
}
