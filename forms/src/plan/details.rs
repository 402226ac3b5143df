//! Plans for cards and identities. No plan here has a step for a password or a code.

use proto::bridge::content::{CardPart, FillRole, IdentityPart};

use super::FillPlan;
use crate::analysis::{Analysis, FieldLabel, FormKind, Group, LabelledField};

/// The fields for a payment card, or none where the page asks for no card's number.
///
/// `have`: the parts that the card has. Whoever knows when it ends has all three of
/// [`CardPart::Expiry`], [`CardPart::ExpiryMonth`] and [`CardPart::ExpiryYear`]. Steps may name a
/// `<select>`, or an input of `type=month` for the whole expiry.
pub fn plan_card(analysis: &Analysis, have: &[CardPart]) -> Option<FillPlan> {
    best(analysis, |group| {
        let part = |field: &LabelledField| match field.label {
            FieldLabel::Card(part) if have.contains(&part) => Some(FillRole::Card(part)),
            _ => None,
        };
        let plan = steps(group, part)?;
        let number = FillRole::Card(CardPart::Number);
        plan.iter().any(|(_, role)| *role == number).then_some(plan)
    })
}

/// The fields for an identity, or none where the page does not ask for two parts of one.
///
/// `have`: the parts that the identity has; see [`plan_card`] for parts that overlap. Steps may
/// name a `<select>` or a `<textarea>`.
pub fn plan_identity(analysis: &Analysis, have: &[IdentityPart]) -> Option<FillPlan> {
    best(analysis, |group| {
        let asks = matches!(
            group.kind,
            FormKind::SignUp | FormKind::Card | FormKind::Identity | FormKind::Other
        );
        let part = |field: &LabelledField| match field.label {
            FieldLabel::Identity(part) if have.contains(&part) => Some(FillRole::Identity(part)),
            FieldLabel::Email if have.contains(&IdentityPart::Email) => {
                Some(FillRole::Identity(IdentityPart::Email))
            }
            _ => None,
        };
        let plan = steps(group, part).filter(|_| asks)?;
        (plan.len() > 1).then_some(plan)
    })
}

/// The group with the focus, else the one with the most steps; the first of equals.
fn best(
    analysis: &Analysis,
    plan: impl Fn(&Group) -> Option<Vec<(u32, FillRole)>>,
) -> Option<FillPlan> {
    let plans = analysis.groups.iter().filter_map(|group| {
        let steps = plan(group)?;
        let score = i32::try_from(steps.len()).unwrap_or(i32::MAX / 2);
        let score = score + if super::is_focused(group) { 1000 } else { 0 };
        Some(FillPlan { steps, score })
    });
    plans.reduce(|best, next| if next.score > best.score { next } else { best })
}

/// One field for each role. Where a role comes again, a second address begins (billing after
/// shipping), but for the boxes of one number: of those the one with the focus is filled, else the first.
fn steps(
    group: &Group,
    role: impl Fn(&LabelledField) -> Option<FillRole>,
) -> Option<Vec<(u32, FillRole)>> {
    let mut runs: Vec<(bool, Vec<(u32, FillRole)>)> = vec![(false, Vec::new())];
    for field in group.fields.iter().filter(|field| field.usable) {
        let Some(role) = role(field) else { continue };
        let run = &runs.last()?.1;
        // A card's number may stand in several boxes, one behind the other.
        let number = role == FillRole::Card(CardPart::Number);
        let goes_on = number && run.last().is_some_and(|(_, last)| *last == role);
        if !goes_on && run.iter().any(|(_, had)| *had == role) {
            runs.push((false, Vec::new()));
        }
        let (focused, run) = runs.last_mut()?;
        *focused |= field.focused;
        run.push((field.index, role));
    }
    let meant = runs.iter().position(|(focused, _)| *focused).unwrap_or(0);
    let (_, run) = runs.into_iter().nth(meant)?;
    (!run.is_empty()).then_some(run)
}
