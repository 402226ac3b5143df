//! An account that is entered on this device: looked at, written down, opened.

use std::rc::Rc;

use proto::{
    address::Address,
    api::{
        account::{SealedKeyPair, SessionOpened},
        session::Device,
    },
    bridge::popup::{NodeState, PinEnd, WorkTask},
    bytes::Base64,
    ids::{KeyNumber, Revision},
};

use super::stage::Stage;
use crate::{
    Engine,
    deadline::Deadline,
    error::EngineError,
    keyring::{KeyHex, Keyring, OsRandom},
    node::{ApiUrl, NodeError},
    password::{has_public_halves, is_list},
    platform::{Platform, SessionStore, Store},
    records::{
        ACCOUNT, AccountRecord, FORMAT, META, MetaRecord, RecoveryRecord, SessionRecord, put, read,
    },
    session::renew_at,
    slots::{CODE, WORK, WORK_LOCKED},
};

/// Who enters an account on this device, and what comes with it.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) task: WorkTask,
    pub(super) address: &'a Address,
    pub(super) api: &'a ApiUrl,
    pub(super) device: &'a Device,
    pub(super) encryption_key: &'a KeyHex,
    pub(super) first_key: Option<&'a SealedKeyPair>,
    pub(super) renews: bool,
}

impl<P: Platform> Engine<P> {
    /// Writes the account down and opens the vault.
    pub(super) async fn settle(
        &self,
        ticket: u64,
        entry: Entry<'_>,
        opened: SessionOpened,
    ) -> Result<(), EngineError> {
        let ours = entry
            .first_key
            .filter(|_| entry.task == WorkTask::CreateAccount);
        if !is_list(&opened.keys) || ours.is_some_and(|key| !opened.keys.contains(key)) {
            return Err(NodeError::Misbehaved.into());
        }
        let key = entry.encryption_key.encryption();
        let spoilt = if entry.renews {
            EngineError::from(NodeError::Misbehaved)
        } else {
            EngineError::Unreadable
        };
        let keyring = Keyring::open(entry.address, &opened.keys, &key).ok_or(spoilt)?;
        if entry.renews {
            self.check_renewal(entry, &opened, &keyring).await?;
        }
        drop(key);
        let record = Rc::new(AccountRecord {
            format: FORMAT,
            address: entry.address.clone(),
            account: opened.account,
            api: entry.api.clone(),
            device: entry.device.clone(),
            session: self.seal_session(&keyring, &opened, entry.api)?,
            keys: self.kept_halves(entry, &keyring, opened.keys.clone()),
            recovery: self.known_recovery(entry),
            recovery_number: self.known_words(entry),
        });
        let _writing = self.writing().await;
        // Cancelled, or the account removed from this device, while the node answered.
        self.check_ticket(ticket)?;
        if entry.renews && !self.opens_what_is_open(&keyring) {
            // A wholly new key is what a reset makes; anything else is no answer of an honest node.
            return Err(if self.is_beyond_what_is_open(&keyring) {
                EngineError::WouldLock
            } else {
                NodeError::Misbehaved.into()
            });
        }
        if !entry.renews && self.state().account.is_some() {
            return Err(EngineError::AccountExists);
        }
        self.end_pin(PinEnd::Password).await;
        let account = put(ACCOUNT.to_owned(), &*record)?;
        let changes = if entry.renews {
            vec![account]
        } else {
            // What an earlier account may have left is nobody's any more.
            let mut changes = self.clear_account()?;
            changes.push(account);
            // Also where the first answer was lost, and this is a login.
            let made = entry.first_key;
            if made.is_some_and(|key| opened.keys.contains(key)) {
                let begins = MetaRecord {
                    since: Revision(0),
                    manifest: None,
                    compared: false,
                    anew: true,
                    unproven_at: None,
                    keys: Vec::new(),
                    alarm: None,
                    synced_at: None,
                    cursor: None,
                };
                changes.push(put(META.to_owned(), &begins)?);
            }
            changes
        };
        self.platform().store().commit(changes).await?;
        let stored = self.stored().await?;
        let deadline = Deadline::new(
            self.platform().now(),
            self.state().settings.lock_after_minutes,
        );
        {
            let mut state = self.state_mut();
            state.account = Some(Rc::clone(&record));
            state.epoch += u64::from(!entry.renews);
        }
        let locked = self.state().locks != self.state().work.locks;
        if !locked {
            self.set_open(&record, keyring, stored, deadline).await?;
        }
        {
            let mut state = self.state_mut();
            state.node = NodeState::Online;
            state.work.stage = Stage::Idle;
        }
        if !locked {
            self.save_unlocked().await;
        }
        for slot in [WORK, WORK_LOCKED, CODE] {
            self.platform().session().clear(slot).await;
        }
        Ok(())
    }

    /// Whether the node shows the account that this device has.
    ///
    /// # Errors
    /// [`NodeError::Misbehaved`].
    async fn check_renewal(
        &self,
        entry: Entry<'_>,
        opened: &SessionOpened,
        keyring: &Keyring,
    ) -> Result<(), EngineError> {
        let known = self.account()?;
        let key = entry.encryption_key.encryption();
        let before = Keyring::open(&known.address, &known.keys, &key);
        // A node may add a key pair to those that this device has, never drop or spoil one.
        let kept = before.is_none_or(|before| keyring.has_all_of(&before))
            && has_public_halves(&opened.keys, &known.keys);
        // Nor may it lead back to an older one; recovery words may be of before the newest.
        let no_older =
            entry.task == WorkTask::Recover || self.newest_known().await? <= keyring.newest();
        if known.account == opened.account && kept && no_older {
            Ok(())
        } else {
            Err(NodeError::Misbehaved.into())
        }
    }

    /// The newest key that this device is known to have had open.
    async fn newest_known(&self) -> Result<KeyNumber, EngineError> {
        let open = self.state().open.as_ref().map(|open| open.keyring.newest());
        let meta: Option<MetaRecord> = read(self.platform().store(), META).await?;
        let read_with = meta.and_then(|meta| meta.keys.last().copied());
        Ok(open.max(read_with).unwrap_or(KeyNumber(0)))
    }

    /// Whether all keys of a keyring are newer than all that are open.
    fn is_beyond_what_is_open(&self, keyring: &Keyring) -> bool {
        let state = self.state();
        let newest = state.open.as_ref().map(|open| open.keyring.newest());
        keyring.numbers().first().copied() > newest
    }

    /// The keys as they are written down: of one that the password does not open, the sealed half that this device has.
    fn kept_halves(
        &self,
        entry: Entry<'_>,
        keyring: &Keyring,
        mut keys: Vec<SealedKeyPair>,
    ) -> Vec<SealedKeyPair> {
        let Some(known) = self.account().ok().filter(|_| entry.renews) else {
            return keys;
        };
        for key in keys.iter_mut().filter(|key| !keyring.has(key.number)) {
            let ours = known.keys.iter().find(|ours| ours.number == key.number);
            if let Some(ours) = ours {
                *key = ours.clone();
            }
        }
        keys
    }

    /// What is known of the recovery words: of a new account that there are none.
    fn known_recovery(&self, entry: Entry<'_>) -> RecoveryRecord {
        let known = self.account().ok().filter(|_| entry.renews);
        match (known, entry.task) {
            (Some(known), _) => known.recovery.clone(),
            (None, WorkTask::CreateAccount) => RecoveryRecord::None,
            (None, _) => RecoveryRecord::Unknown,
        }
    }

    /// Number of the newest recovery words that this device has seen of the account.
    fn known_words(&self, entry: Entry<'_>) -> u64 {
        let known = self.account().ok().filter(|_| entry.renews);
        known.map_or(0, |known| known.recovery_number)
    }

    /// Whether a keyring has all keys of the vault that is open now, if one is.
    pub(crate) fn opens_what_is_open(&self, keyring: &Keyring) -> bool {
        let state = self.state();
        let open = state.open.as_ref();
        open.is_none_or(|open| keyring.has_all_of(&open.keyring))
    }

    fn seal_session(
        &self,
        keyring: &Keyring,
        opened: &SessionOpened,
        api: &ApiUrl,
    ) -> Result<Base64, EngineError> {
        let session = SessionRecord {
            token: opened.token.clone(),
            account: opened.account,
            api: api.clone(),
            renew_at: renew_at(self.platform().now(), opened.expires_at),
            next: None,
        };
        keyring.seal_session(&session, &mut OsRandom(self.platform()))
    }
}
