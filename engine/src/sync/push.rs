//! What goes to the node.

use std::collections::BTreeSet;

use proto::{
    api::vault::{DeleteItemRequest, VaultContent, WriteItemRequest},
    error::{ErrorCode, WireError},
    ids::{ItemId, ItemVersion, Revision},
};

use super::{Conflict, SyncReport, pull::Pulled};
use crate::{
    Engine,
    error::EngineError,
    node::NodeError,
    platform::{Change, Platform, Store},
    records::{
        BAD, BASE, ItemRecord, META, OUTBOX, OutboxRecord, item_key, numbered_key, put, read,
    },
    state::Open,
};

impl<P: Platform> Engine<P> {
    /// Sends what waits, oldest first; what is left to settle. An item that the node refuses, or has
    /// another version of, holds up its own later writes and nobody else's.
    pub(super) async fn push(
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
