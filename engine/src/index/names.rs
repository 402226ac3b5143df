//! Items by the names that people know them by: what an import is compared with.

use std::collections::HashMap;

use proto::{
    ids::ItemId,
    vault::{ItemKind, ItemOverview},
};

use super::Index;
use crate::matching::display_host;

/// Items of the vault that one of a file is compared with: more of one name on one site are rare.
const ALIKE_MAX: usize = 64;

/// The vault's items by user name together with title, and with each host: of each the first
/// [`ALIKE_MAX`] by their ids.
pub(super) struct Names(HashMap<(ItemKind, String, String), Vec<ItemId>>);

impl Names {
    fn of(index: &Index) -> Self {
        let mut names: HashMap<_, Vec<ItemId>> = HashMap::new();
        for (id, entry) in index.iter() {
            for name in names_of(&entry.overview) {
                let alike = names.entry(name).or_default();
                if alike.len() < ALIKE_MAX {
                    alike.push(*id);
                }
            }
        }
        Self(names)
    }
}

impl Index {
    /// Items with a name or a host in common, at most [`ALIKE_MAX`], in the order of their ids. The
    /// first call after a change goes through all items, the others through none.
    pub(crate) fn alike(&self, overview: &ItemOverview) -> Vec<ItemId> {
        let names = self.names.get_or_init(|| Names::of(self));
        let found = names_of(overview).filter_map(|name| names.0.get(&name));
        let mut alike: Vec<ItemId> = found.flatten().copied().collect();
        alike.sort_unstable();
        alike.dedup();
        alike.truncate(ALIKE_MAX);
        alike
    }
}

/// Names by which an item is known again: of a login each of its hosts, of what has none its title.
fn names_of(overview: &ItemOverview) -> impl Iterator<Item = (ItemKind, String, String)> {
    let hosts = overview.urls.iter().map(|url| display_host(&url.url));
    let title = overview.urls.is_empty().then_some(overview.title.as_str());
    hosts.chain(title).map(|name| {
        let folded = |text: &str| text.trim().to_lowercase();
        (overview.kind, folded(&overview.subtitle), folded(name))
    })
}
