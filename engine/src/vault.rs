//! Items: lists, views, what is revealed and released.

use proto::{
    bridge::{
        endpoint::FrameSender,
        popup::{Generate, Generated, GeneratedFor, PasswordConstraints, Revealed, SearchResults},
    },
    ids::{ItemId, UnixMillis},
    origin::Origin,
    vault::{Edited, ItemDraft, ItemView, SecretField},
};

use crate::{
    Engine,
    error::EngineError,
    generate,
    index::Entry,
    platform::Platform,
    records::{ITEMS, ItemRecord, item_key, read},
    release::{self, CardValues, Credential, Held, IdentityValues, UserAct},
    search,
    state::Open,
};

mod choice;
mod draft;
mod history;
mod import;
mod rebuild;
mod save;
mod trash;
mod unreadable;
mod usage;
mod write;

pub(crate) use self::write::{Content, Write};

/// What the user does here is done by choosing it on a page of the extension.
pub(crate) const CHOSEN: Option<UserAct> = Some(UserAct::Chosen);

impl Open {
    fn is_pending(&self, id: &ItemId) -> bool {
        self.outbox.values().any(|queued| queued == id)
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
            let other_versions = open.index.iter();
            let other_versions = other_versions
                .filter(|(_, entry)| entry.overview.conflict_of == Some(id))
                .map(|(other, _)| *other)
                .collect();
            Ok(ItemView {
                id,
                version: record.version,
                overview,
                secret_fields,
                other_versions,
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
        let edits = Edited {
            id,
            version: record.version,
            content: record.content.clone(),
        };
        self.with_open(|open| release::draft(open.hold(id, &record)?, edits, CHOSEN))
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
        self.with_open(|open| release::credential(open.hold(id, &record)?, frame, act, now))
    }

    /// One card for one fill of one frame, if [`release::may_release`] allows it.
    ///
    /// # Errors
    /// As [`Self::release`].
    pub async fn release_card(
        &self,
        id: ItemId,
        frame: &FrameSender,
        act: impl Into<Option<UserAct>>,
    ) -> Result<CardValues, EngineError> {
        let record = self.record(id).await?;
        let act = act.into();
        self.with_open(|open| release::card(open.hold(id, &record)?, frame, act))
    }

    /// One identity for one fill of one frame, if [`release::may_release`] allows it.
    ///
    /// # Errors
    /// As [`Self::release`].
    pub async fn release_identity(
        &self,
        id: ItemId,
        frame: &FrameSender,
        act: impl Into<Option<UserAct>>,
    ) -> Result<IdentityValues, EngineError> {
        let record = self.record(id).await?;
        let act = act.into();
        self.with_open(|open| release::identity(open.hold(id, &record)?, frame, act))
    }

    /// One login, without its one-time code, for one answer to a server that asks for it by HTTP
    /// (RFC 7617), if [`release::may_release`] allows it. The user has chosen it for this request.
    /// `frame`: whose request it is; of a navigation, the frame with the origin that it goes to.
    ///
    /// # Errors
    /// As [`Self::release`].
    pub async fn release_basic_auth(
        &self,
        id: ItemId,
        challenger: &Origin,
        frame: &FrameSender,
    ) -> Result<Credential, EngineError> {
        let record = self.record(id).await?;
        self.with_open(|open| release::basic_auth(open.hold(id, &record)?, challenger, frame))
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

    /// Makes a password that a site takes: the recipe is followed as far as the site's rules let it,
    /// and a longer password made, or one of more kinds of characters, where it would have less than
    /// 64 bits; so it has these wherever the rules permit. What of the rules was left out is told:
    /// what was not understood, what a browser leaves out too, and what is too much to be followed.
    ///
    /// # Errors
    /// [`EngineError::Generate`], where the rules contradict one another too.
    pub fn generate_for(
        &self,
        constraints: &PasswordConstraints,
        recipe: &Generate,
    ) -> Result<GeneratedFor, EngineError> {
        Ok(generate::generate_for(constraints, recipe, &|out| {
            self.platform().random(out);
        })?)
    }

    /// The record of an item, the vault being open.
    pub(crate) async fn record(&self, id: ItemId) -> Result<ItemRecord, EngineError> {
        self.ensure_open().await?;
        let record = read(self.platform().store(), &item_key(ITEMS, &id)).await?;
        record.ok_or(EngineError::ItemMissing)
    }

    pub(crate) fn make_item_id(&self, now: UnixMillis) -> ItemId {
        let mut random = [0; 10];
        self.platform().random(&mut random);
        ItemId::make(now, random)
    }
}
