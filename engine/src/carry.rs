//! What an account's engine has of its own, for the engine that owns the account next.
//!
//! **Invariant:** no key, no session, no PIN and no write that waits for the node is carried: the next
//! engine logs in as a device of its own, and the account moves only once nothing waits. What is carried
//! are records that are sealed under keys of the account, as they lie in the store; they open there or are
//! forgotten.

use proto::{
    bridge::account::{Carried, CarriedRecord},
    bytes::Base64,
    vault::SecretText,
};
use wasm_core::seal::ObjectKind;

use crate::{
    Engine,
    error::EngineError,
    platform::{Change, Platform, Store},
    records::{DRAFTS, GENERATED, NEVER, OFFERS, TRASH, USAGE, decode},
};

/// Names of what is carried, or their beginnings; in the order of bytes.
const CARRIED: [&str; 6] = [DRAFTS, GENERATED, NEVER, OFFERS, TRASH, USAGE];
/// Bytes of values in one part, but for a single larger record.
const PART_BYTES: usize = 512 * 1024;
/// Bytes of a record that is taken: an item with its padding, twice.
const RECORD_MAX_BYTES: usize = 1024 * 1024;
/// Characters of a record's name.
const KEY_MAX_CHARS: usize = 200;

impl<P: Platform> Engine<P> {
    /// Whether all that was written here has reached the node, or whoever it is for.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::NoAccount`].
    pub fn is_settled(&self) -> Result<bool, EngineError> {
        self.with_open(|open| Ok(open.outbox.is_empty() && open.mail.is_settled()))
    }

    /// Whether that is the account's password.
    ///
    /// # Errors
    /// [`EngineError::PasswordWrong`], [`EngineError::TooLarge`], [`EngineError::NoAccount`].
    pub async fn check_password(&self, password: &SecretText) -> Result<(), EngineError> {
        crate::lock::check_length(password)?;
        self.confirm(password).await
    }

    /// The part after a record's name; from the beginning after an empty one.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::Store`].
    pub async fn carry_out(&self, after: &str) -> Result<Carried, EngineError> {
        self.ensure_open().await?;
        let (mut records, mut bytes) = (Vec::new(), 0);
        for prefix in CARRIED {
            for (key, value) in self.platform().store().read_prefix(prefix).await? {
                if key.as_str() <= after {
                    continue;
                }
                if bytes > 0 && bytes + value.len() > PART_BYTES {
                    return Ok(Carried {
                        records,
                        more: true,
                        contacts: Vec::new(),
                        settings: None,
                    });
                }
                bytes += value.len();
                let value = Base64(value);
                records.push(CarriedRecord { key, value });
            }
        }
        Ok(Carried {
            records,
            more: false,
            contacts: self.carried_contacts()?,
            settings: Some(self.settings()),
        })
    }

    /// Takes a part over. What is here already stays, and what can be of both is (sites of which nothing is
    /// offered, when items were used), unless the one that it comes from is the owner until now
    /// (`from_owner`): then a part that an earlier try has brought is replaced.
    ///
    /// # Errors
    /// [`EngineError::ItemInvalid`] for a record that is none of these, [`EngineError::Locked`],
    /// [`EngineError::Store`]; then nothing of the part was taken.
    pub async fn carry_in(&self, carried: &Carried, from_owner: bool) -> Result<(), EngineError> {
        self.ensure_open().await?;
        let epoch = self.state().epoch;
        let mut settled = None;
        {
            let _writing = self.writing_in(epoch).await?;
            let mut changes = Vec::new();
            for CarriedRecord { key, value } in &carried.records {
                let known = CARRIED.iter().any(|prefix| key.starts_with(prefix));
                let fits = key.len() <= KEY_MAX_CHARS && value.0.len() <= RECORD_MAX_BYTES;
                if !known || !fits {
                    return Err(EngineError::ItemInvalid { field: "records" });
                }
                if !from_owner && self.platform().store().read(key).await?.is_some() {
                    changes.extend(self.united(key, &value.0).await?);
                    continue;
                }
                if key == USAGE {
                    settled = Some(value.0.clone());
                }
                changes.push(Change::Put {
                    key: key.clone(),
                    value: value.0.clone(),
                });
            }
            if !changes.is_empty() {
                self.platform().store().commit(changes).await?;
            }
            if let Some(usage) = settled {
                self.with_open(|open| {
                    let opened = open
                        .keyring
                        .open_local(ObjectKind::LocalRecord, USAGE, &usage);
                    if let Some(usage) = opened.ok().and_then(|json| decode(&json).ok()) {
                        open.usage = usage;
                    }
                    Ok(())
                })?;
            }
            for contact in &carried.contacts {
                self.carry_contact(contact, from_owner).await?;
            }
        }
        if let Some(settings) = carried.settings.as_ref().filter(|_| from_owner) {
            // Such as an older program had are not worth a move that fails.
            let _ = self.set_settings(settings.clone()).await;
        }
        Ok(())
    }

    /// The change that gives a record what another engine has in it besides; `None` where both cannot be had.
    async fn united(&self, key: &str, theirs: &[u8]) -> Result<Option<Change>, EngineError> {
        let opened = self.with_open(|open| {
            let opened = open
                .keyring
                .open_local(ObjectKind::LocalRecord, key, theirs);
            Ok(opened.ok())
        })?;
        let Some(json) = opened else { return Ok(None) };
        match key {
            NEVER => match decode(&json) {
                Ok(sites) => self.with_sites(sites).await.map(Some),
                Err(_) => Ok(None),
            },
            USAGE => match decode(&json) {
                Ok(used) => self.with_usage(used).map(Some),
                Err(_) => Ok(None),
            },
            _ => Ok(None),
        }
    }
}
