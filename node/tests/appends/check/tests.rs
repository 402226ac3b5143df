use proto::ids::UnixMillis;

use super::*;
use crate::history::Seen;

fn list(number: u8) -> ItemId {
    ItemId::make(UnixMillis(1), [number; 10])
}

fn elements(numbers: &[u64]) -> Vec<Element> {
    numbers.iter().copied().map(Element).collect()
}

fn entry(number: u8, version: u64, revision: u64, numbers: &[u64]) -> Entry {
    Entry {
        list: list(number),
        version,
        revision,
        elements: elements(numbers),
    }
}

fn acknowledged(element: u64, number: u8, version: u64, revision: u64) -> Append {
    Append {
        element: Element(element),
        list: list(number),
        end: End::Acknowledged { version, revision },
    }
}

fn seen(number: u8, version: u64, revision: u64, numbers: &[u64]) -> Seen {
    Seen {
        list: list(number),
        version,
        revision,
        print: print(&elements(numbers)),
    }
}

/// Two lists, five writes, one of them without an answer, and a reader that read twice.
fn good() -> History {
    History {
        appends: vec![
            acknowledged(10, 1, 1, 1),
            acknowledged(20, 2, 1, 2),
            acknowledged(11, 1, 2, 3),
            Append {
                element: Element(12),
                list: list(1),
                end: End::Found,
            },
            acknowledged(21, 2, 2, 5),
        ],
        reads: vec![
            Read {
                reader: 0,
                since: 0,
                latest: 3,
                has_more: false,
                known: 2,
                // The first version of list 1 was overtaken by its second.
                records: vec![seen(2, 1, 2, &[20]), seen(1, 2, 3, &[10, 11])],
            },
            Read {
                reader: 0,
                since: 3,
                latest: 5,
                has_more: true,
                known: 5,
                records: vec![seen(1, 3, 4, &[10, 11, 12])],
            },
            Read {
                reader: 0,
                since: 4,
                latest: 5,
                has_more: false,
                known: 5,
                records: vec![seen(2, 2, 5, &[20, 21])],
            },
        ],
        log: vec![
            entry(1, 1, 1, &[10]),
            entry(1, 2, 3, &[10, 11]),
            entry(1, 3, 4, &[10, 11, 12]),
            entry(2, 1, 2, &[20]),
            entry(2, 2, 5, &[20, 21]),
        ],
    }
}

/// What the checker says of the run once something in it went wrong.
fn faults(spoil: impl FnOnce(&mut History)) -> Vec<Fault> {
    let mut history = good();
    spoil(&mut history);
    check(&history).faults
}

#[test]
fn honest_run_has_no_fault() {
    let verdict = check(&good());
    assert_eq!(verdict.faults, []);
    assert_eq!(
        verdict.to_string(),
        "4 appends acknowledged and 1 found after a lost answer, 5 versions, 3 pages: \
         0 lost, 0 gaps, 0 doubled, 0 out of order"
    );
}

#[test]
fn lost_write_is_found() {
    // The last one, as a node forgets it that answered before it wrote.
    let forgotten = faults(|history| {
        history.log.remove(4);
        history.reads.truncate(2);
    });
    assert!(
        forgotten.contains(&Fault::Lost(Element(21))),
        "{forgotten:?}"
    );
    assert!(forgotten.contains(&Fault::Hole { revision: 5 }));
    // One in the middle, as a second writer overwrites what it has not read.
    let overwritten = faults(|history| history.log[2].elements = elements(&[10, 12]));
    assert!(
        overwritten.contains(&Fault::Lost(Element(11))),
        "{overwritten:?}"
    );
    // One that a list was seen to have after its answer was lost.
    let found = faults(|history| {
        history.log[2].elements = elements(&[10, 11, 13]);
        history.appends.push(acknowledged(13, 1, 3, 4));
    });
    assert!(found.contains(&Fault::Lost(Element(12))), "{found:?}");
}

#[test]
fn gap_is_found() {
    let gap = |revision| Fault::Gap {
        reader: 0,
        revision,
    };
    // A page that leaves out what nothing came after.
    assert_eq!(
        faults(|history| {
            history.reads[0].records.remove(0);
        }),
        [gap(2)]
    );
    // An end that comes too early: the newest write is always on the last page.
    assert_eq!(faults(|history| history.reads[2].records.clear()), [gap(5)]);
    // A reader that goes on behind what it has not read.
    assert_eq!(faults(|history| drop(history.reads.remove(1))), [gap(4)]);
    // A revision that the log does not have.
    let hole = faults(|history| history.log[3].revision = 6);
    assert!(hole.contains(&Fault::Hole { revision: 2 }), "{hole:?}");
    // Two writes at one place.
    let shared = faults(|history| history.log[3].revision = 1);
    assert!(shared.contains(&Fault::Hole { revision: 1 }), "{shared:?}");
}

#[test]
fn duplicate_is_found() {
    // A write that was sent again after a lost answer, and carried out twice.
    let twice = faults(|history| {
        history.log.push(entry(2, 3, 6, &[20, 21, 21]));
    });
    assert!(twice.contains(&Fault::Doubled(Element(21))), "{twice:?}");
    // The same in another list.
    let elsewhere = faults(|history| history.log.push(entry(1, 4, 6, &[10, 11, 12, 21])));
    assert!(
        elsewhere.contains(&Fault::Doubled(Element(21))),
        "{elsewhere:?}"
    );
    // What nobody wrote.
    let invented = faults(|history| history.log.push(entry(2, 3, 6, &[20, 21, 99])));
    assert_eq!(invented, [Fault::Invented(Element(99))]);
}

#[test]
fn reorder_is_found() {
    let reordered = |number, version| Fault::Reordered {
        list: list(number),
        version,
    };
    // An element that was put before one that was there.
    let swapped = faults(|history| history.log[2].elements = elements(&[11, 10, 12]));
    assert!(swapped.contains(&reordered(1, 3)), "{swapped:?}");
    // A later version at an earlier place.
    let places = faults(|history| {
        history.log[1].revision = 4;
        history.log[2].revision = 3;
    });
    assert!(places.contains(&reordered(1, 3)), "{places:?}");
    // A version that is missing between two.
    let skipped = faults(|history| history.log[4].version = 3);
    assert!(skipped.contains(&reordered(2, 3)), "{skipped:?}");
    // An answer that named another place.
    let moved = faults(|history| history.appends[1] = acknowledged(20, 2, 1, 3));
    assert_eq!(moved, [Fault::Moved(Element(20))]);
    // Pages in another order than the log's, and of another content.
    let untrue = |revision| Fault::Untrue {
        reader: 0,
        revision,
    };
    let page = faults(|history| history.reads[0].records.reverse());
    assert!(page.contains(&untrue(2)), "{page:?}");
    assert_eq!(
        faults(|history| history.reads[2].records[0].print ^= 1),
        [untrue(5)]
    );
    // An older version of a list beside its newer one.
    let old = faults(|history| history.reads[0].records.insert(0, seen(1, 1, 1, &[10])));
    assert_eq!(old, [untrue(1)]);
}

#[test]
fn page_that_is_behind_what_was_known_is_found() {
    let stale = |latest| Fault::Stale { reader: 0, latest };
    assert_eq!(faults(|history| history.reads[0].known = 4), [stale(3)]);
    // A second node that has not heard of what the first one showed.
    let back = faults(|history| {
        let behind = Read {
            since: 4,
            latest: 4,
            known: 0,
            records: Vec::new(),
            ..history.reads[2].clone()
        };
        history.reads.push(behind);
    });
    assert!(back.contains(&stale(4)), "{back:?}");
}
