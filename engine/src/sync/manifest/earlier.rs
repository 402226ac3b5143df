//! What the node had earlier, looked up in the versions that it keeps.

use std::collections::BTreeMap;

use proto::{
    ids::{ItemId, ItemVersion, Revision},
    limits::ITEM_VERSIONS_MAX,
};
use wasm_core::manifest::{self, Head};

use crate::{Engine, error::EngineError, heads::Heads, platform::Platform};

/// Items that were written after a manifest whose earlier versions are asked for in one comparison.
/// The next one goes on from there.
const LOOKED_UP_MAX: usize = 256;
/// Versions of one answer while an earlier one is looked for.
const PAGE: u32 = 20;

impl<P: Platform> Engine<P> {
    /// What the node had at a revision, as this device knows it.
    pub(super) async fn heads_at(&self, revision: Revision) -> Result<At, EngineError> {
        let (mut heads, mut known) = self.with_open(|open| {
            let known = open.earlier.take().filter(|known| known.at == revision);
            let known = known.unwrap_or_else(|| EarlierHeads::none_at(revision));
            Ok((open.heads.clone(), known))
        })?;
        let later = heads.after(revision);
        let looked_up = self.look_up(&later, &mut known).await;
        let mut missing = false;
        for (id, head) in later {
            match known.of(&id, head) {
                Some(Earlier::Head(earlier)) => heads.set(id, Some(earlier)),
                Some(Earlier::NotYet) => heads.set(id, None),
                Some(Earlier::Forgotten) | None => missing = true,
            }
        }
        self.with_open(|open| {
            open.earlier = Some(known);
            Ok(())
        })?;
        let forgotten = looked_up?;
        Ok(match (forgotten, missing) {
            (true, _) => At::Forgotten,
            (false, true) => At::Later,
            (false, false) => At::Heads(heads),
        })
    }

    /// Asks for what is not known of these heads, a bounded number of them; whether the node has
    /// forgotten one. Then the others need not be asked for, and it may have it again the next time.
    async fn look_up(
        &self,
        later: &[(ItemId, Head)],
        known: &mut EarlierHeads,
    ) -> Result<bool, EngineError> {
        let unknown = later
            .iter()
            .filter(|(id, head)| known.of(id, *head).is_none());
        let unknown: Vec<_> = unknown.take(LOOKED_UP_MAX).copied().collect();
        for (id, head) in unknown {
            match self.head_before(id, head.version, known.at).await? {
                Earlier::Forgotten => return Ok(true),
                earlier => drop(known.heads.insert(id, earlier)),
            }
        }
        Ok(false)
    }

    /// An item's newest version at a revision.
    async fn head_before(
        &self,
        id: ItemId,
        version: ItemVersion,
        revision: Revision,
    ) -> Result<Earlier, EngineError> {
        let mut before = version;
        for _ in 0..=ITEM_VERSIONS_MAX / PAGE {
            if before.0 <= 1 {
                return Ok(Earlier::NotYet);
            }
            let page = self.ask_versions(id, Some(before), PAGE).await?;
            if page.versions.is_empty() {
                return Ok(Earlier::Forgotten);
            }
            for was in &page.versions {
                if was.version.0 + 1 != before.0 {
                    return Ok(Earlier::Forgotten);
                }
                if was.revision <= revision {
                    return Ok(Earlier::Head(Head {
                        version: was.version,
                        revision: was.revision,
                        hash: manifest::content_hash(&was.content),
                    }));
                }
                before = was.version;
            }
        }
        Ok(Earlier::Forgotten)
    }
}

/// What the node had at a revision.
pub(super) enum At {
    Heads(Heads),
    /// There is more to ask for: the next comparison goes on.
    Later,
    /// The node does not keep all of it any more.
    Forgotten,
}

/// What was looked up of what the node had at a revision. What it was stays, however it goes on.
pub(crate) struct EarlierHeads {
    at: Revision,
    heads: BTreeMap<ItemId, Earlier>,
}

impl EarlierHeads {
    fn none_at(at: Revision) -> Self {
        Self {
            at,
            heads: BTreeMap::new(),
        }
    }

    /// What an item with this head was; `None`: it has to be asked for.
    fn of(&self, id: &ItemId, head: Head) -> Option<Earlier> {
        // What is new needs no question.
        let is_new = head.version.0 <= 1;
        let looked_up = || self.heads.get(id).copied();
        is_new.then_some(Earlier::NotYet).or_else(looked_up)
    }
}

/// What an item was at a revision.
#[derive(Clone, Copy)]
enum Earlier {
    Head(Head),
    /// It was not there.
    NotYet,
    /// The node does not keep it any more.
    Forgotten,
}
