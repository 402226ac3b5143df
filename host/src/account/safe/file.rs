//! The file that says where the key lies; its form is in `docs/FORMATS.md`.

use std::io;

use proto::{
    address::Address,
    bytes::{Base64, Hex},
};
use serde::{Deserialize, Serialize};
use wasm_core::database::DATABASE_SALT_BYTES;

use super::SafeError;
use crate::place::Place;

/// In the host's folder.
const NAME: &str = "database.key";
const FORMAT: &str = "pearvault-database-key";
const VERSION: u32 = 1;

/// The keyring's user: random, another for every key that is kept.
pub type Entry = Hex<16>;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    format: String,
    version: u32,
    pub(super) kept: Where,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Where {
    Keyring {
        entry: Entry,
    },
    Sealed {
        account: Address,
        salt: Hex<DATABASE_SALT_BYTES>,
        sealed: Base64,
    },
}

impl File {
    pub(super) fn new(kept: Where) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            kept,
        }
    }

    /// The one that is there, if any.
    pub(super) fn read(place: &Place) -> Result<Option<Self>, SafeError> {
        let Some(bytes) = place.read(NAME)? else {
            return Ok(None);
        };
        let file: Self = serde_json::from_slice(&bytes).map_err(|_| SafeError::Damaged)?;
        if file.format != FORMAT || file.version != VERSION {
            return Err(SafeError::Damaged);
        }
        Ok(Some(file))
    }

    /// The one that is there; a damaged one is as good as none to who writes over it.
    pub(super) fn read_if_whole(place: &Place) -> Result<Option<Self>, SafeError> {
        match Self::read(place) {
            Err(SafeError::Damaged) => Ok(None),
            read => read,
        }
    }

    /// Whole or not at all, in the place of the one before.
    pub(super) fn write(&self, place: &Place) -> io::Result<()> {
        place.write(NAME, &serde_json::to_vec(self)?)
    }

    pub(super) fn remove(place: &Place) -> io::Result<()> {
        match std::fs::remove_file(place.file(NAME)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => place.sync(),
        }
    }
}
