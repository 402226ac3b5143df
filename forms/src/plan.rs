//! From labels to what is filled.

use proto::bridge::content::FillRole;

use crate::analysis::{Analysis, FieldLabel, FormKind, Group, LabelledField};

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
    /// [`proto::bridge::content::FieldFacts::index`] and what goes in, in the order to fill: the
    /// password last. Never empty.
    pub steps: Vec<(u32, FillRole)>,
    /// For comparison with the plans of other frames: higher is better.
    pub score: i32,
}

/// The best plan for one frame, or none where nothing should be filled.
pub fn plan(analysis: &Analysis, have: Have) -> Option<FillPlan> {
    let plans = analysis
        .groups
        .iter()
        .filter_map(|group| plan_group(group, have));
    // The first of near equals: what stands higher on the page.
    plans.reduce(|best, next| {
        if next.score > best.score + CLEARLY {
            next
        } else {
            best
        }
    })
}

/// Points that make a difference between two forms of one kind.
const CLEARLY: i32 = 30;

fn plan_group(group: &Group, have: Have) -> Option<FillPlan> {
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
    let code = find(FieldLabel::OneTimeCode, Some(false)).filter(|_| have.totp);
    let (rank, username, password, code) = match group.kind {
        FormKind::Login => (3000, username, password, code),
        FormKind::ChangePassword => (1000, None, password, None),
        FormKind::UsernameFirst => (2000, username, None, None),
        FormKind::Otp => (2500, None, None, code),
        FormKind::SignUp | FormKind::Search | FormKind::Newsletter | FormKind::Other => {
            return None;
        }
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
    let focused = i32::from(group.fields.iter().any(|field| field.focused)) * 50;
    let whole = i32::try_from(steps.len()).unwrap_or(0) * 20;
    let score = rank + group.score.clamp(-200, 200) + focused + whole;
    (!steps.is_empty()).then_some(FillPlan { steps, score })
}
