//! The change of the password, and keys that have another one.

use std::rc::Rc;

use proto::{
    address::Address,
    api::{
        account::{LoginKeyHex, SealedKeyPair, SessionTokenHex},
        recovery::{ChangePasswordRequest, PasswordProof},
    },
    bridge::popup::{AppStatus, Keys, PinEnd},
    bytes::Hex,
    error::ErrorCode,
    ids::KeyNumber,
    limits::{KEYS_MAX, PASSWORD_MIN_CHARS},
    vault::SecretText,
};
use wasm_core::{
    kdf::{self, ClientKeys},
    secret::LoginKey,
};

use crate::{
    Engine,
    error::EngineError,
    keyring::{Keyring, OsRandom},
    lock::check_length,
    node::NodeError,
    platform::{Platform, Store},
    records::{ACCOUNT, AccountRecord, RecoveryRecord, put},
};

impl<P: Platform> Engine<P> {
    /// Changes the password: seals the keys that it opens under the new one and signs every other
    /// device out, and whoever has a copy of this session. Keys that have another password keep it.
    /// Asked once more where an earlier answer was lost on its way, this finds the change done.
    ///
    /// # Errors
    /// [`EngineError::PasswordWrong`], [`EngineError::PasswordWeak`]; [`EngineError::PasswordUnsure`]
    /// where the node may have done it, [`EngineError::Node`]: [`NodeError::Misbehaved`] for a node that
    /// has lost or changed a key; [`EngineError::AlreadyRunning`], [`EngineError::Locked`],
    /// [`EngineError::Store`].
    pub async fn change_password(
        &self,
        current: &SecretText,
        new: &SecretText,
    ) -> Result<AppStatus, EngineError> {
        self.ensure_open().await?;
        check_length(current)?;
        check_new(new)?;
        let epoch = self.state().epoch;
        let account = self.account()?;
        let old = self.client_keys(&account.address, current).await?;
        let ours = Keyring::open(&account.address, &account.keys, &old.encryption);
        let new = self.client_keys(&account.address, new).await?;
        let Some(ours) = ours else {
            // The worker died between the change and its answer, and the popup asks once more.
            let done = Keyring::open(&account.address, &account.keys, &new.encryption);
            let is_done = done.is_some_and(|done| self.opens_what_is_open(&done));
            return if is_done {
                Ok(self.status().await)
            } else {
                Err(EngineError::PasswordWrong)
            };
        };
        let listed = self.listed_keys(&account).await?;
        let done = Keyring::open(&account.address, &listed, &new.encryption);
        if let Some(done) = done.filter(|done| done.has_all_of(&ours)) {
            self.keep_keys(epoch, &account, listed, done, None, &[])
                .await?;
            return Ok(self.status().await);
        }
        let opened = Keyring::open(&account.address, &listed, &old.encryption)
            .filter(|opened| opened.has_all_of(&ours))
            .ok_or(NodeError::Misbehaved)?;
        let _renewing = self.renewing().await;
        self.ensure_unchanged(&account)?;
        let keys = opened.wrap(&new.encryption, &mut OsRandom(self.platform()))?;
        let next = self.prepare_token(epoch, keys.clone()).await?;
        let request = ChangePasswordRequest {
            proof: PasswordProof::LoginKey(login_key(&old.login)),
            login_key: login_key(&new.login),
            keys,
            recovery_keys: Vec::new(),
            recovery_login_hash: None,
            token_seed: next.seed,
        };
        drop((old, new));
        let keys = self.send_change(&request, &listed).await;
        let keys = keys.map_err(|error| match error {
            // Whatever was lost, request or answer.
            EngineError::Node(NodeError::Unreachable) => EngineError::PasswordUnsure,
            error => error,
        })?;
        self.keep_keys(epoch, &account, keys, opened, Some(&next.token), &[])
            .await?;
        Ok(self.status().await)
    }

    /// Opens the locked keys that another password opens, and seals them under the present one; for
    /// the recovery words too, where there are any. What they seal is read with the next
    /// synchronisation. Where an earlier try's answer was lost on its way, this finds it done.
    ///
    /// Whoever knows that other password can have made such a key, the node too: it is opened to read,
    /// and never the active one. Where it is newer than all that the present password opens, a new key is
    /// made before.
    ///
    /// # Errors
    /// [`EngineError::PasswordWrong`] for the present password, [`EngineError::KeysLocked`] where
    /// the other one opens nothing new, [`EngineError::Node`], [`EngineError::Locked`].
    pub(crate) async fn open_keys_of_another(
        &self,
        password: &SecretText,
        other: &SecretText,
    ) -> Result<Keys, EngineError> {
        self.ensure_open().await?;
        check_length(password)?;
        check_length(other)?;
        let epoch = self.state().epoch;
        let mut account = self.account()?;
        let address = &account.address.clone();
        let present = self.client_keys(address, password).await?;
        let ours = Keyring::open(address, &account.keys, &present.encryption)
            .ok_or(EngineError::PasswordWrong)?;
        let other = kdf::derive_encryption_key(self.platform().kdf(), address, other)
            .await
            .map_err(|_| EngineError::KeyDerivation)?;
        let mut listed = self.listed_keys(&account).await?;
        let opened = Keyring::open(address, &listed, &present.encryption)
            .filter(|opened| opened.has_all_of(&ours))
            .ok_or(EngineError::PasswordWrong)?;
        let found =
            Keyring::open(address, &listed, &other).and_then(|found| found.without(&opened));
        let Some(found) = found else {
            if ours.has_all_of(&opened) {
                return Err(EngineError::KeysLocked);
            }
            self.keep_keys(epoch, &account, listed, opened, None, &[])
                .await?;
            return self.keys().await;
        };
        if found.newest() > opened.newest() {
            let newest = listed.iter().map(|key| key.number).max();
            let next = newest.and_then(|newest| newest.0.checked_add(1));
            let next = KeyNumber(next.ok_or(NodeError::Misbehaved)?);
            self.add_key(epoch, &account, &present, &listed, next)
                .await?;
            account = self.account()?;
            listed = self.listed_keys(&account).await?;
        }
        // Words may have been made on another device since this one asked.
        self.recovery().await?;
        let mut random = OsRandom(self.platform());
        let words = self.words_key(&opened)?;
        let recovery_keys = match &words {
            Some((key, _)) => found.wrap(key, &mut random)?,
            None => Vec::new(),
        };
        let _renewing = self.renewing().await;
        self.ensure_unchanged(&account)?;
        let keys = found.wrap(&present.encryption, &mut random)?;
        // Not kept with the token: what other keys sealed has to be read anew with these.
        let next = self.prepare_token(epoch, Vec::new()).await?;
        let request = ChangePasswordRequest {
            proof: PasswordProof::LoginKey(login_key(&present.login)),
            login_key: login_key(&present.login),
            keys,
            recovery_keys,
            recovery_login_hash: words.as_ref().map(|(_, hash)| *hash),
            token_seed: next.seed,
        };
        let has_words = words.is_some();
        drop(words);
        let keys = self.send_change(&request, &listed).await?;
        let keyring =
            Keyring::open(address, &keys, &present.encryption).ok_or(NodeError::Misbehaved)?;
        drop(present);
        let for_words = if has_words {
            found.numbers()
        } else {
            Vec::new()
        };
        self.keep_keys(
            epoch,
            &account,
            keys,
            keyring,
            Some(&next.token),
            &for_words,
        )
        .await?;
        self.keys().await
    }

    /// # Errors
    /// [`EngineError::AlreadyRunning`]: keys were opened or sealed anew since this was read.
    pub(crate) fn ensure_unchanged(&self, account: &AccountRecord) -> Result<(), EngineError> {
        if self.account()?.keys == account.keys {
            Ok(())
        } else {
            Err(EngineError::AlreadyRunning)
        }
    }

    pub(crate) async fn client_keys(
        &self,
        address: &Address,
        password: &SecretText,
    ) -> Result<ClientKeys, EngineError> {
        kdf::derive_client_keys(self.platform().kdf(), address, password)
            .await
            .map_err(|_| EngineError::KeyDerivation)
    }

    /// The node's list of keys; one that has lost a key of this device, or has two of one number, is refused.
    pub(crate) async fn listed_keys(
        &self,
        account: &AccountRecord,
    ) -> Result<Vec<SealedKeyPair>, EngineError> {
        let listed = self.ask_node(async |node| node.keys().await).await?.keys;
        if has_public_halves(&listed, &account.keys) {
            Ok(listed)
        } else {
            Err(NodeError::Misbehaved.into())
        }
    }

    /// Sends what was sealed anew; the answer must have it, and the other keys as they were. Whoever
    /// asks holds the right to renew until the new token is kept: for others the session looks over
    /// meanwhile.
    async fn send_change(
        &self,
        request: &ChangePasswordRequest,
        listed: &[SealedKeyPair],
    ) -> Result<Vec<SealedKeyPair>, EngineError> {
        let answer = self.node()?.change_password(request).await;
        self.note_node(&answer);
        let keys = answer.map(|answer| answer.keys);
        let keys = keys.map_err(|error| match error {
            // Another device has changed it meanwhile.
            error if error.is(ErrorCode::CredentialsWrong) => EngineError::PasswordWrong,
            error => error.into(),
        })?;
        let expected = listed.iter().map(|listed| {
            let sealed = request.keys.iter().find(|new| new.number == listed.number);
            sealed.unwrap_or(listed)
        });
        if keys.iter().eq(expected) {
            Ok(keys)
        } else {
            Err(NodeError::Misbehaved.into())
        }
    }

    /// Writes the keys down, with the session's new token and those that the recovery words open from now on,
    /// and goes on with those that are open, of which there may be more than before. Whoever dies in between
    /// has them after the next unlocking.
    ///
    /// `before`: the account as it was when they were asked for. What was learnt of since stays.
    ///
    /// # Errors
    /// [`EngineError::AlreadyRunning`] where a key was sealed anew since, [`EngineError::NoAccount`],
    /// [`EngineError::Store`].
    pub(crate) async fn keep_keys(
        &self,
        epoch: u64,
        before: &AccountRecord,
        mut keys: Vec<SealedKeyPair>,
        keyring: Keyring,
        token: Option<&SessionTokenHex>,
        for_words: &[KeyNumber],
    ) -> Result<(), EngineError> {
        {
            let _writing = self.writing_in(epoch).await?;
            let now = self.account()?;
            // An older list would bring back what another password sealed.
            let is_over = |key: &SealedKeyPair| keys.contains(key) && !now.keys.contains(key);
            if before.keys.iter().any(is_over) {
                return Err(EngineError::AlreadyRunning);
            }
            for known in &now.keys {
                if keys.iter().all(|key| key.number != known.number) {
                    keys.push(known.clone());
                }
            }
            keys.sort_by_key(|key| key.number);
            // It opens the keys as the old password sealed them.
            self.end_pin(PinEnd::Password).await;
            let mut record = AccountRecord {
                keys,
                ..(*now).clone()
            };
            if let RecoveryRecord::Set(set) = &mut record.recovery {
                set.keys.extend_from_slice(for_words);
            }
            // Locked meanwhile, or logged in anew: then what is written down finds its way.
            let session = self.state().open.as_ref().and_then(|open| {
                let session = open.session.clone()?;
                session.taken(token?)
            });
            let session = session.map(|(session, _)| session);
            if let Some(session) = session {
                record.session = keyring.seal_session(&session, &mut OsRandom(self.platform()))?;
                if let Some(open) = &mut self.state_mut().open {
                    open.session = Some(session);
                }
            }
            let change = put(ACCOUNT.to_owned(), &record)?;
            self.platform().store().commit(vec![change]).await?;
            let mut state = self.state_mut();
            let recovery = keyring.recovery_state(&record.recovery, &record.keys);
            state.account = Some(Rc::new(record));
            // Locked meanwhile: the next unlocking opens them.
            if let Some(open) = &mut state.open
                && keyring.has_all_of(&open.keyring)
            {
                open.take_keyring(keyring);
                open.recovery = recovery;
            }
        }
        self.save_unlocked().await;
        // What waited for a key goes on; where it is locked by now, nothing does.
        let _ = self.hurry_messages();
        Ok(())
    }
}

/// # Errors
/// [`EngineError::PasswordWeak`], [`EngineError::TooLarge`]: what no new password may be.
pub(crate) fn check_new(password: &SecretText) -> Result<(), EngineError> {
    check_length(password)?;
    // EXPOSE: only its length is looked at.
    if password.expose_secret().chars().count() < PASSWORD_MIN_CHARS {
        return Err(EngineError::PasswordWeak);
    }
    Ok(())
}

/// Whether a node's list of keys can be one, and has every key that is known here. It may have more.
pub(crate) fn has_public_halves(listed: &[SealedKeyPair], known: &[SealedKeyPair]) -> bool {
    is_list(listed)
        && known.iter().all(|known| {
            let same = |key: &SealedKeyPair| {
                key.number == known.number && key.public_key == known.public_key
            };
            listed.iter().any(same)
        })
}

/// Whether keys stand in the order of their numbers, each once, and are no more than an account has.
pub(crate) fn is_list(keys: &[SealedKeyPair]) -> bool {
    keys.len() <= KEYS_MAX && keys.is_sorted_by(|one, next| one.number < next.number)
}

pub(crate) fn login_key(key: &LoginKey) -> LoginKeyHex {
    // EXPOSE: it proves the password to the node.
    LoginKeyHex(Hex(*key.expose_secret()))
}
