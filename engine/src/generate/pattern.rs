//! The `pattern` of an input, as far as forms for new passwords use regular expressions: classes,
//! groups, alternatives, repetitions, and lookaheads at the beginning; in the spelling of the flag
//! `v`, which browsers read it with.
//!
//! A page writes them, so they are never run by trying: each lookahead, and what remains, becomes
//! an automaton, all of whose states are followed at once. The states of all of them together are
//! bounded, and so is the work of making them; [`super::machine`] bounds what is made of them. What
//! is not understood, or too large, or refused by browsers makes the whole pattern be left out.

use proto::bridge::popup::IgnoredRule;

use self::{
    nfa::{Nfa, Room, StateSet},
    parse::Node,
};
use super::chars::Chars;

mod nfa;
mod parse;

/// Longer patterns are left out, bytes.
const TEXT_MAX: usize = 512;

/// A pattern: several conditions on one text, all of which must hold.
#[derive(Debug, Default)]
pub(super) struct Pattern(Vec<Condition>);

/// One condition on a text.
#[derive(Debug)]
struct Condition {
    nfa: Nfa,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The whole text is so.
    Whole,
    /// The text begins so.
    Begins,
    /// The text does not begin so.
    BeginsNot,
}

/// How far a text has come with each condition.
pub(super) type Progress = Vec<Option<StateSet>>;

impl Pattern {
    /// Reads a pattern; an empty one says nothing.
    pub(super) fn parse(text: &str) -> Result<Self, IgnoredRule> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        if text.len() > TEXT_MAX {
            return Err(IgnoredRule::TooLong);
        }
        let node = parse::parse(text).ok_or(IgnoredRule::Pattern)?;
        let mut conditions = Vec::new();
        let whole = lift(node, &mut conditions);
        conditions.push((Kind::Whole, whole));
        let mut room = Room::new();
        let compile = |(kind, node): (Kind, Node)| {
            let nfa = Nfa::compile(&node, &mut room)?;
            Some(Condition { nfa, kind })
        };
        let compiled: Option<Vec<_>> = conditions.into_iter().map(compile).collect();
        compiled.map(Self).ok_or(IgnoredRule::Pattern)
    }

    /// Whether it says nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every set of characters that it tells apart.
    pub(super) fn sets(&self) -> impl Iterator<Item = Chars> {
        self.0.iter().flat_map(|condition| condition.nfa.sets())
    }

    /// Before the first character; `None` where no text fits at all.
    pub(super) fn start(&self) -> Option<Progress> {
        let start = self.0.iter().map(|condition| Some(condition.nfa.start()));
        self.settled(start.collect())
    }

    /// One character further; `None` where no text that goes on so fits.
    pub(super) fn step(&self, progress: &Progress, c: char) -> Option<Progress> {
        let step = |(condition, at): (&Condition, &Option<StateSet>)| {
            at.as_ref().map(|at| condition.nfa.step(at, c))
        };
        self.settled(self.0.iter().zip(progress).map(step).collect())
    }

    /// How much there is of a progress: what its step costs, and what it takes to keep.
    pub(super) fn size(progress: &Progress) -> usize {
        let size = |at: &Option<StateSet>| 1 + at.as_ref().map_or(0, |at| at.len());
        progress.iter().map(size).sum()
    }

    /// Whether a text that ends here fits.
    pub(super) fn accepts(&self, progress: &Progress) -> bool {
        self.0.iter().zip(progress).all(|(condition, at)| {
            at.as_ref()
                .is_none_or(|at| condition.nfa.ends(at) == (condition.kind != Kind::BeginsNot))
        })
    }

    /// Drops the conditions that nothing can change any more: `None` in the progress.
    fn settled(&self, progress: Progress) -> Option<Progress> {
        let settle = |(condition, at): (&Condition, Option<StateSet>)| {
            let Some(at) = at else { return Some(None) };
            match condition.kind {
                Kind::Begins if condition.nfa.matched(&at) => Some(None),
                Kind::Whole | Kind::Begins if at.is_empty() => None,
                Kind::BeginsNot if condition.nfa.matched(&at) => None,
                Kind::BeginsNot if at.is_empty() => Some(None),
                _ => Some(Some(at)),
            }
        };
        self.0.iter().zip(progress).map(settle).collect()
    }
}

/// Takes the lookaheads off the beginning of a pattern.
fn lift(node: Node, conditions: &mut Vec<(Kind, Node)>) -> Node {
    let Node::Seq(mut parts) = node else {
        return node;
    };
    if parts.len() == 1 {
        // Cannot fail: there is one.
        return parts
            .pop()
            .map_or(Node::Seq(Vec::new()), |only| lift(only, conditions));
    }
    let leading = parts
        .iter()
        .position(|part| !matches!(part, Node::Start | Node::Look { .. }))
        .unwrap_or(parts.len());
    let rest = parts.split_off(leading);
    for part in parts {
        if let Node::Look { positive, of } = part {
            let kind = if positive {
                Kind::Begins
            } else {
                Kind::BeginsNot
            };
            conditions.push((kind, *of));
        }
    }
    Node::Seq(rest)
}

#[cfg(test)]
mod tests;
