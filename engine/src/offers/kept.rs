//! Offers in the store.

use proto::{
    ids::{ItemId, OfferId},
    origin::Origin,
    vault::{ItemKind, ItemOverview},
};
use wasm_core::{random::Random, seal::ObjectKind};
use zeroize::Zeroizing;

use super::{VERSION, is_over};
use crate::{
    Engine,
    error::EngineError,
    keyring::Keyring,
    matching::{Fit, best_fit, rules},
    platform::{Change, Platform, Store},
    records::{ItemRecord, OFFERS, OfferRecord, decode, encode, suffix},
    release::Held,
    site::site_name,
    state::Open,
};

/// Offers that wait at once; the oldest go.
pub(super) const OFFERS_MAX: usize = 20;
/// Those of one site, so that none can crowd out the others.
pub(super) const OFFERS_OF_SITE_MAX: usize = 3;

/// An offer that waits for its answer.
pub(super) struct Waiting {
    pub(super) id: OfferId,
    pub(super) record: OfferRecord,
    pub(super) overview: ItemOverview,
    /// The page's origin.
    pub(super) origin: Origin,
    /// Name of the page's site.
    pub(super) site: String,
}

impl Waiting {
    pub(super) fn key(&self) -> String {
        key(&self.id)
    }

    /// Whether a login that is to be changed is still one for the page.
    pub(super) fn would_change(&self, login: &ItemOverview) -> bool {
        login.kind == ItemKind::Login && best_fit(&rules(&login.urls), &self.origin) == Fit::Fits
    }
}

impl Open {
    /// The change that keeps an offer.
    pub(super) fn seal_offer(
        &self,
        id: &OfferId,
        record: &OfferRecord,
        random: &mut dyn Random,
    ) -> Result<Change, EngineError> {
        let key = key(id);
        let json = Zeroizing::new(encode(record)?);
        let value = self
            .keyring
            .seal_local(ObjectKind::LocalRecord, &key, &json, random)?;
        Ok(Change::Put { key, value })
    }

    /// What was typed, as the release gate takes it.
    pub(super) fn hold_offer(
        &self,
        id: &OfferId,
        record: &OfferRecord,
    ) -> Result<Held<'_>, EngineError> {
        let typed = ItemRecord {
            version: VERSION,
            content: Some(record.content.clone()),
        };
        self.hold(ItemId::from_bytes(*id.as_bytes()), &typed)
    }

    fn open_offer(&self, key: &str, value: &[u8]) -> Option<Waiting> {
        let id: OfferId = suffix(OFFERS, key).parse().ok()?;
        let json = self
            .keyring
            .open_local(ObjectKind::LocalRecord, key, value)
            .ok()?;
        let record: OfferRecord = decode(&json).ok()?;
        let overview = self.hold_offer(&id, &record).ok()?.overview;
        let origin: Origin = overview
            .urls
            .first()?
            .url
            .trim_end_matches('/')
            .parse()
            .ok()?;
        Some(Waiting {
            id,
            record,
            overview,
            site: site_name(&origin),
            origin,
        })
    }
}

impl<P: Platform> Engine<P> {
    /// All offers that wait.
    pub(super) async fn waiting_offers(&self) -> Result<Vec<Waiting>, EngineError> {
        let stored = self.platform().store().read_prefix(OFFERS).await?;
        let now = self.platform().now();
        self.with_open(|open| {
            let waiting = stored
                .iter()
                .filter_map(|(key, value)| open.open_offer(key, value));
            Ok(waiting
                .filter(|offer| !is_over(&offer.record, now))
                .collect())
        })
    }

    /// One of them.
    pub(super) async fn waiting_offer(&self, id: &OfferId) -> Result<Waiting, EngineError> {
        let key = key(id);
        let value = self.platform().store().read(&key).await?;
        let now = self.platform().now();
        self.with_open(|open| {
            value
                .and_then(|value| open.open_offer(&key, &value))
                .filter(|offer| !is_over(&offer.record, now))
                .ok_or(EngineError::ItemMissing)
        })
    }

    /// Forgets the offers whose time is over, and what cannot be read. Whoever calls this holds the
    /// right to write.
    pub(crate) async fn forget_old_offers(&self) -> Result<(), EngineError> {
        let waiting: Vec<_> = self
            .waiting_offers()
            .await?
            .iter()
            .map(Waiting::key)
            .collect();
        let stored = self
            .platform()
            .store()
            .read_prefix(OFFERS)
            .await?
            .into_iter();
        let account = self.account()?;
        let changes: Vec<_> = self.with_open(|open| {
            // What a locked key has sealed opens once that is open.
            let old = stored.filter(|(key, value)| {
                let is_locked = Keyring::number_of(value)
                    .is_some_and(|number| open.keyring.lacks(number, &account.keys));
                !waiting.contains(key) && !is_locked
            });
            Ok(old.map(|(key, _)| Change::Remove { key }).collect())
        })?;
        if changes.is_empty() {
            Ok(())
        } else {
            Ok(self.platform().store().commit(changes).await?)
        }
    }
}

pub(super) fn key(id: &OfferId) -> String {
    format!("{OFFERS}{id}")
}
