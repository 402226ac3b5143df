//! Commits with nothing around them.

use std::{path::Path, time::Duration};

use rusqlite::Connection;
use tokio::time::Instant;

use crate::client::Outcome;

/// Rows of this many bytes, in two halves, that one connection commits a second, one by one, with the settings that the node has. It is the
/// library alone, in this thread.
pub(crate) fn commits_per_second(file: &Path, bytes: usize, time: Duration) -> Outcome<f64> {
    let connection = Connection::open(file)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS bare (number INTEGER PRIMARY KEY, overview BLOB, secrets BLOB)",
    )?;
    let mut insert = connection.prepare("INSERT INTO bare (overview, secrets) VALUES (?, ?)")?;
    let half = vec![7_u8; bytes / 2];
    let began = Instant::now();
    let mut done = 0.0;
    while began.elapsed() < time {
        insert.execute([&half, &half])?;
        done += 1.0;
    }
    Ok(done / began.elapsed().as_secs_f64())
}
