//! The engine's store: one table in a database of SQLCipher, with a thread of its own.
//!
//! What the engine puts in is ciphertext or public already; here also keys, sizes and the number of
//! records are hidden from whoever has the file alone. The layout is in `docs/FORMATS.md`.
//!
//! **Invariant:** the thread carries out what it is asked one after the other, also what nobody
//! waits for any more. **Invariant:** one process has the file open, by one connection.

mod records;

use std::{
    io,
    sync::mpsc::{self, Sender},
    thread::{self, JoinHandle},
};

use engine::platform::{Change, Store, StoreError};
use tokio::sync::oneshot;
use wasm_core::secret::DatabaseKey;

use self::records::{Lasting, Records};
use crate::place::Place;

/// The file, in the host's folder.
const FILE: &str = "account.db";
/// What is left of a file that was being made; renamed when it is whole.
const NEW_FILE: &str = "account.db.new";

type Job = Box<dyn FnOnce(&mut Records) + Send>;

/// An open database. Dropping it waits for what was asked of it, and closes it.
pub struct Database {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

/// Why there is no database.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// There is no file.
    #[error("there is no database yet")]
    Absent,
    /// One is to be made where there is one.
    #[error("there is a database already")]
    Exists,
    /// SQLite failed otherwise.
    #[error("the database failed (SQLite's code {code})")]
    Failed {
        /// Its extended result code. Its text stays out of logs: it may quote what was asked.
        code: i32,
    },
    /// Another process has it open.
    #[error("another process has the database open")]
    InUse,
    /// The file system failed.
    #[error("the database's file cannot be had")]
    Io(#[from] io::Error),
    /// The key is of another file; or the file is no such database, or is damaged in its first page.
    #[error("the key does not open the database")]
    KeyRefused,
    /// This build has plain SQLite, which would write in clear.
    #[error("this build cannot encrypt a database")]
    NoCipher,
    /// Another version of the host has made it.
    #[error("the database has version {actual}, this host knows {expected}")]
    Version {
        /// The one that is known.
        expected: i64,
        /// The one that it has.
        actual: i64,
    },
}

impl Database {
    /// Whether there is one.
    ///
    /// # Errors
    /// As the file system has them.
    pub fn exists(place: &Place) -> io::Result<bool> {
        place.file(FILE).try_exists()
    }

    /// Makes an empty one, whole or not at all, and opens it. Takes a few writes to the disk.
    ///
    /// # Errors
    /// [`DatabaseError::Exists`], [`DatabaseError::NoCipher`], [`DatabaseError::Failed`],
    /// [`DatabaseError::Io`].
    pub fn make(place: &Place, key: &DatabaseKey) -> Result<Self, DatabaseError> {
        if Self::exists(place)? {
            return Err(DatabaseError::Exists);
        }
        remove_file(place, NEW_FILE)?;
        records::make(&place.file(NEW_FILE), key)?;
        std::fs::rename(place.file(NEW_FILE), place.file(FILE))?;
        place.sync()?;
        Self::open(place, key)
    }

    /// Opens the one that is there. Takes a few reads of the disk.
    ///
    /// # Errors
    /// All of [`DatabaseError`] but [`DatabaseError::Exists`]; then the file is as it was.
    pub fn open(place: &Place, key: &DatabaseKey) -> Result<Self, DatabaseError> {
        if !Self::exists(place)? {
            return Err(DatabaseError::Absent);
        }
        let mut records = Records::open(&place.file(FILE), key)?;
        let (jobs, asked) = mpsc::channel::<Job>();
        let thread = thread::Builder::new().name("database".to_owned());
        let thread = thread.spawn(move || {
            for job in asked {
                job(&mut records);
            }
        })?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
        })
    }

    /// Removes it with all that is in it. It must not be open.
    ///
    /// # Errors
    /// As the file system has them.
    pub fn remove(place: &Place) -> io::Result<()> {
        remove_file(place, NEW_FILE)?;
        remove_file(place, FILE)?;
        place.sync()
    }

    async fn ask<T: Send + 'static>(
        &self,
        what: impl FnOnce(&mut Records) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |records| {
            // Whoever asked may be gone; what was asked is done.
            drop(answer.send(what(records)));
        });
        let jobs = self.jobs.as_ref().ok_or(StoreError)?;
        jobs.send(job).map_err(|_| StoreError)?;
        answered
            .await
            .map_err(|_| StoreError)?
            .map_err(|_| StoreError)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // That a job has panicked was told to who asked for it.
            drop(thread.join());
        }
    }
}

impl Store for Database {
    async fn read(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let key = key.to_owned();
        self.ask(move |records| records.read(&key)).await
    }

    async fn read_many(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let keys = keys.to_vec();
        let all = move |records: &mut Records| keys.iter().map(|key| records.read(key)).collect();
        self.ask(all).await
    }

    async fn read_prefix(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let prefix = prefix.to_owned();
        self.ask(move |records| records.read_prefix(&prefix)).await
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.ask(move |records| records.commit(&changes, Lasting::AtOnce))
            .await
    }

    async fn commit_soon(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.ask(move |records| records.commit(&changes, Lasting::WithTheNext))
            .await
    }
}

/// With what SQLite keeps beside it.
fn remove_file(place: &Place, name: &str) -> io::Result<()> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        match std::fs::remove_file(place.file(&format!("{name}{suffix}"))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
