#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod analysis;
mod evidence;
mod field;
mod labels;
mod plan;
mod text;
mod words;

pub use analysis::{Analysis, FieldLabel, FormKind, Group, LabelledField, Reason, analyze};
pub use plan::{FillPlan, Have, plan};
