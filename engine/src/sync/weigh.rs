//! What is here against what the node has of an item, so that nothing of both is lost.

use proto::{
    api::vault::{VaultContent, VaultRecord},
    ids::{ItemId, ItemVersion},
    limits::ITEM_VERSION_MAX,
};
use wasm_core::manifest::content_hash;

use crate::{
    Engine,
    error::EngineError,
    keyring::OsRandom,
    node::NodeError,
    platform::Platform,
    records::ItemRecord,
    release,
    vault::{Content, Write},
};

/// What comes of weighing.
#[derive(Default)]
pub(super) struct Plan {
    /// What has to be written: on top of the node's version, or as items of their own.
    pub(super) writes: Vec<Write>,
    /// Deletions that give way: what the node has of these items comes as news.
    pub(super) yielded: Vec<ItemId>,
}

impl<P: Platform> Engine<P> {
    /// What has to be written so that nothing of `ours` is lost beside `theirs`.
    pub(super) async fn weigh(
        &self,
        ours: &ItemRecord,
        theirs: &VaultRecord,
        plan: &mut Plan,
    ) -> Result<(), EngineError> {
        let id = theirs.id;
        if self.is_locked(theirs)? {
            return self.leave_locked(ours, id, plan).await;
        }
        let opens = self.opened(theirs)?.is_ok();
        let Some(content) = &ours.content else {
            return self.weigh_deletion(ours, theirs, opens, plan).await;
        };
        // What nobody can open is no newer version either.
        if !opens || theirs.version < ours.version {
            plan.writes.extend(self.on_top(id, ours, theirs.version)?);
            return Ok(());
        }
        let hash = content_hash(&VaultContent::Item(content.clone()));
        let original = theirs.content.item().map(|_| id);
        if theirs.version == ours.version {
            if content_hash(&theirs.content) != hash && !self.are_alike(ours, theirs)? {
                plan.writes.extend(self.on_top(id, ours, theirs.version)?);
                let theirs = ItemRecord {
                    version: theirs.version,
                    content: theirs.content.item().cloned(),
                };
                plan.writes.extend(self.beside(id, &theirs, original)?);
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
            plan.writes.extend(self.beside(id, ours, original)?);
        }
        Ok(())
    }

    /// What a locked key has sealed may be the newest there is: it stays, and what was never sent of ours goes beside it.
    async fn leave_locked(
        &self,
        ours: &ItemRecord,
        id: ItemId,
        plan: &mut Plan,
    ) -> Result<(), EngineError> {
        if !self.queued(id).await?.is_empty() {
            plan.writes.extend(self.beside(id, ours, Some(id))?);
        }
        Ok(())
    }

    /// Whether what the node has of an item says to be sealed under a key of the account that is locked here.
    fn is_locked(&self, theirs: &VaultRecord) -> Result<bool, EngineError> {
        let key = match &theirs.content {
            VaultContent::Item(item) => item.key_number,
            VaultContent::Tombstone(end) => end.key_number,
        };
        let account = self.account()?;
        self.with_open(|open| Ok(open.keyring.lacks(key, &account.keys)))
    }

    /// A deletion goes over what the node has from before it, and gives way to anything else: that
    /// can be deleted again. What was written before it and was never sent stays as an item of its
    /// own then.
    async fn weigh_deletion(
        &self,
        ours: &ItemRecord,
        theirs: &VaultRecord,
        opens: bool,
        plan: &mut Plan,
    ) -> Result<(), EngineError> {
        let id = theirs.id;
        let is_live = theirs.content.item().is_some();
        if is_live && (theirs.version < ours.version || !opens) {
            plan.writes.extend(self.on_top(id, ours, theirs.version)?);
        } else if opens {
            plan.yielded.push(id);
            let queued = self.queued(id).await?;
            let unsent = queued.iter().rev().find_map(|(_, write)| {
                let content = Some(write.content.item()?.clone());
                let version = write.version;
                Some(ItemRecord { version, content })
            });
            if let Some(unsent) = unsent.filter(|_| is_live) {
                plan.writes.extend(self.beside(id, &unsent, Some(id))?);
            }
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
    pub(super) fn on_top(
        &self,
        id: ItemId,
        record: &ItemRecord,
        theirs: ItemVersion,
    ) -> Result<Option<Write>, EngineError> {
        if theirs.0 >= ITEM_VERSION_MAX {
            return Err(NodeError::Misbehaved.into());
        }
        let version = ItemVersion(theirs.0 + 1);
        if record.content.is_none() {
            let content = Content::Deleted(self.platform().now());
            return Ok(Some(Write {
                id,
                version,
                content,
            }));
        }
        self.with_open(|open| {
            let Ok(held) = open.hold(id, record) else {
                return Ok(None);
            };
            let overview = held.overview.clone();
            let mut random = OsRandom(self.platform());
            let vault = open.keyring.active();
            match release::reseal(held, &id, version, &overview, vault, &mut random) {
                Ok(sealed) => Ok(Some(Write {
                    id,
                    version,
                    content: Content::Item(sealed, overview),
                })),
                Err(EngineError::Unreadable) => Ok(None),
                Err(error) => Err(error),
            }
        })
    }

    /// A version of an item as an item of its own, another version of `original`; `None` where it
    /// does not open here, or is a deletion.
    fn beside(
        &self,
        id: ItemId,
        record: &ItemRecord,
        original: Option<ItemId>,
    ) -> Result<Option<Write>, EngineError> {
        let Some(content) = &record.content else {
            return Ok(None);
        };
        match self.copy(id, record.version, content, original) {
            Err(EngineError::Unreadable) => Ok(None),
            copied => copied.map(Some),
        }
    }
}
