//! Getting rid of what the node has and no key opens.

use proto::{
    ids::{ItemId, ItemVersion},
    limits::ITEM_VERSION_MAX,
};

use super::{Content, Write};
use crate::{
    Engine,
    error::EngineError,
    keyring::OsRandom,
    platform::{Platform, Store},
    records::{BAD, BadRecord, ITEMS, decode, item_key, suffix},
    state::count,
};

impl<P: Platform> Engine<P> {
    /// Deletes what the node has and no key of this device opens, such as junk of somebody who had
    /// a session for a while: it fills the account, and no list shows it. How many there were; they go
    /// with the next [`Self::sync`]. What this device has an item of stays ([`Self::repair`] writes
    /// it over what does not open), and so does what says to be sealed under a key of the account
    /// that is locked.
    ///
    /// # Errors
    /// [`EngineError::Store`], [`EngineError::Locked`].
    pub async fn remove_unreadable(&self) -> Result<u32, EngineError> {
        self.ensure_open().await?;
        let account = self.account()?;
        let _writing = self.writing().await;
        let store = self.platform().store();
        let mut writes = Vec::new();
        for (key, value) in store.read_prefix(BAD).await? {
            let (Ok(id), Ok(bad)) = (
                suffix(BAD, &key).parse::<ItemId>(),
                decode::<BadRecord>(&value),
            ) else {
                continue;
            };
            let is_locked = self.with_open(|open| {
                let locked = |key: &_| !open.keyring.has(*key);
                let listed = account.keys.iter().map(|key| key.number);
                Ok(listed.filter(locked).any(|key| bad.key == Some(key)))
            })?;
            let is_known = store.read(&item_key(ITEMS, &id)).await?.is_some();
            if is_locked || is_known || bad.version.0 >= ITEM_VERSION_MAX {
                continue;
            }
            writes.push(Write {
                id,
                version: ItemVersion(bad.version.0 + 1),
                content: Content::Deleted(self.platform().now()),
            });
        }
        let removed = count(writes.len());
        let prepared = self
            .with_open(|open| open.prepare(writes, Vec::new(), &mut OsRandom(self.platform())))?;
        self.commit(prepared).await?;
        Ok(removed)
    }
}
