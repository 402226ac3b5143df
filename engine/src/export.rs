//! The vault as a file: under a password of its own, sealed here, part by part, so that no page sees
//! what is in it; or in the open, where the user wants it for another program.

use proto::{
    bridge::popup::{ExportPart, ExportStarted, PlainExportStarted, PlainPart},
    bytes::{Base64, Hex},
    export::{EXPORT_PART_ITEMS, EXPORT_SALT_BYTES, ExportedItem},
    ids::{ExportId, ItemId},
    limits::PASSWORD_MIN_CHARS,
    vault::SecretText,
};
use wasm_core::{
    export::{self, Part},
    secret::ExportKey,
};
use zeroize::Zeroizing;

use crate::{
    Engine,
    error::EngineError,
    keyring::{Keyring, OsRandom},
    lock::check_length,
    platform::Platform,
    release::{self, UserAct},
    state::count,
};

/// An export that is under way; it ends with the lock, and with the worker.
pub(crate) struct Export {
    id: ExportId,
    cover: Cover,
    items: Vec<ItemId>,
}

/// What the user chose to have around the items, when the password was typed: one is never given
/// out as the other.
enum Cover {
    /// A seal under a password of the file's own.
    Sealed {
        key: ExportKey,
        salt: [u8; EXPORT_SALT_BYTES],
    },
    /// Nothing.
    Plain,
}

impl Export {
    fn parts(&self) -> u32 {
        count(self.items.len().div_ceil(EXPORT_PART_ITEMS))
    }
}

impl<P: Platform> Engine<P> {
    /// Begins an export: of all items that are there now, under `file_password`. `password` is that
    /// of the account, typed once more. Ends an export that was under way.
    ///
    /// # Errors
    /// [`EngineError::PasswordWrong`], [`EngineError::PasswordWeak`] for a file's password that is
    /// too short, [`EngineError::TooLarge`], [`EngineError::KeyDerivation`], [`EngineError::Locked`].
    pub async fn begin_export(
        &self,
        password: &SecretText,
        file_password: &SecretText,
    ) -> Result<ExportStarted, EngineError> {
        self.ensure_open().await?;
        check_length(password)?;
        check_length(file_password)?;
        // EXPOSE: only its length is looked at.
        if file_password.expose_secret().chars().count() < PASSWORD_MIN_CHARS {
            return Err(EngineError::PasswordWeak);
        }
        self.confirm(password).await?;
        let mut salt = [0; EXPORT_SALT_BYTES];
        self.platform().random(&mut salt);
        let key = export::derive_key(self.platform().kdf(), &salt, file_password)
            .await
            .map_err(|_| EngineError::KeyDerivation)?;
        let started = self.start_export(Cover::Sealed { key, salt })?;
        let PlainExportStarted {
            export,
            account,
            items,
            parts,
        } = started;
        Ok(ExportStarted {
            export,
            account,
            salt: Hex(salt),
            items,
            parts,
        })
    }

    /// Begins an export of all items that are there now, which anybody can read. `password` is that
    /// of the account, typed once more. Ends an export that was under way.
    ///
    /// # Errors
    /// [`EngineError::PasswordWrong`], [`EngineError::TooLarge`], [`EngineError::KeyDerivation`],
    /// [`EngineError::Locked`].
    pub async fn begin_plain_export(
        &self,
        password: &SecretText,
    ) -> Result<PlainExportStarted, EngineError> {
        self.ensure_open().await?;
        check_length(password)?;
        self.confirm(password).await?;
        self.start_export(Cover::Plain)
    }

    /// One part of a sealed export, from 0; the same one as often as it is asked for, in a seal of
    /// its own.
    ///
    /// # Errors
    /// [`EngineError::Cancelled`] where that export is over, is no sealed one or has no such part,
    /// [`EngineError::Store`], [`EngineError::Locked`].
    pub async fn export_part(&self, id: ExportId, number: u32) -> Result<ExportPart, EngineError> {
        let is_sealed = |cover: &Cover| matches!(cover, Cover::Sealed { .. });
        let (exported, unreadable) = self.exported(id, number, is_sealed).await?;
        let account = self.account()?;
        self.with_open(|open| {
            let export = open.export.as_ref().filter(|export| export.id == id);
            let export = export.ok_or(EngineError::Cancelled)?;
            let Cover::Sealed { key, salt } = &export.cover else {
                return Err(EngineError::Cancelled);
            };
            // Cannot fail: plain structs.
            let json = serde_json::to_vec(&exported).map_err(|_| EngineError::Unreadable)?;
            let json = Zeroizing::new(json);
            let part = Part {
                account: &account.address,
                salt,
                number,
                parts: export.parts(),
            };
            let sealed = export::seal_part(key, &part, &json, &mut OsRandom(self.platform()))?;
            Ok(ExportPart {
                part: Base64(sealed),
                unreadable,
            })
        })
    }

    /// One part of a plain export, from 0.
    ///
    /// # Errors
    /// [`EngineError::Cancelled`] where that export is over, is a sealed one or has no such part,
    /// [`EngineError::Store`], [`EngineError::Locked`].
    pub async fn plain_part(&self, id: ExportId, number: u32) -> Result<PlainPart, EngineError> {
        let is_plain = |cover: &Cover| matches!(cover, Cover::Plain);
        let (items, unreadable) = self.exported(id, number, is_plain).await?;
        Ok(PlainPart { items, unreadable })
    }

    /// Whether that is the account's password.
    pub(crate) async fn confirm(&self, password: &SecretText) -> Result<(), EngineError> {
        let account = self.account()?;
        let own = self.encryption_key(password).await?;
        match Keyring::open(&account.address, &account.keys, &own) {
            Some(_) => Ok(()),
            None => Err(EngineError::PasswordWrong),
        }
    }

    fn start_export(&self, cover: Cover) -> Result<PlainExportStarted, EngineError> {
        let account = self.account()?;
        let mut random = [0; 10];
        self.platform().random(&mut random);
        let id = ExportId::make(self.platform().now(), random);
        self.with_open(|open| {
            let items = open.index.iter().map(|(id, _)| *id).collect();
            let export = Export { id, cover, items };
            let started = PlainExportStarted {
                export: id,
                account: account.address.clone(),
                items: count(export.items.len()),
                parts: export.parts(),
            };
            open.export = Some(export);
            Ok(started)
        })
    }

    /// The items of one part of an export under such a cover, and how many of them do not open.
    async fn exported(
        &self,
        id: ExportId,
        number: u32,
        is_meant: fn(&Cover) -> bool,
    ) -> Result<(Vec<ExportedItem>, u32), EngineError> {
        self.ensure_open().await?;
        let items: Vec<ItemId> = self.with_open(|open| {
            let export = open.export.as_ref();
            let export = export.filter(|export| export.id == id && is_meant(&export.cover));
            let export = export.ok_or(EngineError::Cancelled)?;
            let mut parts = export.items.chunks(EXPORT_PART_ITEMS);
            let part = parts.nth(usize::try_from(number).unwrap_or(usize::MAX));
            Ok(part.ok_or(EngineError::Cancelled)?.to_vec())
        })?;
        let mut records = Vec::with_capacity(items.len());
        for id in &items {
            match self.record(*id).await {
                // Deleted since the export began.
                Err(EngineError::ItemMissing) => {}
                record => records.push((*id, record?)),
            }
        }
        self.with_open(|open| {
            // Another one may have begun meanwhile, or the vault been locked and opened.
            let export = open.export.as_ref();
            let goes_on = export.is_some_and(|it| it.id == id && is_meant(&it.cover));
            if !goes_on {
                return Err(EngineError::Cancelled);
            }
            let (mut exported, mut unreadable) = (Vec::new(), 0);
            for (id, record) in records
                .iter()
                .filter(|(_, record)| record.content.is_some())
            {
                let held = open.hold(*id, record);
                match held.and_then(|held| release::export(held, Some(UserAct::Confirmed))) {
                    Ok(item) => exported.push(item),
                    Err(EngineError::Unreadable) => unreadable += 1,
                    Err(error) => return Err(error),
                }
            }
            Ok((exported, unreadable))
        })
    }
}
