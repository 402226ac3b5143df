//! The keys of the account: listed, opened, and made.

use std::rc::Rc;

use proto::{
    api::account::{AddKeyRequest, KeyAdded, KeyForWords, SealedKeyPair},
    bridge::popup::{KeyView, Keys, PinEnd},
    bytes::Hex,
    error::ErrorCode,
    ids::KeyNumber,
    vault::SecretText,
};
use wasm_core::{
    kdf::ClientKeys,
    key_wrap,
    keys::KeyPair,
    safety::Fingerprint,
    secret::{EncryptionKey, RecoveryKey},
};

use crate::{
    Engine,
    error::EngineError,
    keyring::{Keyring, OsRandom},
    lock::check_length,
    node::NodeError,
    password::{has_public_halves, login_key},
    platform::{Platform, Store},
    records::{ACCOUNT, AccountRecord, RecoveryRecord, put},
};

impl<P: Platform> Engine<P> {
    /// The account's keys, as far as this device knows them; where the node can be asked, with those that it
    /// has beside them.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::NoAccount`], [`EngineError::Store`];
    /// [`NodeError::Misbehaved`] for a node that has lost or changed a key.
    pub async fn keys(&self) -> Result<Keys, EngineError> {
        self.ensure_open().await?;
        let added = match self.learn_keys().await {
            Err(EngineError::Node(error)) if error != NodeError::Misbehaved => Vec::new(),
            added => added?,
        };
        let account = self.account()?;
        let active = account.keys.iter().map(|key| key.number).max();
        self.with_open(|open| {
            let opened = |key: &SealedKeyPair| open.keyring.pair_of(&key.public_key.0);
            let view = |key: &SealedKeyPair| KeyView {
                number: key.number,
                locked: opened(key).is_none(),
                active: Some(key.number) == active,
                added_at: added
                    .iter()
                    .find(|added| added.number == key.number)
                    .map(|added| added.at),
                // Nobody has proven that a locked one is the account's.
                fingerprint: opened(key)
                    .map(|pair| Fingerprint::of(&account.address, pair.public()))
                    .map(|fingerprint| fingerprint.as_str().to_owned())
                    .unwrap_or_default(),
            };
            Ok(Keys {
                keys: account.keys.iter().map(view).collect(),
            })
        })
    }

    /// Makes a key pair, which becomes the active one: people write to it, and everything new is sealed under
    /// it. What older ones seal stays readable with them; the recovery words open the new one too. `number`:
    /// the next one by what the user was shown; where the account has it by now, an earlier try's answer was
    /// lost, or another device was faster, and that one is opened.
    ///
    /// # Errors
    /// [`EngineError::PasswordWrong`]; [`EngineError::NewerKeyLocked`] where the account has the key by now and
    /// the password does not open it; [`EngineError::Node`]: the node may have it, asked again this finds out;
    /// [`EngineError::AlreadyRunning`], [`EngineError::Locked`], [`EngineError::Store`].
    pub async fn make_key(
        &self,
        password: &SecretText,
        number: KeyNumber,
    ) -> Result<Keys, EngineError> {
        self.ensure_open().await?;
        check_length(password)?;
        let epoch = self.state().epoch;
        let account = self.account()?;
        let present = self.client_keys(&account.address, password).await?;
        Keyring::open(&account.address, &account.keys, &present.encryption)
            .filter(|ours| self.opens_what_is_open(ours))
            .ok_or(EngineError::PasswordWrong)?;
        let listed = self.listed_keys(&account).await?;
        if listed.iter().any(|key| key.number >= number) {
            self.take_listed(epoch, &account, listed, &present.encryption, number)
                .await?;
        } else {
            self.add_key(epoch, &account, &present, &listed, number)
                .await?;
        }
        self.keys().await
    }

    /// Makes a key pair with a number above those that are `listed`, has the node take it, and goes on with it.
    /// `account`: as the list was asked for.
    ///
    /// # Errors
    /// Those of [`Self::make_key`].
    pub(crate) async fn add_key(
        &self,
        epoch: u64,
        account: &AccountRecord,
        present: &ClientKeys,
        listed: &[SealedKeyPair],
        number: KeyNumber,
    ) -> Result<(), EngineError> {
        let ours = Keyring::open(&account.address, &account.keys, &present.encryption)
            .ok_or(EngineError::PasswordWrong)?;
        // Words may have been made on another device since this one asked.
        self.recovery().await?;
        let words = self.words_key(&ours)?;
        let (key, for_words) =
            self.seal_new(account, number, &present.encryption, words.as_ref())?;
        let request = AddKeyRequest {
            login_key: login_key(&present.login),
            key,
            for_words,
        };
        // A renewal signed with the key of before would be refused as soon as the node has this one.
        let _renewing = self.renewing().await;
        self.ensure_unchanged(account)?;
        let answer = self.node()?.add_key(&request).await;
        self.note_node(&answer);
        let answer = answer.map_err(|error| match error {
            // Another device has changed it meanwhile.
            error if error.is(ErrorCode::CredentialsWrong) => EngineError::PasswordWrong,
            error => error.into(),
        })?;
        if !answer.keys.iter().eq(listed.iter().chain([&request.key])) {
            return Err(NodeError::Misbehaved.into());
        }
        let for_words = request.for_words.as_ref().map(|_| number);
        let keyring = Keyring::open(&account.address, &answer.keys, &present.encryption)
            .filter(|keyring| keyring.has(number))
            .ok_or(NodeError::Misbehaved)?;
        let for_words = for_words.as_slice();
        self.keep_keys(epoch, account, answer.keys, keyring, None, for_words)
            .await
    }

    /// Opens locked keys with the password, as another device has made them; `other` opens those that have
    /// another one, and they have the password from then on.
    ///
    /// # Errors
    /// [`EngineError::KeysLocked`] where nothing opens that was not open; those of a login and of the node.
    pub async fn open_keys(
        &self,
        password: &SecretText,
        other: Option<&SecretText>,
    ) -> Result<Keys, EngineError> {
        if let Some(other) = other {
            return self.open_keys_of_another(password, other).await;
        }
        self.ensure_open().await?;
        check_length(password)?;
        let epoch = self.state().epoch;
        let account = self.account()?;
        let key = self.encryption_key(password).await?;
        Keyring::open(&account.address, &account.keys, &key).ok_or(EngineError::PasswordWrong)?;
        let listed = self.listed_keys(&account).await?;
        let opened = Keyring::open(&account.address, &listed, &key)
            .filter(|opened| self.opens_what_is_open(opened))
            .ok_or(EngineError::PasswordWrong)?;
        if self.with_open(|open| Ok(open.keyring.has_all_of(&opened)))? {
            return Err(EngineError::KeysLocked);
        }
        self.keep_keys(epoch, &account, listed, opened, None, &[])
            .await?;
        self.keys().await
    }

    /// Takes in a key that the node has by now, where the password opens it. `account`: as the list was asked for.
    async fn take_listed(
        &self,
        epoch: u64,
        account: &AccountRecord,
        listed: Vec<SealedKeyPair>,
        key: &EncryptionKey,
        number: KeyNumber,
    ) -> Result<(), EngineError> {
        let opened = Keyring::open(&account.address, &listed, key)
            .filter(|opened| self.opens_what_is_open(opened))
            .ok_or(EngineError::PasswordWrong)?;
        if !opened.has(number) {
            return Err(EngineError::NewerKeyLocked);
        }
        if !self.with_open(|open| Ok(open.keyring.has_all_of(&opened)))? {
            self.keep_keys(epoch, account, listed, opened, None, &[])
                .await?;
        }
        // Whether the words open it is on the node.
        self.recovery().await.map(drop)
    }

    /// The same for all that the password opens, where there is more than is open.
    pub(crate) async fn take_all_listed(
        &self,
        epoch: u64,
        account: &AccountRecord,
        listed: Vec<SealedKeyPair>,
        key: &EncryptionKey,
    ) -> Result<(), EngineError> {
        let opened = Keyring::open(&account.address, &listed, key)
            .filter(|opened| self.opens_what_is_open(opened))
            .ok_or(EngineError::PasswordWrong)?;
        if self.with_open(|open| Ok(open.keyring.has_all_of(&opened)))? {
            return Ok(());
        }
        self.keep_keys(epoch, account, listed, opened, None, &[])
            .await
    }

    /// Asks for the account's keys where one of them is not known here: another device has made it.
    pub(crate) async fn learn_key(&self, number: KeyNumber) {
        let is_known = |account: &AccountRecord| account.keys.iter().any(|it| it.number == number);
        if self.account().is_ok_and(|account| !is_known(&account)) {
            // Whoever looks at the keys asks once more.
            let _ = self.learn_keys().await;
        }
    }

    /// Writes down the keys that the node has and this device does not know, locked: they open with the next
    /// unlocking by password, and a PIN ends. Returns when each was added, as the node says.
    ///
    /// # Errors
    /// [`EngineError::Node`]: [`NodeError::Misbehaved`] for a node that has lost or changed a key;
    /// [`EngineError::Locked`], [`EngineError::Store`].
    pub(crate) async fn learn_keys(&self) -> Result<Vec<KeyAdded>, EngineError> {
        let epoch = self.state().epoch;
        let account = self.account()?;
        let listed = self.ask_node(async |node| node.keys().await).await?;
        if !has_public_halves(&listed.keys, &account.keys) {
            return Err(NodeError::Misbehaved.into());
        }
        let _writing = self.writing_in(epoch).await?;
        let mut record = (*self.account()?).clone();
        let before = record.keys.len();
        for key in listed.keys {
            if record.keys.iter().all(|known| known.number != key.number) {
                record.keys.push(key);
            }
        }
        if record.keys.len() > before {
            record.keys.sort_by_key(|key| key.number);
            // Its salt takes in the keys: the right PIN would count as a wrong one.
            self.end_pin(PinEnd::Password).await;
            let change = put(ACCOUNT.to_owned(), &record)?;
            self.platform().store().commit(vec![change]).await?;
            self.state_mut().account = Some(Rc::new(record));
        }
        Ok(listed.added)
    }

    /// Whether the account's newest key is locked here: nobody takes a signature of an older one.
    pub(crate) fn is_active_key_locked(&self) -> Result<bool, EngineError> {
        let account = self.account()?;
        let newest = account.keys.iter().map(|key| key.number).max();
        self.with_open(|open| Ok(newest.is_some_and(|newest| !open.keyring.has(newest))))
    }

    /// The key that seals for the recovery words, and what names them; `None` where there are none that this
    /// account has made.
    pub(crate) fn words_key(
        &self,
        ours: &Keyring,
    ) -> Result<Option<(RecoveryKey, Hex<32>)>, EngineError> {
        let account = self.account()?;
        Ok(match &account.recovery {
            RecoveryRecord::Set(set) => {
                let key = ours.recovery_key(&set.recovery_key).ok();
                key.map(|key| (key, set.recovery_key.login_hash))
            }
            RecoveryRecord::Unknown | RecoveryRecord::None => None,
        })
    }

    /// A new key pair under the password's key and for the words. The pair itself is not kept: what was sealed
    /// is opened again once the node has it.
    fn seal_new(
        &self,
        account: &AccountRecord,
        number: KeyNumber,
        key: &EncryptionKey,
        words: Option<&(RecoveryKey, Hex<32>)>,
    ) -> Result<(SealedKeyPair, Option<KeyForWords>), EngineError> {
        let mut random = OsRandom(self.platform());
        let pair = KeyPair::make(&mut random)?;
        let address = &account.address;
        let for_words = match words {
            Some((key, login_hash)) => Some(KeyForWords {
                login_hash: *login_hash,
                sealed_private_key: key_wrap::seal_key_pair(
                    key,
                    address,
                    number,
                    &pair,
                    &mut random,
                )?
                .sealed_private_key,
            }),
            None => None,
        };
        let key = key_wrap::seal_key_pair(key, address, number, &pair, &mut random)?;
        Ok((key, for_words))
    }
}
