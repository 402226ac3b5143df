//! What was filled last in a tab: it stands first where the same site asks for the next step.

use std::collections::BTreeMap;

use proto::{
    bridge::endpoint::TabId,
    ids::{ItemId, UnixMillis},
};
use webext::time;

/// How long the next step may take, milliseconds.
const STEP_WITHIN_MS: u64 = 300_000;

/// The last item filled in each tab.
#[derive(Default)]
pub(crate) struct Chosen(BTreeMap<TabId, (ItemId, UnixMillis)>);

impl Chosen {
    /// An item was filled.
    pub(crate) fn note(&mut self, tab: TabId, item: ItemId) {
        let now = time::now();
        self.0.retain(|_, (_, at)| is_fresh(*at, now));
        self.0.insert(tab, (item, now));
    }

    /// The item that was filled a short time ago in this tab. Only for
    /// order: what fits a page is asked again.
    pub(crate) fn recall(&mut self, tab: TabId) -> Option<ItemId> {
        let now = time::now();
        self.0.retain(|_, (_, at)| is_fresh(*at, now));
        self.0.get(&tab).map(|(item, _)| *item)
    }
}

fn is_fresh(at: UnixMillis, now: UnixMillis) -> bool {
    now.0.abs_diff(at.0) <= STEP_WITHIN_MS
}
