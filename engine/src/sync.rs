//! Keeping store and node alike: pull what is new, push what waits, and lose nothing on the way.
//!
//! Every write that waits lies in the outbox with its own sealed content and version, in the order
//! of writing. It leaves the outbox in the commit that follows the node's answer, or when a pull
//! shows that it had arrived. Where another device was faster, the node's version stays and ours
//! becomes a new item.

use std::collections::BTreeSet;

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
    state::{Open, SyncState, count},
};

use self::pull::Pulled;

mod alarm;
mod conflict;
mod manifest;
mod page;
mod pull;
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

    async fn run(&self, report: &mut SyncReport) -> Result<(), EngineError> {
        let epoch = self.state().epoch;
        self.renew_if_due().await;
        let mut met: BTreeSet<u64> = BTreeSet::new();
        let mut rounds = 0;
        while rounds < ROUNDS_MAX {
            let pulled = self.pull(epoch, report).await?;
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

    /// Sends what waits, oldest first; what is left to settle. An item that the node refuses, or has
    /// another version of, holds up its own later writes and nobody else's.
    async fn push(
        &self,
        epoch: u64,
        pulled: &Pulled,
        report: &mut SyncReport,
    ) -> Result<Vec<Conflict>, EngineError> {
        let mut held_up: BTreeSet<ItemId> = BTreeSet::new();
        let mut conflicts = Vec::new();
        let mut after: Option<u64> = None;
        loop {
            let next = self.with_open(|open| {
                let mut waiting = open.outbox.iter().map(|(number, id)| (*number, *id));
                Ok(waiting.find(|(number, id)| {
                    after.is_none_or(|after| *number > after) && !held_up.contains(id)
                }))
            })?;
            let Some((number, id)) = next else {
                return Ok(conflicts);
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
                Err(NodeError::Refused(error)) if error.code != ErrorCode::SessionInvalid => {
                    let node = match error.code {
                        ErrorCode::VersionConflict => Some(version_in(&error)?),
                        ErrorCode::NotFound if write.content.item().is_none() => None,
                        _ => {
                            report.problem = Some(*error);
                            held_up.insert(id);
                            continue;
                        }
                    };
                    if node.is_none() && !self.has_shown(&id)? {
                        self.drop_write(epoch, number, &write).await?;
                        continue;
                    }
                    held_up.insert(id);
                    // Nothing is taken over from a node that lies: there is nothing to settle it by.
                    if *pulled != Pulled::Held {
                        conflicts.push(Conflict { number, id, node });
                    }
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

    /// Whether the node's log has an item, in a version that opens.
    fn has_shown(&self, id: &ItemId) -> Result<bool, EngineError> {
        self.with_open(|open| Ok(open.heads.has(id) && !open.bad.contains(id)))
    }

    /// The node has nothing that could be deleted: a deletion need not wait any longer.
    async fn drop_write(
        &self,
        epoch: u64,
        number: u64,
        write: &OutboxRecord,
    ) -> Result<(), EngineError> {
        let _writing = self.writing_in(epoch).await?;
        let id = write.id;
        let more = self.with_open(|open| Ok(open.waits_after(number, &id)))?;
        let remove = |key| Change::Remove { key };
        let changes = vec![
            remove(numbered_key(OUTBOX, number)),
            remove(item_key(BAD, &id)),
            base(write, more)?,
        ];
        self.platform().store().commit(changes).await?;
        self.with_open(|open| {
            open.outbox.remove(&number);
            open.bad.remove(&id);
            Ok(())
        })
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
            let more = open.waits_after(number, &write.id);
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

impl Open {
    /// Whether another write of an item waits behind one.
    fn waits_after(&self, number: u64, id: &ItemId) -> bool {
        let mut later = self.outbox.range(number + 1..);
        later.any(|(_, queued)| queued == id)
    }
}

/// The version that the node has, in its refusal of another one.
fn version_in(error: &WireError) -> Result<ItemVersion, NodeError> {
    let version = error.params.get("version");
    let version = version.and_then(|text| text.parse().ok());
    version.map(ItemVersion).ok_or(NodeError::Misbehaved)
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
