//! When items were last filled, and the lists that are ordered by it. It stays on this device.

use std::{cmp::Reverse, collections::BTreeMap};

use proto::{
    ids::{ItemId, UnixMillis},
    origin::Origin,
    vault::{ItemKind, ItemSummary},
};
use wasm_core::seal::ObjectKind;
use zeroize::Zeroizing;

use crate::{
    Engine,
    error::EngineError,
    index::Entry,
    keyring::OsRandom,
    platform::{Change, Platform, Store},
    records::{USAGE, encode},
    state::Open,
};

/// Items whose last use is remembered.
const USAGE_MAX: usize = 500;

impl Open {
    /// When an item was last used or changed.
    pub(super) fn recency(&self, id: &ItemId, entry: &Entry) -> UnixMillis {
        self.last_used(id).max(entry.overview.updated_at)
    }

    /// When an item was last filled; 0 where nobody remembers.
    fn last_used(&self, id: &ItemId) -> UnixMillis {
        self.usage.get(id).copied().unwrap_or_default()
    }

    /// Items as lists show them, the last used first, then by title.
    fn by_last_use<'a>(
        &self,
        items: impl Iterator<Item = (&'a ItemId, &'a Entry)>,
    ) -> Vec<ItemSummary> {
        let mut items: Vec<_> = items.collect();
        items.sort_by_cached_key(|(id, entry)| {
            let title = entry.overview.title.to_lowercase();
            (Reverse(self.last_used(id)), title, **id)
        });
        let summary = |(id, entry): (&ItemId, &Entry)| entry.summary(*id, self.is_pending(id));
        items.into_iter().map(summary).collect()
    }

    fn of_kind(&self, kind: ItemKind) -> Vec<ItemSummary> {
        let of_kind = self.index.iter();
        self.by_last_use(of_kind.filter(|(_, entry)| entry.overview.kind == kind))
    }
}

impl<P: Platform> Engine<P> {
    /// Logins that fit a page, the last used first, then by title.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::NoAccount`].
    pub async fn logins_for(&self, page: &Origin) -> Result<Vec<ItemSummary>, EngineError> {
        self.ensure_open().await?;
        self.with_open(|open| Ok(open.by_last_use(open.index.fitting(page))))
    }

    /// All cards, the last used first, then by title.
    ///
    /// # Errors
    /// As [`Self::logins_for`].
    pub async fn cards(&self) -> Result<Vec<ItemSummary>, EngineError> {
        self.ensure_open().await?;
        self.with_open(|open| Ok(open.of_kind(ItemKind::Card)))
    }

    /// All identities, the last used first, then by title.
    ///
    /// # Errors
    /// As [`Self::logins_for`].
    pub async fn identities(&self) -> Result<Vec<ItemSummary>, EngineError> {
        self.ensure_open().await?;
        self.with_open(|open| Ok(open.of_kind(ItemKind::Identity)))
    }

    /// Remembers that an item was filled just now.
    ///
    /// # Errors
    /// [`EngineError::ItemMissing`], [`EngineError::Store`], [`EngineError::Locked`].
    pub async fn used(&self, id: ItemId) -> Result<(), EngineError> {
        self.ensure_open().await?;
        let now = self.platform().now();
        let _writing = self.writing().await;
        self.with_open(|open| {
            open.index.get(&id).ok_or(EngineError::ItemMissing)?;
            Ok(())
        })?;
        let change = self.with_usage([(id, now)].into())?;
        Ok(self.platform().store().commit(vec![change]).await?)
    }

    /// The change that remembers these uses, too, each where it is the last one. Whoever calls this holds the
    /// right to write.
    pub(crate) fn with_usage(
        &self,
        used: BTreeMap<ItemId, UnixMillis>,
    ) -> Result<Change, EngineError> {
        let value = self.with_open(|open| {
            for (id, at) in used {
                let last = open.usage.entry(id).or_insert(at);
                *last = at.max(*last);
            }
            while open.usage.len() > USAGE_MAX {
                let oldest = open.usage.iter().min_by_key(|(_, used)| **used);
                let oldest = oldest.map(|(id, _)| *id);
                oldest.and_then(|id| open.usage.remove(&id));
            }
            let json = Zeroizing::new(encode(&open.usage)?);
            let mut random = OsRandom(self.platform());
            open.keyring
                .seal_local(ObjectKind::LocalRecord, USAGE, &json, &mut random)
        })?;
        let key = USAGE.to_owned();
        Ok(Change::Put { key, value })
    }
}
