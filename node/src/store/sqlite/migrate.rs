//! Schema versions of `SQLite`.

use super::super::migrate::Step;

/// Every version that this node brings a database to, oldest first.
pub(super) const STEPS: &[Step] = &[(
    1,
    "initial",
    include_str!("../../../migrations/sqlite/0001_initial.sql"),
)];
