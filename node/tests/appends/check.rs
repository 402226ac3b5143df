//! Whether a run can have been one of append-only lists behind a log without gaps, in the sense of
//! Elle's list-append: every version of a list tells which appends came before it.
//!
//! K. Kingsbury, P. Alvaro: *Elle: Inferring Isolation Anomalies from Experimental Observations*,
//! VLDB 2020. There the order of versions is inferred; here the node states it, and is held to it.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use proto::ids::ItemId;

use super::history::{Append, Element, End, Entry, History, Read, print};

#[cfg(test)]
mod tests;

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// An append that was answered, or seen in a list, is in none any more.
    Lost(Element),
    /// An append is there twice.
    Doubled(Element),
    /// Nobody has appended it.
    Invented(Element),
    /// The log has no such revision, or not with this version of this list.
    Hole { revision: u64 },
    /// A reader was past a revision without having been shown it, nor what came after it in its list.
    Gap { reader: usize, revision: u64 },
    /// A version of a list is not the one before with one element more at its end, or stands before it.
    Reordered { list: ItemId, version: u64 },
    /// An append stands elsewhere than it was answered to.
    Moved(Element),
    /// A page has what the log has not, or has it in another order.
    Untrue { reader: usize, revision: u64 },
    /// A page was older than what was known when it was asked for.
    Stale { reader: usize, latest: u64 },
}

/// All faults of a run, with how much of it was looked at.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) faults: Vec<Fault>,
    pub(crate) acknowledged: usize,
    pub(crate) found: usize,
    pub(crate) versions: usize,
    pub(crate) pages: usize,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |is: fn(&Fault) -> bool| self.faults.iter().filter(|fault| is(fault)).count();
        let lost = count(|fault| matches!(fault, Fault::Lost(_)));
        let gaps = count(|fault| matches!(fault, Fault::Hole { .. } | Fault::Gap { .. }));
        let doubled = count(|fault| matches!(fault, Fault::Doubled(_) | Fault::Invented(_)));
        let order = self.faults.len() - lost - gaps - doubled;
        write!(
            f,
            "{} appends acknowledged and {} found after a lost answer, {} versions, {} pages: \
             {lost} lost, {gaps} gaps, {doubled} doubled, {order} out of order",
            self.acknowledged, self.found, self.versions, self.pages
        )
    }
}

/// Judges a run.
pub(crate) fn check(history: &History) -> Verdict {
    let log = Log::of(&history.log);
    let mut verdict = Verdict {
        versions: history.log.len(),
        pages: history.reads.len(),
        ..Verdict::default()
    };
    let faults = &mut verdict.faults;
    log.check_places(history, faults);
    log.check_lists(faults);
    let standing = log.check_elements(&history.appends, faults);
    for append in &history.appends {
        match append.end {
            End::Acknowledged { version, revision } => {
                verdict.acknowledged += 1;
                log.check_answer(append, version, revision, &standing, faults);
            }
            End::Found => {
                verdict.found += 1;
                if !standing.contains_key(&append.element) {
                    faults.push(Fault::Lost(append.element));
                }
            }
        }
    }
    let mut read_to: HashMap<usize, u64> = HashMap::new();
    for read in &history.reads {
        let before = read_to.insert(read.reader, read.end()).unwrap_or(0);
        log.check_read(read, before, faults);
    }
    verdict
}

/// The log by place, and by list.
struct Log<'a> {
    places: BTreeMap<u64, &'a Entry>,
    lists: BTreeMap<ItemId, Vec<&'a Entry>>,
    /// Place of the next version of the list that a place is of.
    next: HashMap<u64, u64>,
}

impl<'a> Log<'a> {
    fn of(entries: &'a [Entry]) -> Self {
        let mut lists: BTreeMap<ItemId, Vec<&Entry>> = BTreeMap::new();
        for entry in entries {
            lists.entry(entry.list).or_default().push(entry);
        }
        let mut next = HashMap::new();
        for versions in lists.values_mut() {
            versions.sort_by_key(|entry| entry.version);
            let pairs = versions.windows(2);
            next.extend(pairs.map(|pair| (pair[0].revision, pair[1].revision)));
        }
        Self {
            places: entries
                .iter()
                .map(|entry| (entry.revision, entry))
                .collect(),
            lists,
            next,
        }
    }

    /// Every place up to the newest that anybody heard of has one version.
    fn check_places(&self, history: &History, faults: &mut Vec<Fault>) {
        let answered = history
            .appends
            .iter()
            .filter_map(|append| match append.end {
                End::Acknowledged { revision, .. } => Some(revision),
                End::Found => None,
            });
        let read = history.reads.iter().map(|read| read.latest);
        let written = self.places.keys().copied();
        let newest = answered.chain(read).chain(written).max().unwrap_or(0);
        let missing = (1..=newest).filter(|revision| !self.places.contains_key(revision));
        faults.extend(missing.map(|revision| Fault::Hole { revision }));
        // Two versions at one place: one of them is none.
        for entry in &history.log {
            let revision = entry.revision;
            let there = self.places.get(&revision);
            if there.is_some_and(|there| (there.list, there.version) != (entry.list, entry.version))
            {
                faults.push(Fault::Hole { revision });
            }
        }
    }

    /// Every version is the one before and one element, at a later place.
    fn check_lists(&self, faults: &mut Vec<Fault>) {
        for (list, versions) in &self.lists {
            let mut before: Option<&Entry> = None;
            for (expected, entry) in (1..).zip(versions) {
                let (elements, revision) = before.map_or((&[][..], 0), |before| {
                    (before.elements.as_slice(), before.revision)
                });
                let grown = entry.elements.len() == elements.len() + 1
                    && entry.elements.starts_with(elements);
                let missing: Vec<_> = elements
                    .iter()
                    .filter(|element| !entry.elements.contains(element))
                    .collect();
                faults.extend(missing.iter().map(|element| Fault::Lost(**element)));
                let in_order = entry.version == expected && entry.revision > revision && grown;
                if !in_order && missing.is_empty() {
                    faults.push(Fault::Reordered {
                        list: *list,
                        version: entry.version,
                    });
                }
                before = Some(entry);
            }
        }
    }

    /// Every element that stands in the end was appended, and stands once. Returns where.
    fn check_elements(
        &self,
        appends: &[Append],
        faults: &mut Vec<Fault>,
    ) -> HashMap<Element, ItemId> {
        let mut appended: HashMap<Element, ItemId> = HashMap::new();
        appended.extend(appends.iter().map(|append| (append.element, append.list)));
        let mut standing = HashMap::new();
        for (list, versions) in &self.lists {
            let last = versions.last().map(|entry| entry.elements.as_slice());
            for element in last.unwrap_or_default() {
                if appended.get(element) != Some(list) {
                    faults.push(Fault::Invented(*element));
                }
                if standing.insert(*element, *list).is_some() {
                    faults.push(Fault::Doubled(*element));
                }
            }
        }
        standing
    }

    /// An append that was answered stands where the answer said.
    fn check_answer(
        &self,
        append: &Append,
        version: u64,
        revision: u64,
        standing: &HashMap<Element, ItemId>,
        faults: &mut Vec<Fault>,
    ) {
        let element = append.element;
        let right = self.places.get(&revision).is_some_and(|entry| {
            (entry.list, entry.version) == (append.list, version)
                && entry.elements.last() == Some(&element)
        });
        if !standing.contains_key(&element) {
            faults.push(Fault::Lost(element));
        } else if !right {
            faults.push(Fault::Moved(element));
        }
    }

    /// A page shows each list's newest version of its time, once and in order, and leaves nothing out.
    fn check_read(&self, read: &Read, before: u64, faults: &mut Vec<Fault>) {
        let reader = read.reader;
        if read.latest < read.known || read.latest < before {
            faults.push(Fault::Stale {
                reader,
                latest: read.latest,
            });
        }
        let mut last = read.since;
        for seen in &read.records {
            let revision = seen.revision;
            let true_to_log = self.places.get(&revision).is_some_and(|entry| {
                (entry.list, entry.version, print(&entry.elements))
                    == (seen.list, seen.version, seen.print)
            });
            let in_order = revision > last && revision <= read.latest;
            let newest = self
                .next
                .get(&revision)
                .is_none_or(|next| *next > read.latest);
            if !(true_to_log && in_order && newest) {
                faults.push(Fault::Untrue { reader, revision });
            }
            last = last.max(revision);
        }
        // What lies between the page before and this one was never shown.
        let skipped = before + 1..=read.since;
        faults.extend(skipped.map(|revision| Fault::Gap { reader, revision }));
        let mut shown = read.records.iter().map(|seen| seen.revision).peekable();
        for revision in read.since + 1..=read.end() {
            while shown.next_if(|shown| *shown < revision).is_some() {}
            let is_shown = shown.peek() == Some(&revision);
            let overtaken = self
                .next
                .get(&revision)
                .is_some_and(|next| *next <= read.latest);
            if !is_shown && !overtaken {
                faults.push(Fault::Gap { reader, revision });
            }
        }
    }
}
