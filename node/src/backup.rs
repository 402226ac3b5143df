//! `backup` and `restore`: the database of a data folder as one file, with its checksum beside it.
//!
//! The checksum is a line as `sha256sum` writes and checks it, in `FILE.sha256`. The node's secret is
//! not in a backup: nothing that lasts depends on it.

mod error;

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use self::error::{io, or_missing, store, unusable};
use crate::{
    config::{Config, Database},
    random::{Random as _, SystemRandom},
    server::{FolderLock, make_private},
    store::sqlite::{self, Contents},
};
pub use error::BackupError;

/// Read at once, bytes.
const CHUNK: usize = 1 << 16;

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
    let missing = |path| BackupError::NoDatabase { path };
    fs::metadata(&database).map_err(or_missing(&database, missing))?;
    let sum = beside(file, "sha256");
    for path in [file, &sum] {
        if is_there(path)? {
            let path = path.to_owned();
            return Err(BackupError::Exists { path });
        }
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
    // Before anything is made for it.
    let expected = expected_checksum(file)?;
    sqlite::check(file).await.map_err(unusable(file))?;
    let _folder = FolderLock::take(&config.data)?;
    // A journal of another database would be played into this one.
    for path in [
        database.clone(),
        of_database(&database, "wal"),
        of_database(&database, "shm"),
    ] {
        if is_there(&path)? {
            return Err(BackupError::Occupied { path });
        }
    }
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
    refuse_changed(file, &expected, &checksum)?;
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

/// The checksum of a backup, which fits the file as it lies there.
fn expected_checksum(file: &Path) -> Result<String, BackupError> {
    let found = checksum(file).map_err(or_missing(file, |path| BackupError::Missing { path }))?;
    let sum = beside(file, "sha256");
    let missing = |path| BackupError::MissingChecksum { path };
    let line = fs::read_to_string(&sum).map_err(or_missing(&sum, missing))?;
    let expected = line.split_whitespace().next().unwrap_or_default();
    refuse_changed(file, expected, &found)?;
    Ok(found)
}

fn refuse_changed(file: &Path, expected: &str, found: &str) -> Result<(), BackupError> {
    if expected == found {
        return Ok(());
    }
    Err(BackupError::Changed {
        file: file.to_owned(),
        sum: beside(file, "sha256"),
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
        let folder = file.parent().unwrap_or(file).to_owned();
        let missing = |_| BackupError::MissingFolder { path: folder };
        options.open(&path).map_err(or_missing(&path, missing))?;
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

fn is_there(path: &Path) -> Result<bool, BackupError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        // The folder that is no folder is told of where the file is made.
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(false),
        Err(error) => Err(io(path)(error)),
        Ok(_) => Ok(true),
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
