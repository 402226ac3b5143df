//! Where the host keeps what it keeps, and where its agent listens.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Names another folder than the platform's: for tests, and for more than one host of one user.
pub const FOLDER_VARIABLE: &str = "PEARVAULT_HOST_DIR";

/// The host's own folder, which nobody else may look into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(PathBuf);

impl Place {
    /// The folder of this user: `PEARVAULT_HOST_DIR`, or the platform's. Made where there is none.
    ///
    /// # Errors
    /// Where there is none to be had.
    pub fn of_user() -> io::Result<Self> {
        let named = std::env::var_os(FOLDER_VARIABLE).map(PathBuf::from);
        let platform = || {
            let folders = directories::ProjectDirs::from("app", "pearvault", "pearvault-host");
            folders.map(|folders| folders.data_local_dir().to_owned())
        };
        let none = || io::Error::new(io::ErrorKind::NotFound, "this user has no home folder");
        Self::at(&named.or_else(platform).ok_or_else(none)?)
    }

    /// That folder.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn at(folder: &Path) -> io::Result<Self> {
        // Browser and terminal stand in different folders.
        let folder = std::path::absolute(folder)?;
        fs::create_dir_all(&folder)?;
        for_owner_only(&folder, 0o700)?;
        Ok(Self(folder))
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Where the agent listens.
    pub fn socket(&self) -> PathBuf {
        self.file("agent.sock")
    }

    /// Writes a file of it whole or not at all, for its owner only.
    ///
    /// # Errors
    /// As the file system has them.
    pub fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let (new, place) = (self.file(&format!("{name}.new")), self.file(name));
        // Left of a write that died; made anew so that nobody else's rights are on it.
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&new)?;
        io::Write::write_all(&mut file, content)?;
        file.sync_all()?;
        drop(file);
        fs::rename(new, place)?;
        self.sync()
    }

    /// Brings what was made, renamed and removed in it to the disk, where the system has that in hand
    /// of programs.
    ///
    /// # Errors
    /// As the file system has them.
    pub fn sync(&self) -> io::Result<()> {
        #[cfg(unix)]
        fs::File::open(&self.0)?.sync_all()?;
        Ok(())
    }

    /// Waits until nobody else holds the lock of that name, and holds it until what it gives back is dropped.
    ///
    /// # Errors
    /// As the file system has them.
    pub fn lock(&self, name: &str) -> io::Result<fs::File> {
        let file = fs::File::create(self.file(name))?;
        file.lock()?;
        Ok(file)
    }

    /// Reads a file of it; `None` where there is none.
    ///
    /// # Errors
    /// As the file system has them.
    pub fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.file(name)) {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(unix)]
fn for_owner_only(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

/// The folder is in the user's own profile, which the system keeps from others.
#[cfg(not(unix))]
fn for_owner_only(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}
