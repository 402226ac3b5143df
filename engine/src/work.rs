//! Making an account and logging in: keys, challenge, proof of work, session.
//!
//! ```text
//! begin_create ─┐  Keys        Challenge      Work                         Submit
//! begin_log_in ─┴▶ PBKDF2 ───▶ POST /chal… ──▶ slot "work", somebody solves ──▶ POST /accounts, /sessions
//!                                   ▲                │ expired                      │ spent, expired
//!                                   └── renew_work ◀─┴──────────────────────────────┘
//! ```
//!
//! From `Work` on, all that is needed lies in the session store: the worker may die.

use std::rc::Rc;

use proto::{
    address::Address,
    api::{
        account::LoginKeyHex,
        challenge::{Challenge, Purpose},
        info::Availability,
        session::Device,
    },
    bridge::popup::{AppStatus, NodeState, WorkProgress, WorkStage, WorkTask},
    bytes::Hex,
    error::{ErrorCode, WireError},
    ids::{DeviceId, KeyNumber},
    limits::{DEVICE_DESCRIPTION_MAX_CHARS, PASSWORD_MIN_CHARS},
    vault::SecretText,
};
use wasm_core::{kdf, key_wrap, keys::KeyPair};

use crate::{
    Engine,
    error::EngineError,
    keyring::{KeyHex, Keyring, OsRandom},
    lock::check_length,
    node::{self, Node},
    platform::{Platform, SessionStore},
    slots::{self, PendingWork, WORK, WORK_LOCKED, WorkSlot},
};

mod submit;

/// What a solver is to work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkOrder {
    /// The challenge.
    pub challenge: Challenge,
    /// What it is done for.
    pub task: WorkTask,
}

/// The one account that is being made or logged in to, if any.
#[derive(Default)]
pub(crate) struct Work {
    stage: Stage,
    /// Counts beginnings and cancellations: whoever comes back to another number was cancelled.
    ticket: u64,
    /// [`crate::state::State::locks`] when it began, or when this worker took it over.
    locks: u64,
}

#[derive(Default)]
enum Stage {
    #[default]
    Idle,
    /// Keys are derived, or the challenge asked for.
    Starting {
        address: Address,
        task: WorkTask,
        stage: WorkStage,
    },
    /// The challenge is there.
    Ordered {
        pending: Rc<PendingWork>,
        stage: WorkStage,
        progress: Option<WorkProgress>,
    },
    Failed(WireError),
}

impl Work {
    pub(crate) fn revived(slot: WorkSlot) -> Self {
        let stage = match slot {
            WorkSlot::Ordered(pending) => Stage::Ordered {
                pending: Rc::from(pending),
                stage: WorkStage::Work,
                progress: None,
            },
            WorkSlot::Failed { problem } => Stage::Failed(problem),
        };
        Self {
            stage,
            ticket: 0,
            locks: 0,
        }
    }

    /// The status while something is under way.
    pub(crate) fn status(&self) -> Option<AppStatus> {
        let (address, task, stage, progress) = match &self.stage {
            Stage::Idle | Stage::Failed(_) => return None,
            Stage::Starting {
                address,
                task,
                stage,
            } => (address, *task, *stage, None),
            Stage::Ordered {
                pending,
                stage,
                progress,
            } => (&pending.address, pending.task, *stage, progress.clone()),
        };
        Some(AppStatus::Working {
            address: address.clone(),
            task,
            stage,
            progress,
        })
    }

    /// Why the last one failed.
    pub(crate) fn problem(&self) -> Option<WireError> {
        if let Stage::Failed(problem) = &self.stage {
            Some(problem.clone())
        } else {
            None
        }
    }
}

/// What the user typed.
struct Wish<'a> {
    task: WorkTask,
    address: Address,
    server: Option<&'a str>,
    password: &'a SecretText,
    device: Device,
    renews: bool,
}

impl<P: Platform> Engine<P> {
    /// Begins to make an account: derives keys, makes the first address key and asks for a
    /// challenge. When it returns, [`Self::work`] has the order.
    ///
    /// # Errors
    /// [`EngineError::Address`], [`EngineError::Server`], [`EngineError::PasswordWeak`],
    /// [`EngineError::AccountExists`], [`EngineError::AlreadyRunning`],
    /// [`EngineError::AddressUnavailable`], [`EngineError::Node`], [`EngineError::Cancelled`].
    pub async fn begin_create(
        &self,
        address: &str,
        server: Option<&str>,
        password: &SecretText,
        device_description: &str,
    ) -> Result<(), EngineError> {
        // EXPOSE: only its length is looked at.
        if password.expose_secret().chars().count() < PASSWORD_MIN_CHARS {
            return Err(EngineError::PasswordWeak);
        }
        self.begin(
            WorkTask::CreateAccount,
            address,
            server,
            password,
            device_description,
        )
        .await
    }

    /// Begins to log in on this device. Where it has the account already, its session is renewed
    /// and everything else stays; a wrong password is then noticed at once.
    ///
    /// # Errors
    /// As [`Self::begin_create`], and [`EngineError::PasswordWrong`].
    pub async fn begin_log_in(
        &self,
        address: &str,
        server: Option<&str>,
        password: &SecretText,
        device_description: &str,
    ) -> Result<(), EngineError> {
        self.begin(
            WorkTask::LogIn,
            address,
            server,
            password,
            device_description,
        )
        .await
    }

    /// What a solver is to work on, also after the worker's death.
    pub fn work(&self) -> Option<WorkOrder> {
        match &self.state().work.stage {
            Stage::Ordered {
                pending,
                stage: WorkStage::Work,
                ..
            } => Some(WorkOrder {
                challenge: pending.challenge.clone(),
                task: pending.task,
            }),
            _ => None,
        }
    }

    /// Why the last attempt to make an account or to log in ended without one, until the next
    /// begins.
    pub fn work_problem(&self) -> Option<WireError> {
        self.state().work.problem()
    }

    /// Takes note of a solver's progress, for [`Self::status`].
    pub fn note_progress(&self, now: WorkProgress) {
        if let Stage::Ordered { progress, .. } = &mut self.state_mut().work.stage {
            *progress = Some(now);
        }
    }

    /// Asks for a new challenge where the order's has expired; does nothing where it has not.
    ///
    /// # Errors
    /// [`EngineError::NoWork`], [`EngineError::Node`].
    pub async fn renew_work(&self) -> Result<(), EngineError> {
        let pending = self.pending()?;
        if self.platform().now() < pending.challenge.expires_at {
            return Ok(());
        }
        self.ask_again(&pending, pending.task).await
    }

    /// Stops. Nothing of the attempt is kept.
    pub async fn cancel_work(&self) {
        {
            let mut state = self.state_mut();
            state.work.ticket += 1;
            state.work.stage = Stage::Idle;
        }
        self.platform().session().clear(WORK).await;
        self.platform().session().clear(WORK_LOCKED).await;
    }

    async fn begin(
        &self,
        task: WorkTask,
        address: &str,
        server: Option<&str>,
        password: &SecretText,
        description: &str,
    ) -> Result<(), EngineError> {
        let address: Address = address.trim().to_ascii_lowercase().parse()?;
        check_length(password)?;
        let account = self.state().account.clone();
        let known = account
            .as_ref()
            .filter(|account| account.address == address);
        if account.is_some() && (known.is_none() || task == WorkTask::CreateAccount) {
            return Err(EngineError::AccountExists);
        }
        let Some(ticket) = self.start(&address, task)? else {
            return Ok(());
        };
        self.platform().session().clear(WORK_LOCKED).await;
        let device = match known {
            Some(account) => account.device.clone(),
            None => self.make_device(description),
        };
        let renews = known.is_some();
        let wish = Wish {
            task,
            address,
            server,
            password,
            device,
            renews,
        };
        let outcome = self.prepare(ticket, wish).await;
        match outcome {
            Ok(pending) => self.order(ticket, pending).await,
            Err(error) => {
                self.fail(ticket, error.clone().into()).await;
                Err(error)
            }
        }
    }

    /// Reserves the one place. `None` where this very thing is ordered already: the request was
    /// sent twice.
    fn start(&self, address: &Address, task: WorkTask) -> Result<Option<u64>, EngineError> {
        let mut state = self.state_mut();
        match &state.work.stage {
            Stage::Idle | Stage::Failed(_) => {}
            Stage::Ordered { pending, .. }
                if pending.task == task && pending.address == *address =>
            {
                return Ok(None);
            }
            Stage::Starting { .. } | Stage::Ordered { .. } => {
                return Err(EngineError::AlreadyRunning);
            }
        }
        state.work.ticket += 1;
        state.work.locks = state.locks;
        state.work.stage = Stage::Starting {
            address: address.clone(),
            task,
            stage: WorkStage::Keys,
        };
        Ok(Some(state.work.ticket))
    }

    async fn prepare(&self, ticket: u64, wish: Wish<'_>) -> Result<PendingWork, EngineError> {
        let Wish {
            task,
            address,
            server,
            password,
            device,
            renews,
        } = wish;
        let transport = self.platform().transport();
        let known = self.state().account.clone().filter(|_| server.is_none());
        let api = match known {
            Some(account) => account.api.clone(),
            _ => node::find(transport, &address, server).await??,
        };
        let node = Node::new(transport, api.clone());
        check_availability(task, node.address(&address).await?.availability)?;
        self.check_ticket(ticket)?;
        let keys = kdf::derive_client_keys(self.platform().kdf(), &address, password)
            .await
            .map_err(|_| EngineError::KeyDerivation)?;
        self.check_ticket(ticket)?;
        if renews {
            let account = self.account()?;
            Keyring::open(&address, &account.keys, &keys.encryption)
                .ok_or(EngineError::PasswordWrong)?;
        }
        let first_key = if task == WorkTask::CreateAccount {
            let mut random = OsRandom(self.platform());
            let pair = KeyPair::make(&mut random)?;
            Some(key_wrap::seal_key_pair(
                &keys.encryption,
                &address,
                KeyNumber(1),
                &pair,
                &mut random,
            )?)
        } else {
            None
        };
        // EXPOSE: the keys wait for the proof of work in the session store.
        let login_key = LoginKeyHex(Hex(*keys.login.expose_secret()));
        // EXPOSE: as above; it opens the keys that the node will send.
        let encryption_key = KeyHex(Hex(*keys.encryption.expose_secret()));
        drop(keys);
        if let Stage::Starting { stage, .. } = &mut self.state_mut().work.stage {
            *stage = WorkStage::Challenge;
        }
        let challenge = node.challenge(purpose(task), &address).await?;
        self.state_mut().node = NodeState::Online;
        Ok(PendingWork {
            task,
            address,
            api,
            device,
            login_key,
            encryption_key,
            first_key,
            challenge,
            renews,
        })
    }

    /// Puts an order where it outlives the worker, unless it was cancelled meanwhile.
    async fn order(&self, ticket: u64, pending: PendingWork) -> Result<(), EngineError> {
        self.check_ticket(ticket)?;
        let slot = WorkSlot::Ordered(Box::new(pending));
        slots::save(self.platform().session(), WORK, &slot).await;
        if self.check_ticket(ticket).is_err() {
            self.platform().session().clear(WORK).await;
            return Err(EngineError::Cancelled);
        }
        self.state_mut().work.stage = Work::revived(slot).stage;
        Ok(())
    }

    /// Gets another challenge for what is pending.
    async fn ask_again(&self, pending: &PendingWork, task: WorkTask) -> Result<(), EngineError> {
        let ticket = self.state().work.ticket;
        let node = Node::new(self.platform().transport(), pending.api.clone());
        let challenge = node.challenge(purpose(task), &pending.address).await?;
        let pending = PendingWork {
            task,
            address: pending.address.clone(),
            api: pending.api.clone(),
            device: pending.device.clone(),
            login_key: pending.login_key.clone(),
            encryption_key: KeyHex(pending.encryption_key.0),
            first_key: pending.first_key.clone(),
            challenge,
            renews: pending.renews,
        };
        self.order(ticket, pending).await
    }

    /// Ends an attempt; the reason is kept until the next one.
    async fn fail(&self, ticket: u64, problem: WireError) {
        if self.check_ticket(ticket).is_err() {
            return;
        }
        let slot = WorkSlot::Failed {
            problem: problem.clone(),
        };
        self.state_mut().work.stage = Stage::Failed(problem);
        slots::save(self.platform().session(), WORK, &slot).await;
    }

    fn pending(&self) -> Result<Rc<PendingWork>, EngineError> {
        match &self.state().work.stage {
            Stage::Ordered { pending, .. } => Ok(Rc::clone(pending)),
            _ => Err(EngineError::NoWork),
        }
    }

    fn check_ticket(&self, ticket: u64) -> Result<(), EngineError> {
        if self.state().work.ticket == ticket {
            Ok(())
        } else {
            Err(EngineError::Cancelled)
        }
    }

    fn make_device(&self, description: &str) -> Device {
        let mut random = [0; 10];
        self.platform().random(&mut random);
        let description = description
            .chars()
            .take(DEVICE_DESCRIPTION_MAX_CHARS)
            .collect();
        Device {
            id: DeviceId::make(self.platform().now(), random),
            description,
        }
    }
}

fn purpose(task: WorkTask) -> Purpose {
    match task {
        WorkTask::CreateAccount => Purpose::Account,
        WorkTask::LogIn => Purpose::Login,
    }
}

/// Says before the work what the node would say after it.
fn check_availability(task: WorkTask, found: Availability) -> Result<(), EngineError> {
    let problem = match (task, found) {
        (_, Availability::ForeignDomain) => ErrorCode::DomainNotServed,
        (WorkTask::CreateAccount, Availability::Taken) => ErrorCode::AddressTaken,
        (WorkTask::CreateAccount, Availability::Closed) => ErrorCode::RegistrationClosed,
        (WorkTask::LogIn, Availability::Available) => ErrorCode::CredentialsWrong,
        _ => return Ok(()),
    };
    Err(EngineError::AddressUnavailable(problem))
}
