//! Finding items: every word must be found in title, second line or addresses.

use std::cmp::Reverse;

use proto::{
    bridge::popup::SearchResults,
    ids::{ItemId, UnixMillis},
    limits::SEARCH_RESULTS_MAX,
    vault::ItemOverview,
};

use crate::{
    index::{Entry, Index},
    search::fold::fold,
    state::count,
};

pub(crate) mod fold;

/// What an item is found by, folded: the title, then the rest, each part on a line of its own.
pub(crate) struct Haystack(String);

/// How well a word is found; the greater the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hit {
    /// Within a word.
    Within,
    /// At the beginning of a word.
    WordStart,
    /// At the beginning of the title.
    TitleStart,
}

impl Haystack {
    pub(crate) fn new(overview: &ItemOverview) -> Self {
        let mut text = fold(&overview.title);
        text.push('\n');
        text.push_str(&fold(&overview.subtitle));
        for url in &overview.urls {
            text.push('\n');
            // The scheme says nothing: `http` would find everything.
            text.push_str(&fold(
                url.url.split_once("://").map_or(&url.url, |(_, rest)| rest),
            ));
        }
        Self(text)
    }

    fn find(&self, word: &str) -> Option<Hit> {
        if self.0.starts_with(word) {
            return Some(Hit::TitleStart);
        }
        let mut best = None;
        for (at, _) in self.0.match_indices(word) {
            let starts = !self.0[..at].ends_with(char::is_alphanumeric);
            if starts {
                return Some(Hit::WordStart);
            }
            best = Some(Hit::Within);
        }
        best
    }

    /// How well all words are found: the worst first, then their sum.
    fn score(&self, words: &[&str]) -> Option<(u32, u32)> {
        let (mut worst, mut sum) = (u32::MAX, 0);
        for word in words {
            let hit = self.find(word)? as u32;
            worst = worst.min(hit);
            sum += hit;
        }
        Some((worst, sum))
    }
}

/// What one page of results is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    /// Results before it.
    pub(crate) offset: u32,
    /// Results in it, at most 200.
    pub(crate) limit: u32,
}

/// A page of what a query finds, the best first. Equally good ones come in the order of their last
/// use or change, as `recency` tells it. An empty query lists all, by title.
pub(crate) fn search(
    index: &Index,
    query: &str,
    page: Page,
    recency: impl Fn(&ItemId, &Entry) -> UnixMillis,
    pending: impl Fn(&ItemId) -> bool,
) -> SearchResults {
    let query = fold(query);
    let words: Vec<&str> = query.split_whitespace().collect();
    let mut found: Vec<_> = index
        .iter()
        .filter_map(|(id, entry)| {
            let score = entry.haystack.score(&words)?;
            let (title, used) = if words.is_empty() {
                (entry.haystack.0.as_str(), UnixMillis(0))
            } else {
                ("", recency(id, entry))
            };
            Some(((Reverse(score), Reverse(used), title, id), entry))
        })
        .collect();
    let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let (from, total) = (size(page.offset).min(found.len()), count(found.len()));
    let upto = from
        .saturating_add(size(page.limit).min(SEARCH_RESULTS_MAX))
        .min(found.len());
    // Only what is shown needs its order.
    if upto > 0 && upto < found.len() {
        found.select_nth_unstable_by(upto - 1, |(a, _), (b, _)| a.cmp(b));
        found.truncate(upto);
    }
    found.sort_unstable_by_key(|(rank, _)| *rank);
    let items = found
        .drain(from..upto)
        .map(|((.., id), entry)| entry.summary(*id, pending(id)))
        .collect();
    SearchResults { items, total }
}

#[cfg(test)]
mod tests {
    use proto::vault::{ItemKind, ItemUrl, UrlMatch};

    use super::*;

    fn haystack(title: &str, subtitle: &str, url: &str) -> Haystack {
        Haystack::new(&ItemOverview {
            kind: ItemKind::Login,
            title: title.to_owned(),
            subtitle: subtitle.to_owned(),
            urls: vec![ItemUrl {
                url: url.to_owned(),
                matching: UrlMatch::Site,
            }],
            has_password: true,
            has_totp: false,
            created_at: UnixMillis(0),
            updated_at: UnixMillis(0),
            conflict_of: None,
        })
    }

    #[test]
    fn words_are_found_at_their_best_place() {
        let item = haystack(
            "Crème Bank",
            "ada@example.com",
            "https://login.bank.example/in",
        );
        for (word, want) in [
            ("creme", Some(Hit::TitleStart)),
            ("bank", Some(Hit::WordStart)),
            ("ank", Some(Hit::Within)),
            ("example", Some(Hit::WordStart)),
            ("login.bank", Some(Hit::WordStart)),
            ("https", None),
            ("bankada", None),
            ("paypal", None),
        ] {
            assert_eq!(item.find(word), want, "{word}");
        }
    }

    #[test]
    fn every_word_must_be_found() {
        let item = haystack("Orchard", "ada", "https://orchard.test");
        assert!(item.score(&["orch", "ada"]).is_some());
        assert!(item.score(&["orch", "bob"]).is_none());
        assert!(item.score(&[]).is_some());
        assert!(item.score(&["orchard"]) > item.score(&["rchard"]));
        assert!(item.score(&["orchard"]) > item.score(&["ada"]));
    }
}
