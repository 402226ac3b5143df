//! What the user says to an offer.

use proto::{
    bridge::popup::Saved,
    ids::{ItemId, ItemVersion, OfferId},
    limits::ITEM_TITLE_MAX_CHARS,
    vault::ItemOverview,
};

use super::kept::{Waiting, key};
use crate::{
    Engine,
    error::EngineError,
    keyring::OsRandom,
    platform::{Change, Platform, Store},
    records::{ITEMS, ItemRecord, item_key, read},
    release,
    vault::{Content, Write},
};

impl<P: Platform> Engine<P> {
    /// The user was told of an offer: it waits for the answer now, however long that takes.
    ///
    /// # Errors
    /// [`EngineError::ItemMissing`] where it is over, [`EngineError::Store`],
    /// [`EngineError::Locked`].
    pub async fn offer_shown(&self, id: OfferId) -> Result<(), EngineError> {
        self.ensure_open().await?;
        let _writing = self.writing().await;
        let mut offer = self.waiting_offer(&id).await?;
        if offer.record.shown {
            return Ok(());
        }
        offer.record.shown = true;
        let change = self.with_open(|open| {
            open.seal_offer(&id, &offer.record, &mut OsRandom(self.platform()))
        })?;
        Ok(self.platform().store().commit(vec![change]).await?)
    }

    /// Does what an offer says, with this user name. Where an existing login changes, an empty name
    /// leaves it its own, and the password that it had is kept for 30 days; where it was deleted
    /// meanwhile, or is no more for that page, a new one is saved.
    ///
    /// # Errors
    /// [`EngineError::ItemMissing`] where the offer is over, [`EngineError::ItemInvalid`] for the
    /// user name, [`EngineError::Unreadable`], [`EngineError::Store`], [`EngineError::Locked`].
    pub async fn accept_offer(&self, id: OfferId, username: &str) -> Result<Saved, EngineError> {
        let username = username.trim();
        if username.chars().count() > ITEM_TITLE_MAX_CHARS || username.chars().any(char::is_control)
        {
            return Err(EngineError::ItemInvalid { field: "subtitle" });
        }
        self.ensure_open().await?;
        let _writing = self.writing().await;
        let store = self.platform().store();
        // The offer's own id is that of the login: saved twice is saved once.
        let new = ItemId::from_bytes(*id.as_bytes());
        let made: Option<ItemRecord> = read(store, &item_key(ITEMS, &new)).await?;
        if let Some(made) = made.filter(|made| made.content.is_some()) {
            let version = made.version;
            return Ok(Saved { id: new, version });
        }
        let offer = self.waiting_offer(&id).await?;
        let mut changes = vec![Change::Remove { key: key(&id) }];
        let write = match self.changing(&offer).await? {
            Some((item, record)) => {
                changes.extend(self.keep_replaced(&offer.origin, item, &record).await?);
                self.changed(&offer, item, &record, username)?
            }
            // The name that the login had which is no more to be changed.
            None if username.is_empty() && offer.record.updates.is_some() => {
                self.added(&offer, new, &offer.overview.subtitle)?
            }
            None => self.added(&offer, new, username)?,
        };
        let saved = Saved {
            id: write.id,
            version: write.version,
        };
        let mut prepared = self.with_open(|open| {
            open.prepare(vec![write], Vec::new(), &mut OsRandom(self.platform()))
        })?;
        prepared.changes.extend(changes);
        self.commit(prepared).await?;
        Ok(saved)
    }

    /// The login that an offer changes; `None` where it is for none, or for none any more.
    async fn changing(&self, offer: &Waiting) -> Result<Option<(ItemId, ItemRecord)>, EngineError> {
        let Some(item) = offer.record.updates else {
            return Ok(None);
        };
        let record: Option<ItemRecord> =
            read(self.platform().store(), &item_key(ITEMS, &item)).await?;
        let Some(record) = record.filter(|record| record.content.is_some()) else {
            return Ok(None);
        };
        self.with_open(|open| {
            let login = open.hold(item, &record)?.overview;
            Ok(offer.would_change(&login).then_some((item, record)))
        })
    }

    /// A login with the password that was typed.
    fn changed(
        &self,
        offer: &Waiting,
        item: ItemId,
        record: &ItemRecord,
        username: &str,
    ) -> Result<Write, EngineError> {
        let version = ItemVersion(record.version.0 + 1);
        let updated_at = self.platform().now();
        self.with_open(|open| {
            let held = open.hold(item, record)?;
            let mut overview = ItemOverview {
                has_password: true,
                updated_at,
                ..held.overview.clone()
            };
            if !username.is_empty() {
                username.clone_into(&mut overview.subtitle);
            }
            let typed = open.hold_offer(&offer.id, &offer.record)?;
            let mut random = OsRandom(self.platform());
            let vault = open.keyring.active();
            let sealed = release::reseal_with_password_of(
                held,
                typed,
                version,
                &overview,
                vault,
                &mut random,
            )?;
            Ok(Write {
                id: item,
                version,
                content: Content::Item(sealed, overview),
            })
        })
    }

    /// A new login.
    fn added(&self, offer: &Waiting, id: ItemId, username: &str) -> Result<Write, EngineError> {
        let (version, now) = (ItemVersion(1), self.platform().now());
        let overview = ItemOverview {
            subtitle: username.to_owned(),
            created_at: now,
            updated_at: now,
            ..offer.overview.clone()
        };
        self.with_open(|open| {
            let typed = open.hold_offer(&offer.id, &offer.record)?;
            let mut random = OsRandom(self.platform());
            let vault = open.keyring.active();
            let sealed = release::reseal(typed, &id, version, &overview, vault, &mut random)?;
            Ok(Write {
                id,
                version,
                content: Content::Item(sealed, overview),
            })
        })
    }

    /// Forgets an offer; one that is gone is forgotten.
    ///
    /// # Errors
    /// [`EngineError::Store`], [`EngineError::Locked`].
    pub async fn dismiss_offer(&self, id: OfferId) -> Result<(), EngineError> {
        self.ensure_open().await?;
        let _writing = self.writing().await;
        let change = Change::Remove { key: key(&id) };
        Ok(self.platform().store().commit(vec![change]).await?)
    }

    /// Forgets all offers of an offer's site, and makes none for it any more.
    ///
    /// # Errors
    /// [`EngineError::ItemMissing`] where it is over, [`EngineError::Store`],
    /// [`EngineError::Locked`].
    pub async fn never_offer(&self, id: OfferId) -> Result<(), EngineError> {
        self.ensure_open().await?;
        let _writing = self.writing().await;
        let site = self.waiting_offer(&id).await?.site;
        let mut changes = vec![self.with_site(site.clone()).await?];
        let waiting = self.waiting_offers().await?.into_iter();
        let of_site = waiting.filter(|offer| offer.site == site);
        changes.extend(of_site.map(|offer| Change::Remove { key: offer.key() }));
        Ok(self.platform().store().commit(changes).await?)
    }
}
