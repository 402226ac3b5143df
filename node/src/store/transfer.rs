//! From `SQLite` to `PostgreSQL`: every row of every table, in one transaction, counted.

use std::path::Path;

use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, Postgres, QueryBuilder,
    Row as _, SqliteConnection,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteRow},
};

use super::{
    Store as _, StoreError,
    codec::{number, value},
    postgres::PostgresStore,
    sqlite::SqliteStore,
};

/// Rows in one statement: fewer than a statement has places, and some MiB at most.
const ROWS: usize = 200;

/// A table and how many rows of it there are now.
pub type Moved = (String, u64);

/// Why a database does not take the rows.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("table {table} has {written} rows of {read}; nothing was moved")]
    Lost {
        table: String,
        read: u64,
        written: u64,
    },
    #[error("it is in use: table {table} has rows; name an empty database")]
    NotEmpty { table: String },
}

/// The one table that is not empty from the start. The database that was moved stays the same one: its
/// log, its sessions and all revisions are what they were.
const IDENTITY: &str = "node_database";

/// Copies the database in the file `from`, on which no node may run, into an empty one. Whole or
/// not at all; the file stays as it is, but for its schema, which is brought up to date.
///
/// # Errors
/// [`StoreError::SchemaTooNew`], [`StoreError::Database`].
pub async fn to_postgres(from: &Path, to: PgConnectOptions) -> Result<Vec<Moved>, StoreError> {
    // Both get the newest schema: the same tables and columns.
    SqliteStore::open(from, 1).await?.close().await?;
    PostgresStore::open(to.clone(), 2).await?.close().await?;
    let mut source = SqliteConnectOptions::new()
        .filename(from)
        .read_only(true)
        .disable_statement_logging()
        .connect()
        .await
        .map_err(StoreError::database)?;
    let mut target = to
        .disable_statement_logging()
        .connect()
        .await
        .map_err(StoreError::database)?;
    let mut transaction = target.begin().await.map_err(StoreError::database)?;
    let mut moved = Vec::new();
    for table in tables(&mut source).await? {
        let rows = Table::of(&mut source, table)
            .await?
            .copy(&mut source, &mut transaction)
            .await?;
        moved.push(rows);
    }
    transaction.commit().await.map_err(StoreError::database)?;
    Ok(moved)
}

/// Our tables in the order in which they can be filled: accounts, what refers to them alone, what refers to that.
async fn tables(source: &mut SqliteConnection) -> Result<Vec<String>, StoreError> {
    sqlx::query(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
         AND name <> '_sqlx_migrations' ORDER BY name <> 'account', EXISTS ( \
           SELECT 1 FROM pragma_foreign_key_list(name) AS refers WHERE refers.\"table\" <> 'account'), name",
    )
    .fetch_all(source)
    .await
    .map_err(StoreError::database)?
    .iter()
    .map(|row| Ok(value::<&str>(row, "name")?.to_owned()))
    .collect()
}

/// A table with its columns.
struct Table {
    name: String,
    columns: Vec<(String, Kind)>,
}

/// What a column holds.
#[derive(Clone, Copy)]
enum Kind {
    Bytes,
    Integer,
    Text,
}

impl Table {
    async fn of(source: &mut SqliteConnection, name: String) -> Result<Self, StoreError> {
        let columns = sqlx::query("SELECT name, type FROM pragma_table_info(?)")
            .bind(&name)
            .fetch_all(source)
            .await
            .map_err(StoreError::database)?
            .iter()
            .map(|row| {
                let kind = match value::<&str>(row, "type")? {
                    "BLOB" => Kind::Bytes,
                    "INTEGER" => Kind::Integer,
                    _ => Kind::Text,
                };
                Ok((value::<&str>(row, "name")?.to_owned(), kind))
            })
            .collect::<Result<_, StoreError>>()?;
        Ok(Self { name, columns })
    }

    async fn copy(
        self,
        source: &mut SqliteConnection,
        target: &mut PgConnection,
    ) -> Result<Moved, StoreError> {
        if self.name == IDENTITY {
            // That of the target, which would be refused below if it had anything else.
            sqlx::query("DELETE FROM node_database")
                .execute(&mut *target)
                .await
                .map_err(StoreError::database)?;
        }
        if self.count_in(target).await? > 0 {
            return Err(StoreError::database(Refused::NotEmpty { table: self.name }));
        }
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(", ");
        let mut read = 0;
        loop {
            // The order is that of the scan: nobody writes meanwhile.
            let rows = sqlx::query(AssertSqlSafe(format!(
                "SELECT {names} FROM {} LIMIT {ROWS} OFFSET {read}",
                self.name
            )))
            .fetch_all(&mut *source)
            .await
            .map_err(StoreError::database)?;
            if rows.is_empty() {
                break;
            }
            read += rows.len() as u64;
            self.insert(&names, &rows, target).await?;
        }
        let written = self.count_in(target).await?;
        let table = self.name;
        if written != read {
            return Err(StoreError::database(Refused::Lost {
                table,
                read,
                written,
            }));
        }
        Ok((table, written))
    }

    async fn insert(
        &self,
        names: &str,
        rows: &[SqliteRow],
        target: &mut PgConnection,
    ) -> Result<(), StoreError> {
        let mut statement =
            QueryBuilder::<Postgres>::new(format!("INSERT INTO {} ({names}) VALUES ", self.name));
        for (number, row) in rows.iter().enumerate() {
            statement.push(if number == 0 { "(" } else { ", (" });
            for (place, (_, kind)) in self.columns.iter().enumerate() {
                if place > 0 {
                    statement.push(", ");
                }
                match kind {
                    Kind::Bytes => statement.push_bind(get::<Option<Vec<u8>>>(row, place)?),
                    Kind::Integer => statement.push_bind(get::<Option<i64>>(row, place)?),
                    Kind::Text => statement.push_bind(get::<Option<String>>(row, place)?),
                };
            }
            statement.push(")");
        }
        statement
            .build()
            .persistent(false)
            .execute(target)
            .await
            .map_err(StoreError::database)?;
        Ok(())
    }

    async fn count_in(&self, target: &mut PgConnection) -> Result<u64, StoreError> {
        let statement = format!("SELECT COUNT(*) AS rows FROM {}", self.name);
        let row = sqlx::query(AssertSqlSafe(statement))
            .fetch_one(target)
            .await
            .map_err(StoreError::database)?;
        number(&row, "rows")
    }
}

fn get<'r, T>(row: &'r SqliteRow, place: usize) -> Result<T, StoreError>
where
    T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
{
    row.try_get(place).map_err(StoreError::database)
}

#[cfg(test)]
mod tests {
    use proto::{
        api::message::Suite,
        ids::{MessageId, Position},
    };

    use super::*;
    use crate::store::{
        Messages as _, NewSent, Places, PullToken, Sealed, Work,
        contract::make::{NOW, new_account},
        sqlite::FILE_NAME,
    };

    #[tokio::test]
    async fn messages_move_with_what_refers_to_them() {
        let Some(database) = testkit::postgres::database() else {
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let store = SqliteStore::open(&path, 1).await.unwrap();
        let account = new_account("moves@a.example", 1);
        store.create_account(account.clone()).await.unwrap();
        let work = Work {
            solved_header: [1; 64],
            target: [2; 32],
            expires_at: NOW,
            signature: [3; 32],
        };
        let new = NewSent {
            account: account.id,
            message: MessageId::make(NOW, [1; 10]),
            to: "bob@b.example".parse().unwrap(),
            sealed: Sealed {
                suite: Suite::Kp1,
                content: vec![7; 100],
                sender_key: [2; 33],
                recipient_key: [3; 33],
            },
            token: PullToken([4; 32]),
            work,
            at: NOW,
            ends_at: NOW.plus(1),
        };
        store.send(new.clone(), 1 << 20).await.unwrap();
        let page = store.message_page(account.id, Position(0), 10).await;
        store.close().await.unwrap();

        let options: PgConnectOptions = database.parse().unwrap();
        let moved = to_postgres(&path, options.clone()).await.unwrap();
        for table in ["correspondent", "delivery", "message"] {
            assert!(moved.contains(&(table.to_owned(), 1)), "{table}: {moved:?}");
        }
        let store = PostgresStore::open(options, 2).await.unwrap();
        let same = store.message_page(account.id, Position(0), 10).await;
        assert_eq!(same.unwrap(), page.unwrap());
        let places = Places {
            free: 10,
            of_a_domain: 10,
            of_an_account: 10,
            ..Places::default()
        };
        let due = store.claim(NOW, NOW.plus(1), places).await.unwrap();
        assert_eq!((due.len(), due[0].token), (1, new.token));
        store.close().await.unwrap();
    }
}
