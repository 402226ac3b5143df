//! Where the one account that is being made or logged in to stands.

use std::rc::Rc;

use proto::{
    address::Address,
    bridge::popup::{AppStatus, WorkProgress, WorkStage, WorkTask},
    error::WireError,
};

use crate::slots::{PendingWork, WorkSlot};

/// The one account that is being made or logged in to, if any.
#[derive(Default)]
pub(crate) struct Work {
    pub(super) stage: Stage,
    /// Counts beginnings and cancellations: whoever comes back to another number was cancelled.
    pub(super) ticket: u64,
    /// [`crate::state::State::locks`] when it began, or when this worker took it over.
    pub(super) locks: u64,
}

#[derive(Default)]
pub(super) enum Stage {
    #[default]
    Idle,
    /// Keys are derived, or the challenge asked for.
    Starting {
        address: Address,
        task: WorkTask,
        stage: WorkStage,
    },
    /// A one-time code is being used, which takes no work.
    Redeeming,
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
            Stage::Idle | Stage::Redeeming | Stage::Failed(_) => return None,
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

    /// Whether something may come of it still.
    pub(crate) fn is_under_way(&self) -> bool {
        !matches!(self.stage, Stage::Idle | Stage::Failed(_))
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
