//! Counting and drawing the passwords that rules allow.
//!
//! All rules together are one deterministic automaton. How many passwords of each length it
//! accepts from each of its states is counted once; a password is then drawn character by
//! character, each as likely as there are passwords that go on with it. So every password that the
//! rules allow is as likely as any other, and its entropy is the logarithm of their number.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::{
    Fill, below,
    chars::Chars,
    pattern::{Pattern, Progress},
};

/// States of the automaton; rules that need more are too much.
const STATES_MAX: usize = 4_000;
/// States of the pattern in all steps from one of them to another; rules that need more are too
/// much. An honest form needs 100 000 or so.
const WORK_MAX: usize = 1_000_000;

/// What a password has to be, but for its length.
pub(super) struct Demands<'a> {
    /// It is made of these.
    pub(super) alphabet: Chars,
    /// It has one of each of these, at most 32.
    pub(super) required: Vec<Chars>,
    /// How often one character may stand in a row.
    pub(super) run_max: Option<u32>,
    /// It fits this.
    pub(super) pattern: &'a Pattern,
}

/// How far a password has come.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    pattern: Progress,
    /// Requirements that are not yet met, a bit for each.
    missing: u32,
    /// The group of the last character and how often that stands there; where runs count.
    last: Option<(usize, u32)>,
}

/// A way from one state to another: a character of a group.
struct Edge {
    group: usize,
    /// Whether it is the last character once more, any other of its group, or any.
    which: Which,
    /// How many characters that are.
    weight: f64,
    to: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Any,
    Again,
    Other,
}

/// The automaton of some demands, and how many passwords each state leads to.
pub(super) struct Machine {
    /// Characters that no rule tells apart.
    groups: Vec<Vec<char>>,
    edges: Vec<Vec<Edge>>,
    /// `counts[n][state]`: passwords of n more characters.
    counts: Vec<Vec<f64>>,
}

/// Rules that make too large an automaton.
#[derive(Debug)]
pub(super) struct TooComplex;

impl Machine {
    /// Makes the automaton for passwords of up to `longest` characters.
    pub(super) fn new(demands: &Demands<'_>, longest: u32) -> Result<Self, TooComplex> {
        let groups = groups(demands);
        let (mut edges, mut accepts) = (Vec::new(), Vec::new());
        let mut numbers: BTreeMap<Place, usize> = BTreeMap::new();
        let mut places: Vec<Place> = Vec::new();
        if let Some(pattern) = demands.pattern.start() {
            let missing = (0..)
                .zip(&demands.required)
                .fold(0, |all, (at, _)| all | 1 << at);
            places.push(Place {
                pattern,
                missing,
                last: None,
            });
            numbers.insert(places[0].clone(), 0);
        }
        let mut work = 0;
        while edges.len() < places.len() {
            let place = places[edges.len()].clone();
            accepts.push(place.missing == 0 && demands.pattern.accepts(&place.pattern));
            let mut ways = Vec::new();
            for (group, members) in groups.iter().enumerate() {
                work += 1 + Pattern::size(&place.pattern);
                for (which, weight, place) in steps(demands, &place, group, members) {
                    work += Pattern::size(&place.pattern);
                    if work > WORK_MAX {
                        return Err(TooComplex);
                    }
                    let to = match numbers.get(&place) {
                        Some(to) => *to,
                        None if places.len() >= STATES_MAX => return Err(TooComplex),
                        None => {
                            numbers.insert(place.clone(), places.len());
                            places.push(place);
                            places.len() - 1
                        }
                    };
                    ways.push(Edge {
                        group,
                        which,
                        weight,
                        to,
                    });
                }
            }
            edges.push(ways);
        }
        let mut counts: Vec<Vec<f64>> =
            vec![accepts.iter().map(|is| f64::from(u8::from(*is))).collect()];
        for _ in 0..longest {
            let shorter = counts.last().map_or(&[][..], Vec::as_slice);
            let count =
                |ways: &Vec<Edge>| ways.iter().map(|edge| edge.weight * shorter[edge.to]).sum();
            let counted = edges.iter().map(count).collect();
            counts.push(counted);
        }
        Ok(Self {
            groups,
            edges,
            counts,
        })
    }

    /// Entropy of a password of that length, bits; `None` where there is none.
    pub(super) fn bits(&self, length: u32) -> Option<f64> {
        let count = self.count(length, 0);
        (count >= 1.0).then(|| count.log2())
    }

    /// A password of that length; `None` where there is none.
    pub(super) fn draw(&self, length: u32, fill: Fill<'_>) -> Option<Zeroizing<String>> {
        let mut text = Zeroizing::new(String::with_capacity(128));
        let (mut state, mut last) = (0, None);
        for left in (0..length).rev() {
            let mut at = unit(fill) * self.count(left + 1, state);
            let mut chosen = None;
            for edge in self.edges.get(state)? {
                let share = edge.weight * self.count(left, edge.to);
                if share > 0.0 {
                    // The last one also where rounding has carried past the end.
                    chosen = Some(edge);
                    if at < share {
                        break;
                    }
                    at -= share;
                }
            }
            let edge = chosen?;
            let group = &self.groups[edge.group];
            let c = match (edge.which, last) {
                (Which::Again, Some(last)) => last,
                (Which::Other, Some(last)) => {
                    let others: Vec<char> = group.iter().copied().filter(|c| *c != last).collect();
                    others[below(others.len(), fill)]
                }
                _ => group[below(group.len(), fill)],
            };
            text.push(c);
            (state, last) = (edge.to, Some(c));
        }
        (self.count(0, state) > 0.0).then_some(text)
    }

    fn count(&self, left: u32, state: usize) -> f64 {
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        self.counts
            .get(left)
            .and_then(|row| row.get(state))
            .copied()
            .unwrap_or(0.0)
    }
}

/// The characters of an alphabet by what the rules make of them.
fn groups(demands: &Demands<'_>) -> Vec<Vec<char>> {
    let mut sets: Vec<Chars> = demands.pattern.sets().collect();
    sets.extend(&demands.required);
    sets.sort_unstable();
    sets.dedup();
    let mut groups: BTreeMap<Vec<bool>, Vec<char>> = BTreeMap::new();
    for c in demands.alphabet.iter() {
        let alike = sets.iter().map(|set| set.has(c)).collect();
        groups.entry(alike).or_default().push(c);
    }
    groups.into_values().collect()
}

/// Where a character of a group leads: which characters, how many, to which place.
fn steps(
    demands: &Demands<'_>,
    from: &Place,
    group: usize,
    members: &[char],
) -> Vec<(Which, f64, Place)> {
    let Some(pattern) = members
        .first()
        .and_then(|c| demands.pattern.step(&from.pattern, *c))
    else {
        return Vec::new();
    };
    let met = |(at, set): (u32, &Chars)| u32::from(set.has(members[0])) << at;
    let missing = from.missing & !(0..).zip(&demands.required).map(met).sum::<u32>();
    let place = |last| Place {
        pattern: pattern.clone(),
        missing,
        last,
    };
    // Cannot truncate: there are 128 characters.
    let size = |members: usize| f64::from(u32::try_from(members).unwrap_or(u32::MAX));
    let Some(run_max) = demands.run_max else {
        return vec![(Which::Any, size(members.len()), place(None))];
    };
    match from.last {
        Some((last, run)) if last == group => {
            let mut steps = Vec::new();
            if run < run_max {
                steps.push((Which::Again, 1.0, place(Some((group, run + 1)))));
            }
            if members.len() > 1 {
                steps.push((
                    Which::Other,
                    size(members.len() - 1),
                    place(Some((group, 1))),
                ));
            }
            steps
        }
        _ => vec![(Which::Any, size(members.len()), place(Some((group, 1))))],
    }
}

/// A number from 0 up to 1, with 53 bits.
fn unit(fill: Fill<'_>) -> f64 {
    let word = || {
        let mut bytes = Zeroizing::new([0; 4]);
        fill(bytes.as_mut_slice());
        u32::from_be_bytes(*bytes)
    };
    let (high, low) = (word() >> 5, word() >> 6);
    (f64::from(high) * f64::from(1 << 26) + f64::from(low)) / 2_f64.powi(53)
}
