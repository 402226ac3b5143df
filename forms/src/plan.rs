//! From labels to what is filled.

mod details;
mod new_password;

use proto::bridge::content::FillRole;

pub use self::{
    details::{plan_card, plan_identity},
    new_password::{Constraints, new_password_constraints, plan_new_password},
};
use crate::{
    analysis::{Analysis, FieldLabel, FormKind, Group, LabelledField},
    observation::Observation,
};

/// What the saved login has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Have {
    /// A user name.
    pub username: bool,
    /// A password.
    pub password: bool,
    /// A key for one-time codes.
    pub totp: bool,
}

/// Which fields get what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FillPlan {
    /// [`proto::bridge::content::FieldFacts::index`] and what goes in, in the order to fill:
    /// passwords last. Never empty, and no field twice unless the page gave two one number.
    pub steps: Vec<(u32, FillRole)>,
    /// For comparison with the plans of other frames: higher is better.
    pub score: i32,
}

/// The best plan for one frame, or none where nothing should be filled.
///
/// A page that shows its login twice (in its header and in its middle, for small and for large
/// screens) gets both filled: which of them the user looks at, nobody can tell. Where one has the
/// focus, that one is meant.
pub fn plan(analysis: &Analysis, have: Have) -> Option<FillPlan> {
    let plans: Vec<(&Group, FillPlan)> = analysis
        .groups
        .iter()
        .filter_map(|group| Some((group, login(group, have)?)))
        .collect();
    // A page that changes passwords asks for the present one in other places too: to be deleted,
    // to have another address. None of these is its login.
    let change = plans
        .iter()
        .filter(|(group, _)| group.kind == FormKind::ChangePassword)
        .map(|(group, _)| group.score)
        .max();
    let named = |group: &Group| group.fields.iter().any(|f| f.label == FieldLabel::Username);
    let plans: Vec<_> = plans
        .into_iter()
        .filter(|(group, _)| {
            let sure = change.is_none_or(|change| named(group) && group.score > change);
            group.kind != FormKind::Login || sure
        })
        .collect();
    // The first of near equals: what stands higher on the page.
    let (first, best) = plans.iter().reduce(|best, next| {
        if next.1.score > best.1.score + CLEARLY {
            next
        } else {
            best
        }
    })?;
    let mut whole = best.clone();
    let focused = is_focused(first);
    if first.kind == FormKind::Login && !focused {
        let likewise = plans.iter().filter(|(group, plan)| {
            let near = plan.score + CLEARLY >= best.score;
            let sure = near || !(says_sign_up(group) || is_short_cut(group, first));
            group.kind == FormKind::Login && plan != best && sure && alike(plan, best)
        });
        for (_, plan) in likewise.take(ALIKE_MAX) {
            whole.steps.extend(&plan.steps);
        }
        whole
            .steps
            .sort_by_key(|(index, role)| (*role == FillRole::Password, *index));
        whole.steps.dedup_by_key(|(index, _)| *index);
    }
    Some(whole)
}

/// The label of a field and the kind of its form, for a menu that is opened at it; `None` where the
/// frame has no such field.
pub fn label_at(analysis: &Analysis, index: u32) -> Option<(FieldLabel, FormKind)> {
    let (group, field) = analysis.field(index)?;
    Some((field.label, group.kind))
}

/// The plan of the form that a field is of, whatever else the frame has; none where that form gets
/// no saved login: a sign-up, a search.
pub fn plan_at(analysis: &Analysis, index: u32, have: Have) -> Option<FillPlan> {
    login(analysis.field(index)?.0, have)
}

/// Points of an observation that says what a form is for, rather than hints at it.
const SAYS: i32 = 6;
/// Points that make a difference between two forms of one kind.
const CLEARLY: i32 = 10;
/// Further logins of a page that are filled beside the best one.
const ALIKE_MAX: usize = 2;

/// Whether something in a group, as a button, says that it makes an account: it may be one, though
/// more speaks for a login.
fn says_sign_up(group: &Group) -> bool {
    group
        .reasons
        .iter()
        .any(|reason| reason.kind == FormKind::SignUp && reason.points >= SAYS)
}

/// Whether a group is a short cut to the login of its page, as in a header: it has neither of what
/// that one has for those who come again and for those who forgot.
fn is_short_cut(group: &Group, login: &Group) -> bool {
    let has = |group: &Group, seen: Observation| {
        let mut reasons = group.reasons.iter();
        reasons.any(|reason| reason.why == seen.why())
    };
    [Observation::Remember, Observation::LinkForgot]
        .into_iter()
        .all(|seen| has(login, seen) && !has(group, seen))
}

/// Whether two plans put the same into as many fields.
fn alike(a: &FillPlan, b: &FillPlan) -> bool {
    let roles = |plan: &FillPlan| plan.steps.iter().map(|(_, role)| *role).collect::<Vec<_>>();
    roles(a) == roles(b)
}

/// The plan of one group.
fn login(group: &Group, have: Have) -> Option<FillPlan> {
    let find = |label: FieldLabel, secret: Option<bool>| {
        let fits = |field: &&LabelledField| {
            field.usable
                && field.label == label
                && secret.is_none_or(|secret| field.secret == secret)
        };
        group.fields.iter().find(fits).map(|field| field.index)
    };
    let username = find(FieldLabel::Username, Some(false)).filter(|_| have.username);
    let password = find(FieldLabel::CurrentPassword, Some(true)).filter(|_| have.password);
    // Shown as dots or not: a field that is called so says of itself that its code is good once.
    let code = find(FieldLabel::OneTimeCode, None).filter(|_| have.totp);
    let (rank, username, password, code) = match group.kind {
        FormKind::Login => (3000, username, password, code),
        FormKind::ChangePassword => (1000, None, password, None),
        FormKind::UsernameFirst => (2000, username, None, None),
        FormKind::Otp => (2500, None, None, code),
        FormKind::SignUp
        | FormKind::Card
        | FormKind::Identity
        | FormKind::Search
        | FormKind::Newsletter
        | FormKind::Other => return None,
    };
    let step = |field: Option<u32>, role| field.map(|index| (index, role));
    let steps: Vec<_> = [
        step(username, FillRole::Username),
        step(code, FillRole::Totp),
        step(password, FillRole::Password),
    ]
    .into_iter()
    .flatten()
    .collect();
    let focused = i32::from(is_focused(group)) * 50;
    let whole = i32::try_from(steps.len()).unwrap_or(0) * 20;
    let sure = match group.kind {
        // One is as good as another: the first on the page.
        FormKind::ChangePassword => 0,
        _ => group.score.clamp(-200, 200),
    };
    let score = rank + sure + focused + whole;
    (!steps.is_empty()).then_some(FillPlan { steps, score })
}

fn is_focused(group: &Group) -> bool {
    group.fields.iter().any(|field| field.focused)
}
