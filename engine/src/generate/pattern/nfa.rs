//! A nondeterministic automaton, all of whose states are followed at once (Thompson 1968): time
//! grows with the length of the text and the size of the pattern, and with nothing else.

use super::{super::chars::Chars, parse::Node};

/// States of all automata of a pattern together; a pattern that needs more is left out.
const STATES_MAX: usize = 1_500;
/// Parts that are walked through while they are made: a repetition of nothing makes no state, and
/// repetitions of it would never end.
const STEPS_MAX: usize = 4 * STATES_MAX;

/// What is left of both for the conditions of one pattern.
pub(super) struct Room {
    states: usize,
    steps: usize,
}

impl Room {
    pub(super) fn new() -> Self {
        Self {
            states: STATES_MAX,
            steps: STEPS_MAX,
        }
    }
}

/// Takes one of what is left; `None` where nothing is.
fn take(left: &mut usize) -> Option<()> {
    *left = left.checked_sub(1)?;
    Some(())
}

/// States that wait for a character, for the end, or for nothing any more; in order.
pub(in super::super) type StateSet = Box<[u16]>;

/// The automaton of one condition.
#[derive(Debug, Default)]
pub(super) struct Nfa {
    states: Vec<State>,
    start: u16,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// Goes on with one of these characters.
    Take(Chars, u16),
    /// Goes on both ways.
    Both(u16, u16),
    /// Goes on before the first character.
    Start(u16),
    /// Goes on behind the last one.
    End(u16),
    /// Has matched.
    Match,
}

/// Where a text is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    Within,
    End,
    /// Of an empty text.
    StartAndEnd,
}

impl Nfa {
    /// The automaton of a condition; `None` where it would be too large, or a lookahead stands
    /// within.
    pub(super) fn compile(node: &Node, room: &mut Room) -> Option<Self> {
        let mut nfa = Self::default();
        let end = nfa.add(State::Match, room)?;
        nfa.start = nfa.before(node, end, room)?;
        Some(nfa)
    }

    pub(super) fn sets(&self) -> impl Iterator<Item = Chars> {
        self.states.iter().filter_map(|state| match state {
            State::Take(set, _) => Some(*set),
            _ => None,
        })
    }

    pub(super) fn start(&self) -> StateSet {
        self.reach([self.start], Place::Start)
    }

    pub(super) fn step(&self, at: &StateSet, c: char) -> StateSet {
        let next = at
            .iter()
            .filter_map(|state| match self.states[usize::from(*state)] {
                State::Take(set, next) if set.has(c) => Some(next),
                _ => None,
            });
        self.reach(next, Place::Within)
    }

    /// Whether it has matched, whatever follows.
    pub(super) fn matched(&self, at: &StateSet) -> bool {
        at.iter()
            .any(|state| matches!(self.states[usize::from(*state)], State::Match))
    }

    /// Whether it matches where the text ends here.
    pub(super) fn ends(&self, at: &StateSet) -> bool {
        // What waits at the beginning of an empty text may still pass it.
        let place = if **at == *self.start() {
            Place::StartAndEnd
        } else {
            Place::End
        };
        self.matched(&self.reach(at.iter().copied(), place))
    }

    fn add(&mut self, state: State, room: &mut Room) -> Option<u16> {
        take(&mut room.states)?;
        let number = u16::try_from(self.states.len()).ok()?;
        self.states.push(state);
        Some(number)
    }

    /// The states of a part that goes on with `next`; its first.
    fn before(&mut self, node: &Node, next: u16, room: &mut Room) -> Option<u16> {
        take(&mut room.steps)?;
        match node {
            Node::Set(set) => self.add(State::Take(*set, next), room),
            Node::Start => self.add(State::Start(next), room),
            Node::End => self.add(State::End(next), room),
            Node::Look { .. } => None,
            Node::Seq(parts) => {
                let mut next = next;
                for part in parts.iter().rev() {
                    next = self.before(part, next, room)?;
                }
                Some(next)
            }
            Node::Alt(all) => {
                let (last, others) = all.split_last()?;
                let mut first = self.before(last, next, room)?;
                for other in others {
                    let way = self.before(other, next, room)?;
                    first = self.add(State::Both(way, first), room)?;
                }
                Some(first)
            }
            Node::Repeat { of, min, max } => {
                let mut first = match max {
                    None => {
                        let again = self.add(State::Both(0, next), room)?;
                        let body = self.before(of, again, room)?;
                        self.states[usize::from(again)] = State::Both(body, next);
                        again
                    }
                    Some(max) => {
                        let mut first = next;
                        for _ in *min..*max {
                            let body = self.before(of, first, room)?;
                            first = self.add(State::Both(body, next), room)?;
                        }
                        first
                    }
                };
                for _ in 0..*min {
                    first = self.before(of, first, room)?;
                }
                Some(first)
            }
        }
    }

    /// All states that are reached without a character.
    fn reach(&self, from: impl IntoIterator<Item = u16>, place: Place) -> StateSet {
        let mut seen = Seen::default();
        let mut waiting = Seen::default();
        let mut open: Vec<u16> = from.into_iter().collect();
        while let Some(at) = open.pop() {
            if !seen.insert(at) {
                continue;
            }
            match self.states[usize::from(at)] {
                State::Both(one, other) => open.extend([one, other]),
                State::Start(next) => {
                    if matches!(place, Place::Start | Place::StartAndEnd) {
                        open.push(next);
                    }
                }
                State::End(next) => {
                    waiting.insert(at);
                    if matches!(place, Place::End | Place::StartAndEnd) {
                        open.push(next);
                    }
                }
                State::Take(..) | State::Match => {
                    waiting.insert(at);
                }
            }
        }
        waiting.states().collect()
    }
}

/// A set of states, a bit for each: no step allocates one.
#[derive(Default)]
struct Seen([u64; STATES_MAX.div_ceil(64)]);

impl Seen {
    /// Puts one in; whether it is new.
    fn insert(&mut self, state: u16) -> bool {
        let (word, bit) = (&mut self.0[usize::from(state / 64)], 1 << (state % 64));
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    /// In their order.
    fn states(&self) -> impl Iterator<Item = u16> {
        (0..).zip(self.0).flat_map(|(word, mut bits)| {
            std::iter::from_fn(move || {
                let bit = bits.trailing_zeros();
                // The lowest bit goes.
                bits &= bits.wrapping_sub(1);
                Some(word * 64 + u16::try_from(bit).ok().filter(|bit| *bit < 64)?)
            })
        })
    }
}
