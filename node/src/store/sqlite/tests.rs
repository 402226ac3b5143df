//! The contract on `SQLite`, and what only it has.

use std::sync::Arc;

use sqlx::{Connection as _, SqliteConnection};

use super::{super::contract, *};

type TestResult = Result<(), Box<dyn std::error::Error>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_keeps_the_contract() -> TestResult {
    let folder = tempfile::tempdir()?;
    let store = SqliteStore::open(&folder.path().join(FILE_NAME), 2).await?;
    contract::run(Arc::new(store)).await;
    Ok(())
}

#[tokio::test]
async fn database_of_the_version_before_keeps_the_contract() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join(FILE_NAME);
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let mut connection = SqliteConnection::connect(&url).await?;
    migrate::run_to(&mut connection, migrate::newest() - 1).await?;
    connection.close().await?;
    let store = SqliteStore::open(&path, 2).await?;
    contract::run(Arc::new(store)).await;
    Ok(())
}

#[tokio::test]
async fn database_of_a_newer_node_is_refused() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join(FILE_NAME);
    SqliteStore::open(&path, 1).await?.close().await?;
    // A second start brings nothing new.
    SqliteStore::open(&path, 1).await?.close().await?;
    let mut connection = SqliteConnection::connect(&format!("sqlite://{}", path.display())).await?;
    sqlx::query("UPDATE _sqlx_migrations SET version = 99 WHERE version = 4")
        .execute(&mut connection)
        .await?;
    connection.close().await?;
    let Err(error) = SqliteStore::open(&path, 1).await else {
        return Err("a newer schema was taken".into());
    };
    assert!(
        matches!(
            error,
            StoreError::SchemaTooNew {
                found: 99,
                newest: 4
            }
        ),
        "{error}"
    );
    Ok(())
}

#[tokio::test]
async fn file_that_is_no_database_is_refused() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join(FILE_NAME);
    std::fs::write(&path, vec![b'x'; 4096])?;
    assert!(matches!(
        SqliteStore::open(&path, 1).await,
        Err(StoreError::Database(_))
    ));
    Ok(())
}
