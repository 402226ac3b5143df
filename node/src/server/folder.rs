//! The data folder, for one node at a time.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use super::NodeError;

/// Name of the file whose lock says that a node runs on a folder.
const FILE_NAME: &str = "node.lock";

/// A data folder that is ours until this is dropped, or the process ends.
pub(crate) struct FolderLock(#[expect(dead_code, reason = "held for its lock")] File);

impl FolderLock {
    /// Makes the folder where it is missing, readable by its owner only, and locks it.
    pub(crate) fn take(folder: &Path) -> Result<Self, NodeError> {
        let io = |source| NodeError::Folder {
            path: folder.to_owned(),
            source,
        };
        make(folder).map_err(io)?;
        let path = folder.join(FILE_NAME);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let file = file.map_err(|source| unwritable(folder, path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(NodeError::FolderInUse {
                path: folder.to_owned(),
            }),
            Err(TryLockError::Error(source)) => Err(io(source)),
        }
    }
}

/// Whose fault it is that a file of the folder cannot be written.
pub(super) fn unwritable(folder: &Path, file: PathBuf, source: io::Error) -> NodeError {
    if file.exists() {
        return NodeError::File { path: file, source };
    }
    NodeError::Folder {
        path: folder.to_owned(),
        source,
    }
}

/// Makes a file for its owner only, where it is missing: the folder may have been there before,
/// open to others. What `SQLite` puts beside it has the same rights.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

#[cfg(unix)]
fn make(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
fn make(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)
}
