//! What was filled last in a tab: it stands first where the same site asks for the next step.

use std::{cell::Cell, collections::BTreeMap};

use proto::{
    bridge::endpoint::TabId,
    ids::{ItemId, UnixMillis},
    vault::ItemKind,
};
use webext::time;

/// How long the next step may take, milliseconds.
const STEP_WITHIN_MS: u64 = 300_000;

/// How long the popup may take to be opened, milliseconds: it may have to be unlocked first.
const WANTED_MS: u64 = 120_000;

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

/// What the user was at when a menu sent them to the popup: it lists items of that kind first.
#[derive(Default)]
pub(crate) struct Wanted(Cell<Option<(TabId, ItemKind, UnixMillis)>>);

impl Wanted {
    /// The user was at a field for such an item.
    pub(crate) fn note(&self, tab: TabId, kind: ItemKind) {
        self.0.set(Some((tab, kind, time::now())));
    }

    /// Something else is wanted by now.
    pub(crate) fn forget(&self) {
        self.0.set(None);
    }

    /// What is wanted for a tab.
    pub(crate) fn recall(&self, tab: TabId) -> Option<ItemKind> {
        let (of, kind, at) = self.0.get()?;
        (of == tab && time::now().0.abs_diff(at.0) <= WANTED_MS).then_some(kind)
    }
}

fn is_fresh(at: UnixMillis, now: UnixMillis) -> bool {
    now.0.abs_diff(at.0) <= STEP_WITHIN_MS
}
