//! What was asked of a node and what it showed: all that the checker judges.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use proto::ids::ItemId;

/// One element of a list. No two appends are of the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Element(pub(crate) u64);

/// An append, and how it ended for whoever asked for it.
#[derive(Debug, Clone)]
pub(crate) struct Append {
    pub(crate) element: Element,
    pub(crate) list: ItemId,
    pub(crate) end: End,
}

/// How an append ended.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End {
    /// With an answer: the version that has it, and that version's place in the log.
    Acknowledged { version: u64, revision: u64 },
    /// Its answer was lost, and the list had it afterwards.
    Found,
}

/// A page of the log as a reader got it.
#[derive(Debug, Clone)]
pub(crate) struct Read {
    /// Whose. The pages of a reader stand in its order.
    pub(crate) reader: usize,
    pub(crate) since: u64,
    pub(crate) latest: u64,
    pub(crate) has_more: bool,
    /// The newest revision that anybody knew of, by an answer or by the feed, before it was asked for.
    pub(crate) known: u64,
    pub(crate) records: Vec<Seen>,
}

impl Read {
    /// Up to where the log is read with it.
    pub(crate) fn end(&self) -> u64 {
        match self.records.last() {
            Some(last) if self.has_more => last.revision,
            _ => self.latest,
        }
    }
}

/// A version of a list on a page.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) list: ItemId,
    pub(crate) version: u64,
    pub(crate) revision: u64,
    pub(crate) print: u64,
}

/// A version of a list in the log, as it stood when all was over.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) list: ItemId,
    pub(crate) version: u64,
    pub(crate) revision: u64,
    pub(crate) elements: Vec<Element>,
}

/// A whole run.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    pub(crate) appends: Vec<Append>,
    pub(crate) reads: Vec<Read>,
    /// Every version of every list, in any order.
    pub(crate) log: Vec<Entry>,
}

/// What stands for a list on a page: runs are long, and lists on pages many.
pub(crate) fn print(elements: &[Element]) -> u64 {
    let mut hasher = DefaultHasher::new();
    elements.hash(&mut hasher);
    hasher.finish()
}
