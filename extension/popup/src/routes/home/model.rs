//! What the list shows: the logins for the site in front, and the pages of all items so far.

use std::collections::BTreeSet;

use proto::{bridge::popup::SearchResults, vault::ItemSummary};

/// Items in one request.
pub(crate) const PAGE: u32 = 200;

/// The answer to a search, page by page.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Results {
    /// What was searched for.
    pub query: String,
    /// Whether the first page is here.
    pub ready: bool,
    rows: Vec<Option<ItemSummary>>,
    asked: BTreeSet<u32>,
}

impl Results {
    /// The first page.
    pub(crate) fn first(query: String, answer: SearchResults) -> Self {
        let mut results = Self {
            query,
            ready: true,
            rows: vec![],
            asked: BTreeSet::from([0]),
        };
        results.put(0, answer);
        results
    }

    /// One more page; the size follows what the background says now.
    pub(crate) fn put(&mut self, page: u32, answer: SearchResults) {
        self.rows.resize(answer.total as usize, None);
        let begin = (page * PAGE) as usize;
        for (place, item) in self.rows.iter_mut().skip(begin).zip(answer.items) {
            *place = Some(item);
        }
    }

    /// Pages out of those that were not asked for yet; they count as asked for from now on.
    pub(crate) fn take_missing(&mut self, pages: std::ops::Range<u32>) -> Vec<u32> {
        pages.filter(|page| self.asked.insert(*page)).collect()
    }

    /// Whether one of these pages was not asked for yet.
    pub(crate) fn lacks(&self, mut pages: std::ops::Range<u32>) -> bool {
        pages.any(|page| !self.asked.contains(&page))
    }

    /// How many there are in all.
    pub(crate) fn total(&self) -> u32 {
        u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }

    /// One of them, if its page is here.
    pub(crate) fn get(&self, position: u32) -> Option<&ItemSummary> {
        self.rows.get(position as usize)?.as_ref()
    }
}

/// Whether an item has all words of a query, for the few logins of a site: the whole vault is
/// searched by the engine.
pub(crate) fn has_words(item: &ItemSummary, query: &str) -> bool {
    let text = format!("{}\n{}\n{}", item.title, item.subtitle, item.host).to_lowercase();
    query
        .to_lowercase()
        .split_whitespace()
        .all(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use proto::{
        ids::{ItemId, UnixMillis},
        vault::ItemKind,
    };

    use super::*;

    fn item(number: u32) -> ItemSummary {
        ItemSummary {
            id: ItemId::make(UnixMillis(u64::from(number)), [1; 10]),
            kind: ItemKind::Login,
            title: format!("Item {number}"),
            subtitle: "Ada".to_owned(),
            host: "example.com".to_owned(),
            has_password: true,
            pending: false,
        }
    }

    fn page(range: std::ops::Range<u32>, total: u32) -> SearchResults {
        SearchResults {
            items: range.map(item).collect(),
            total,
        }
    }

    #[test]
    fn pages_are_put_in_their_places() {
        let mut results = Results::first(String::new(), page(0..200, 450));
        assert_eq!(results.total(), 450);
        assert!(results.get(250).is_none());
        results.put(2, page(400..450, 450));
        assert_eq!(results.get(449).map(|i| i.title.as_str()), Some("Item 449"));
        assert!(results.get(250).is_none());
        assert!(results.get(450).is_none());
    }

    #[test]
    fn a_page_is_asked_for_once() {
        let mut results = Results::first(String::new(), page(0..200, 900));
        assert!(results.lacks(0..3));
        assert_eq!(results.take_missing(0..3), [1, 2]);
        assert!(!results.lacks(0..3));
        assert!(results.take_missing(0..3).is_empty());
    }

    #[test]
    fn a_list_that_shrank_meanwhile_shrinks() {
        let mut results = Results::first(String::new(), page(0..200, 900));
        results.put(1, page(200..210, 210));
        assert_eq!(results.total(), 210);
    }

    #[test]
    fn all_words_must_be_there() {
        let item = item(7);
        for (query, expect) in [
            ("", true),
            ("ITEM ada", true),
            ("example 7", true),
            ("item bob", false),
        ] {
            assert_eq!(has_words(&item, query), expect, "{query}");
        }
    }
}
