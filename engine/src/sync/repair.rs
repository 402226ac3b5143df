//! Going on with a node that shows another vault than it should: one that was set back to a backup,
//! or has lost something. The user has said so; what only this device has is sent to it again.
//!
//! All is decided before anything is changed, and then is one commit: what is queued there outlives
//! the worker as any other write does.

use std::collections::BTreeMap;

use proto::{
    api::manifest::VaultManifest,
    bridge::popup::Repaired,
    ids::{ItemId, ItemVersion, Revision},
};

use super::{page::check, pull::PAGES_MAX, weigh::Plan};
use crate::{
    Engine,
    error::EngineError,
    heads::Heads,
    keyring::OsRandom,
    node::NodeError,
    platform::{Change, Platform, Store},
    records::{
        BASE, HEADS, ITEMS, ItemRecord, KnownManifest, META, MetaRecord, OUTBOX, decode, item_key,
        numbered_key, put, read, suffix,
    },
    release,
    state::{Open, count},
};

/// The items of this device.
type Local = BTreeMap<ItemId, ItemRecord>;

/// Writes that wait, by item.
type Queues = BTreeMap<ItemId, Vec<u64>>;

/// What this device had when it was weighed: what has changed since goes its own way.
struct Weighed {
    versions: BTreeMap<ItemId, ItemVersion>,
    queues: Queues,
}

impl<P: Platform> Engine<P> {
    /// Takes the node as it is now: what this device has and the node does not is sent again, and
    /// where both have another version of an item, both stay for the user to choose. The chain of
    /// what was signed goes on from where the node has it, also where an older key has signed that which is locked
    /// here.
    ///
    /// # Errors
    /// [`EngineError::Node`], [`EngineError::Store`], [`EngineError::Locked`]; it can be done again.
    pub async fn repair(&self) -> Result<Repaired, EngineError> {
        self.ensure_open().await?;
        let epoch = self.state().epoch;
        let (mut local, queues) = self.local_items().await?;
        let versions = local.iter().map(|(id, ours)| (*id, ours.version));
        let weighed = Weighed {
            versions: versions.collect(),
            queues,
        };
        let mut plan = Plan::default();
        let (newest, read_to) = self.weigh_log(&mut local, &mut plan).await?;
        for (id, ours) in &local {
            // A deletion of what is not there needs none.
            if ours.content.is_some() {
                let sent = self.on_top(*id, ours, ItemVersion(0))?;
                plan.writes.extend(sent);
            }
        }
        let signed = match newest {
            Some(link) if self.is_signed(&link)? => Some(self.seen(&link)?),
            // The user goes on without the older key.
            Some(link) if link.revision <= read_to && self.is_of_locked(&link)? => {
                Some(self.seen(&link)?)
            }
            _ => None,
        };
        let sent = count(plan.writes.len());
        self.begin_anew(epoch, &weighed, plan, signed).await?;
        let report = self.sync().await?;
        match report.problem {
            Some(problem) => Err(NodeError::Refused(Box::new(problem)).into()),
            None => Ok(Repaired {
                received: report.pulled,
                sent,
            }),
        }
    }

    /// Every item here, and the writes that wait. One that waits and does not open here is left out:
    /// nothing can be made of it, and its write meets the node's as always.
    async fn local_items(&self) -> Result<(Local, Queues), EngineError> {
        let records = self.platform().store().read_prefix(ITEMS).await?;
        self.with_open(|open| {
            let queues = open.queues();
            let read = |(key, value): &(String, Vec<u8>)| {
                let id: ItemId = suffix(ITEMS, key).parse().ok()?;
                Some((id, decode::<ItemRecord>(value).ok()?))
            };
            let is_of_use = |(id, ours): &(ItemId, ItemRecord)| {
                let opens = || open.hold(*id, ours).is_ok_and(release::opens);
                ours.content.is_none() || !queues.contains_key(id) || opens()
            };
            let all = records.iter().filter_map(read);
            Ok((all.filter(is_of_use).collect(), queues))
        })
    }

    /// Weighs what the node has against what is here; what it does not have is left in `local`. The
    /// node's newest link, and how far its log goes.
    async fn weigh_log(
        &self,
        local: &mut Local,
        plan: &mut Plan,
    ) -> Result<(Option<VaultManifest>, Revision), EngineError> {
        let mut since = Revision(0);
        for _ in 0..PAGES_MAX {
            let page = self.ask_node(async |node| node.vault(since).await).await?;
            since = check(&page, since)?;
            for theirs in &page.records {
                if let Some(ours) = local.remove(&theirs.id) {
                    self.weigh(&ours, theirs, plan).await?;
                }
            }
            if !page.has_more {
                return Ok((page.manifest, since));
            }
        }
        // What was not read must not be taken for lost.
        Err(NodeError::Misbehaved.into())
    }

    /// Queues the writes in place of those that waited, and forgets what was read, in one commit.
    async fn begin_anew(
        &self,
        epoch: u64,
        weighed: &Weighed,
        plan: Plan,
        signed: Option<KnownManifest>,
    ) -> Result<(), EngineError> {
        let _writing = self.writing_in(epoch).await?;
        let queues = self.with_open(|open| Ok(open.queues()))?;
        let mut writes = Vec::new();
        for write in plan.writes {
            if self.is_as_weighed(&write.id, weighed, &queues).await? {
                writes.push(write);
            }
        }
        let (mut changes, mut replaced) = (Vec::new(), Vec::new());
        for (id, numbers) in &weighed.queues {
            let weighs = weighed.versions.contains_key(id);
            if weighs && self.is_as_weighed(id, weighed, &queues).await? {
                replaced.extend(numbers);
            }
        }
        let key = |number: &u64| numbered_key(OUTBOX, *number);
        changes.extend(replaced.iter().map(key));
        for id in plan.yielded {
            if self.is_as_weighed(&id, weighed, &queues).await? {
                changes.push(item_key(ITEMS, &id));
            }
        }
        // What was made of a version that the node has lost is not merged: what it has may be another
        // one of that number.
        for prefix in [HEADS, BASE] {
            let records = self.platform().store().read_prefix(prefix).await?;
            changes.extend(records.into_iter().map(|(key, _)| key));
        }
        changes.extend(writes.iter().map(|write| item_key(BASE, &write.id)));
        let mut prepared = self
            .with_open(|open| open.prepare(writes, Vec::new(), &mut OsRandom(self.platform())))?;
        let removed = changes.into_iter().map(|key| Change::Remove { key });
        prepared.changes.extend(removed);
        let meta = self.with_open(|open| {
            Ok(MetaRecord {
                manifest: signed,
                compared: false,
                cursor: None,
                anew: true,
                unproven_at: None,
                alarm: None,
                ..open.meta(Revision(0))
            })
        })?;
        prepared.changes.push(put(META.to_owned(), &meta)?);
        self.commit(prepared).await?;
        self.with_open(|open| {
            open.outbox.retain(|number, _| !replaced.contains(number));
            open.heads = Heads::default();
            open.manifest = signed;
            open.cursor = None;
            open.since = Revision(0);
            open.compared = false;
            open.anew = true;
            open.unproven_at = None;
            open.alarm = None;
            open.earlier = None;
            Ok(())
        })
    }

    /// Whether an item and what waits of it are what they were.
    async fn is_as_weighed(
        &self,
        id: &ItemId,
        weighed: &Weighed,
        queues: &Queues,
    ) -> Result<bool, EngineError> {
        let present: Option<ItemRecord> =
            read(self.platform().store(), &item_key(ITEMS, id)).await?;
        let version = present.map(|present| present.version);
        let same_queue = weighed.queues.get(id) == queues.get(id);
        Ok(same_queue && version == weighed.versions.get(id).copied())
    }
}

impl Open {
    fn queues(&self) -> Queues {
        let mut queues = Queues::new();
        for (number, id) in &self.outbox {
            queues.entry(*id).or_default().push(*number);
        }
        queues
    }
}
