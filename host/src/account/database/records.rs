//! The connection: opening with a key, reading, changing. Every call waits for the disk.

use std::{fmt::Write as _, fs, path::Path, time::Duration};

use engine::platform::Change;
use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension as _, TransactionBehavior, params,
};
use wasm_core::secret::DatabaseKey;
use zeroize::Zeroizing;

use super::DatabaseError;

/// Version of the layout, `user_version` in the file.
const VERSION: i64 = 1;
/// Before the key. What SQLCipher would log goes to the terminal or the system's log; memory that
/// SQLite gives back is wiped, and kept off the disk where the system lets it.
const BEFORE_KEY: &str = "
    PRAGMA cipher_log_level = NONE;
    PRAGMA cipher_memory_security = ON;
";
/// After it, and before anything is read. An exclusive connection keeps its index of the log in
/// memory of its own instead of a file.
const AFTER_KEY: &str = "
    PRAGMA cipher_compatibility = 4;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA trusted_schema = OFF;
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
    PRAGMA synchronous = FULL;
";
const SCHEMA: &str = "
    BEGIN;
    CREATE TABLE record (
        key TEXT PRIMARY KEY, -- as the engine names it; fixed
        value BLOB NOT NULL   -- ciphertext or public; may change
    ) WITHOUT ROWID;
    PRAGMA user_version = 1;
    COMMIT;
";

/// When a change must be on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lasting {
    /// When the call returns.
    AtOnce,
    /// With the next [`Self::AtOnce`].
    WithTheNext,
}

/// The open database.
pub(super) struct Records {
    connection: Connection,
    /// What the connection is set to.
    lasting: Lasting,
    /// Whether something may not be on the disk yet.
    behind: bool,
}

/// Makes a file with an empty table where there is none.
pub(super) fn make(path: &Path, key: &DatabaseKey) -> Result<(), DatabaseError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(path)?);
    let connection = connect(path, key)?;
    connection.execute_batch(SCHEMA).map_err(failed)?;
    connection.close().map_err(|(_, error)| failed(error))
}

impl Records {
    pub(super) fn open(path: &Path, key: &DatabaseKey) -> Result<Self, DatabaseError> {
        let connection = connect(path, key)?;
        let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        let actual = number("PRAGMA user_version").map_err(failed)?;
        if actual != VERSION {
            return Err(DatabaseError::Version {
                expected: VERSION,
                actual,
            });
        }
        let mode: String = connection
            .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
            .map_err(failed)?;
        if mode != "wal" {
            return Err(DatabaseError::Failed {
                code: rusqlite::ffi::SQLITE_CANTOPEN,
            });
        }
        Ok(Self {
            connection,
            lasting: Lasting::AtOnce,
            behind: false,
        })
    }

    pub(super) fn read(&self, key: &str) -> rusqlite::Result<Option<Vec<u8>>> {
        self.connection
            .prepare_cached("SELECT value FROM record WHERE key = ?1")?
            .query_row([key], |row| row.get(0))
            .optional()
    }

    /// From the prefix on, in the order of the keys' bytes, to the first key that has it not.
    pub(super) fn read_prefix(&self, prefix: &str) -> rusqlite::Result<Vec<(String, Vec<u8>)>> {
        let sql = "SELECT key, value FROM record WHERE key >= ?1 ORDER BY key";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([prefix])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let key: String = row.get(0)?;
            if !key.starts_with(prefix) {
                break;
            }
            found.push((key, row.get(1)?));
        }
        Ok(found)
    }

    pub(super) fn commit(&mut self, changes: &[Change], lasting: Lasting) -> rusqlite::Result<()> {
        self.set(lasting)?;
        let before = self.connection.total_changes();
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        for change in changes {
            match change {
                Change::Put { key, value } => transaction
                    .prepare_cached(
                        "INSERT INTO record (key, value) VALUES (?1, ?2)
                         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                    )?
                    .execute(params![key, value])?,
                Change::Remove { key } => transaction
                    .prepare_cached("DELETE FROM record WHERE key = ?1")?
                    .execute([key])?,
                Change::Clear => transaction
                    .prepare_cached("DELETE FROM record")?
                    .execute([])?,
            };
        }
        transaction.commit()?;
        let wrote = self.connection.total_changes() != before;
        match lasting {
            Lasting::WithTheNext => self.behind |= wrote,
            Lasting::AtOnce => {
                // A commit without changes writes nothing, and waits for no disk by itself.
                if self.behind && !wrote {
                    self.connection
                        .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
                }
                self.behind = false;
            }
        }
        Ok(())
    }

    fn set(&mut self, lasting: Lasting) -> rusqlite::Result<()> {
        if self.lasting != lasting {
            let level = match lasting {
                Lasting::AtOnce => "PRAGMA synchronous = FULL",
                Lasting::WithTheNext => "PRAGMA synchronous = NORMAL",
            };
            self.connection.execute_batch(level)?;
            self.lasting = lasting;
        }
        Ok(())
    }

    #[cfg(test)]
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }
}

/// A connection to a file that is there, with its key taken.
fn connect(path: &Path, key: &DatabaseKey) -> Result<Connection, DatabaseError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    // The one that has it open keeps it: nothing is gained by waiting, as rusqlite would for seconds.
    connection.busy_timeout(Duration::ZERO).map_err(failed)?;
    let cipher = connection
        .query_row("PRAGMA cipher_version", [], |_| Ok(()))
        .optional();
    if cipher.map_err(failed)?.is_none() {
        return Err(DatabaseError::NoCipher);
    }
    connection.execute_batch(BEFORE_KEY).map_err(failed)?;
    connection
        .execute_batch(&key_statement(key))
        .map_err(failed)?;
    connection.execute_batch(AFTER_KEY).map_err(failed)?;
    connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        .map_err(failed)?;
    Ok(connection)
}

/// The key raw: nothing is derived from it.
fn key_statement(key: &DatabaseKey) -> Zeroizing<String> {
    // Long enough, so that it never moves and leaves a copy.
    let mut statement = Zeroizing::new(String::with_capacity(128));
    statement.push_str("PRAGMA key = \"x'");
    // EXPOSE: SQLCipher takes its key as a statement.
    for byte in key.expose_secret() {
        // Cannot fail: it writes to memory.
        let _ = write!(statement, "{byte:02x}");
    }
    statement.push_str("'\"");
    statement
}

/// By value: it is given to `map_err`.
#[expect(clippy::needless_pass_by_value, reason = "the end of an error")]
fn failed(error: rusqlite::Error) -> DatabaseError {
    match error.sqlite_error() {
        Some(error) if error.code == ErrorCode::NotADatabase => DatabaseError::KeyRefused,
        Some(error) if error.code == ErrorCode::DatabaseBusy => DatabaseError::InUse,
        error => DatabaseError::Failed {
            code: error.map_or(rusqlite::ffi::SQLITE_ERROR, |error| error.extended_code),
        },
    }
}
