//! What the program that learns the points needs from within. No part of the product: behind the
//! feature `training`.

use proto::bridge::content::PageFacts;

use crate::{
    analysis::{Analysis, FormKind, analyze_with},
    evidence::{Evidence, Others},
    groups, kind,
    observation::Observation,
};

/// The kinds that a group with passwords may be of, in the order of a row of [`Points`].
pub const KINDS: [FormKind; 3] = kind::KINDS;

/// What each observation is worth for each of [`KINDS`].
pub type Points = kind::Points;

/// A group with passwords, as the points see it.
#[derive(Debug, Clone)]
pub struct Observed {
    /// Positions in [`observations`].
    pub seen: Vec<usize>,
    /// Indices of its usable password fields.
    pub passwords: Vec<u32>,
}

/// The names of all observations, in the order of the points.
pub fn observations() -> &'static [&'static str] {
    Observation::NAMES
}

/// The points that ship.
pub fn shipped() -> Points {
    kind::POINTS
}

/// Every group of `page` with passwords.
pub fn observe(page: &PageFacts) -> Vec<Observed> {
    let drafts = groups::drafts(page);
    let others = Others::of(&drafts);
    let observed = drafts.iter().zip(others).map(|(draft, others)| Observed {
        seen: Evidence::of(draft, others)
            .0
            .iter()
            .map(|&seen| seen as usize)
            .collect(),
        passwords: draft
            .usable()
            .filter(|(_, signs)| draft.is_password(signs))
            .map(|(field, _)| field.index)
            .collect(),
    });
    observed
        .filter(|observed| !observed.passwords.is_empty())
        .collect()
}

/// As [`crate::analyze`], with other points than those that ship.
pub fn analyze_by(page: &PageFacts, points: &Points) -> Analysis {
    analyze_with(page, points)
}
