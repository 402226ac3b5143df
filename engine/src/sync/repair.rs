//! Going on with a node that shows another vault than it should: one that was set back to a backup,
//! or has lost something. The user has said so; what only this device has is sent to it again.
//!
//! All is decided before anything is changed, and then is one commit: what is queued there outlives
//! the worker as any other write does.

use std::collections::BTreeMap;

use proto::{
    api::vault::{VaultContent, VaultRecord},
    bridge::popup::Repaired,
    ids::{ItemId, ItemVersion, Revision, UnixMillis},
    limits::ITEM_VERSION_MAX,
};
use wasm_core::manifest::content_hash;

use super::{page::check, pull::PAGES_MAX};
use crate::{
    Engine,
    error::EngineError,
    heads::Heads,
    keyring::OsRandom,
    node::NodeError,
    platform::{Change, Platform, Store},
    records::{BASE, HEADS, ITEMS, ItemRecord, META, decode, item_key, put, read, suffix},
    release,
    state::count,
    vault::{Content, Write},
};

/// A write, and the version here that it was made of; `None` of a new item.
type Planned = (Write, Option<ItemVersion>);

/// The items of this device.
type Local = BTreeMap<ItemId, ItemRecord>;

impl<P: Platform> Engine<P> {
    /// Takes the node as it is now: what this device has and the node does not is sent again, and
    /// where both have another version of an item, both stay for the user to choose. Then the chain
    /// of what was signed begins anew.
    ///
    /// # Errors
    /// [`EngineError::Node`], [`EngineError::Store`], [`EngineError::Locked`]; it can be done again.
    pub async fn repair(&self) -> Result<Repaired, EngineError> {
        self.ensure_open().await?;
        let epoch = self.state().epoch;
        let mut local = self.local_items().await?;
        let mut writes = Vec::new();
        let mut since = Revision(0);
        for _ in 0..PAGES_MAX {
            let page = self.ask_node(async |node| node.vault(since).await).await?;
            let read_to = check(&page, since)?;
            for theirs in &page.records {
                if let Some(ours) = local.remove(&theirs.id) {
                    self.weigh(&ours, theirs, &mut writes).await?;
                }
            }
            since = read_to;
            if !page.has_more {
                break;
            }
        }
        let now = self.platform().now();
        for (id, ours) in &local {
            // A deletion of what is not there needs none.
            if ours.content.is_some() {
                writes.extend(self.on_top(*id, ours, ItemVersion(0), now)?);
            }
        }
        let sent = count(writes.len());
        self.begin_anew(epoch, writes).await?;
        let report = self.sync().await?;
        match report.problem {
            Some(problem) => Err(NodeError::Refused(Box::new(problem)).into()),
            None => Ok(Repaired {
                received: report.pulled,
                sent,
            }),
        }
    }

    /// Every item here but those that are queued: their writes meet the node's as always.
    async fn local_items(&self) -> Result<Local, EngineError> {
        let records = self.platform().store().read_prefix(ITEMS).await?;
        self.with_open(|open| {
            let queued: std::collections::BTreeSet<_> = open.outbox.values().copied().collect();
            let read = |(key, value): &(String, Vec<u8>)| {
                let id: ItemId = suffix(ITEMS, key).parse().ok()?;
                Some((id, decode::<ItemRecord>(value).ok()?))
            };
            let all = records.iter().filter_map(read);
            Ok(all.filter(|(id, _)| !queued.contains(id)).collect())
        })
    }

    /// What has to be written so that nothing of `ours` is lost beside `theirs`.
    async fn weigh(
        &self,
        ours: &ItemRecord,
        theirs: &VaultRecord,
        writes: &mut Vec<Planned>,
    ) -> Result<(), EngineError> {
        let now = self.platform().now();
        let id = theirs.id;
        if theirs.version < ours.version {
            writes.extend(self.on_top(id, ours, theirs.version, now)?);
            return Ok(());
        }
        // A deletion gives way: what is there instead can be deleted again.
        let Some(content) = &ours.content else {
            return Ok(());
        };
        let hash = content_hash(&VaultContent::Item(content.clone()));
        if theirs.version == ours.version {
            if content_hash(&theirs.content) != hash && !self.are_alike(ours, theirs)? {
                writes.extend(self.on_top(id, ours, theirs.version, now)?);
                let theirs = ItemRecord {
                    version: theirs.version,
                    content: theirs.content.item().cloned(),
                };
                writes.extend(self.beside(id, &theirs)?);
            }
            return Ok(());
        }
        // Newer there: nothing is lost if it was made of ours.
        let before = Some(ItemVersion(ours.version.0 + 1));
        let history = self.ask_versions(id, before, 1).await?;
        let was = history.versions.first();
        let made_of_ours = match was.filter(|was| was.version == ours.version) {
            Some(was) => content_hash(&was.content) == hash || self.are_alike(ours, was)?,
            None => false,
        };
        if !made_of_ours {
            writes.extend(self.beside(id, ours)?);
        }
        Ok(())
    }

    /// Whether this device has sealed the same as the node has: another one has sent it again.
    fn are_alike(&self, ours: &ItemRecord, theirs: &VaultRecord) -> Result<bool, EngineError> {
        let Some(content) = theirs.content.item() else {
            return Ok(false);
        };
        self.with_open(|open| {
            let ours = open.hold(theirs.id, ours);
            let theirs = open.keyring.hold(theirs.id, theirs.version, content);
            Ok(match (ours, theirs) {
                (Ok(ours), Ok(theirs)) => release::alike(ours, theirs)?,
                _ => false,
            })
        })
    }

    /// An item as the version after the node's; `None` where it does not open here.
    fn on_top(
        &self,
        id: ItemId,
        record: &ItemRecord,
        theirs: ItemVersion,
        now: UnixMillis,
    ) -> Result<Option<Planned>, EngineError> {
        if theirs.0 >= ITEM_VERSION_MAX {
            return Err(NodeError::Misbehaved.into());
        }
        let version = ItemVersion(theirs.0 + 1);
        if record.content.is_none() {
            let content = Content::Deleted(now);
            let write = Write {
                id,
                version,
                content,
            };
            return Ok(Some((write, Some(record.version))));
        }
        self.with_open(|open| {
            let Ok(held) = open.hold(id, record) else {
                return Ok(None);
            };
            let overview = held.overview.clone();
            let mut random = OsRandom(self.platform());
            let vault = open.keyring.active();
            let sealed = release::reseal(held, &id, version, &overview, vault, &mut random)?;
            let write = Write {
                id,
                version,
                content: Content::Item(sealed, overview),
            };
            Ok(Some((write, Some(record.version))))
        })
    }

    /// A version as an item of its own, another version of `id`; `None` where it does not open here,
    /// or is a deletion.
    fn beside(&self, id: ItemId, record: &ItemRecord) -> Result<Option<Planned>, EngineError> {
        let Some(content) = &record.content else {
            return Ok(None);
        };
        match self.copy(id, record.version, content, Some(id)) {
            Err(EngineError::Unreadable) => Ok(None),
            copied => copied.map(|write| Some((write, None))),
        }
    }

    /// Queues the writes and forgets what was signed and read, in one commit.
    async fn begin_anew(&self, epoch: u64, writes: Vec<Planned>) -> Result<(), EngineError> {
        let _writing = self.writing_in(epoch).await?;
        let store = self.platform().store();
        let records = store.read_prefix(HEADS).await?;
        // What was changed here meanwhile goes its own way.
        let mut still = Vec::new();
        for (write, made_of) in writes {
            let present: Option<ItemRecord> = read(store, &item_key(ITEMS, &write.id)).await?;
            let queued =
                self.with_open(|open| Ok(open.outbox.values().any(|id| *id == write.id)))?;
            if !queued && present.map(|present| present.version) == made_of {
                still.push(write);
            }
        }
        // They are made on what the node has; what it was made of is read by nobody here.
        let bases = still.iter().map(|write| Change::Remove {
            key: item_key(BASE, &write.id),
        });
        let bases: Vec<Change> = bases.collect();
        let writes = still;
        let mut prepared = self
            .with_open(|open| open.prepare(writes, Vec::new(), &mut OsRandom(self.platform())))?;
        prepared.changes.extend(bases);
        let forget = records.into_iter().map(|(key, _)| Change::Remove { key });
        prepared.changes.extend(forget);
        let meta = crate::records::MetaRecord {
            since: Revision(0),
            manifest: None,
            compared: false,
        };
        prepared.changes.push(put(META.to_owned(), &meta)?);
        self.commit(prepared).await?;
        self.with_open(|open| {
            open.heads = Heads::default();
            open.manifest = None;
            open.since = Revision(0);
            open.compared = false;
            Ok(())
        })
    }
}
