//! Plans for passwords that are to be made.

use proto::bridge::content::{FillRole, PageFacts};
use serde::Serialize;

use super::{FillPlan, is_focused};
use crate::analysis::{Analysis, FieldLabel, FormKind, Group};

/// What a password must keep to go into every field of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Constraints {
    /// Least length in UTF-16 units, as HTML counts; 0 where none is told.
    pub min_length: u32,
    /// Greatest length in UTF-16 units, where one is told.
    pub max_length: Option<u32>,
    /// `pattern` of the first field that has one: a regular expression of JavaScript with flag `v`
    /// that the whole password matches; empty where none is told.
    pub pattern: String,
    /// `passwordrules` of the first field that has them, in Apple's syntax; empty where none are told.
    pub rules: String,
}

/// The fields for a password that is to be made, and for its repetition: of the form with the
/// focus, else of the surest sign-up or change. None where the page asks for no new password.
pub fn plan_new_password(analysis: &Analysis) -> Option<FillPlan> {
    let plans = analysis.groups.iter().filter_map(new_password);
    plans.reduce(|best, next| if next.score > best.score { next } else { best })
}

fn new_password(group: &Group) -> Option<FillPlan> {
    let wanted = |label| label == FieldLabel::NewPassword;
    let meant = group.fields.iter().any(|f| f.focused && wanted(f.label));
    if !meant && !matches!(group.kind, FormKind::SignUp | FormKind::ChangePassword) {
        return None;
    }
    let fields = group.fields.iter().filter(|f| f.usable && wanted(f.label));
    let steps: Vec<_> = fields.map(|f| (f.index, FillRole::NewPassword)).collect();
    let focused = if is_focused(group) { 1000 } else { 0 };
    let score = group.score.clamp(0, 200) + focused;
    (!steps.is_empty()).then_some(FillPlan { steps, score })
}

/// What the fields of `plan` ask of a password, the tightest of each kind; contradictions are the
/// page's and stay (`min_length` above `max_length`).
pub fn new_password_constraints(page: &PageFacts, plan: &FillPlan) -> Constraints {
    let mut tightest = Constraints::default();
    let planned = |index: u32| {
        plan.steps
            .iter()
            .any(|(at, role)| *at == index && *role == FillRole::NewPassword)
    };
    for field in page.fields.iter().filter(|field| planned(field.index)) {
        tightest.min_length = tightest.min_length.max(field.min_length);
        if field.max_length > 0 {
            let shorter = tightest
                .max_length
                .is_none_or(|most| field.max_length < most);
            if shorter {
                tightest.max_length = Some(field.max_length);
            }
        }
        if tightest.pattern.is_empty() {
            tightest.pattern.clone_from(&field.pattern);
        }
        if tightest.rules.is_empty() {
            tightest.rules.clone_from(&field.password_rules);
        }
    }
    tightest
}
