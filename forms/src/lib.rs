#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod analysis;
mod evidence;
mod field;
mod groups;
mod kind;
mod labels;
mod observation;
mod plan;
mod points;
mod text;
mod topic;
#[cfg(feature = "training")]
#[doc(hidden)]
pub mod training;
mod words;

pub use analysis::{
    Analysis, FieldLabel, FieldReason, FormKind, Group, LabelledField, Reason, analyze,
};
pub use plan::{FillPlan, Have, plan};
