//! Items: lists, views, and the user's changes, each of which is one commit.

use proto::{
    api::vault::{SealedItem, VaultContent},
    bridge::{
        endpoint::FrameSender,
        popup::{Generate, Generated, Revealed, Saved, SearchResults},
    },
    ids::{ItemId, ItemVersion, UnixMillis},
    origin::Origin,
    vault::{ItemDraft, ItemOverview, ItemSummary, ItemView, SecretField},
};
use wasm_core::seal::ObjectKind;
use zeroize::Zeroizing;

use crate::{
    Engine,
    error::EngineError,
    generate,
    index::{Entry, Staged},
    keyring::OsRandom,
    platform::{Change, Platform, Store},
    records::{
        ITEMS, IndexedItem, ItemRecord, OUTBOX, OutboxRecord, USAGE, encode, item_key,
        numbered_key, put, read,
    },
    release::{self, Credential, Held, UserAct},
    search,
    state::Open,
};

mod draft;
mod rebuild;
mod trash;

/// Logins whose last use is remembered.
const USAGE_MAX: usize = 1_000;
/// How long the same new item counts as one request that was sent twice, milliseconds.
const REPEATED_WITHIN_MS: u64 = 60_000;

/// What the user does here is done by choosing it on a page of the extension.
const CHOSEN: Option<UserAct> = Some(UserAct::Chosen);

/// A change of one item that waits for its commit.
pub(crate) struct Write {
    pub(crate) id: ItemId,
    pub(crate) version: ItemVersion,
    pub(crate) content: Content,
}

/// What a change makes of an item.
pub(crate) enum Content {
    /// Both halves sealed, and the overview in the open.
    Item(SealedItem, ItemOverview),
    /// Its end, and when.
    Deleted(UnixMillis),
}

/// A prepared commit, and what memory learns when it has succeeded.
pub(crate) struct Prepared {
    pub(crate) changes: Vec<Change>,
    pub(crate) staged: Staged,
    /// Writes for the node: number and item.
    pub(crate) queued: Vec<(u64, ItemId)>,
}

impl Open {
    /// Prepares writes of this device: records, queue and index in one. `edits` are changes of the
    /// index that come along.
    pub(crate) fn prepare(
        &self,
        writes: Vec<Write>,
        mut edits: Vec<IndexedItem>,
        random: &mut dyn wasm_core::random::Random,
    ) -> Result<Prepared, EngineError> {
        let (mut changes, mut queued) = (Vec::new(), Vec::new());
        for (number, write) in (self.next_write..).zip(writes) {
            let Write {
                id,
                version,
                content,
            } = write;
            let (content, overview) = match content {
                Content::Item(item, overview) => (VaultContent::Item(item), Some(overview)),
                Content::Deleted(at) => {
                    let vault = self.keyring.active();
                    let tombstone = vault.seal_tombstone(&id, version, at, random)?;
                    (VaultContent::Tombstone(tombstone), None)
                }
            };
            let record = ItemRecord {
                version,
                content: content.item().cloned(),
            };
            changes.push(put(item_key(ITEMS, &id), &record)?);
            let queue = OutboxRecord {
                id,
                version,
                content,
            };
            changes.push(put(numbered_key(OUTBOX, number), &queue)?);
            queued.push((number, id));
            edits.push(IndexedItem {
                id,
                version,
                overview,
            });
        }
        let mut staged = self.index.stage(edits, &self.keyring, random)?;
        changes.append(&mut staged.changes);
        Ok(Prepared {
            changes,
            staged,
            queued,
        })
    }

    /// Takes over what was committed.
    pub(crate) fn accept(&mut self, staged: Staged, queued: Vec<(u64, ItemId)>) {
        self.index.apply(staged);
        for (number, id) in queued {
            self.outbox.insert(number, id);
            self.next_write = self.next_write.max(number + 1);
        }
    }

    fn is_pending(&self, id: &ItemId) -> bool {
        self.outbox.values().any(|queued| queued == id)
    }

    fn recency(&self, id: &ItemId, entry: &Entry) -> UnixMillis {
        self.usage
            .get(id)
            .copied()
            .unwrap_or_default()
            .max(entry.overview.updated_at)
    }

    /// An item as the release gate takes it, with the very overview that its secrets are bound to.
    pub(crate) fn hold(&self, id: ItemId, record: &ItemRecord) -> Result<Held<'_>, EngineError> {
        let content = record.content.as_ref().ok_or(EngineError::ItemMissing)?;
        Ok(self.keyring.hold(id, record.version, content)?)
    }
}

impl<P: Platform> Engine<P> {
    /// A page of what a query finds, the best and then the last used or changed first; an empty
    /// query lists all, by title. `limit`: at most 200.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::NoAccount`].
    pub async fn search(
        &self,
        query: &str,
        offset: u32,
        limit: u32,
    ) -> Result<SearchResults, EngineError> {
        self.ensure_open().await?;
        self.with_open(|open| {
            let pending: std::collections::BTreeSet<_> = open.outbox.values().copied().collect();
            let recency = |id: &ItemId, entry: &Entry| open.recency(id, entry);
            let page = search::Page { offset, limit };
            Ok(search::search(&open.index, query, page, recency, |id| {
                pending.contains(id)
            }))
        })
    }

    /// Logins that fit a page, the last used first.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::NoAccount`].
    pub async fn logins_for(&self, page: &Origin) -> Result<Vec<ItemSummary>, EngineError> {
        self.ensure_open().await?;
        self.with_open(|open| {
            let mut fitting: Vec<_> = open.index.fitting(page).collect();
            fitting.sort_by_key(|(id, entry)| std::cmp::Reverse((open.recency(id, entry), **id)));
            Ok(fitting
                .into_iter()
                .map(|(id, entry)| entry.summary(*id, open.is_pending(id)))
                .collect())
        })
    }

    /// One item without its secrets.
    ///
    /// # Errors
    /// [`EngineError::ItemMissing`], [`EngineError::Unreadable`], [`EngineError::Locked`].
    pub async fn item(&self, id: ItemId) -> Result<ItemView, EngineError> {
        let record = self.record(id).await?;
        self.with_open(|open| {
            let held = open.hold(id, &record)?;
            let overview = held.overview.clone();
            let secret_fields = release::fields(held, CHOSEN)?;
            let pending = open.is_pending(&id);
            Ok(ItemView {
                id,
                version: record.version,
                overview,
                secret_fields,
                pending,
            })
        })
    }

    /// One secret field, for the user's eyes or clipboard.
    ///
    /// # Errors
    /// As [`Self::item`]; `ItemMissing` also for a field that holds nothing.
    pub async fn reveal(&self, id: ItemId, field: &SecretField) -> Result<Revealed, EngineError> {
        let record = self.record(id).await?;
        let now = self.platform().now();
        self.with_open(|open| release::reveal(open.hold(id, &record)?, field, CHOSEN, now))
    }

    /// One item with its secrets, to be edited.
    ///
    /// # Errors
    /// As [`Self::item`].
    pub async fn edit(&self, id: ItemId) -> Result<ItemDraft, EngineError> {
        let record = self.record(id).await?;
        self.with_open(|open| release::draft(open.hold(id, &record)?, record.version, CHOSEN))
    }

    /// One login for one fill of one frame, if [`release::may_release`] allows it.
    ///
    /// # Errors
    /// [`EngineError::Refused`], and as [`Self::item`].
    pub async fn release(
        &self,
        id: ItemId,
        frame: &FrameSender,
        act: impl Into<Option<UserAct>>,
    ) -> Result<Credential, EngineError> {
        let record = self.record(id).await?;
        let (act, now) = (act.into(), self.platform().now());
        let _writing = self.writing().await;
        let (credential, usage) = self.with_open(|open| {
            let credential = release::credential(open.hold(id, &record)?, frame, act, now)?;
            open.usage.insert(id, now);
            while open.usage.len() > USAGE_MAX {
                let oldest = open
                    .usage
                    .iter()
                    .min_by_key(|(_, used)| **used)
                    .map(|(id, _)| *id);
                oldest.and_then(|id| open.usage.remove(&id));
            }
            let json = Zeroizing::new(encode(&open.usage)?);
            let mut random = OsRandom(self.platform());
            Ok((
                credential,
                open.keyring
                    .seal_local(ObjectKind::LocalRecord, USAGE, &json, &mut random)?,
            ))
        })?;
        let change = Change::Put {
            key: USAGE.to_owned(),
            value: usage,
        };
        // The fill goes on even if its time cannot be written down.
        let _ = self.platform().store().commit(vec![change]).await;
        Ok(credential)
    }

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
        let (id, version, created_at) = match checked.edits {
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
                    Ok(overview.created_at)
                })?;
                (id, ItemVersion(edited.0 + 1), made)
            }
            None => match self.made_already(&checked, now).await? {
                Some(saved) => return Ok(saved),
                None => (self.make_item_id(now), ItemVersion(1), now),
            },
        };
        let overview = checked.overview(created_at, now);
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

    /// Makes a password.
    ///
    /// # Errors
    /// [`EngineError::Generate`].
    pub fn generate(&self, recipe: &Generate) -> Result<Generated, EngineError> {
        Ok(generate::generate(recipe, &|out| {
            self.platform().random(out);
        })?)
    }

    /// The record of an item, the vault being open.
    pub(crate) async fn record(&self, id: ItemId) -> Result<ItemRecord, EngineError> {
        self.ensure_open().await?;
        let record = read(self.platform().store(), &item_key(ITEMS, &id)).await?;
        record.ok_or(EngineError::ItemMissing)
    }

    /// Commits, and then lets memory know. Whoever calls this holds the right to write.
    pub(crate) async fn commit(&self, prepared: Prepared) -> Result<(), EngineError> {
        let Prepared {
            changes,
            staged,
            queued,
        } = prepared;
        self.platform().store().commit(changes).await?;
        // Locked meanwhile: the next unlocking reads it from the store.
        if let Some(open) = &mut self.state_mut().open {
            open.accept(staged, queued);
        }
        Ok(())
    }

    pub(crate) fn make_item_id(&self, now: UnixMillis) -> ItemId {
        let mut random = [0; 10];
        self.platform().random(&mut random);
        ItemId::make(now, random)
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
