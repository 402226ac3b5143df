//! A nondeterministic automaton, all of whose states are followed at once (Thompson 1968): time
//! grows with the length of the text and the size of the pattern, and with nothing else.

use super::{super::chars::Chars, parse::Node};

/// States of one automaton; a pattern that needs more is left out.
const STATES_MAX: usize = 1_500;

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
    /// The automaton of a pattern; `None` where it would be too large, or a lookahead stands within.
    pub(super) fn compile(node: &Node) -> Option<Self> {
        let mut nfa = Self::default();
        let end = nfa.add(State::Match)?;
        nfa.start = nfa.before(node, end)?;
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

    fn add(&mut self, state: State) -> Option<u16> {
        let number = u16::try_from(self.states.len()).ok()?;
        if self.states.len() >= STATES_MAX {
            return None;
        }
        self.states.push(state);
        Some(number)
    }

    /// The states of a part that goes on with `next`; its first.
    fn before(&mut self, node: &Node, next: u16) -> Option<u16> {
        match node {
            Node::Set(set) => self.add(State::Take(*set, next)),
            Node::Start => self.add(State::Start(next)),
            Node::End => self.add(State::End(next)),
            Node::Look { .. } => None,
            Node::Seq(parts) => {
                let mut next = next;
                for part in parts.iter().rev() {
                    next = self.before(part, next)?;
                }
                Some(next)
            }
            Node::Alt(all) => {
                let (last, others) = all.split_last()?;
                let mut first = self.before(last, next)?;
                for other in others {
                    let way = self.before(other, next)?;
                    first = self.add(State::Both(way, first))?;
                }
                Some(first)
            }
            Node::Repeat { of, min, max } => {
                let mut first = match max {
                    None => {
                        let again = self.add(State::Both(0, next))?;
                        let body = self.before(of, again)?;
                        self.states[usize::from(again)] = State::Both(body, next);
                        again
                    }
                    Some(max) => {
                        let mut first = next;
                        for _ in *min..*max {
                            let body = self.before(of, first)?;
                            first = self.add(State::Both(body, next))?;
                        }
                        first
                    }
                };
                for _ in 0..*min {
                    first = self.before(of, first)?;
                }
                Some(first)
            }
        }
    }

    /// All states that are reached without a character.
    fn reach(&self, from: impl IntoIterator<Item = u16>, place: Place) -> StateSet {
        let mut seen = vec![false; self.states.len()];
        let mut waiting = Vec::new();
        let mut open: Vec<u16> = from.into_iter().collect();
        while let Some(at) = open.pop() {
            if std::mem::replace(&mut seen[usize::from(at)], true) {
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
                    waiting.push(at);
                    if matches!(place, Place::End | Place::StartAndEnd) {
                        open.push(next);
                    }
                }
                State::Take(..) | State::Match => waiting.push(at),
            }
        }
        waiting.sort_unstable();
        waiting.into()
    }
}
