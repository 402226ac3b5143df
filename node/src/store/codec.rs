//! Between columns and values.

use proto::ids::UnixMillis;
use sqlx::{Row as _, sqlite::SqliteRow};

use super::StoreError;

/// A column holds what this node never writes there.
#[derive(Debug, thiserror::Error)]
#[error("column {column} of the database is damaged")]
struct DamagedColumn {
    column: &'static str,
}

/// The integer that `SQLite` stores for a number; 2⁶³ and above are stored as the greatest one.
pub(super) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A column of a number that is never negative.
pub(super) fn number(row: &SqliteRow, column: &'static str) -> Result<u64, StoreError> {
    let value: i64 = row.try_get(column).map_err(StoreError::database)?;
    u64::try_from(value).map_err(|_| damaged(column))
}

/// A column of a time.
pub(super) fn millis(row: &SqliteRow, column: &'static str) -> Result<UnixMillis, StoreError> {
    number(row, column).map(UnixMillis)
}

/// A column of exactly `N` bytes.
pub(super) fn bytes<const N: usize>(
    row: &SqliteRow,
    column: &'static str,
) -> Result<[u8; N], StoreError> {
    let value: &[u8] = row.try_get(column).map_err(StoreError::database)?;
    value.try_into().map_err(|_| damaged(column))
}

/// A column of any other type.
pub(super) fn value<'r, T>(row: &'r SqliteRow, column: &'static str) -> Result<T, StoreError>
where
    T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
{
    row.try_get(column).map_err(StoreError::database)
}

pub(super) fn damaged(column: &'static str) -> StoreError {
    StoreError::database(DamagedColumn { column })
}
