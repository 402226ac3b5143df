//! The contract on `SQLite`, and what only it has.

use sqlx::{Connection as _, SqliteConnection};

use super::{
    super::contract::{
        Fresh, contract,
        make::new_account,
        session::{of_schema_4, sessions_of_schema_4_go_on},
    },
    *,
};

type TestResult = Result<(), Box<dyn std::error::Error>>;

contract!(fresh);

async fn fresh() -> Option<Fresh> {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join(FILE_NAME), 2)
        .await
        .unwrap();
    Some(Fresh::new(store, folder))
}

/// The same on a database that the version before has made.
mod of_the_version_before {
    use super::*;

    contract!(fresh);

    async fn fresh() -> Option<Fresh> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let url = format!("sqlite://{}?mode=rwc", path.display());
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        let before = &migrate::STEPS[..migrate::STEPS.len() - 1];
        crate::store::migrate::run(before, &mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        let store = SqliteStore::open(&path, 2).await.unwrap();
        Some(Fresh::new(store, folder))
    }
}

/// Who was signed in before sessions ended by age stays so, or may renew.
#[tokio::test]
async fn sessions_of_schema_4_can_be_renewed() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join(FILE_NAME);
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let mut connection = SqliteConnection::connect(&url).await?;
    crate::store::migrate::run(&migrate::STEPS[..4], &mut connection).await?;
    for statement in of_schema_4("X'") {
        let statement = sqlx::AssertSqlSafe(statement);
        sqlx::query(statement).execute(&mut connection).await?;
    }
    connection.close().await?;
    sessions_of_schema_4_go_on(&SqliteStore::open(&path, 1).await?).await;
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
    sqlx::query("UPDATE _sqlx_migrations SET version = 99 WHERE version = 11")
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
                newest: 11
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
    let Err(error) = SqliteStore::open(&path, 1).await else {
        return Err("it was taken for one".into());
    };
    let said = format!("{:#}", anyhow::Error::from(error));
    assert!(said.contains("restore a backup"), "{said}");
    Ok(())
}

#[tokio::test]
async fn file_that_cannot_be_opened_is_said_with_what_to_do() -> TestResult {
    let folder = tempfile::tempdir()?;
    let Err(error) = SqliteStore::open(folder.path(), 1).await else {
        return Err("a folder was taken for a database".into());
    };
    let said = format!("{:#}", anyhow::Error::from(error));
    assert!(said.contains("make folder and file writable"), "{said}");
    Ok(())
}

#[tokio::test]
async fn reader_comes_back_from_a_look_that_failed() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join(FILE_NAME);
    SqliteStore::open(&path, 1).await?.close().await?;
    let only = Connection::open(&path, OpenFlags::SQLITE_OPEN_READ_ONLY, &[])?;
    let readers = Readers::new(vec![only]);
    let one = |reader: &Connection| {
        let row = sql::query("SELECT 1 AS one").fetch_one(reader)?;
        codec::number(&row, "one")
    };
    let dies = readers.clone();
    let died =
        tokio::spawn(async move { dies.read(|_| -> Result<(), _> { panic!("a fault") }).await });
    assert!(died.await.is_err_and(|error| error.is_panic()));
    let refused = readers.read(|reader| sql::query("SELECT none").execute(reader));
    assert!(matches!(refused.await, Err(StoreError::Database(_))));
    assert_eq!(readers.read(one).await?, 1);
    assert_eq!(readers.read_aside(one).await?, 1);
    readers.close().await;
    assert!(matches!(readers.read(one).await, Err(StoreError::Closed)));
    assert!(matches!(
        readers.read_aside(one).await,
        Err(StoreError::Closed)
    ));
    Ok(())
}

/// A write that has a fault.
struct Faulty;

impl writer::Operation for Faulty {
    type Output = ();

    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        sql::query("DELETE FROM account").execute(connection)?;
        panic!("a fault");
    }
}

#[tokio::test]
async fn write_that_has_a_fault_changes_nothing_and_ends_no_other() -> TestResult {
    let folder = tempfile::tempdir()?;
    let store = SqliteStore::open(&folder.path().join(FILE_NAME), 1).await?;
    let account = new_account("stays@a.example", 1);
    store.create_account(account.clone()).await?;
    let failed = store.writer.run(Faulty).await;
    assert!(matches!(failed, Err(StoreError::Database(_))));
    assert!(store.account(account.id).await?.is_some());
    store
        .create_account(new_account("next@a.example", 2))
        .await?;
    store.ready().await?;
    store.close().await?;
    Ok(())
}

#[tokio::test]
async fn columns_are_read_as_what_they_are_or_not_at_all() -> TestResult {
    let folder = tempfile::tempdir()?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = Connection::open(&folder.path().join("any.db"), flags, &[])?;
    let row = sql::query("SELECT ?1 AS number, ?2 AS text, ?3 AS bytes, ?4 AS none")
        .bind(7_i64)
        .bind("seven")
        .bind([7_u8].as_slice())
        .bind(None::<&str>)
        .fetch_one(&connection)?;
    assert_eq!(codec::value::<i64>(&row, "number")?, 7);
    assert_eq!(codec::value::<&str>(&row, "text")?, "seven");
    assert_eq!(
        codec::value::<Option<&[u8]>>(&row, "bytes")?,
        Some([7].as_slice())
    );
    assert_eq!(codec::value::<Option<i64>>(&row, "none")?, None);
    assert!(codec::value::<i64>(&row, "text").is_err());
    assert!(codec::value::<&str>(&row, "none").is_err());
    assert!(codec::value::<&[u8]>(&row, "missing").is_err());
    // A value too many or too few is a mistake of ours, and is not passed over.
    let more = sql::query("SELECT 1").bind(1_i64).fetch_one(&connection);
    assert!(more.is_err());
    let fewer = sql::query("SELECT ?1, ?2")
        .bind(1_i64)
        .fetch_one(&connection);
    assert!(fewer.is_err());
    Ok(())
}
