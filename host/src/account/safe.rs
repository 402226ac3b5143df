//! Where the key of the database lies: in the system's keyring, or sealed under the account's password.
//!
//! The file `database.key` says which of the two, and is written whole or not at all; its form is in
//! `docs/FORMATS.md`. So nobody asks a keyring for what was never put there.
//!
//! **Invariant:** the file holds no key but a sealed one. **Invariant:** a keyring that hangs costs
//! [`LIMIT`], and nothing else.
//!
//! Every call blocks: for the disk, for the keyring, [`Safe::open_sealed`] and whatever seals for PBKDF2
//! too, some tenths of a second. Not for the engine's own thread.

mod file;
mod keyring;

use std::{io, sync::Arc, time::Duration};

use proto::{
    address::Address,
    bytes::{Base64, Hex},
    vault::SecretText,
};
use wasm_core::{
    database::{self, DATABASE_SALT_BYTES},
    kdf::native,
    random::{RandomError, make_bytes},
    secret::{DatabaseKey, DatabaseLockKey, KeyringSecret},
};
use zeroize::Zeroizing;

pub use self::file::Entry;
use self::{
    file::{File, Where},
    keyring::{Bounded, System},
};
use super::stack;
use crate::{pairs::SystemRandom, place::Place};

/// `none`: the system's keyring is not used.
pub const KEYRING_VARIABLE: &str = "PEARVAULT_HOST_KEYRING";
/// How long the keyring may take. One that asks its user to unlock it counts as none until that is done.
pub const LIMIT: Duration = Duration::from_secs(3);

/// The safe of a host's folder.
pub struct Safe {
    place: Place,
    keyring: Option<Bounded>,
}

/// Where the key was found.
#[derive(Debug)]
pub enum Found {
    /// In the keyring.
    Keyring(DatabaseKey),
    /// In the file: [`Safe::open_sealed`] opens it.
    Sealed {
        /// Whose password it takes.
        account: Address,
    },
    /// None was ever kept, or it was forgotten.
    Nothing,
    /// It was in the keyring, which has it no more: nobody has it.
    Lost,
    /// It is in the keyring, which does not answer or is locked: another time it may.
    Unreachable,
}

/// Where the key was put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// In the keyring.
    Keyring,
    /// In the file, under the account's password.
    Sealed,
}

/// Why a key is not kept, or not had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SafeError {
    /// The file is none that this host writes.
    #[error("the file database.key is damaged, or of a newer host")]
    Damaged,
    /// The file system failed.
    #[error("the file database.key cannot be had")]
    Io(#[from] io::Error),
    /// No sealed key is there.
    #[error("no key is sealed here")]
    NotSealed,
    /// The keyring takes nothing, or does not answer.
    #[error("the system's keyring cannot be had")]
    Keyring,
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// Another password; or what is sealed, or whose it is, was changed.
    #[error("the password does not open the database's key")]
    WrongPassword,
}

impl Safe {
    /// Of that folder, with the system's keyring unless [`KEYRING_VARIABLE`] says `none`.
    pub fn of(place: &Place) -> Self {
        let off = std::env::var_os(KEYRING_VARIABLE).is_some_and(|value| value == "none");
        let keyring = (!off).then(|| Bounded::new(Arc::new(System), LIMIT));
        Self {
            place: place.clone(),
            keyring,
        }
    }

    /// Looks for the key. Takes [`LIMIT`] at most, and asks the keyring only where the key is in it.
    ///
    /// # Errors
    /// [`SafeError::Damaged`], [`SafeError::Io`].
    pub fn find(&self) -> Result<Found, SafeError> {
        let entry = match File::read(&self.place)?.map(|file| file.kept) {
            None => return Ok(Found::Nothing),
            Some(Where::Sealed { account, .. }) => return Ok(Found::Sealed { account }),
            Some(Where::Keyring { entry }) => entry,
        };
        let Some(keyring) = &self.keyring else {
            return Ok(Found::Unreachable);
        };
        Ok(match keyring.get(&entry.to_string()) {
            Ok(Some(bytes)) => DatabaseKey::copy_from(&bytes).map_or(Found::Lost, Found::Keyring),
            Ok(None) => Found::Lost,
            Err(_) => Found::Unreachable,
        })
    }

    /// Opens the key that is sealed in the file.
    ///
    /// # Errors
    /// [`SafeError`] but [`SafeError::Random`].
    pub fn open_sealed(&self, password: &SecretText) -> Result<DatabaseKey, SafeError> {
        let Some(Where::Sealed {
            account,
            salt,
            sealed,
        }) = File::read(&self.place)?.map(|file| file.kept)
        else {
            return Err(SafeError::NotSealed);
        };
        let lock = lock_key(&salt.0, password);
        database::open_key(&lock, &account, &salt.0, &sealed.0)
            .map_err(|_| SafeError::WrongPassword)
    }

    /// Keeps a key instead of the one before: in the keyring where it takes it, else sealed. The
    /// database is made after that, so that none is without its key.
    ///
    /// # Errors
    /// [`SafeError::Io`], [`SafeError::Random`]; then what was kept before still is.
    pub fn keep(
        &self,
        key: &DatabaseKey,
        account: &Address,
        password: &SecretText,
    ) -> Result<Kept, SafeError> {
        let before = File::read_if_whole(&self.place)?;
        let entry = Hex(make_bytes(&mut SystemRandom)?);
        // EXPOSE: the system's keyring keeps it.
        let kept = if self.put_in_keyring(entry, key.expose_secret()) {
            let new = File::new(Where::Keyring { entry });
            if let Err(error) = new.write(&self.place) {
                self.take_out_of_keyring(Some(new));
                return Err(error.into());
            }
            Kept::Keyring
        } else {
            self.seal(key, account, password)?;
            Kept::Sealed
        };
        self.take_out_of_keyring(before);
        Ok(kept)
    }

    /// Seals the key anew where it is sealed: after a change of the account's password. In the keyring
    /// it stays as it is.
    ///
    /// # Errors
    /// [`SafeError`] but [`SafeError::WrongPassword`]; then what was kept before still is.
    pub fn reseal(
        &self,
        key: &DatabaseKey,
        account: &Address,
        password: &SecretText,
    ) -> Result<Kept, SafeError> {
        match File::read(&self.place)?.map(|file| file.kept) {
            None => Err(SafeError::NotSealed),
            Some(Where::Keyring { .. }) => Ok(Kept::Keyring),
            Some(Where::Sealed { .. }) => {
                self.seal(key, account, password)?;
                Ok(Kept::Sealed)
            }
        }
    }

    /// Forgets the key; `false` where the keyring could not be asked and may still have it. It opens
    /// nothing any more once the database is removed.
    ///
    /// # Errors
    /// [`SafeError::Io`].
    pub fn forget(&self) -> Result<bool, SafeError> {
        let before = File::read_if_whole(&self.place)?;
        let gone = self.take_out_of_keyring(before);
        File::remove(&self.place)?;
        Ok(gone)
    }

    /// Puts another secret into the keyring.
    ///
    /// # Errors
    /// [`SafeError::Keyring`].
    pub fn put_secret(&self, entry: Entry, secret: &KeyringSecret) -> Result<(), SafeError> {
        // EXPOSE: the system's keyring keeps it.
        let is_put = self.put_in_keyring(entry, secret.expose_secret());
        is_put.then_some(()).ok_or(SafeError::Keyring)
    }

    /// That secret; `None` where the keyring has it no more.
    ///
    /// # Errors
    /// [`SafeError::Keyring`].
    pub fn secret(&self, entry: Entry) -> Result<Option<KeyringSecret>, SafeError> {
        let keyring = self.keyring.as_ref().ok_or(SafeError::Keyring)?;
        let kept = keyring.get(&entry.to_string());
        let kept = kept.map_err(|_| SafeError::Keyring)?;
        Ok(kept.and_then(|bytes| KeyringSecret::copy_from(&bytes)))
    }

    /// Takes it out; `false` where the keyring could not be asked and may still have it.
    pub fn drop_secret(&self, entry: Entry) -> bool {
        self.take_out_of_keyring(Some(File::new(Where::Keyring { entry })))
    }

    /// Whether the keyring has it, and gives it back.
    fn put_in_keyring(&self, entry: Entry, secret: &[u8; 32]) -> bool {
        let Some(keyring) = &self.keyring else {
            return false;
        };
        let entry = entry.to_string();
        let secret = Zeroizing::new(secret.to_vec());
        if keyring.set(&entry, secret.clone()).is_err() {
            return false;
        }
        // Nobody who could time this does not know it.
        if keyring.get(&entry).ok().flatten().as_ref() == Some(&secret) {
            return true;
        }
        // What it does not give back shall not stay in it.
        let _ = keyring.remove(&entry);
        false
    }

    /// Whether the keyring has nothing of it any more.
    fn take_out_of_keyring(&self, file: Option<File>) -> bool {
        let Some(Where::Keyring { entry }) = file.map(|file| file.kept) else {
            return true;
        };
        let keyring = self.keyring.as_ref();
        keyring.is_some_and(|keyring| keyring.remove(&entry.to_string()).is_ok())
    }

    fn seal(
        &self,
        key: &DatabaseKey,
        account: &Address,
        password: &SecretText,
    ) -> Result<(), SafeError> {
        let salt = make_bytes(&mut SystemRandom)?;
        let lock = lock_key(&salt, password);
        let sealed = database::seal_key(&lock, account, &salt, key, &mut SystemRandom);
        let kept = Where::Sealed {
            account: account.clone(),
            salt: Hex(salt),
            // The other reason, a size, is none of 32 bytes.
            sealed: Base64(sealed.map_err(|_| RandomError)?),
        };
        Ok(File::new(kept).write(&self.place)?)
    }
}

fn lock_key(salt: &[u8; DATABASE_SALT_BYTES], password: &SecretText) -> DatabaseLockKey {
    let derived = pollster::block_on(database::derive_lock_key(&native::Native, salt, password));
    stack::wipe();
    match derived {
        Ok(key) => key,
        Err(never) => match never {},
    }
}

#[cfg(test)]
mod tests;
