//! Sites for which nothing is offered. The list stays on this device, sealed: where somebody has
//! accounts is nobody's business.

use proto::{limits::ITEM_TITLE_MAX_CHARS, origin::Origin};
use wasm_core::seal::ObjectKind;
use zeroize::Zeroizing;

use crate::{
    Engine,
    error::EngineError,
    keyring::OsRandom,
    matching::normalise,
    platform::{Change, Platform, Store},
    records::{NEVER, decode, encode},
    site::site_name,
};

/// Sites on the list; the oldest go.
const SITES_MAX: usize = 500;

impl<P: Platform> Engine<P> {
    /// The sites for which nothing is offered, by name.
    ///
    /// # Errors
    /// [`EngineError::Store`], [`EngineError::Locked`].
    pub async fn never_list(&self) -> Result<Vec<String>, EngineError> {
        self.ensure_open().await?;
        let mut sites = self.never_sites().await?;
        sites.sort_unstable();
        Ok(sites)
    }

    /// Puts a site on the list: a host or an address, as typed.
    ///
    /// # Errors
    /// [`EngineError::ItemInvalid`] for what is neither, [`EngineError::Store`],
    /// [`EngineError::Locked`].
    pub async fn add_never(&self, typed: &str) -> Result<(), EngineError> {
        let invalid = EngineError::ItemInvalid { field: "site" };
        if typed.chars().count() > ITEM_TITLE_MAX_CHARS * 2 {
            return Err(invalid);
        }
        let origin = url::Url::parse(&normalise(typed).map_err(|_| invalid.clone())?)
            .ok()
            .and_then(|url| url.origin().ascii_serialization().parse::<Origin>().ok())
            .ok_or(invalid)?;
        self.ensure_open().await?;
        let _writing = self.writing().await;
        let change = self.with_site(site_name(&origin)).await?;
        Ok(self.platform().store().commit(vec![change]).await?)
    }

    /// Takes a site off the list, by the name it has there.
    ///
    /// # Errors
    /// [`EngineError::Store`], [`EngineError::Locked`].
    pub async fn forget_never(&self, site: &str) -> Result<(), EngineError> {
        self.ensure_open().await?;
        let _writing = self.writing().await;
        let mut sites = self.never_sites().await?;
        sites.retain(|kept| kept != site);
        let change = self.seal_sites(&sites)?;
        Ok(self.platform().store().commit(vec![change]).await?)
    }

    /// The change that puts a site on the list. Whoever calls this holds the right to write.
    pub(super) async fn with_site(&self, site: String) -> Result<Change, EngineError> {
        let mut sites = self.never_sites().await?;
        sites.retain(|kept| *kept != site);
        sites.push(site);
        let crowded = sites.len().saturating_sub(SITES_MAX);
        self.seal_sites(&sites[crowded..])
    }

    /// The change that puts sites of another engine on the list, before its own. Whoever calls this holds the
    /// right to write.
    pub(crate) async fn with_sites(&self, theirs: Vec<String>) -> Result<Change, EngineError> {
        let ours = self.never_sites().await?;
        let mut sites = theirs;
        sites.retain(|site| !ours.contains(site));
        sites.extend(ours);
        let crowded = sites.len().saturating_sub(SITES_MAX);
        self.seal_sites(&sites[crowded..])
    }

    /// The list, in the order in which it grew. One that does not open is an empty one.
    pub(super) async fn never_sites(&self) -> Result<Vec<String>, EngineError> {
        let sealed = self.platform().store().read(NEVER).await?;
        self.with_open(|open| {
            let opened = sealed.and_then(|sealed| {
                let keyring = &open.keyring;
                keyring
                    .open_local(ObjectKind::LocalRecord, NEVER, &sealed)
                    .ok()
            });
            Ok(opened
                .and_then(|json| decode(&json).ok())
                .unwrap_or_default())
        })
    }

    fn seal_sites(&self, sites: &[String]) -> Result<Change, EngineError> {
        let json = Zeroizing::new(encode(&sites)?);
        self.with_open(|open| {
            let mut random = OsRandom(self.platform());
            let value =
                open.keyring
                    .seal_local(ObjectKind::LocalRecord, NEVER, &json, &mut random)?;
            let key = NEVER.to_owned();
            Ok(Change::Put { key, value })
        })
    }
}
