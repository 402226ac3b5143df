//! Commits with nothing around them.

use std::time::Duration;

use sqlx::{
    ConnectOptions as _, Connection as _,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::time::Instant;

use crate::client::Outcome;

/// Bytes of a row: those of a short message with all that is kept beside it.
const ROW_BYTES: usize = 400;

/// Rows that one connection commits a second, one by one, with the settings that the node has.
pub(crate) async fn commits_per_second(time: Duration) -> Outcome<f64> {
    let folder = tempfile::tempdir()?;
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("bare.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging();
    let mut connection = options.connect().await?;
    let table = "CREATE TABLE bare (number INTEGER PRIMARY KEY, content BLOB)";
    sqlx::query(table).execute(&mut connection).await?;
    let began = Instant::now();
    let mut done = 0.0;
    while began.elapsed() < time {
        sqlx::query("INSERT INTO bare (content) VALUES (?)")
            .bind(&[7_u8; ROW_BYTES][..])
            .execute(&mut connection)
            .await?;
        done += 1.0;
    }
    let took = began.elapsed().as_secs_f64();
    connection.close().await?;
    Ok(done / took)
}
