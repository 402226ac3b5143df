//! A node that answers from another database than before: a backup was restored there, or it says so
//! to hide what it has lost. Whichever it is, what this device knows of the log has to be in it.
//!
//! A database is known again by the cursors that the node gives out, which it alone can read.

use std::collections::BTreeMap;

use proto::{
    api::{feed::FeedCursor, vault::VaultPage},
    error::ErrorCode,
    ids::{ItemId, Revision},
};
use wasm_core::manifest::{Head, content_hash};

use super::{
    page::check,
    pull::{HEADS_MAX, PAGES_MAX},
};
use crate::{
    Engine,
    error::EngineError,
    heads::Heads,
    node::NodeError,
    platform::{Platform, Store},
    records::{META, put},
};

/// What a node answers who asks for what is new.
pub(super) enum Asked {
    /// That.
    Page(VaultPage),
    /// The first page of all it has.
    Snapshot(VaultPage),
}

impl<P: Platform> Engine<P> {
    /// Asks for what was written after `since`.
    pub(super) async fn ask_page(&self, since: Revision) -> Result<Asked, EngineError> {
        let cursor = self.with_open(|open| Ok(open.cursor.clone()))?;
        let Some(cursor) = cursor else {
            let page = self.ask_node(async |node| node.vault(since).await).await?;
            return Ok(Asked::Page(page));
        };
        let answer = self
            .ask_node(async |node| node.vault_from(&cursor, Some(since)).await)
            .await;
        match answer {
            Ok(page) if page.snapshot => Ok(Asked::Snapshot(page)),
            Ok(page) => Ok(Asked::Page(page)),
            // A node that does not know the form any more says as little about its database.
            Err(EngineError::Node(error)) if error.is(ErrorCode::CursorInvalid) => {
                let first = self.ask_node(async |node| node.vault(Revision(0)).await);
                Ok(Asked::Snapshot(first.await?))
            }
            Err(error) => Err(error),
        }
    }

    /// Reads all that the node has, and takes its database for that of before if everything that this
    /// device knows of the log is in it. Nothing else is changed: what is new is pulled after this.
    ///
    /// # Errors
    /// [`NodeError::RolledBack`] where something is gone, older, or another than it was.
    pub(super) async fn compare_snapshot(
        &self,
        epoch: u64,
        first: VaultPage,
    ) -> Result<(), EngineError> {
        let mut shown: BTreeMap<ItemId, Head> = BTreeMap::new();
        let (mut page, mut at) = (first, Revision(0));
        for _ in 0..PAGES_MAX {
            at = check(&page, at)?;
            shown.extend(page.records.iter().map(|record| {
                let head = Head {
                    version: record.version,
                    revision: record.revision,
                    hash: content_hash(&record.content),
                };
                (record.id, head)
            }));
            let cursor = page.cursor.clone().ok_or(NodeError::Misbehaved)?;
            if !page.has_more {
                return self.adopt(epoch, &shown, at, cursor).await;
            }
            if shown.len() > HEADS_MAX {
                break;
            }
            page = self
                .ask_node(async |node| node.vault_from(&cursor, None).await)
                .await?;
            // Yet another one, in the middle.
            if page.snapshot {
                break;
            }
        }
        Err(NodeError::Misbehaved.into())
    }

    async fn adopt(
        &self,
        epoch: u64,
        shown: &BTreeMap<ItemId, Head>,
        latest: Revision,
        cursor: FeedCursor,
    ) -> Result<(), EngineError> {
        let _writing = self.writing_in(epoch).await?;
        let meta = self.with_open(|open| {
            if latest < open.since || !goes_on(&open.heads, open.since, shown) {
                return Err(NodeError::RolledBack.into());
            }
            open.cursor = Some(cursor);
            Ok(open.meta(open.since))
        })?;
        let change = put(META.to_owned(), &meta)?;
        Ok(self.platform().store().commit(vec![change]).await?)
    }
}

/// Whether a log that shows these items is the one that was read up to `since`, and may have gone on.
fn goes_on(known: &Heads, since: Revision, shown: &BTreeMap<ItemId, Head>) -> bool {
    let kept = known.after(Revision(0)).into_iter().all(|(id, head)| {
        shown.get(&id).is_some_and(|now| {
            let newer =
                now.version > head.version && now.revision > since && now.revision > head.revision;
            *now == head || newer
        })
    });
    // What stands where this device has read already, it knows.
    let mut read = shown.iter().filter(|(_, now)| now.revision <= since);
    kept && read.all(|(id, _)| known.get(id).is_some())
}

#[cfg(test)]
mod tests {
    use proto::ids::ItemVersion;

    use super::*;

    fn id(number: u8) -> ItemId {
        ItemId::from_bytes([number; 16])
    }

    fn head(version: u64, revision: u64, content: u8) -> Head {
        Head {
            version: ItemVersion(version),
            revision: Revision(revision),
            hash: [content; 32],
        }
    }

    /// Two items, read up to revision 3.
    fn known() -> Heads {
        let mut heads = Heads::default();
        heads.set(id(1), Some(head(2, 3, 1)));
        heads.set(id(2), Some(head(1, 2, 2)));
        heads
    }

    #[test]
    fn only_a_log_that_has_all_that_is_known_goes_on() {
        let one = (id(1), head(2, 3, 1));
        let two = (id(2), head(1, 2, 2));
        let goes_on = |shown: &[(ItemId, Head)]| {
            goes_on(&known(), Revision(3), &shown.iter().copied().collect())
        };
        for good in [
            vec![one, two],
            vec![one, two, (id(3), head(1, 4, 3))],
            vec![(id(1), head(3, 5, 9)), two],
        ] {
            assert!(goes_on(&good));
        }
        for (bad, what) in [
            (vec![one], "an item is gone"),
            (vec![(id(1), head(1, 3, 1)), two], "an older version"),
            (vec![(id(1), head(2, 3, 9)), two], "other content"),
            (vec![(id(1), head(2, 4, 1)), two], "an old state put on top"),
            (
                vec![(id(1), head(3, 3, 9)), two],
                "a version that was never there",
            ),
            (
                vec![one, two, (id(3), head(1, 1, 3))],
                "an item where there was none",
            ),
        ] {
            assert!(!goes_on(&bad), "{what}");
        }
    }
}
