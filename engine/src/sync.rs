//! Keeping store and node alike: pull what is new, push what waits, and lose nothing on the way.
//!
//! Every write that waits lies in the outbox with its own sealed content and version, in the order
//! of writing. It leaves the outbox in the commit that follows the node's answer, or when a pull
//! shows that it had arrived. Where another device was faster, the node's version stays and ours
//! becomes a new item.

use std::collections::BTreeSet;

use proto::{
    bridge::popup::NodeState,
    error::{ErrorCode, WireError},
    ids::{ItemId, ItemVersion},
};

use crate::{
    Engine,
    error::EngineError,
    node::NodeError,
    platform::{Platform, Store},
    records::{META, put},
    state::{SyncState, count},
};

use self::pull::Pulled;

mod alarm;
mod conflict;
mod manifest;
mod page;
mod pull;
mod push;
mod repair;
mod snapshot;
mod weigh;

pub(crate) use self::{
    conflict::{Met, without_copy_mark},
    manifest::EarlierHeads,
};

/// Pulls and pushes in one run after which the node has nothing more than before. More than two are
/// needed only while other devices write the same items at the same time.
const ROUNDS_MAX: u32 = 6;

/// How much later the store knows of a synchronisation that changed nothing, milliseconds: a note
/// for each would write to the disk every few seconds.
const NOTE_EVERY_MS: u64 = 60_000;

/// What a synchronisation did.
#[derive(Debug, Clone, PartialEq)]
pub struct SyncReport {
    /// How the node was met.
    pub node: NodeState,
    /// Items that came from the node.
    pub pulled: u32,
    /// Writes that went to it.
    pub pushed: u32,
    /// Items of this device that became copies because another device was faster.
    pub conflicts: u32,
    /// Items of the node that do not open, in all.
    pub unreadable: u32,
    /// Why something of it did not go through; `None` where all did.
    pub problem: Option<WireError>,
}

/// A write that does not come next to what the node has of its item.
struct Conflict {
    number: u64,
    id: ItemId,
    /// The node's version; `None` where it has nothing to delete.
    node: Option<ItemVersion>,
}

/// Ends the state `Running` however the run ends.
struct Running<'a, P: Platform>(&'a Engine<P>);

impl<P: Platform> Drop for Running<'_, P> {
    fn drop(&mut self) {
        self.0.state_mut().sync = SyncState::Idle;
    }
}

impl<P: Platform> Engine<P> {
    /// Pulls and pushes. A node that is away or refuses the session is no error: the report says
    /// so, and what waits goes on waiting. While one run is under way, another call only makes it
    /// run once more, and returns at once.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::NoAccount`], [`EngineError::Store`].
    pub async fn sync(&self) -> Result<SyncReport, EngineError> {
        self.sync_telling(|_| ()).await
    }

    /// The same; `told` hears how far it is, after each pull and each run: what came with it is there to
    /// be shown, and nobody has to wait for what follows.
    ///
    /// # Errors
    /// As [`Self::sync`].
    pub async fn sync_telling(
        &self,
        mut told: impl FnMut(&SyncReport),
    ) -> Result<SyncReport, EngineError> {
        self.ensure_open().await?;
        let mut report = SyncReport {
            node: self.node_state(),
            pulled: 0,
            pushed: 0,
            conflicts: 0,
            unreadable: self.with_open(|open| Ok(count(open.bad.len())))?,
            problem: None,
        };
        if self.state().sync != SyncState::Idle {
            self.state_mut().sync = SyncState::RunningAgain;
            return Ok(report);
        }
        let epoch = self.state().epoch;
        let running = Running(self);
        loop {
            self.state_mut().sync = SyncState::Running;
            report.problem = None;
            match self.run(&mut report, &mut told).await {
                Ok(()) => {}
                Err(EngineError::Node(error)) => report.problem = Some(Self::told(error)),
                Err(error) => return Err(error),
            }
            told(&report);
            if self.state().sync != SyncState::RunningAgain {
                break;
            }
        }
        drop(running);
        let now = self.platform().now();
        self.with_open(|open| {
            if report.problem.is_none() {
                open.synced_at = Some(now);
            }
            // That it is offline or signed out is said by `node`.
            let told = |problem: &WireError| {
                let code = problem.code;
                !matches!(code, ErrorCode::NodeUnreachable | ErrorCode::SessionInvalid)
            };
            open.problem = report.problem.clone().filter(told);
            Ok(())
        })?;
        // Without the note an earlier time is told after a restart: no reason to fail.
        drop(self.note_synced(epoch).await);
        report.node = self.node_state();
        report.unreadable = self.with_open(|open| Ok(count(open.bad.len())))?;
        Ok(report)
    }

    /// Whether a synchronisation is under way.
    pub fn is_syncing(&self) -> bool {
        self.state().sync != SyncState::Idle
    }

    /// Writes down when this device and the node were alike, where the store is behind.
    async fn note_synced(&self, epoch: u64) -> Result<(), EngineError> {
        let _writing = self.writing_in(epoch).await?;
        let (meta, behind) = self.with_open(|open| {
            let noted = open.synced_at_stored.map(|at| at.plus(NOTE_EVERY_MS));
            let behind = open
                .synced_at
                .filter(|at| noted.is_none_or(|due| *at >= due));
            Ok((open.meta(open.since), behind))
        })?;
        if behind.is_none() {
            return Ok(());
        }
        let note = put(META.to_owned(), &meta)?;
        self.platform().store().commit(vec![note]).await?;
        self.with_open(|open| {
            open.synced_at_stored = behind;
            Ok(())
        })
    }

    async fn run(
        &self,
        report: &mut SyncReport,
        told: &mut impl FnMut(&SyncReport),
    ) -> Result<(), EngineError> {
        let epoch = self.state().epoch;
        self.renew_if_due().await;
        let mut met: BTreeSet<u64> = BTreeSet::new();
        let mut rounds = 0;
        while rounds < ROUNDS_MAX {
            let pulled = self.pull(epoch, report, told).await?;
            let before = report.pushed;
            let conflicts = self.push(epoch, &pulled, report).await?;
            // What was not compared is not signed.
            if conflicts.is_empty() && pulled == Pulled::Held {
                return Ok(());
            }
            let mut settled = true;
            for Conflict { number, id, node } in conflicts {
                match node {
                    // The next pull may have what explains it.
                    _ if met.insert(number) => settled = false,
                    // It has not: the node has lost versions, or has one that does not open. What is
                    // here is written over it.
                    Some(node) => {
                        self.rebase(epoch, id, node).await?;
                        settled = false;
                    }
                    // It has shown the item, and says that there is none.
                    None => report.problem = Some(Self::told(NodeError::Altered)),
                }
            }
            if settled {
                return self.publish(epoch, report).await;
            }
            rounds = if report.pushed > before {
                0
            } else {
                rounds + 1
            };
        }
        Err(NodeError::Misbehaved.into())
    }
}
