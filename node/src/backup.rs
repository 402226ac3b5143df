//! `backup` and `restore`: the database of a data folder as one file, with its checksum beside it.
//!
//! The checksum is a line as `sha256sum` writes and checks it, in `FILE.sha256`. The node's secret is
//! not in a backup: nothing that lasts depends on it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use crate::{
    config::{Config, Database},
    random::{Random as _, RandomError, SystemRandom},
    server::{FolderLock, NodeError, make_private},
    store::{
        StoreError,
        sqlite::{self, Contents},
    },
};

/// Read at once, bytes.
const CHUNK: usize = 1 << 16;

/// Why there is no backup, or nothing was restored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The file is not the one that was written.
    #[error("{} is not what its checksum in {} says; take another backup", file.display(), sum.display())]
    Changed {
        /// The backup.
        file: PathBuf,
        /// Its checksum.
        sum: PathBuf,
    },
    /// Nothing is overwritten.
    #[error("{} is there already; name another, or put it aside", path.display())]
    Exists {
        /// Which.
        path: PathBuf,
    },
    /// The data folder cannot be used.
    #[error(transparent)]
    Folder(#[from] NodeError),
    /// A file cannot be read or written.
    #[error("cannot use {}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The system gives no random name for what is not whole yet.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The database is no file.
    #[error("the database is PostgreSQL; use its own tools: pg_dump and pg_restore")]
    NoFile,
    /// A database or its copy cannot be used.
    #[error("the database {}", path.display())]
    Store {
        /// Which.
        path: PathBuf,
        /// Why.
        source: StoreError,
    },
}

/// A backup that was made or restored.
#[derive(Debug, Clone)]
pub struct Backup {
    /// What is in it.
    pub contents: Contents,
    /// SHA-256 of its file, in hex.
    pub checksum: String,
    /// Sessions that were in it and are over; 0 where it was made.
    pub ended: u64,
}

/// Writes the database of a data folder into `file`, readable by its owner only, while a node may
/// run on it, and reads it again.
///
/// # Errors
/// [`BackupError`].
pub async fn backup(config: &Config, file: &Path) -> Result<Backup, BackupError> {
    let database = database(config)?;
    fs::metadata(&database).map_err(io(&database))?;
    let sum = beside(file, "sha256");
    for path in [file, &sum] {
        refuse_existing(path)?;
    }
    let part = Part::make(file)?;
    sqlite::copy(&database, &part.0)
        .await
        .map_err(store(&database))?;
    let contents = sqlite::check(&part.0).await.map_err(store(&part.0))?;
    let checksum = checksum(&part.0).map_err(io(&part.0))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    make_private(&sum).map_err(io(&sum))?;
    fs::write(&sum, format!("{checksum}  {name}\n")).map_err(io(&sum))?;
    sync(&sum)?;
    part.finish(file)?;
    let ended = 0;
    Ok(Backup {
        contents,
        checksum,
        ended,
    })
}

/// Puts a backup into a data folder that has no database. Every session in it ends: it has those that
/// were revoked after it was made.
///
/// Challenges that were spent stay spent: without their rows they would be good once more.
///
/// # Errors
/// [`BackupError`].
pub async fn restore(config: &Config, file: &Path) -> Result<Backup, BackupError> {
    let database = database(config)?;
    let _folder = FolderLock::take(&config.data)?;
    // A journal of another database would be played into this one.
    for path in [
        &database,
        &of_database(&database, "wal"),
        &of_database(&database, "shm"),
    ] {
        refuse_existing(path)?;
    }
    let sum = beside(file, "sha256");
    let expected = fs::read_to_string(&sum).map_err(io(&sum))?;
    let part = Part::make(&database)?;
    // Into the private file that is there: a copy would take over who may read the backup.
    let mut from = fs::File::open(file).map_err(io(file))?;
    let mut to = fs::OpenOptions::new()
        .write(true)
        .open(&part.0)
        .map_err(io(&part.0))?;
    io::copy(&mut from, &mut to).map_err(io(&part.0))?;
    drop(to);
    // Of what was copied: the medium of the backup may be the one that fails.
    let checksum = checksum(&part.0).map_err(io(&part.0))?;
    if expected.split_whitespace().next() != Some(checksum.as_str()) {
        let file = file.to_owned();
        return Err(BackupError::Changed { file, sum });
    }
    let contents = sqlite::check(&part.0).await.map_err(store(file))?;
    let ended = sqlite::end_sessions(&part.0)
        .await
        .map_err(store(&part.0))?;
    part.finish(&database)?;
    Ok(Backup {
        contents,
        checksum,
        ended,
    })
}

fn database(config: &Config) -> Result<PathBuf, BackupError> {
    match config.database {
        Database::Folder => Ok(config.data.join(sqlite::FILE_NAME)),
        Database::Postgres(_) => Err(BackupError::NoFile),
    }
}

/// A file that has its name only when it is whole; it goes where that does not happen.
struct Part(PathBuf);

impl Part {
    /// Under a name that nobody can have taken, for the owner only: what is there stays as it is.
    fn make(file: &Path) -> Result<Self, BackupError> {
        let mut name = [0; 8];
        SystemRandom.fill(&mut name)?;
        let path = beside(file, &format!("part-{}", hex(&name)));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path).map_err(io(&path))?;
        Ok(Self(path))
    }

    fn finish(self, file: &Path) -> Result<(), BackupError> {
        sync(&self.0)?;
        fs::rename(&self.0, file).map_err(io(file))?;
        #[cfg(unix)]
        if let Some(folder) = file.parent().filter(|path| !path.as_os_str().is_empty()) {
            sync(folder)?;
        }
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // After `finish` there is none.
        drop(fs::remove_file(&self.0));
    }
}

fn checksum(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 {
            break;
        }
        hash.update(&chunk[..read]);
    }
    Ok(hex(&hash.finalize()))
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

fn sync(path: &Path) -> Result<(), BackupError> {
    // Rights to write are asked for where they are needed: a folder can only be read.
    let file = OpenOptions::new()
        .read(true)
        .write(!path.is_dir())
        .open(path);
    file.and_then(|file| file.sync_all()).map_err(io(path))
}

fn refuse_existing(path: &Path) -> Result<(), BackupError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(io(path)(error)),
        Ok(_) => Err(BackupError::Exists {
            path: path.to_owned(),
        }),
    }
}

/// `a.db` → `a.db.ending`.
fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// `a.db` → `a.db-wal`, as `SQLite` names what belongs to a database.
fn of_database(database: &Path, what: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-");
    name.push(what);
    name.into()
}

fn io(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::Io { path, source }
}

fn store(path: &Path) -> impl FnOnce(StoreError) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::Store { path, source }
}
