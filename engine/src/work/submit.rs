//! The solved challenge on its way to the node, and what its answer makes.

use proto::{
    api::{
        account::{CreateAccountRequest, SessionOpened},
        challenge::{Challenge, ProofOfWork},
        info::Availability,
        session::LoginRequest,
    },
    bridge::popup::{AppStatus, WorkStage, WorkTask},
    bytes::Hex,
    error::{ErrorCode, WireError},
};

use super::{settle::Entry, stage::Stage};
use crate::{
    Engine,
    error::EngineError,
    node::{Node, NodeError},
    platform::Platform,
    slots::PendingWork,
};

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
}
