//! Recovery words: shown, confirmed, and known of.

use std::rc::Rc;

use proto::{
    api::{
        account::LoginKeyHex,
        recovery::{RecoverySet, RecoveryStatus, SetRecoveryRequest},
    },
    bridge::popup::{RecoveryState, RecoveryView, RecoveryWords, WordsCheck},
    bytes::{Base64, Hex},
    limits::{RECOVERY_NUMBER_MAX, RECOVERY_TEXT_MAX_BYTES, RECOVERY_WORDS, RECOVERY_WORDS_ASKED},
    vault::SecretText,
};
use wasm_core::{kdf, recovery, seal::ObjectKind, secret::RecoverySecret};

use crate::{
    Engine,
    error::EngineError,
    keyring::{Keyring, OsRandom},
    lock::check_length,
    node::NodeError,
    platform::{Platform, SessionStore, Store},
    records::{ACCOUNT, AccountRecord, RecoveryRecord, put},
    slots::{self, WORDS, WordsSlot},
};

/// How far ahead of those that are known the number of words may be that are sealed with a locked key.
const UNPROVEN_NUMBERS: u64 = 1 << 32;

impl<P: Platform> Engine<P> {
    /// Whether the account can be recovered, as the node says; believed where the key that belongs
    /// to it opens, and is not of words that this device knows to have been replaced.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::NoAccount`], [`EngineError::Node`],
    /// [`EngineError::Store`].
    pub async fn recovery(&self) -> Result<RecoveryView, EngineError> {
        self.ensure_open().await?;
        let epoch = self.state().epoch;
        let status = self.ask_node(async |node| node.recovery().await).await?;
        self.note_recovery(epoch, status).await
    }

    /// New recovery words; those that were shown last as long as they are not confirmed, also after
    /// a lock and the worker's death, until the browser ends. They count for nothing yet.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::NoAccount`].
    pub async fn recovery_words(&self) -> Result<RecoveryWords, EngineError> {
        self.ensure_open().await?;
        let account = self.account()?;
        let (secret, asked) = match self.shown_words(&account).await {
            Ok(shown) => shown,
            Err(EngineError::WordsGone) => self.make_words(&account).await?,
            Err(error) => return Err(error),
        };
        Ok(RecoveryWords {
            address: account.address.clone(),
            server: account.api.as_str().to_owned(),
            words: secret.words(),
            asked,
        })
    }

    /// Makes the words count that were shown, where those that were asked for are typed right and
    /// the password is. Older words open nothing any more, also where what they open is locked here
    /// ([`RecoveryState::Locked`]). Sent twice, it is one act.
    ///
    /// # Errors
    /// [`EngineError::WordsGone`], [`EngineError::WordsDiffer`], [`EngineError::PasswordWrong`],
    /// [`EngineError::Node`]: then the words wait as before; [`EngineError::Locked`].
    pub async fn confirm_recovery(
        &self,
        password: &SecretText,
        typed: &[SecretText],
    ) -> Result<RecoveryView, EngineError> {
        self.ensure_open().await?;
        check_length(password)?;
        let account = self.account()?;
        let epoch = self.state().epoch;
        let (secret, asked) = self.shown_words(&account).await?;
        compare(&secret.words(), &asked, typed)?;
        let keys = kdf::derive_client_keys(self.platform().kdf(), &account.address, password)
            .await
            .map_err(|_| EngineError::KeyDerivation)?;
        Keyring::open(&account.address, &account.keys, &keys.encryption)
            .ok_or(EngineError::PasswordWrong)?;
        // What the words are to open is what the password opens, also of what another device has made.
        let listed = self.listed_keys(&account).await?;
        let keyring = Keyring::open(&account.address, &listed, &keys.encryption)
            .ok_or(EngineError::PasswordWrong)?;
        self.take_all_listed(epoch, &account, listed, &keys.encryption)
            .await?;
        // Another device may have made words since this one asked.
        let before = self.recovery().await?.state;
        let account = self.account()?;
        let before = match &account.recovery {
            // Their number cannot be proven here, and must not use the count up. The user was told that they end.
            RecoveryRecord::Set(set) if before == RecoveryState::Locked => {
                let most = account.recovery_number.saturating_add(UNPROVEN_NUMBERS);
                let claimed = set.recovery_key.number.min(most);
                account.recovery_number.max(claimed)
            }
            _ => account.recovery_number,
        };
        let ours = secret.derive(&account.address);
        let mut random = OsRandom(self.platform());
        let request = SetRecoveryRequest {
            // EXPOSE: it proves the password to the node.
            login_key: LoginKeyHex(Hex(*keys.login.expose_secret())),
            recovery_key: recovery::seal_recovery_key(
                keyring.active(),
                &ours,
                RECOVERY_NUMBER_MAX.min(before.saturating_add(1)),
                &mut random,
            )?,
            keys: keyring.wrap(&ours.encryption, &mut random)?,
        };
        drop((keys, ours));
        let answer = self
            .ask_node(async |node| node.set_recovery(&request).await)
            .await?;
        let kept = answer.words.as_ref().is_some_and(|set| {
            let wanted = request.keys.iter().map(|key| key.number);
            set.recovery_key == request.recovery_key && set.keys.iter().copied().eq(wanted)
        });
        if !kept {
            return Err(NodeError::Misbehaved.into());
        }
        let view = self.note_recovery(epoch, answer).await?;
        self.platform().session().clear(WORDS).await;
        Ok(view)
    }

    /// Whether a text is recovery words.
    pub fn check_words(&self, words: &SecretText) -> WordsCheck {
        WordsCheck {
            problem: parse(words).err().map(Into::into),
        }
    }

    /// Writes down what the node says, where it says something new.
    async fn note_recovery(
        &self,
        epoch: u64,
        status: RecoveryStatus,
    ) -> Result<RecoveryView, EngineError> {
        let confirmed_at = status.words.as_ref().map(|set| set.confirmed_at);
        let _writing = self.writing_in(epoch).await?;
        let before = self.account()?;
        // Those that were replaced count for nothing, whatever the node says: no key is sealed for
        // them any more.
        let words = status.words;
        let words = words.filter(|set| set.recovery_key.number >= before.recovery_number);
        let number = self.with_open(|open| {
            let opens = |set: &&RecoverySet| open.keyring.recovery_key(&set.recovery_key).is_ok();
            let newest = words.as_ref().filter(opens);
            Ok(newest.map_or(before.recovery_number, |set| set.recovery_key.number))
        })?;
        let known = words.map_or(RecoveryRecord::None, RecoveryRecord::Set);
        if (&before.recovery, before.recovery_number) != (&known, number) {
            let record = AccountRecord {
                recovery: known.clone(),
                recovery_number: number,
                ..(*before).clone()
            };
            let change = put(ACCOUNT.to_owned(), &record)?;
            self.platform().store().commit(vec![change]).await?;
            self.state_mut().account = Some(Rc::new(record));
        }
        let state = self.with_open(|open| {
            open.recovery = open.keyring.recovery_state(&known, &before.keys);
            Ok(open.recovery)
        })?;
        Ok(RecoveryView {
            state,
            confirmed_at: confirmed_at.filter(|_| state == RecoveryState::Confirmed),
        })
    }

    /// The words that were shown and not confirmed, with the places asked for.
    async fn shown_words(
        &self,
        account: &AccountRecord,
    ) -> Result<(RecoverySecret, Vec<u32>), EngineError> {
        let slot: Option<WordsSlot> = slots::load(self.platform().session(), WORDS).await;
        let slot = slot
            .filter(|slot| slot.address == account.address)
            .ok_or(EngineError::WordsGone)?;
        self.with_open(|open| {
            let opened = open
                .keyring
                .open_local(ObjectKind::LocalRecord, WORDS, &slot.sealed.0)
                .map_err(|_| EngineError::WordsGone)?;
            let secret = RecoverySecret::copy_from(&opened).ok_or(EngineError::WordsGone)?;
            Ok((secret, slot.asked))
        })
    }

    async fn make_words(
        &self,
        account: &AccountRecord,
    ) -> Result<(RecoverySecret, Vec<u32>), EngineError> {
        let mut random = OsRandom(self.platform());
        let secret = RecoverySecret::make(&mut random)?;
        let asked = self.places();
        // EXPOSE: they wait in the browser's memory, sealed.
        let sealed = self.with_open(|open| {
            let bytes = secret.expose_secret();
            let kind = ObjectKind::LocalRecord;
            open.keyring.seal_local(kind, WORDS, bytes, &mut random)
        })?;
        let slot = WordsSlot {
            address: account.address.clone(),
            sealed: Base64(sealed),
            asked: asked.clone(),
        };
        slots::save(self.platform().session(), WORDS, &slot).await;
        Ok((secret, asked))
    }

    /// Random places of words, from 1, in order.
    fn places(&self) -> Vec<u32> {
        let mut left: Vec<u32> = (1..).take(RECOVERY_WORDS).collect();
        let mut places = Vec::new();
        while places.len() < RECOVERY_WORDS_ASKED {
            let mut bytes = [0; 8];
            self.platform().random(&mut bytes);
            // Not quite even, by less than one in 2⁵⁹: nobody guesses words by that.
            let at = u64::from_be_bytes(bytes) % left.len() as u64;
            places.push(left.swap_remove(usize::try_from(at).unwrap_or(0)));
        }
        places.sort_unstable();
        places
    }
}

/// Reads recovery words.
pub(crate) fn parse(words: &SecretText) -> Result<RecoverySecret, EngineError> {
    // EXPOSE: only its length is looked at.
    if words.expose_secret().len() > RECOVERY_TEXT_MAX_BYTES {
        return Err(EngineError::TooLarge {
            max: RECOVERY_TEXT_MAX_BYTES,
        });
    }
    Ok(RecoverySecret::parse_words(words)?)
}

/// Whether the words that were asked for are those that were typed.
fn compare(words: &[SecretText], asked: &[u32], typed: &[SecretText]) -> Result<(), EngineError> {
    for (at, place) in asked.iter().enumerate() {
        let right = words.get(*place as usize - 1);
        // EXPOSE: what the user typed is compared with what was shown to them.
        let same = right.zip(typed.get(at)).is_some_and(|(right, typed)| {
            let typed = typed.expose_secret().trim();
            typed.eq_ignore_ascii_case(right.expose_secret())
        });
        if !same {
            return Err(EngineError::WordsDiffer { place: *place });
        }
    }
    Ok(())
}
