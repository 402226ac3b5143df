//! Making an account and logging in: keys, challenge, proof of work, session.
//!
//! ```text
//! begin_create ─┐  Keys        Challenge      Work                         Submit
//! begin_log_in ─┼▶ PBKDF2 ───▶ POST /chal… ──▶ slot "work", somebody solves ──▶ POST /accounts, /sessions,
//! begin_recover ┘                                                                /recovery
//!                                   ▲                │ expired                      │ spent, expired
//!                                   └── renew_work ◀─┴──────────────────────────────┘
//! ```
//!
//! From `Work` on, all that is needed lies in the session store: the worker may die.

use std::rc::Rc;

use proto::{
    address::Address,
    api::challenge::Challenge,
    bridge::popup::{WorkProgress, WorkStage, WorkTask},
    error::WireError,
    vault::SecretText,
};

use crate::{
    Engine,
    error::EngineError,
    keyring::KeyHex,
    lock::check_length,
    node::{Node, NodeError},
    password::check_new,
    platform::{Platform, SessionStore},
    recovery,
    slots::{self, CODE, PendingRecovery, PendingWork, WORK, WORK_LOCKED, WorkSlot},
};

mod prepare;
mod recover;
mod redeem;
mod settle;
mod stage;
mod submit;

pub(crate) use self::stage::Work;
use self::{
    prepare::{By, Wish, purpose},
    stage::Stage,
};

/// What a solver is to work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkOrder {
    /// The challenge.
    pub challenge: Challenge,
    /// What it is done for.
    pub task: WorkTask,
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
        check_new(password)?;
        self.begin(
            WorkTask::CreateAccount,
            By::Password,
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
            By::Password,
            address,
            server,
            password,
            device_description,
        )
        .await
    }

    /// Begins to log in to the account of this device with a password that was changed on another
    /// one: the node alone can tell whether it is right.
    ///
    /// # Errors
    /// As [`Self::begin_log_in`], and [`EngineError::NoAccount`].
    pub async fn begin_log_in_again(
        &self,
        server: Option<&str>,
        password: &SecretText,
        device_description: &str,
    ) -> Result<(), EngineError> {
        let account = self.account()?;
        self.begin(
            WorkTask::LogIn,
            By::ChangedPassword,
            account.address.as_str(),
            server,
            password,
            device_description,
        )
        .await
    }

    /// Begins to set a new password with recovery words, on a device of the account or another one.
    ///
    /// # Errors
    /// As [`Self::begin_create`], and [`EngineError::Words`].
    pub async fn begin_recover(
        &self,
        address: &str,
        server: Option<&str>,
        words: &SecretText,
        password: &SecretText,
        device_description: &str,
    ) -> Result<(), EngineError> {
        check_new(password)?;
        let secret = recovery::parse(words)?;
        self.begin(
            WorkTask::Recover,
            By::Words(secret),
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

    /// Says what is to be expected, where no solver has told any progress yet.
    pub fn expect_progress(&self, now: WorkProgress) {
        if let Stage::Ordered { progress, .. } = &mut self.state_mut().work.stage {
            progress.get_or_insert(now);
        }
    }

    /// Asks for a new challenge where the order's has expired; does nothing where it has not. A node
    /// that gives none any more ends the attempt, which the status tells.
    ///
    /// # Errors
    /// [`EngineError::NoWork`]; [`EngineError::Node`] where the node is away: the order stays.
    pub async fn renew_work(&self) -> Result<(), EngineError> {
        let pending = self.pending()?;
        if self.platform().now() < pending.challenge.expires_at {
            return Ok(());
        }
        let ticket = self.state().work.ticket;
        match self.ask_again(&pending, pending.task).await {
            Err(EngineError::Node(error)) if error != NodeError::Unreachable => {
                self.fail(ticket, EngineError::from(error).into()).await;
                Ok(())
            }
            asked => asked,
        }
    }

    /// Stops. Nothing of the attempt is kept.
    pub async fn cancel_work(&self) {
        self.state_mut().work.ticket += 1;
        // What is being written down just now is there before anything else begins.
        let _writing = self.writing().await;
        self.drop_work().await;
    }

    /// Forgets why the last attempt failed: the vault was opened, and that is told no more.
    pub(crate) async fn forget_problem(&self) {
        if self.work_problem().is_some() {
            self.state_mut().work.stage = Stage::Idle;
            self.platform().session().clear(WORK).await;
        }
    }

    /// Forgets an attempt. Whoever calls this holds the right to write.
    pub(crate) async fn drop_work(&self) {
        {
            let mut state = self.state_mut();
            state.work.ticket += 1;
            state.work.stage = Stage::Idle;
        }
        for slot in [WORK, WORK_LOCKED, CODE] {
            self.platform().session().clear(slot).await;
        }
    }

    async fn begin(
        &self,
        task: WorkTask,
        by: By,
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
            by,
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
            Stage::Starting { .. } | Stage::Redeeming | Stage::Ordered { .. } => {
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
        let challenge = node
            .challenge(purpose(task), &pending.address, self.platform().now())
            .await?;
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
            recovery: pending.recovery.as_ref().map(|recovery| PendingRecovery {
                key: KeyHex(recovery.key.0),
                login_key: recovery.login_key.clone(),
            }),
            by_code: pending.by_code,
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
        self.platform().session().clear(WORK_LOCKED).await;
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
}
