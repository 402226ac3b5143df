//! Schema versions of `SQLite`.

use super::super::migrate::Step;

/// Every version that this node brings a database to, oldest first.
pub(super) const STEPS: &[Step] = &[
    (
        1,
        "initial",
        include_str!("../../../migrations/sqlite/0001_initial.sql"),
    ),
    (
        2,
        "history",
        include_str!("../../../migrations/sqlite/0002_history.sql"),
    ),
    (
        3,
        "recovery",
        include_str!("../../../migrations/sqlite/0003_recovery.sql"),
    ),
    (
        4,
        "manifest",
        include_str!("../../../migrations/sqlite/0004_manifest.sql"),
    ),
    (
        5,
        "recovery_number",
        include_str!("../../../migrations/sqlite/0005_recovery_number.sql"),
    ),
    (
        6,
        "database",
        include_str!("../../../migrations/sqlite/0006_database.sql"),
    ),
    (
        7,
        "renewal",
        include_str!("../../../migrations/sqlite/0007_renewal.sql"),
    ),
    (
        8,
        "rows",
        include_str!("../../../migrations/sqlite/0008_rows.sql"),
    ),
    (
        9,
        "messages",
        include_str!("../../../migrations/sqlite/0009_messages.sql"),
    ),
    (
        10,
        "claims",
        include_str!("../../../migrations/sqlite/0010_claims.sql"),
    ),
    (
        11,
        "domains",
        include_str!("../../../migrations/sqlite/0011_domains.sql"),
    ),
];
