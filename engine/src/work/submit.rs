//! The solved challenge on its way to the node, and what its answer makes.

use std::rc::Rc;

use proto::{
    address::Address,
    api::{
        account::{CreateAccountRequest, SealedKeyPair, SessionOpened},
        challenge::{Challenge, ProofOfWork},
        info::Availability,
        session::{Device, LoginRequest},
    },
    bridge::popup::{AppStatus, NodeState, PinEnd, WorkStage, WorkTask},
    bytes::{Base64, Hex},
    error::{ErrorCode, WireError},
    ids::{KeyNumber, Revision},
};

use super::stage::Stage;
use crate::{
    Engine,
    deadline::Deadline,
    error::EngineError,
    keyring::{KeyHex, Keyring, OsRandom},
    node::{ApiUrl, Node, NodeError},
    password::{has_public_halves, is_list},
    platform::{Platform, SessionStore, Store},
    records::{
        ACCOUNT, AccountRecord, FORMAT, META, MetaRecord, RecoveryRecord, SessionRecord, put, read,
    },
    session::renew_at,
    slots::{CODE, PendingWork, WORK, WORK_LOCKED},
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

impl PendingWork {
    fn entry(&self) -> Entry<'_> {
        Entry {
            task: self.task,
            address: &self.address,
            api: &self.api,
            device: &self.device,
            encryption_key: &self.encryption_key,
            first_key: self.first_key.as_ref(),
            renews: self.renews,
        }
    }
}

impl<P: Platform> Engine<P> {
    /// Sends a solved challenge. Afterwards the vault is open; or the attempt has failed, which
    /// the status tells where there is no account; or [`Self::work`] has a new order, where the
    /// challenge had expired or was spent.
    ///
    /// # Errors
    /// [`EngineError::NoWork`]; [`EngineError::Node`] where the node is away: the order stays, and
    /// the same header can be sent again; [`EngineError::Store`], likewise.
    pub async fn submit_work(&self, solved_header: Hex<64>) -> Result<AppStatus, EngineError> {
        let pending = self.pending()?;
        let ticket = self.state().work.ticket;
        self.set_stage(WorkStage::Submit);
        let outcome = self.send(&pending, solved_header).await;
        let ended = match outcome {
            Ok(opened) => self.settle(ticket, pending.entry(), opened).await,
            Err(EngineError::Node(NodeError::Refused(error))) => {
                self.refused(&pending, *error).await
            }
            Err(error) => Err(error),
        };
        match ended {
            Ok(()) => {}
            Err(error @ (EngineError::Node(NodeError::Unreachable) | EngineError::Store(_))) => {
                self.set_stage(WorkStage::Work);
                return Err(error);
            }
            Err(error) => self.fail(ticket, error.into()).await,
        }
        Ok(self.status().await)
    }

    fn set_stage(&self, now: WorkStage) {
        if let Stage::Ordered { stage, .. } = &mut self.state_mut().work.stage {
            *stage = now;
        }
    }

    async fn send(
        &self,
        pending: &PendingWork,
        solved_header: Hex<64>,
    ) -> Result<SessionOpened, EngineError> {
        let node = Node::new(self.platform().transport(), pending.api.clone());
        let Challenge {
            target,
            expires_at,
            signature,
            ..
        } = pending.challenge.clone();
        let pow = ProofOfWork {
            solved_header,
            target,
            expires_at,
            signature,
        };
        if let Some(recovery) = &pending.recovery {
            return self.send_recovery(pending, recovery, pow).await;
        }
        let (address, device) = (pending.address.clone(), pending.device.clone());
        let login_key = pending.login_key.clone();
        match (pending.task, &pending.first_key) {
            (WorkTask::CreateAccount, Some(key)) => {
                let key = key.clone();
                Ok(node
                    .create_account(&CreateAccountRequest {
                        address,
                        login_key,
                        key,
                        device,
                        pow,
                    })
                    .await?)
            }
            _ => Ok(node
                .log_in(&LoginRequest {
                    address,
                    login_key,
                    device,
                    pow,
                })
                .await?),
        }
    }

    /// The node said no.
    async fn refused(&self, pending: &PendingWork, error: WireError) -> Result<(), EngineError> {
        match error.code {
            // Only who has the solution can spend it: an earlier answer was lost on its way.
            ErrorCode::ChallengeSpent => {
                let task = self.task_after_spending(pending).await?;
                self.ask_again(pending, task).await
            }
            ErrorCode::ChallengeExpired | ErrorCode::ChallengeForged => {
                self.ask_again(pending, pending.task).await
            }
            // The code was used, and not with this password.
            ErrorCode::CredentialsWrong if pending.by_code => Err(EngineError::CodeWrong),
            // That turned out to be somebody else's account.
            ErrorCode::CredentialsWrong if pending.first_key.is_some() => {
                Err(EngineError::AddressUnavailable(ErrorCode::AddressTaken))
            }
            _ => Err(NodeError::Refused(Box::new(error)).into()),
        }
    }

    /// What is left to do after work that was paid for once: log in where the account was made,
    /// else the same again.
    async fn task_after_spending(&self, pending: &PendingWork) -> Result<WorkTask, NodeError> {
        // Whether the new password was set or not: with the words it can be set again.
        if pending.recovery.is_some() {
            return Ok(pending.task);
        }
        let node = Node::new(self.platform().transport(), pending.api.clone());
        match node.address(&pending.address).await?.availability {
            Availability::Available => Ok(pending.task),
            _ => Ok(WorkTask::LogIn),
        }
    }

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
