//! Vault items: two halves, sealed apart and bound to one another, each padded so that its length
//! says little; and tombstones.

use proto::{
    address::Address,
    api::{
        session::SealedDeviceName,
        vault::{SealedItem, SealedTombstone},
    },
    bytes::Base64,
    ids::{DeviceId, ItemId, ItemVersion, KeyNumber, UnixMillis},
    limits::{ITEM_OVERVIEW_MAX_BYTES, ITEM_SECRETS_MAX_BYTES, SEALED_DEVICE_NAME_BYTES},
    vault::{ItemOverview, ItemSecrets},
};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

use crate::{
    hazmat::hkdf_sha256,
    keys::KeyPair,
    random::Random,
    seal::{self, Context, ObjectKind, OpenError, SealError},
    secret::{LocalKey, VaultKey},
};

mod padding;

/// The keys of one account that come from one of its address keys.
#[derive(Debug)]
pub struct Vault {
    account: Address,
    number: KeyNumber,
    key: VaultKey,
    local: LocalKey,
}

/// The secrets of one item, sealed. There is no way in but [`SealedSecrets::open`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedSecrets {
    id: ItemId,
    version: ItemVersion,
    key_number: KeyNumber,
    object: SecretsObject,
    sealed: Vec<u8>,
}

/// `item id(16) ‖ SHA-256(sealed overview)(32)`: names the secrets of an item, and the very
/// overview that they go with.
type SecretsObject = [u8; 16 + 32];

fn secrets_object(id: &ItemId, sealed_overview: &[u8]) -> SecretsObject {
    let mut object = [0; 16 + 32];
    object[..16].copy_from_slice(id.as_bytes());
    object[16..].copy_from_slice(&Sha256::digest(sealed_overview));
    object
}

/// Leave to open the secrets of one item. Used up by opening.
///
/// # Security
/// [`Permit::grant`] is called in exactly one place of the whole workspace: the engine's release
/// gate, after it has decided. A test of the engine looks for any other.
#[derive(Debug)]
pub struct Permit(());

impl Permit {
    /// For the release gate, and nobody else.
    pub fn grant() -> Self {
        Self(())
    }
}

impl Vault {
    /// Derives the keys: HKDF-SHA-256 of the private key, with account and purpose in `info`.
    pub fn derive(pair: &KeyPair, account: &Address, number: KeyNumber) -> Self {
        let derive = |purpose: &[u8], out: &mut [u8; 32]| {
            let account = account.as_str().as_bytes();
            // Cannot truncate: an address has at most 64 + 1 + 253 bytes.
            let length = u16::try_from(account.len())
                .unwrap_or(u16::MAX)
                .to_be_bytes();
            // EXPOSE: the scalar goes into the derivation.
            hkdf_sha256(
                pair.secret().expose_secret(),
                &[b"Pearvault key v1", &length, account, purpose],
                out,
            );
        };
        Self {
            account: account.clone(),
            number,
            key: VaultKey::init_with(|out| derive(b"vault", out)),
            local: LocalKey::init_with(|out| derive(b"local", out)),
        }
    }

    /// Whose.
    pub fn account(&self) -> &Address {
        &self.account
    }

    /// Address key that all of it comes from.
    pub fn key_number(&self) -> KeyNumber {
        self.number
    }

    /// Seals items, and the recovery key.
    pub(crate) fn key(&self) -> &VaultKey {
        &self.key
    }

    /// Seals what an engine keeps on its own device.
    pub fn local_key(&self) -> &LocalKey {
        &self.local
    }

    /// Seals one version of an item.
    ///
    /// # Errors
    /// [`SealError`]; `TooLarge` over the limits of `proto::limits`.
    pub fn seal_item(
        &self,
        id: &ItemId,
        version: ItemVersion,
        overview: &ItemOverview,
        secrets: &ItemSecrets,
        random: &mut dyn Random,
    ) -> Result<SealedItem, SealError> {
        let overview = self.seal_half(
            &self.context(ObjectKind::ItemOverview, id.as_bytes(), version),
            overview,
            ITEM_OVERVIEW_MAX_BYTES,
            random,
        )?;
        let secrets = self.seal_half(
            &self.context(
                ObjectKind::ItemSecrets,
                &secrets_object(id, &overview.0),
                version,
            ),
            secrets,
            ITEM_SECRETS_MAX_BYTES,
            random,
        )?;
        Ok(SealedItem {
            key_number: self.number,
            overview,
            secrets,
        })
    }

    /// Opens the half that lists and search need.
    ///
    /// # Errors
    /// [`OpenError`], also where the item was sealed under another address key.
    pub fn open_overview(
        &self,
        id: &ItemId,
        version: ItemVersion,
        item: &SealedItem,
    ) -> Result<ItemOverview, OpenError> {
        if item.key_number != self.number {
            return Err(OpenError);
        }
        self.open_half(
            &self.context(ObjectKind::ItemOverview, id.as_bytes(), version),
            &item.overview.0,
        )
    }

    /// Seals the end of an item, as its next version.
    ///
    /// # Errors
    /// [`SealError::Random`].
    pub fn seal_tombstone(
        &self,
        id: &ItemId,
        version: ItemVersion,
        deleted_at: UnixMillis,
        random: &mut dyn Random,
    ) -> Result<SealedTombstone, SealError> {
        let sealed = seal::seal(
            &self.key,
            &self.context(ObjectKind::Tombstone, id.as_bytes(), version),
            &deleted_at.0.to_be_bytes(),
            random,
        )?;
        Ok(SealedTombstone {
            key_number: self.number,
            sealed: Base64(sealed),
        })
    }

    /// When an item was deleted, as the device that did it says.
    ///
    /// # Errors
    /// [`OpenError`]: whoever wrote it did not have the vault key.
    pub fn open_tombstone(
        &self,
        id: &ItemId,
        version: ItemVersion,
        tombstone: &SealedTombstone,
    ) -> Result<UnixMillis, OpenError> {
        if tombstone.key_number != self.number {
            return Err(OpenError);
        }
        let context = self.context(ObjectKind::Tombstone, id.as_bytes(), version);
        let opened = seal::open(&self.key, &context, &tombstone.sealed.0)?;
        let deleted_at = <[u8; 8]>::try_from(opened.as_slice()).map_err(|_| OpenError)?;
        Ok(UnixMillis(u64::from_be_bytes(deleted_at)))
    }

    /// Seals what the user calls a device.
    ///
    /// # Errors
    /// [`SealError`]; `TooLarge` over 223 bytes of JSON: 50 characters fit, but for control characters.
    pub fn seal_device_name(
        &self,
        device: &DeviceId,
        name: &str,
        random: &mut dyn Random,
    ) -> Result<SealedDeviceName, SealError> {
        let context = self.context(ObjectKind::DeviceName, device.as_bytes(), ItemVersion(0));
        Ok(SealedDeviceName {
            key_number: self.number,
            sealed: self.seal_half(&context, &name, SEALED_DEVICE_NAME_BYTES, random)?,
        })
    }

    /// Opens it.
    ///
    /// # Errors
    /// [`OpenError`], also where it is another device's.
    pub fn open_device_name(
        &self,
        device: &DeviceId,
        name: &SealedDeviceName,
    ) -> Result<String, OpenError> {
        if name.key_number != self.number {
            return Err(OpenError);
        }
        let context = self.context(ObjectKind::DeviceName, device.as_bytes(), ItemVersion(0));
        self.open_half(&context, &name.sealed.0)
    }

    fn seal_half(
        &self,
        context: &Context<'_>,
        half: &impl Serialize,
        max_sealed: usize,
        random: &mut dyn Random,
    ) -> Result<Base64, SealError> {
        let padded = padding::Padded::measure(half, max_sealed).ok_or(SealError::TooLarge)?;
        let mut fits = true;
        let sealed = seal::seal_with(
            &self.key,
            context,
            padded.bytes(),
            |out| fits = padded.write(half, out).is_some(),
            random,
        )?;
        if fits {
            Ok(Base64(sealed))
        } else {
            Err(SealError::TooLarge)
        }
    }

    fn open_half<T: DeserializeOwned>(
        &self,
        context: &Context<'_>,
        sealed: &[u8],
    ) -> Result<T, OpenError> {
        let padded = seal::open(&self.key, context, sealed)?;
        let json = padding::strip(&padded).ok_or(OpenError)?;
        serde_json::from_slice(json).map_err(|_| OpenError)
    }

    fn context<'a>(
        &'a self,
        kind: ObjectKind,
        object: &'a [u8],
        version: ItemVersion,
    ) -> Context<'a> {
        Context {
            account: &self.account,
            kind,
            object,
            version: version.0,
            key: self.number,
        }
    }
}

impl SealedSecrets {
    /// The sealed secrets of an item as the node or the cache has it.
    pub fn new(id: ItemId, version: ItemVersion, item: &SealedItem) -> Self {
        Self {
            id,
            version,
            key_number: item.key_number,
            object: secrets_object(&id, &item.overview.0),
            sealed: item.secrets.0.clone(),
        }
    }

    /// Which item's.
    pub fn id(&self) -> ItemId {
        self.id
    }

    /// Opens them, for whoever holds a permit.
    ///
    /// # Errors
    /// [`OpenError`], also where the item was sealed under another address key.
    pub fn open(self, vault: &Vault, _used_up: Permit) -> Result<ItemSecrets, OpenError> {
        if self.key_number != vault.number {
            return Err(OpenError);
        }
        vault.open_half(
            &vault.context(ObjectKind::ItemSecrets, &self.object, self.version),
            &self.sealed,
        )
    }

    /// Opens the secrets of a test vector.
    #[cfg(any(test, feature = "vectors"))]
    pub(crate) fn open_vector(self, vault: &Vault) -> Result<ItemSecrets, OpenError> {
        self.open(vault, Permit(()))
    }
}

#[cfg(test)]
mod tests;
