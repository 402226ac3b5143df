//! Copies of a database, while a node writes to it, and whether one is whole.

use std::path::Path;

use sqlx::{
    ConnectOptions as _, Connection as _, Row as _, SqliteConnection, sqlite::SqliteConnectOptions,
};

use super::{
    super::{StoreError, codec::number},
    advice::unusable,
    migrate,
};

/// What a copy holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contents {
    /// Accounts.
    pub accounts: u64,
    /// Items and tombstones of all of them.
    pub items: u64,
}

/// A copy is not what was written.
#[derive(Debug, thiserror::Error)]
#[error("it is damaged: {0}")]
struct Damaged(String);

/// Writes all of a database as it is now into a file that is empty or not there. The node may run.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn copy(database: &Path, into: &Path) -> Result<(), StoreError> {
    let mut connection = SqliteConnectOptions::new()
        .filename(database)
        .disable_statement_logging()
        .connect()
        .await
        .map_err(unusable)?;
    sqlx::query("VACUUM INTO ?")
        .bind(into.to_string_lossy().as_ref())
        .execute(&mut connection)
        .await
        .map_err(unusable)?;
    connection.close().await.map_err(StoreError::database)
}

/// Reads every page of a copy, and tells what is in it. What is wrong with it is said without advice: that is another
/// for a backup than for the database of a node.
///
/// # Errors
/// [`StoreError::SchemaTooNew`], [`StoreError::Database`].
pub async fn check(copy: &Path) -> Result<Contents, StoreError> {
    let mut connection = SqliteConnectOptions::new()
        .filename(copy)
        .read_only(true)
        .immutable(true)
        .disable_statement_logging()
        .connect()
        .await
        .map_err(StoreError::database)?;
    let contents = contents(&mut connection).await?;
    connection.close().await.map_err(StoreError::database)?;
    Ok(contents)
}

/// Ends every session and one-time code in a copy, and makes it another database than the one it was taken of: what was
/// revoked since is in it, and what was written since is not.
///
/// Returns how many sessions ended.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn end_sessions(copy: &Path) -> Result<u64, StoreError> {
    let mut connection = SqliteConnectOptions::new()
        .filename(copy)
        .pragma("secure_delete", "ON")
        .disable_statement_logging()
        .connect()
        .await
        .map_err(unusable)?;
    let mut transaction = connection.begin().await.map_err(unusable)?;
    let ended = sqlx::query("DELETE FROM session")
        .execute(&mut *transaction)
        .await
        .map_err(unusable)?
        .rows_affected();
    // A backup of a node before that had none gets one at its first start. A code that was used since would be good again.
    for (table, change) in [
        (
            "node_database",
            "UPDATE node_database SET id = randomblob(16)",
        ),
        ("one_time_code", "DELETE FROM one_time_code"),
    ] {
        let is_there = sqlx::query("SELECT 1 FROM sqlite_schema WHERE name = ?")
            .bind(table)
            .fetch_optional(&mut *transaction)
            .await
            .map_err(unusable)?
            .is_some();
        if is_there {
            sqlx::query(change)
                .execute(&mut *transaction)
                .await
                .map_err(unusable)?;
        }
    }
    transaction.commit().await.map_err(unusable)?;
    connection.close().await.map_err(StoreError::database)?;
    Ok(ended)
}

async fn contents(connection: &mut SqliteConnection) -> Result<Contents, StoreError> {
    let said: String = sqlx::query("PRAGMA integrity_check(1)")
        .fetch_one(&mut *connection)
        .await
        .and_then(|row| row.try_get(0))
        .map_err(StoreError::database)?;
    if said != "ok" {
        return Err(StoreError::database(Damaged(said)));
    }
    let row = sqlx::query(
        "SELECT (SELECT MAX(version) FROM _sqlx_migrations) AS schema, \
         (SELECT COUNT(*) FROM account) AS accounts, \
         (SELECT COUNT(*) FROM vault_item) AS items",
    )
    .fetch_one(connection)
    .await
    .map_err(StoreError::database)?;
    let newest = migrate::STEPS.last().map_or(0, |(version, ..)| *version);
    let found = super::super::codec::integer(number(&row, "schema")?);
    if found > newest {
        return Err(StoreError::SchemaTooNew { found, newest });
    }
    Ok(Contents {
        accounts: number(&row, "accounts")?,
        items: number(&row, "items")?,
    })
}
