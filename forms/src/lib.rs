#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod analysis;
mod details;
mod evidence;
mod field;
mod groups;
mod kind;
mod labels;
mod observation;
mod plan;
mod points;
mod submitted;
mod text;
mod topic;
#[cfg(feature = "training")]
#[doc(hidden)]
pub mod training;
mod words;

pub use analysis::{
    Analysis, FieldLabel, FieldReason, FormKind, Group, LabelledField, Reason, analyze,
};
pub use plan::{
    Constraints, FillPlan, Have, label_at, new_password_constraints, plan, plan_at, plan_card,
    plan_identity, plan_new_password,
};
pub use submitted::{Submitted, submitted};
