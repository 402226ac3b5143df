//! The host's own key, and the extensions that the user has paired with it.

use std::io;

use proto::{bytes::Hex, ids::UnixMillis};
use serde::{Deserialize, Serialize};
use wasm_core::{
    channel::{ChannelKey, ChannelPublicKey},
    random::{Random, RandomError},
    secret::ChannelSecret,
};

use crate::place::Place;

const KEY_FILE: &str = "host.key";
const PAIRS_FILE: &str = "paired.json";
/// Held by whoever changes the list: the agent, or a command.
const PAIRS_LOCK: &str = "paired.lock";
/// Extensions that one host knows: profiles of one user.
const PAIRS_MAX: usize = 32;

/// An extension that was paired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Pair {
    /// Its public key.
    pub key: Hex<32>,
    /// Name of the browser's program that it was paired from, where the system told.
    pub browser: Option<String>,
    /// When.
    pub since: UnixMillis,
}

/// The operating system's random source.
#[derive(Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        getrandom::fill(bytes).map_err(|_| RandomError)
    }
}

/// The host's own key, made at its first use.
///
/// # Errors
/// Where it cannot be kept, or what is kept is none.
pub fn own_key(place: &Place) -> io::Result<ChannelKey> {
    let broken = |what| io::Error::new(io::ErrorKind::InvalidData, what);
    if let Some(kept) = place.read(KEY_FILE)? {
        let secret = ChannelSecret::copy_from(&kept);
        drop(zeroize(kept));
        let what = "the key of this host is damaged; remove the file host.key and pair anew";
        return secret
            .map(ChannelKey::from_secret)
            .ok_or_else(|| broken(what));
    }
    let key = ChannelKey::make(&mut SystemRandom).map_err(|_| broken("no random bytes"))?;
    // EXPOSE: it is written to a file that its owner alone may read.
    place.write(KEY_FILE, key.secret().expose_secret())?;
    Ok(key)
}

fn zeroize(bytes: Vec<u8>) -> zeroize::Zeroizing<Vec<u8>> {
    zeroize::Zeroizing::new(bytes)
}

/// All that are paired, the oldest first.
///
/// # Errors
/// Where the list cannot be read.
pub fn all(place: &Place) -> io::Result<Vec<Pair>> {
    match place.read(PAIRS_FILE)? {
        Some(list) => serde_json::from_slice(&list).map_err(|_| {
            let what = "the list of paired extensions is damaged; remove the file paired.json and pair anew";
            io::Error::new(io::ErrorKind::InvalidData, what)
        }),
        None => Ok(Vec::new()),
    }
}

/// The one with that key.
///
/// # Errors
/// As [`all`].
pub fn find(place: &Place, key: ChannelPublicKey) -> io::Result<Option<Pair>> {
    Ok(all(place)?.into_iter().find(|pair| pair.key.0 == key.0))
}

/// Adds one; the oldest goes where there are too many.
///
/// # Errors
/// Where the list cannot be kept.
pub fn add(place: &Place, pair: Pair) -> io::Result<()> {
    let _one = place.lock(PAIRS_LOCK)?;
    let mut list = all(place)?;
    list.retain(|known| known.key != pair.key);
    list.push(pair);
    let more = list.len().saturating_sub(PAIRS_MAX);
    list.drain(..more);
    keep(place, &list)
}

/// Forgets one; `false` where it was not there.
///
/// # Errors
/// Where the list cannot be kept.
pub fn remove(place: &Place, key: ChannelPublicKey) -> io::Result<bool> {
    let _one = place.lock(PAIRS_LOCK)?;
    let mut list = all(place)?;
    let before = list.len();
    list.retain(|known| known.key.0 != key.0);
    if list.len() == before {
        return Ok(false);
    }
    keep(place, &list)?;
    Ok(true)
}

/// Forgets all; how many.
///
/// # Errors
/// Where the list cannot be kept.
pub fn clear(place: &Place) -> io::Result<usize> {
    let _one = place.lock(PAIRS_LOCK)?;
    let known = all(place).map_or(0, |list| list.len());
    keep(place, &[])?;
    Ok(known)
}

fn keep(place: &Place, list: &[Pair]) -> io::Result<()> {
    place.write(PAIRS_FILE, &serde_json::to_vec_pretty(list)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(byte: u8) -> Pair {
        Pair {
            key: Hex([byte; 32]),
            browser: None,
            since: UnixMillis(7),
        }
    }

    #[test]
    fn key_is_made_once_and_only_its_owner_may_read_it() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let place = Place::at(folder.path())?;
        let first = own_key(&place)?.public();
        assert_eq!(own_key(&place)?.public(), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path| Ok::<_, io::Error>(std::fs::metadata(path)?.permissions().mode());
            assert_eq!(mode(place.file(KEY_FILE))? & 0o777, 0o600);
            assert_eq!(mode(folder.path().to_owned())? & 0o777, 0o700);
        }
        place.write(KEY_FILE, b"damaged")?;
        assert!(own_key(&place).is_err());
        Ok(())
    }

    #[test]
    fn paired_extensions_are_remembered_once_each_and_forgotten() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let place = Place::at(folder.path())?;
        assert_eq!(all(&place)?, []);
        for byte in [1, 2, 1] {
            add(&place, pair(byte))?;
        }
        assert_eq!(all(&place)?, [pair(2), pair(1)]);
        assert_eq!(find(&place, ChannelPublicKey([2; 32]))?, Some(pair(2)));
        assert!(remove(&place, ChannelPublicKey([2; 32]))?);
        assert!(!remove(&place, ChannelPublicKey([2; 32]))?);
        assert_eq!(find(&place, ChannelPublicKey([2; 32]))?, None);
        assert_eq!(clear(&place)?, 1);
        assert_eq!(all(&place)?, []);
        for byte in 10..60 {
            add(&place, pair(byte))?;
        }
        assert_eq!(all(&place)?.len(), PAIRS_MAX);
        place.write(PAIRS_FILE, b"{")?;
        assert!(all(&place).is_err());
        Ok(())
    }
}
