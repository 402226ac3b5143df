//! Keeping store and node alike: pull what is new, push what waits, and lose nothing on the way.
//!
//! Every write that waits lies in the outbox with its own sealed content and version, in the order
//! of writing. It leaves the outbox in the commit that follows the node's answer, or when a pull
//! shows that it had arrived. Where another device was faster, the node's version stays and ours
//! becomes a new item.

use proto::{
    api::vault::{DeleteItemRequest, VaultContent, WriteItemRequest},
    bridge::popup::NodeState,
    error::{ErrorCode, WireError},
    ids::{ItemId, ItemVersion, Revision},
};

use crate::{
    Engine,
    error::EngineError,
    node::NodeError,
    platform::{Change, Platform, Store},
    records::{
        BAD, BASE, ItemRecord, META, OUTBOX, OutboxRecord, item_key, numbered_key, put, read,
    },
    state::{SyncState, count},
};

mod conflict;
mod manifest;
mod page;
mod pull;
mod repair;

pub(crate) use self::conflict::without_copy_mark;

/// Pulls and pushes in one run. More than two are needed only while other devices write the same
/// items at the same time.
const ROUNDS_MAX: u32 = 6;

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

/// How pushing ended.
enum Push {
    Done,
    /// The node has another version of an item.
    Conflict {
        number: u64,
        id: ItemId,
        node: Option<ItemVersion>,
    },
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
        let running = Running(self);
        loop {
            self.state_mut().sync = SyncState::Running;
            report.problem = None;
            match self.run(&mut report).await {
                Ok(()) => {}
                Err(EngineError::Node(error)) => report.problem = Some(Self::told(error)),
                Err(error) => return Err(error),
            }
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
        report.node = self.node_state();
        report.unreadable = self.with_open(|open| Ok(count(open.bad.len())))?;
        Ok(report)
    }

    async fn run(&self, report: &mut SyncReport) -> Result<(), EngineError> {
        let epoch = self.state().epoch;
        let mut met: Option<u64> = None;
        self.renew_if_due().await;
        for _ in 0..ROUNDS_MAX {
            self.pull(epoch, report).await?;
            match self.push(epoch, report).await? {
                Push::Done => return self.publish(epoch, report).await,
                // The pull has nothing that explains the conflict: the node has lost versions, or
                // has one that does not open. What is here is written over it.
                Push::Conflict {
                    number,
                    id,
                    node: Some(node),
                } if met == Some(number) => {
                    self.rebase(epoch, id, node).await?;
                }
                Push::Conflict { number, .. } => met = Some(number),
            }
        }
        Err(NodeError::Misbehaved.into())
    }

    /// Sends what waits, oldest first. An item that the node refuses for good holds up its own
    /// later writes and nobody else's.
    async fn push(&self, epoch: u64, report: &mut SyncReport) -> Result<Push, EngineError> {
        let mut refused: Vec<ItemId> = Vec::new();
        let mut after: Option<u64> = None;
        loop {
            let next = self.with_open(|open| {
                let mut waiting = open.outbox.iter().map(|(number, id)| (*number, *id));
                Ok(waiting.find(|(number, id)| {
                    after.is_none_or(|after| *number > after) && !refused.contains(id)
                }))
            })?;
            let Some((number, id)) = next else {
                return Ok(Push::Done);
            };
            after = Some(number);
            let key = numbered_key(OUTBOX, number);
            // `None`: it was dropped a moment ago.
            let Some(write) = read::<OutboxRecord>(self.platform().store(), &key).await? else {
                continue;
            };
            match self.send_write(&write).await {
                Ok(revision) => {
                    self.acknowledge(epoch, number, &write, revision).await?;
                    report.pushed += 1;
                }
                Err(NodeError::Refused(error)) if error.code == ErrorCode::VersionConflict => {
                    let node = error
                        .params
                        .get("version")
                        .and_then(|text| text.parse().ok());
                    return Ok(Push::Conflict {
                        number,
                        id,
                        node: node.map(ItemVersion),
                    });
                }
                Err(NodeError::Refused(error)) if error.code != ErrorCode::SessionInvalid => {
                    refused.push(id);
                    report.problem = Some(*error);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn send_write(&self, write: &OutboxRecord) -> Result<Revision, NodeError> {
        let (update, version) = (write.update, write.version);
        let answer = match write.content.clone() {
            VaultContent::Item(content) => {
                let request = WriteItemRequest {
                    update,
                    version,
                    content,
                };
                self.ask_node(async |node| node.write_item(&write.id, &request).await)
                    .await
            }
            VaultContent::Tombstone(tombstone) => {
                let request = DeleteItemRequest {
                    update,
                    version,
                    tombstone,
                };
                self.ask_node(async |node| node.delete_item(&write.id, &request).await)
                    .await
            }
        };
        let accepted = answer.map_err(|error| match error {
            EngineError::Node(error) => error,
            // Locked meanwhile counts as away: nothing is lost.
            _ => NodeError::Unreachable,
        })?;
        if accepted.version == version {
            Ok(accepted.revision)
        } else {
            Err(NodeError::Misbehaved)
        }
    }

    /// The node has it: it need not wait any longer.
    async fn acknowledge(
        &self,
        epoch: u64,
        number: u64,
        write: &OutboxRecord,
        revision: Revision,
    ) -> Result<(), EngineError> {
        let _writing = self.writing_in(epoch).await?;
        let (id, more) = self.with_open(|open| {
            let mut later = open.outbox.range(number + 1..);
            let more = later.any(|(_, queued)| *queued == write.id);
            Ok((open.outbox.get(&number).copied(), more))
        })?;
        let mut changes = vec![Change::Remove {
            key: numbered_key(OUTBOX, number),
        }];
        changes.push(base(write, more)?);
        // The node's newest version of it is ours now.
        changes.extend(id.map(|id| Change::Remove {
            key: item_key(BAD, &id),
        }));
        // Our own write is the next in the log: there is nothing to pull in between.
        let next = self.with_open(|open| Ok(revision.0 == open.since.0 + 1))?;
        if next {
            let meta = self.with_open(|open| Ok(open.meta(revision)))?;
            changes.push(put(META.to_owned(), &meta)?);
        }
        let head = self.with_open(|open| {
            let head = open
                .heads
                .stage(write.id, write.version, revision, &write.content);
            let head: Vec<_> = head.into_iter().collect();
            changes.extend(open.heads.with(&head));
            Ok(head)
        })?;
        self.platform().store().commit(changes).await?;
        self.with_open(|open| {
            open.outbox.remove(&number);
            id.map(|id| open.bad.remove(&id));
            open.heads.apply(head);
            if next {
                open.since = revision;
            }
            Ok(())
        })
    }
}

/// The node has a write: later ones of the item, if there are `more`, are made on that.
fn base(write: &OutboxRecord, more: bool) -> Result<Change, EngineError> {
    let key = item_key(BASE, &write.id);
    if !more {
        return Ok(Change::Remove { key });
    }
    let record = ItemRecord {
        version: write.version,
        content: write.content.item().cloned(),
    };
    put(key, &record)
}
