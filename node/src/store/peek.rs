//! What a database says to who only looks, beside a node that runs: it is not made, not written, and stays at its schema.

use std::path::Path;

use rusqlite::OpenFlags;
use sqlx::{
    ConnectOptions as _,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{HeldUp, StoreError, postgres, sqlite};

/// Domains that have not taken messages so far, of a file of `SQLite`; those with the most of them first, at most `limit`.
///
/// # Errors
/// [`StoreError::Database`], also where there is no such file.
pub(crate) fn held_up_in_file(path: &Path, limit: u32) -> Result<Vec<HeldUp>, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    sqlite::held_up(&sqlite::Connection::open(path, flags, &[])?, limit)
}

/// The same of `PostgreSQL`.
///
/// # Errors
/// [`StoreError::Database`], [`StoreError::Unreachable`].
pub(crate) async fn held_up_in_server(
    options: PgConnectOptions,
    limit: u32,
) -> Result<Vec<HeldUp>, StoreError> {
    let options = options
        .disable_statement_logging()
        .options([("default_transaction_read_only", "on")]);
    let pool = PgPoolOptions::new().max_connections(1);
    let pool = pool.connect_with(options).await;
    let pool = pool.map_err(StoreError::database)?;
    let found = postgres::held_up(&pool, limit).await;
    pool.close().await;
    found
}
