//! The keys of an account, sealed under a secret that the system's keyring keeps, until a time that the user chose.
//!
//! ```text
//! object = SHA-256("Pearvault keyring unlock v1" ‖ salt(32) ‖ u64be(since) ‖ u64be(until)
//!            ‖ ( u32be(number) ‖ u32be(len) ‖ sealed private key )*)
//! sealed = envelope of kind 14 around ( u32be(number) ‖ private key(32) )*, under the secret
//! ```
//!
//! The object takes in the time, and the key pairs as the password seals them: once the password is changed,
//! or somebody has written another time, the right secret opens nothing.
//!
//! # Security
//! The secret is 32 random bytes and not guessed. Whoever reads both the keyring and the record opens the
//! account, also after that time if they have kept copies.

use proto::{
    address::Address,
    api::account::SealedKeyPair,
    ids::{KeyNumber, UnixMillis},
};

use crate::{
    hazmat::sha256,
    keys::KeyPair,
    pairs,
    random::Random,
    seal::{Context, ObjectKind, OpenError, SealError},
    secret::KeyringSecret,
};

/// Bytes of the salt, random each time.
pub const KEYRING_SALT_BYTES: usize = 32;

/// From when to when it opens the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// When it was made.
    pub since: UnixMillis,
    /// When it is over.
    pub until: UnixMillis,
}

/// What belongs to one sealing.
#[derive(Debug, Clone, Copy)]
pub struct Bound<'a> {
    /// Whose keys.
    pub account: &'a Address,
    /// [`KEYRING_SALT_BYTES`] random bytes.
    pub salt: &'a [u8; KEYRING_SALT_BYTES],
    /// The time for which the user has said so.
    pub term: Term,
    /// The account's key pairs as this device keeps them for the password, in their order.
    pub keys: &'a [SealedKeyPair],
}

/// Seals key pairs, in the order given.
///
/// # Errors
/// [`SealError`].
pub fn seal_pairs<'a>(
    secret: &KeyringSecret,
    bound: &Bound<'_>,
    pairs: impl ExactSizeIterator<Item = (KeyNumber, &'a KeyPair)>,
    random: &mut dyn Random,
) -> Result<Vec<u8>, SealError> {
    let object = bound.object();
    pairs::seal(secret, &bound.context(&object), pairs, random)
}

/// Opens them.
///
/// # Errors
/// [`OpenError`], whatever the reason: another secret, account, salt, time or password.
pub fn open_pairs(
    secret: &KeyringSecret,
    bound: &Bound<'_>,
    sealed: &[u8],
) -> Result<Vec<(KeyNumber, KeyPair)>, OpenError> {
    let object = bound.object();
    pairs::open(secret, &bound.context(&object), sealed)
}

impl Bound<'_> {
    fn object(&self) -> [u8; 32] {
        let Term { since, until } = self.term;
        sha256(&[
            b"Pearvault keyring unlock v1",
            self.salt,
            &since.0.to_be_bytes(),
            &until.0.to_be_bytes(),
            &pairs::kept(self.keys),
        ])
    }

    fn context<'a>(&'a self, object: &'a [u8; 32]) -> Context<'a> {
        Context {
            account: self.account,
            kind: ObjectKind::KeyringKeyPairs,
            object,
            version: 0,
            key: KeyNumber(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use proto::bytes::{Base64, Hex};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::vectors::Stream;

    fn kept(sealed: u8) -> SealedKeyPair {
        SealedKeyPair {
            number: KeyNumber(1),
            public_key: Hex([2; 33]),
            sealed_private_key: Base64(vec![sealed; 61]),
        }
    }

    #[test]
    fn pairs_open_under_their_own_secret_account_salt_time_and_password_only()
    -> Result<(), Box<dyn std::error::Error>> {
        let (ada, eve): (Address, Address) =
            ("ada@example.com".parse()?, "eve@example.com".parse()?);
        let (keys, others) = ([kept(7)], [kept(8)]);
        let (salt, another_salt) = ([1; KEYRING_SALT_BYTES], [2; KEYRING_SALT_BYTES]);
        let term = Term {
            since: UnixMillis(1_000),
            until: UnixMillis(2_000),
        };
        let bound = Bound {
            account: &ada,
            salt: &salt,
            term,
            keys: &keys,
        };
        let secret = KeyringSecret::init_with(|secret| secret.fill(7));
        let mut random = Stream::new(7);
        let pair = KeyPair::make(&mut random)?;
        let pairs = [(KeyNumber(3), &pair)];
        let sealed = seal_pairs(&secret, &bound, pairs.into_iter(), &mut random)?;
        let opened = open_pairs(&secret, &bound, &sealed)?;
        assert_eq!(opened.len(), 1);
        assert_eq!(opened[0].0, KeyNumber(3));
        assert!(opened[0].1.secret().ct_eq(pair.secret()));

        let another = KeyringSecret::init_with(|secret| secret.fill(8));
        assert!(open_pairs(&another, &bound, &sealed).is_err());
        let (since, until) = (UnixMillis(1_001), UnixMillis(2_001));
        let wrong = [
            Bound {
                account: &eve,
                ..bound
            },
            Bound {
                salt: &another_salt,
                ..bound
            },
            Bound {
                term: Term { since, ..term },
                ..bound
            },
            Bound {
                term: Term { until, ..term },
                ..bound
            },
            Bound {
                keys: &others,
                ..bound
            },
            Bound { keys: &[], ..bound },
        ];
        for (i, wrong) in wrong.iter().enumerate() {
            assert!(open_pairs(&secret, wrong, &sealed).is_err(), "{i}");
        }
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open_pairs(&secret, &bound, &changed).is_err(), "byte {at}");
        }
        Ok(())
    }
}
