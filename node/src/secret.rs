//! The file with the node's own secret: 32 bytes that only its owner reads.
//!
//! Every key of the node is derived from it: [`wasm_core::secret::ChallengeKey`] and [`DecoyKey`].

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use hmac::{Hmac, KeyInit as _, Mac as _};
use proto::{
    address::Address,
    ids::{AccountId, UnixMillis},
};
use sha2::Sha256;
use wasm_core::secret::{NodeSecret, Secret};
use zeroize::Zeroizing;

use crate::random::{Random, RandomError};

/// Name of the file in the data folder.
pub const FILE_NAME: &str = "secret.key";
/// Length of the secret, bytes.
const SECRET_BYTES: usize = 32;

/// The secret file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// It cannot be read or written.
    #[error("cannot use the secret file {}", path.display())]
    Io {
        /// Where it lies.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It has another length.
    #[error(
        "the secret file {} has not {SECRET_BYTES} bytes but {actual}; put it aside, and a new one is \
         made, which costs proofs of work under way and nothing else (with several nodes on one \
         database, copy it from another)",
        path.display()
    )]
    Length {
        /// Where it lies.
        path: PathBuf,
        /// Bytes in it, counted up to one more than wanted.
        actual: usize,
    },
    /// No random bytes to make it from.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// Others than its owner may read or write it.
    #[error(
        "others than you may use the secret file {path}; run: chmod 600 '{path}'",
        path = path.display()
    )]
    Readable {
        /// Where it lies.
        path: PathBuf,
    },
}

/// Reads the secret of a data folder, or makes it where there is none.
///
/// A new file is made with rights for its owner only and is on disk when this returns.
///
/// # Errors
/// [`SecretError`].
pub fn load_or_make(folder: &Path, random: &dyn Random) -> Result<NodeSecret, SecretError> {
    let path = folder.join(FILE_NAME);
    let io = |source| SecretError::Io {
        path: path.clone(),
        source,
    };
    match File::open(&path) {
        Ok(file) => read(file, &path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let secret = Secret::<SECRET_BYTES>::try_init_with(|bytes| random.fill(bytes))?;
            let mut file = create_new(&path).map_err(io)?;
            // EXPOSE: this is the file that keeps it.
            file.write_all(secret.expose_secret()).map_err(io)?;
            file.sync_all().map_err(io)?;
            sync_folder(folder).map_err(io)?;
            Ok(NodeSecret::new(secret))
        }
        Err(error) => Err(io(error)),
    }
}

/// Makes the account that stands in for an unknown one, so that a login takes the same way and
/// time whether the address exists or not.
pub struct DecoyKey(Zeroizing<[u8; 32]>);

impl DecoyKey {
    /// The key of this node.
    pub fn derive(secret: &NodeSecret) -> Self {
        // EXPOSE: the root secret goes into the derivation.
        Self(Zeroizing::new(mac(
            secret.expose_secret(),
            b"Pearvault decoy key v1",
        )))
    }

    /// The same account for the same address each time; nobody else can tell which.
    pub fn account(&self, address: &Address) -> AccountId {
        let tag = mac(&self.0, address.as_str().as_bytes());
        let mut random = [0; 10];
        random.copy_from_slice(&tag[..10]);
        AccountId::make(UnixMillis(0), random)
    }
}

impl std::fmt::Debug for DecoyKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DecoyKey")
    }
}

fn mac(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    #[expect(clippy::expect_used)]
    // Cannot fail: HMAC takes a key of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

fn read(file: File, path: &Path) -> Result<NodeSecret, SecretError> {
    check_rights(&file, path)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(SECRET_BYTES + 1));
    file.take(SECRET_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| SecretError::Io {
            path: path.to_owned(),
            source,
        })?;
    NodeSecret::copy_from(&bytes).ok_or_else(|| SecretError::Length {
        path: path.to_owned(),
        actual: bytes.len(),
    })
}

#[cfg(unix)]
fn create_new(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

#[cfg(not(unix))]
fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(unix)]
fn check_rights(file: &File, path: &Path) -> Result<(), SecretError> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = file.metadata().map_err(|source| SecretError::Io {
        path: path.to_owned(),
        source,
    })?;
    let for_others = metadata.permissions().mode() & 0o077;
    if for_others == 0 {
        Ok(())
    } else {
        Err(SecretError::Readable {
            path: path.to_owned(),
        })
    }
}

/// Other platforms keep the rights of the data folder, which lies in the user's profile.
#[cfg(not(unix))]
fn check_rights(_file: &File, _path: &Path) -> Result<(), SecretError> {
    Ok(())
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    type TestResult = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn secret_is_made_once_and_read_again() -> TestResult {
        let folder = tempfile::tempdir()?;
        let first = load_or_make(folder.path(), &SystemRandom)?;
        let second = load_or_make(folder.path(), &SystemRandom)?;
        assert!(first.ct_eq(&second));
        assert!(!first.ct_eq(&NodeSecret::init_with(|bytes| bytes.fill(0))));
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn secret_that_others_may_read_is_refused() -> TestResult {
        use std::{fs, os::unix::fs::PermissionsExt as _};

        let folder = tempfile::tempdir()?;
        load_or_make(folder.path(), &SystemRandom)?;
        let path = folder.path().join(FILE_NAME);
        assert_eq!(fs::metadata(&path)?.permissions().mode() & 0o777, 0o600);
        for mode in [0o640, 0o604, 0o660, 0o777] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
            let Err(error) = load_or_make(folder.path(), &SystemRandom) else {
                return Err(format!("mode {mode:o} was taken").into());
            };
            assert!(error.to_string().contains("chmod 600"), "{error}");
        }
        Ok(())
    }

    #[test]
    fn decoy_account_is_stable_and_its_own() -> TestResult {
        let key = DecoyKey::derive(&NodeSecret::init_with(|bytes| bytes.fill(1)));
        let other = DecoyKey::derive(&NodeSecret::init_with(|bytes| bytes.fill(2)));
        let (ada, bob) = ("ada@example.com".parse()?, "bob@example.com".parse()?);
        assert_eq!(key.account(&ada), key.account(&ada));
        assert_ne!(key.account(&ada), key.account(&bob));
        assert_ne!(key.account(&ada), other.account(&ada));
        Ok(())
    }

    #[test]
    fn secret_of_another_length_is_refused() -> TestResult {
        let folder = tempfile::tempdir()?;
        for length in [0, 31, 33] {
            let path = folder.path().join(FILE_NAME);
            create_new(&path)?.write_all(&vec![1; length])?;
            assert!(matches!(
                load_or_make(folder.path(), &SystemRandom),
                Err(SecretError::Length { actual, .. }) if actual == length
            ));
            std::fs::remove_file(path)?;
        }
        Ok(())
    }
}
