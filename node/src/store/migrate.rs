//! Schema versions of either database. A migration is never edited after a release; a change is a
//! new one.

use std::borrow::Cow;

use sqlx::{
    SqlSafeStr as _,
    migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator},
};

use super::StoreError;

/// A schema version: number, name, statements.
pub(super) type Step = (i64, &'static str, &'static str);

/// Brings the schema to the newest of `steps`, oldest first, each in a transaction.
///
/// # Errors
/// [`StoreError::SchemaTooNew`], [`StoreError::Database`].
pub(super) async fn run<C: Migrate>(steps: &[Step], connection: &mut C) -> Result<(), StoreError> {
    let migrations = steps
        .iter()
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
    Migrator::with_migrations(migrations)
        .run_direct(None, connection, false)
        .await
        .map_err(|error| match error {
            MigrateError::VersionMissing(found) => StoreError::SchemaTooNew {
                found,
                newest: steps.last().map_or(0, |(version, ..)| *version),
            },
            other => StoreError::database(other),
        })
}
