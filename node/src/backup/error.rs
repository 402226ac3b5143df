//! Why there is no backup, and what to do about it.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{random::RandomError, server::NodeError, store::StoreError};

/// Why there is no backup, or nothing was restored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The file is not the one that was written.
    #[error(
        "{} is not what its checksum in {} says: the copy is damaged; use another one, or copy it again",
        file.display(),
        sum.display()
    )]
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
    /// The backup is not where it was said to be.
    #[error("there is no backup {}; name the file that `backup` wrote", path.display())]
    Missing {
        /// Where.
        path: PathBuf,
    },
    /// It has no checksum.
    #[error(
        "{} is missing: it has to lie beside the backup, as `backup` wrote it",
        path.display()
    )]
    MissingChecksum {
        /// Where.
        path: PathBuf,
    },
    /// The folder that it is to be written into is not there.
    #[error("there is no folder {}; make it, or name another file", path.display())]
    MissingFolder {
        /// Which.
        path: PathBuf,
    },
    /// There is nothing to make a backup of.
    #[error("there is no database {}; name its folder with --data", path.display())]
    NoDatabase {
        /// Where it would be.
        path: PathBuf,
    },
    /// The database is no file.
    #[error("the database is PostgreSQL; use its own tools: pg_dump and pg_restore")]
    NoFile,
    /// A data folder that is in use.
    #[error(
        "{} is there already; name another folder with --data, or put it aside",
        path.display()
    )]
    Occupied {
        /// What is there.
        path: PathBuf,
    },
    /// The system gives no random name for what is not whole yet.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// A database or its copy cannot be used.
    #[error("the database {}", path.display())]
    Store {
        /// Which.
        path: PathBuf,
        /// Why.
        source: StoreError,
    },
    /// The file was written whole, but is no database of a node.
    #[error("{} is no backup of a node, or a damaged one; use another", path.display())]
    Unusable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: StoreError,
    },
}

pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::Io { path, source }
}

/// The same, with an error of its own where there is nothing.
pub(super) fn or_missing(
    path: &Path,
    missing: impl FnOnce(PathBuf) -> BackupError,
) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => missing(path),
        _ => BackupError::Io { path, source },
    }
}

pub(super) fn store(path: &Path) -> impl FnOnce(StoreError) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::Store { path, source }
}

/// The same of a backup.
pub(super) fn unusable(path: &Path) -> impl FnOnce(StoreError) -> BackupError {
    let path = path.to_owned();
    move |source| match source {
        // It is whole: what to do is said already.
        StoreError::SchemaTooNew { .. } => BackupError::Store { path, source },
        source => BackupError::Unusable { path, source },
    }
}
