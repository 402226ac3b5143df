//! The keys of an unlocked account, and what is sealed under them on this device.

use std::collections::BTreeMap;

use proto::{
    address::Address,
    api::{
        account::SealedKeyPair,
        recovery::SealedRecoveryKey,
        session::SealedDeviceName,
        vault::{SealedItem, SealedTombstone},
    },
    bridge::popup::RecoveryState,
    bytes::{Base64, Hex},
    ids::{DeviceId, ItemId, ItemVersion, KeyNumber, UnixMillis},
    vault::ItemOverview,
};
use serde::{Deserialize, Serialize};
use wasm_core::{
    domain::key_hash,
    key_wrap::{self, WrappingKey},
    keyring_unlock::{self, Bound},
    keys::{KeyPair, PublicKey},
    pin::{self, PIN_SALT_BYTES},
    recovery,
    seal::{self, Context, ObjectKind, OpenError, SealError},
    secret::{AddressSecret, EncryptionKey, KeyringSecret, PinKey, RecoveryKey},
    vault::{SealedSecrets, Vault},
};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    error::EngineError,
    platform::Platform,
    records::{ACCOUNT, AccountRecord, RecoveryRecord, SessionRecord, decode, encode},
    release::Held,
};

/// All address keys that the password opens, with the vaults that come from them.
pub(crate) struct Keyring {
    account: Address,
    pairs: BTreeMap<KeyNumber, (KeyPair, Vault)>,
    /// The newest of them: what is written is sealed under it.
    active: KeyNumber,
}

/// An address key on its way into the session store and back.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptKey {
    pub(crate) number: KeyNumber,
    pub(crate) secret: KeyHex,
}

/// A key as text in memory that outlives the worker: wiped when dropped, never printed.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct KeyHex(pub(crate) Hex<32>);

impl KeyHex {
    /// The same, to open and seal with.
    pub(crate) fn encryption(&self) -> EncryptionKey {
        EncryptionKey::init_with(|bytes| *bytes = self.0.0)
    }
}

impl Drop for KeyHex {
    fn drop(&mut self) {
        self.0.0.zeroize();
    }
}

impl Keyring {
    /// Opens all key pairs that the key opens; `None` where it opens none, which is
    /// what a wrong password looks like.
    pub(crate) fn open(
        account: &Address,
        sealed: &[SealedKeyPair],
        key: &impl WrappingKey,
    ) -> Option<Self> {
        let opened = sealed.iter().filter_map(|sealed| {
            Some((
                sealed.number,
                key_wrap::open_key_pair(key, account, sealed).ok()?,
            ))
        });
        Self::new(account, opened)
    }

    /// Reads what [`Self::keep`] wrote.
    pub(crate) fn revive(account: &Address, kept: &[KeptKey]) -> Option<Self> {
        let pairs = kept.iter().filter_map(|kept| {
            let secret = AddressSecret::copy_from(&kept.secret.0.0)?;
            Some((kept.number, KeyPair::from_secret(secret).ok()?))
        });
        Self::new(account, pairs)
    }

    /// Opens what [`Self::seal_under_pin`] sealed; `None` where it does not open, which is what a
    /// wrong PIN looks like.
    pub(crate) fn open_with_pin(
        account: &Address,
        key: &PinKey,
        salt: &[u8; PIN_SALT_BYTES],
        sealed: &[u8],
    ) -> Option<Self> {
        let pairs = pin::open_pairs(key, account, salt, sealed).ok()?;
        Self::new(account, pairs.into_iter())
    }

    fn new(account: &Address, pairs: impl Iterator<Item = (KeyNumber, KeyPair)>) -> Option<Self> {
        let derive = |(number, pair): (KeyNumber, KeyPair)| {
            let vault = Vault::derive(&pair, account, number);
            (number, (pair, vault))
        };
        let pairs: BTreeMap<_, _> = pairs.map(derive).collect();
        let active = *pairs.keys().next_back()?;
        Some(Self {
            account: account.clone(),
            pairs,
            active,
        })
    }

    /// The keys, for the session store.
    pub(crate) fn keep(&self) -> Vec<KeptKey> {
        let keep = |(number, (pair, _)): (&KeyNumber, &(KeyPair, Vault))| KeptKey {
            number: *number,
            // EXPOSE: the unlocked key survives the worker in the session store.
            secret: KeyHex(Hex(*pair.secret().expose_secret())),
        };
        self.pairs.iter().map(keep).collect()
    }

    /// The number of its newest key.
    pub(crate) fn newest(&self) -> KeyNumber {
        self.active
    }

    /// The vault that is written to.
    pub(crate) fn active(&self) -> &Vault {
        // Cannot fail: `active` is a key of `pairs`, which never change.
        &self.pairs[&self.active].1
    }

    fn vault(&self, number: KeyNumber) -> Result<&Vault, OpenError> {
        self.pairs
            .get(&number)
            .map(|(_, vault)| vault)
            .ok_or(OpenError)
    }

    /// A key that signs for the account, or did.
    pub(crate) fn public_key(&self, number: KeyNumber) -> Option<&PublicKey> {
        self.pairs.get(&number).map(|(pair, _)| pair.public())
    }

    /// The key pair with this public half, where it is open.
    pub(crate) fn pair_of(&self, public: &[u8; 33]) -> Option<&KeyPair> {
        let mut pairs = self.pairs.values().map(|(pair, _)| pair);
        pairs.find(|pair| pair.public().as_bytes() == public)
    }

    /// An open key pair by its hash, as a domain's file names it.
    pub(crate) fn pair_by_hash(&self, hash: &Hex<32>) -> Option<&KeyPair> {
        let mut pairs = self.pairs.values().map(|(pair, _)| pair);
        pairs.find(|pair| key_hash(pair.public()) == *hash)
    }

    /// The key pair that signs for the account now.
    pub(crate) fn signing(&self) -> (KeyNumber, &KeyPair) {
        // Cannot fail: `active` is a key of `pairs`, which never change.
        (self.active, &self.pairs[&self.active].0)
    }

    /// The public half of that one.
    pub(crate) fn signing_public(&self) -> Hex<33> {
        Hex(*self.signing().1.public().as_bytes())
    }

    /// Opens the half of an item that lists and search need.
    pub(crate) fn overview(
        &self,
        id: &ItemId,
        version: ItemVersion,
        item: &SealedItem,
    ) -> Result<ItemOverview, OpenError> {
        self.vault(item.key_number)?
            .open_overview(id, version, item)
    }

    /// When an item was deleted.
    pub(crate) fn tombstone(
        &self,
        id: &ItemId,
        version: ItemVersion,
        tombstone: &SealedTombstone,
    ) -> Result<UnixMillis, OpenError> {
        self.vault(tombstone.key_number)?
            .open_tombstone(id, version, tombstone)
    }

    /// The session of an account's record; `None` where it does not open, or is of another account
    /// or node than the record says.
    pub(crate) fn session(&self, record: &AccountRecord) -> Option<SessionRecord> {
        let session = self
            .open_local(ObjectKind::SessionSecret, ACCOUNT, &record.session.0)
            .ok()?;
        let session: SessionRecord = decode(&session).ok()?;
        let same = session.account == record.account && session.api == record.api;
        same.then_some(session)
    }

    /// Seals a session for the account's record.
    pub(crate) fn seal_session(
        &self,
        session: &SessionRecord,
        random: &mut dyn wasm_core::random::Random,
    ) -> Result<Base64, EngineError> {
        let session = Zeroizing::new(encode(session)?);
        self.seal_local(ObjectKind::SessionSecret, ACCOUNT, &session, random)
            .map(Base64)
    }

    /// What the user calls a device.
    pub(crate) fn device_name(
        &self,
        device: &DeviceId,
        name: &SealedDeviceName,
    ) -> Result<String, OpenError> {
        self.vault(name.key_number)?.open_device_name(device, name)
    }

    /// The recovery key that the node has kept sealed.
    pub(crate) fn recovery_key(
        &self,
        sealed: &SealedRecoveryKey,
    ) -> Result<RecoveryKey, OpenError> {
        recovery::open_recovery_key(self.vault(sealed.key_number)?, sealed)
    }

    /// Whether the account can be recovered: words that this account did not seal are none, and those that do
    /// not open every key of it leave something behind.
    /// `keys`: the account's, of which some may be locked.
    pub(crate) fn recovery_state(
        &self,
        known: &RecoveryRecord,
        keys: &[SealedKeyPair],
    ) -> RecoveryState {
        match known {
            RecoveryRecord::Unknown => RecoveryState::Unknown,
            RecoveryRecord::Set(set)
                if self.recovery_key(&set.recovery_key).is_ok() && self.has_only(&set.keys) =>
            {
                RecoveryState::Confirmed
            }
            RecoveryRecord::Set(set) if self.lacks(set.recovery_key.key_number, keys) => {
                RecoveryState::Locked
            }
            RecoveryRecord::None | RecoveryRecord::Set(_) => RecoveryState::NotConfirmed,
        }
    }

    /// Every key pair, sealed anew.
    pub(crate) fn wrap(
        &self,
        key: &impl WrappingKey,
        random: &mut dyn wasm_core::random::Random,
    ) -> Result<Vec<SealedKeyPair>, SealError> {
        let seal = |(number, (pair, _)): (&KeyNumber, &(KeyPair, Vault))| {
            key_wrap::seal_key_pair(key, &self.account, *number, pair, random)
        };
        self.pairs.iter().map(seal).collect()
    }

    /// Every key pair, sealed for as long as the browser runs.
    pub(crate) fn seal_under_pin(
        &self,
        key: &PinKey,
        salt: &[u8; PIN_SALT_BYTES],
        random: &mut dyn wasm_core::random::Random,
    ) -> Result<Vec<u8>, SealError> {
        let pairs = self.pairs.iter().map(|(number, (pair, _))| (*number, pair));
        pin::seal_pairs(key, &self.account, salt, pairs, random)
    }

    /// Every key pair, sealed under a secret of the system's keyring.
    pub(crate) fn seal_by_keyring(
        &self,
        secret: &KeyringSecret,
        bound: &Bound<'_>,
        random: &mut dyn wasm_core::random::Random,
    ) -> Result<Vec<u8>, SealError> {
        let pairs = self.pairs.iter().map(|(number, (pair, _))| (*number, pair));
        keyring_unlock::seal_pairs(secret, bound, pairs, random)
    }

    /// Opens what [`Self::seal_by_keyring`] sealed; `None` where it does not open.
    pub(crate) fn open_by_keyring(
        secret: &KeyringSecret,
        bound: &Bound<'_>,
        sealed: &[u8],
    ) -> Option<Self> {
        let pairs = keyring_unlock::open_pairs(secret, bound, sealed).ok()?;
        Self::new(bound.account, pairs.into_iter())
    }

    /// Whether it has a key.
    pub(crate) fn has(&self, number: KeyNumber) -> bool {
        self.pairs.contains_key(&number)
    }

    /// Whether a key of the account is locked: it is among `keys`, and not here.
    pub(crate) fn lacks(&self, number: KeyNumber, keys: &[SealedKeyPair]) -> bool {
        !self.has(number) && keys.iter().any(|key| key.number == number)
    }

    /// The numbers of its keys, in order.
    pub(crate) fn numbers(&self) -> Vec<KeyNumber> {
        self.pairs.keys().copied().collect()
    }

    /// Whether every key of it is among these.
    pub(crate) fn has_only(&self, numbers: &[KeyNumber]) -> bool {
        self.pairs.keys().all(|number| numbers.contains(number))
    }

    /// Without the keys that another keyring has; `None` where nothing is left.
    pub(crate) fn without(mut self, other: &Self) -> Option<Self> {
        self.pairs.retain(|number, _| !other.has(*number));
        self.active = *self.pairs.keys().next_back()?;
        Some(self)
    }

    /// Whether every key that another keyring has is here too.
    pub(crate) fn has_all_of(&self, other: &Self) -> bool {
        other
            .pairs
            .keys()
            .all(|number| self.pairs.contains_key(number))
    }

    /// An item as the release gate takes it.
    pub(crate) fn hold(
        &self,
        id: ItemId,
        version: ItemVersion,
        item: &SealedItem,
    ) -> Result<Held<'_>, OpenError> {
        let vault = self.vault(item.key_number)?;
        Ok(Held {
            vault,
            overview: vault.open_overview(&id, version, item)?,
            sealed: SealedSecrets::new(id, version, item),
        })
    }

    /// Seals what stays on this device: `u32be(key number) ‖ envelope`, bound to its name.
    pub(crate) fn seal_local(
        &self,
        kind: ObjectKind,
        name: &str,
        plaintext: &[u8],
        random: &mut dyn wasm_core::random::Random,
    ) -> Result<Vec<u8>, EngineError> {
        let context = self.context(kind, name, self.active);
        let sealed = seal::seal(self.active().local_key(), &context, plaintext, random)?;
        Ok([&self.active.0.to_be_bytes(), sealed.as_slice()].concat())
    }

    /// The key that it is sealed under, as it says.
    pub(crate) fn number_of(sealed: &[u8]) -> Option<KeyNumber> {
        let (number, _) = sealed.split_first_chunk::<4>()?;
        Some(KeyNumber(u32::from_be_bytes(*number)))
    }

    /// Opens it.
    pub(crate) fn open_local(
        &self,
        kind: ObjectKind,
        name: &str,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (number, sealed) = sealed.split_first_chunk::<4>().ok_or(OpenError)?;
        let number = KeyNumber(u32::from_be_bytes(*number));
        seal::open(
            self.vault(number)?.local_key(),
            &self.context(kind, name, number),
            sealed,
        )
    }

    fn context<'a>(&'a self, kind: ObjectKind, name: &'a str, key: KeyNumber) -> Context<'a> {
        Context {
            account: &self.account,
            kind,
            object: name.as_bytes(),
            version: 0,
            key,
        }
    }
}

/// The platform's random source as `wasm-core` wants it.
pub(crate) struct OsRandom<'a, P>(pub(crate) &'a P);

impl<P: Platform> wasm_core::random::Random for OsRandom<'_, P> {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), wasm_core::random::RandomError> {
        self.0.random(bytes);
        Ok(())
    }
}
