//! Schema versions. A migration is never edited after a release; a change is a new one.

use std::borrow::Cow;

use sqlx::{
    SqlSafeStr as _, SqliteConnection,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
};

use super::StoreError;

/// Every version that this node brings a database to, oldest first: number, name, statements.
const MIGRATIONS: &[(i64, &str, &str)] = &[
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
        4,
        "manifest",
        include_str!("../../../migrations/sqlite/0004_manifest.sql"),
    ),
];

/// Version that this node brings a database to.
pub(super) fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |(version, ..)| *version)
}

/// Brings the schema to the newest version, each step in a transaction.
pub(super) async fn run(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    run_to(connection, newest()).await
}

/// The same, and no further than to `last`.
pub(super) async fn run_to(connection: &mut SqliteConnection, last: i64) -> Result<(), StoreError> {
    let migrations = MIGRATIONS
        .iter()
        .filter(|(version, ..)| *version <= last)
        .map(|(version, name, statements)| {
            Migration::new(
                *version,
                Cow::Borrowed(*name),
                MigrationType::Simple,
                statements.into_sql_str(),
                false,
            )
        })
        .collect();
    let migrator = Migrator::with_migrations(migrations);
    migrator
        .run_direct(None, connection, false)
        .await
        .map_err(|error| match error {
            MigrateError::VersionMissing(found) => StoreError::SchemaTooNew {
                found,
                newest: newest(),
            },
            other => StoreError::database(other),
        })
}
