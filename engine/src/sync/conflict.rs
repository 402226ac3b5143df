//! Two devices wrote one item.

use proto::{
    api::vault::{SealedItem, VaultContent, VaultRecord},
    ids::{ItemId, ItemVersion},
    limits::{ITEM_TITLE_MAX_CHARS, ITEM_VERSION_MAX},
    vault::ItemOverview,
};

use crate::{
    Engine,
    error::EngineError,
    keyring::OsRandom,
    node::NodeError,
    platform::{Change, Platform},
    records::{BASE, ItemRecord, OUTBOX, OutboxRecord, item_key, numbered_key},
    release::{self, Merged},
    vault::{Content, Write},
};

/// What the title of a copy ends in.
const COPY: &str = " (conflicted copy)";

/// What the node's version of an item is to this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Known, or older than what is here.
    Known,
    /// A write of this device that had arrived, and all before it.
    Arrived { upto: u64 },
    /// Newer, and nothing waits here.
    News,
    /// Another than what waits here.
    Conflict,
}

/// Judges a version of the node by what is here and what waits here, oldest first.
pub(super) fn judge(
    local: Option<&ItemRecord>,
    queued: &[(u64, OutboxRecord)],
    theirs: &VaultRecord,
) -> Verdict {
    let Some((_, first)) = queued.first() else {
        let known = local.is_some_and(|local| theirs.version <= local.version);
        return if known { Verdict::Known } else { Verdict::News };
    };
    if theirs.version < first.version {
        return Verdict::Known;
    }
    let same =
        |ours: &OutboxRecord| ours.version == theirs.version && ours.content == theirs.content;
    match queued.iter().find(|(_, ours)| same(ours)) {
        Some((number, _)) => Verdict::Arrived { upto: *number },
        None => Verdict::Conflict,
    }
}

/// What comes of two versions of one item: the node's, and what waits here; or what is here, and what
/// was typed on an older one.
pub(crate) enum Met {
    /// The node's: what is here adds nothing to it.
    Theirs,
    /// The version after the node's, with what both changed.
    Merged(Write),
    /// The node's, and an item with what waits here beside it: the user chooses.
    Copy(Write),
}

impl<P: Platform> Engine<P> {
    /// Brings together two versions of an item: what waits or was typed here, and what the node has
    /// or has come in its place; `base` is what both were made of.
    pub(crate) fn reconcile(
        &self,
        id: ItemId,
        base: Option<&ItemRecord>,
        ours: &ItemRecord,
        theirs: &ItemRecord,
    ) -> Result<Met, EngineError> {
        // A deletion here against a change there loses nothing by giving way.
        let Some(content) = &ours.content else {
            return Ok(Met::Theirs);
        };
        let opens = |version: ItemVersion, content: &SealedItem| {
            self.with_open(|open| {
                let held = open.keyring.hold(id, version, content);
                Ok(held.is_ok_and(release::opens))
            })
        };
        // What does not open here could not be read before either.
        if !opens(ours.version, content)? {
            return Ok(Met::Theirs);
        }
        let base = base.and_then(|base| Some((base.version, base.content.as_ref()?)));
        let base = match base {
            Some((version, content)) if opens(version, content)? => Some((version, content)),
            _ => None,
        };
        if let (Some((base_version, base)), Some(their_content)) = (base, &theirs.content)
            && theirs.version.0 < ITEM_VERSION_MAX
        {
            let version = ItemVersion(theirs.version.0 + 1);
            let merged = self.with_open(|open| {
                release::merge(
                    open.keyring.hold(id, base_version, base)?,
                    open.keyring.hold(id, ours.version, content)?,
                    open.keyring.hold(id, theirs.version, their_content)?,
                    version,
                    open.keyring.active(),
                    &mut OsRandom(self.platform()),
                )
            })?;
            match merged {
                Merged::Theirs => return Ok(Met::Theirs),
                Merged::Both(sealed, overview) => {
                    let content = Content::Item(sealed, overview);
                    return Ok(Met::Merged(Write {
                        id,
                        version,
                        content,
                    }));
                }
                Merged::Clash => {}
            }
        }
        let original = theirs.content.as_ref().map(|_| id);
        let copy = self.copy(id, ours.version, content, original)?;
        Ok(Met::Copy(copy))
    }

    /// A version of an item as an item of its own, which is another version of `original`.
    pub(super) fn copy(
        &self,
        item: ItemId,
        of: ItemVersion,
        content: &SealedItem,
        original: Option<ItemId>,
    ) -> Result<Write, EngineError> {
        let now = self.platform().now();
        let id = self.make_item_id(now);
        let version = ItemVersion(1);
        let content = self.with_open(|open| {
            let held = open.keyring.hold(item, of, content)?;
            let overview = ItemOverview {
                title: copy_title(&held.overview.title),
                conflict_of: original,
                ..held.overview.clone()
            };
            let mut random = OsRandom(self.platform());
            let vault = open.keyring.active();
            let sealed = release::reseal(held, &id, version, &overview, vault, &mut random)?;
            Ok(Content::Item(sealed, overview))
        })?;
        Ok(Write {
            id,
            version,
            content,
        })
    }

    /// Puts what waits of an item on top of the node's version `node`, as one write.
    pub(super) async fn rebase(
        &self,
        epoch: u64,
        id: ItemId,
        node: ItemVersion,
    ) -> Result<(), EngineError> {
        let _writing = self.writing_in(epoch).await?;
        let queued = self.queued(id).await?;
        let Some((_, newest)) = queued.last() else {
            return Ok(());
        };
        if node.0 >= ITEM_VERSION_MAX {
            return Err(NodeError::Misbehaved.into());
        }
        let version = ItemVersion(node.0 + 1);
        let mut prepared = self.with_open(|open| {
            let mut random = OsRandom(self.platform());
            let content = match &newest.content {
                VaultContent::Tombstone(end) => {
                    Content::Deleted(open.keyring.tombstone(&id, newest.version, end)?)
                }
                VaultContent::Item(content) => {
                    let held = open.keyring.hold(id, newest.version, content)?;
                    let overview = held.overview.clone();
                    let vault = open.keyring.active();
                    let sealed =
                        release::reseal(held, &id, version, &overview, vault, &mut random)?;
                    Content::Item(sealed, overview)
                }
            };
            open.prepare(
                vec![Write {
                    id,
                    version,
                    content,
                }],
                Vec::new(),
                &mut random,
            )
        })?;
        let remove = |(number, _): &(u64, OutboxRecord)| Change::Remove {
            key: numbered_key(OUTBOX, *number),
        };
        prepared.changes.extend(queued.iter().map(remove));
        // It was made of a version that is read by nobody here.
        prepared.changes.push(Change::Remove {
            key: item_key(BASE, &id),
        });
        self.commit(prepared).await?;
        self.with_open(|open| {
            for (number, _) in &queued {
                open.outbox.remove(number);
            }
            Ok(())
        })
    }
}

/// The title that a copy was made of, as far as it had room.
pub(crate) fn without_copy_mark(title: &str) -> &str {
    title.strip_suffix(COPY).unwrap_or(title)
}

fn copy_title(title: &str) -> String {
    let room = ITEM_TITLE_MAX_CHARS - COPY.len();
    let kept: String = title.chars().take(room).collect();
    format!("{kept}{COPY}")
}

#[cfg(test)]
mod tests {
    use proto::{
        api::vault::SealedTombstone,
        bytes::Base64,
        ids::{KeyNumber, Revision, UnixMillis, UpdateId},
    };

    use super::*;

    fn id() -> ItemId {
        ItemId::make(UnixMillis(1), [1; 10])
    }

    fn content(byte: u8) -> VaultContent {
        let half = || Base64(vec![byte]);
        if byte == 0 {
            return VaultContent::Tombstone(SealedTombstone {
                key_number: KeyNumber(1),
                sealed: half(),
            });
        }
        VaultContent::Item(SealedItem {
            key_number: KeyNumber(1),
            overview: half(),
            secrets: half(),
        })
    }

    /// `(version, content)`; content 0 is a deletion.
    fn verdict(local: Option<(u64, u8)>, queued: &[(u64, u8)], theirs: (u64, u8)) -> Verdict {
        let local = local.map(|(version, byte)| ItemRecord {
            version: ItemVersion(version),
            content: content(byte).item().cloned(),
        });
        let waits = |(number, (version, byte)): (u64, &(u64, u8))| {
            (
                number,
                OutboxRecord {
                    update: UpdateId::from_bytes([1; 16]),
                    id: id(),
                    version: ItemVersion(*version),
                    content: content(*byte),
                },
            )
        };
        let queued: Vec<_> = (10..).zip(queued).map(waits).collect();
        let theirs = VaultRecord {
            id: id(),
            version: ItemVersion(theirs.0),
            revision: Revision(1),
            content: content(theirs.1),
        };
        judge(local.as_ref(), &queued, &theirs)
    }

    #[test]
    fn versions_of_the_node_are_judged() {
        use Verdict::{Arrived, Conflict, Known, News};
        for (local, queued, theirs, want) in [
            (None, [].as_slice(), (1, 1), News),
            (Some((1, 1)), &[], (2, 2), News),
            (Some((1, 1)), &[], (2, 0), News),
            (Some((2, 1)), &[], (2, 1), Known),
            (Some((2, 1)), &[], (1, 9), Known),
            (Some((2, 2)), &[(2, 2)], (1, 1), Known),
            (Some((2, 2)), &[(2, 2)], (2, 2), Arrived { upto: 10 }),
            (
                Some((3, 3)),
                &[(2, 2), (3, 3)],
                (2, 2),
                Arrived { upto: 10 },
            ),
            (
                Some((3, 3)),
                &[(2, 2), (3, 3)],
                (3, 3),
                Arrived { upto: 11 },
            ),
            (Some((2, 0)), &[(2, 0)], (2, 0), Arrived { upto: 10 }),
            (Some((2, 2)), &[(2, 2)], (2, 9), Conflict),
            (Some((2, 2)), &[(2, 2)], (3, 9), Conflict),
            (Some((2, 2)), &[(2, 2)], (2, 0), Conflict),
            (Some((2, 0)), &[(2, 0)], (2, 9), Conflict),
            (Some((3, 3)), &[(2, 2), (3, 3)], (3, 9), Conflict),
        ] {
            assert_eq!(
                verdict(local, queued, theirs),
                want,
                "{local:?} {queued:?} {theirs:?}"
            );
        }
    }

    #[test]
    fn title_of_a_copy_stays_within_its_limit() {
        assert_eq!(copy_title("Bank"), "Bank (conflicted copy)");
        assert_eq!(copy_title(&"ä".repeat(200)).chars().count(), 200);
    }
}
