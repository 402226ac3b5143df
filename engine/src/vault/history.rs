//! Earlier versions of an item. The node keeps them; this device opens and compares them.

use proto::{
    api::vault::{ItemVersions, VaultContent, VaultRecord},
    bridge::popup::{History, Revealed, Saved, VersionDeed, VersionView},
    ids::{ItemId, ItemVersion, UnixMillis},
    limits::ITEM_VERSION_MAX,
    vault::{ItemOverview, ItemPart},
};

use super::{CHOSEN, Content, Write};
use crate::{
    Engine,
    error::EngineError,
    keyring::OsRandom,
    node::NodeError,
    platform::{Change, Platform},
    records::{ItemRecord, TRASH, item_key},
    release::{self, Held},
    state::Open,
};

/// Versions of one page, and one more to compare the last with.
const PAGE: u32 = 20;

/// A version as it is here or on the node.
struct Known {
    version: ItemVersion,
    content: VaultContent,
}

impl<P: Platform> Engine<P> {
    /// A page of an item's versions, the newest first, with what each changed. The node is asked.
    ///
    /// # Errors
    /// [`EngineError::Node`], [`EngineError::ItemMissing`], [`EngineError::Locked`].
    pub async fn history(
        &self,
        id: ItemId,
        before: Option<ItemVersion>,
    ) -> Result<History, EngineError> {
        let local = self.record(id).await?;
        let page = self.ask_versions(id, before, PAGE + 1).await?;
        let mut known: Vec<Known> = page.versions.into_iter().map(Known::from).collect();
        // What the node does not have yet.
        if before.is_none()
            && let Some(content) = local.content
            && known
                .first()
                .is_none_or(|newest| newest.version < local.version)
        {
            known.insert(
                0,
                Known {
                    version: local.version,
                    content: VaultContent::Item(content),
                },
            );
        }
        self.with_open(|open| {
            let mut versions: Vec<VersionView> = (0..known.len())
                .map(|at| open.view_version(id, &known[at], known.get(at + 1)))
                .collect();
            let has_more = page.has_more || versions.len() > PAGE as usize;
            // The last one is there to compare with, unless it is the first of all.
            if has_more {
                versions.pop();
            }
            Ok(History { versions, has_more })
        })
    }

    /// A secret part of one version, for the user's eyes or clipboard.
    ///
    /// # Errors
    /// As [`Self::history`]; `ItemMissing` also where the version or the part is not there.
    pub async fn reveal_version(
        &self,
        id: ItemId,
        version: ItemVersion,
        part: &ItemPart,
    ) -> Result<Revealed, EngineError> {
        let known = self.known_version(id, version).await?;
        self.with_open(|open| release::reveal_part(open.hold_known(id, &known)?, part, CHOSEN))
    }

    /// Makes an item what it was in an earlier version, or some parts of it, as a new version. What
    /// was deleted comes back whole.
    ///
    /// # Errors
    /// As [`Self::history`]; [`EngineError::ItemInvalid`] where too much comes together.
    pub async fn restore_version(
        &self,
        id: ItemId,
        version: ItemVersion,
        parts: Option<&[ItemPart]>,
    ) -> Result<Saved, EngineError> {
        let known = self.known_version(id, version).await?;
        let _writing = self.writing().await;
        let record = self.record(id).await?;
        let next = ItemVersion(record.version.0 + 1);
        let now = self.platform().now();
        let prepared = self.with_open(|open| {
            let old = open.hold_known(id, &known)?;
            let vault = open.keyring.active();
            let mut random = OsRandom(self.platform());
            let (sealed, overview) = if let (Some(_), Some(parts)) = (&record.content, parts) {
                let present = open.hold(id, &record)?;
                release::reseal_with_parts(present, old, parts, next, now, vault, &mut random)?
            } else {
                let overview = ItemOverview {
                    updated_at: now,
                    conflict_of: None,
                    ..old.overview.clone()
                };
                let sealed = release::reseal(old, &id, next, &overview, vault, &mut random)?;
                (sealed, overview)
            };
            let write = Write {
                id,
                version: next,
                content: Content::Item(sealed, overview),
            };
            open.prepare(vec![write], Vec::new(), &mut random)
        })?;
        let mut prepared = prepared;
        prepared.changes.push(Change::Remove {
            key: item_key(TRASH, &id),
        });
        self.commit(prepared).await?;
        Ok(Saved { id, version: next })
    }

    async fn known_version(&self, id: ItemId, version: ItemVersion) -> Result<Known, EngineError> {
        let ItemRecord {
            version: present,
            content,
        } = self.record(id).await?;
        if let (true, Some(content)) = (present == version, content) {
            let content = VaultContent::Item(content);
            return Ok(Known { version, content });
        }
        let before = Some(ItemVersion(version.0 + 1));
        let page = self.ask_versions(id, before, 1).await?;
        let mut known = page.versions.into_iter().map(Known::from);
        known
            .next()
            .filter(|known| known.version == version)
            .ok_or(EngineError::ItemMissing)
    }

    /// Versions of an item before one of them, the newest first, and each older than the one before.
    pub(crate) async fn ask_versions(
        &self,
        id: ItemId,
        before: Option<ItemVersion>,
        limit: u32,
    ) -> Result<ItemVersions, EngineError> {
        self.ensure_open().await?;
        let before = before.unwrap_or(ItemVersion(ITEM_VERSION_MAX + 1));
        let page = self
            .ask_node(async |node| node.versions(&id, before, limit).await)
            .await?;
        let mut last = before;
        for record in &page.versions {
            if record.id != id || record.version >= last {
                return Err(NodeError::Misbehaved.into());
            }
            last = record.version;
        }
        if page.versions.len() > limit as usize || (page.has_more && page.versions.is_empty()) {
            return Err(NodeError::Misbehaved.into());
        }
        Ok(page)
    }
}

impl From<VaultRecord> for Known {
    fn from(record: VaultRecord) -> Self {
        Self {
            version: record.version,
            content: record.content,
        }
    }
}

impl Open {
    fn hold_known(&self, id: ItemId, known: &Known) -> Result<Held<'_>, EngineError> {
        let content = known.content.item().ok_or(EngineError::ItemMissing)?;
        Ok(self.keyring.hold(id, known.version, content)?)
    }

    fn view_version(&self, id: ItemId, known: &Known, older: Option<&Known>) -> VersionView {
        let version = known.version;
        let unreadable = VersionView {
            version,
            at: None,
            deed: VersionDeed::Unreadable,
            changes: Vec::new(),
        };
        if let VaultContent::Tombstone(end) = &known.content {
            return match self.keyring.tombstone(&id, version, end) {
                Ok(at) => VersionView {
                    at: Some(at),
                    deed: VersionDeed::Deleted,
                    ..unreadable
                },
                Err(_) => unreadable,
            };
        }
        let Ok(held) = self.hold_known(id, known) else {
            return unreadable;
        };
        let at: Option<UnixMillis> = Some(held.overview.updated_at);
        // One that does not open cannot be compared with; one that was let go of neither.
        let before = older.and_then(|older| self.hold_known(id, older).ok());
        let deed = match older.map(|older| &older.content) {
            None if version.0 == 1 => VersionDeed::Made,
            Some(VaultContent::Tombstone(_)) => VersionDeed::Restored,
            _ => VersionDeed::Changed,
        };
        let changes = before.map(|before| release::differences(before, held));
        match changes.transpose() {
            Ok(changes) => VersionView {
                at,
                deed,
                changes: changes.unwrap_or_default(),
                ..unreadable
            },
            Err(_) => unreadable,
        }
    }
}
