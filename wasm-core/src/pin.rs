//! The keys of an unlocked account, sealed under a PIN for as long as the browser runs.
//!
//! ```text
//! salt_pin = SHA-256("Pearvault PIN salt v1" ‖ salt(32) ‖ ( u32be(number) ‖ u32be(len) ‖ sealed private key )*)
//! pin_key  = PBKDF2(PIN, salt_pin, 600 000)
//! sealed   = envelope of kind 11 around ( u32be(number) ‖ private key(32) )*; object: salt
//! ```
//!
//! The salt takes in the key pairs as the password seals them: they lie on the disk, `sealed` and
//! `salt` in the browser's memory. A copy of that memory alone tries no PIN, and once the password
//! is changed the right PIN opens nothing.
//!
//! # Security
//! Who has both can try every PIN, at the price of PBKDF2 each: four digits fall in minutes. That
//! tries are counted is the engine's affair, and helps only against who sits at the browser.

use proto::{address::Address, api::account::SealedKeyPair, ids::KeyNumber, vault::SecretText};

use crate::{
    hazmat::sha256,
    kdf::{Pbkdf2, Pbkdf2Job},
    keys::KeyPair,
    pairs,
    random::Random,
    seal::{Context, ObjectKind, OpenError, SealError},
    secret::PinKey,
};

/// Bytes of the salt, random for every PIN that is set.
pub const PIN_SALT_BYTES: usize = 32;
/// Iterations: what unlocking with the password costs. As OWASP has it for PBKDF2-HMAC-SHA-256.
pub const PIN_ITERATIONS: u32 = 600_000;

/// Gives a [`PinKey`]. `keys` are the account's key pairs as this device keeps them, in their
/// order.
pub fn job(salt: &[u8; PIN_SALT_BYTES], keys: &[SealedKeyPair], pin: &SecretText) -> Pbkdf2Job {
    let salt = sha256(&[b"Pearvault PIN salt v1", salt, &pairs::kept(keys)]);
    // EXPOSE: the PIN goes into the derivation, and only there.
    Pbkdf2Job::new(pin.expose_secret().as_bytes(), salt, PIN_ITERATIONS)
}

/// The key of a PIN.
///
/// # Errors
/// The engine's.
pub async fn derive_key<P: Pbkdf2>(
    engine: &P,
    salt: &[u8; PIN_SALT_BYTES],
    keys: &[SealedKeyPair],
    pin: &SecretText,
) -> Result<PinKey, P::Error> {
    Ok(PinKey::new(engine.derive(&job(salt, keys, pin)).await?))
}

/// Seals key pairs, in the order given.
///
/// # Errors
/// [`SealError`].
pub fn seal_pairs<'a>(
    key: &PinKey,
    account: &Address,
    salt: &[u8; PIN_SALT_BYTES],
    pairs: impl ExactSizeIterator<Item = (KeyNumber, &'a KeyPair)>,
    random: &mut dyn Random,
) -> Result<Vec<u8>, SealError> {
    pairs::seal(key, &context(account, salt), pairs, random)
}

/// Opens them.
///
/// # Errors
/// [`OpenError`], whatever the reason: another PIN, account, salt or password.
pub fn open_pairs(
    key: &PinKey,
    account: &Address,
    salt: &[u8; PIN_SALT_BYTES],
    sealed: &[u8],
) -> Result<Vec<(KeyNumber, KeyPair)>, OpenError> {
    pairs::open(key, &context(account, salt), sealed)
}

fn context<'a>(account: &'a Address, salt: &'a [u8; PIN_SALT_BYTES]) -> Context<'a> {
    Context {
        account,
        kind: ObjectKind::PinKeyPairs,
        object: salt,
        version: 0,
        key: KeyNumber(0),
    }
}

#[cfg(test)]
mod tests {
    use proto::bytes::{Base64, Hex};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::{pairs::PAIR_BYTES, seal, vectors::Stream};

    type Outcome = Result<(), Box<dyn std::error::Error>>;

    const SALT: [u8; PIN_SALT_BYTES] = [1; PIN_SALT_BYTES];

    fn kept(number: u32, sealed: &[u8]) -> SealedKeyPair {
        SealedKeyPair {
            number: KeyNumber(number),
            public_key: Hex([2; 33]),
            sealed_private_key: Base64(sealed.to_vec()),
        }
    }

    #[test]
    fn salt_binds_the_keys_as_the_password_seals_them() {
        let pin = SecretText::new("7305");
        let salt = |salt: &[u8; 32], keys: &[SealedKeyPair]| *job(salt, keys, &pin).salt();
        let ours = [kept(1, &[7; 61]), kept(2, &[8; 61])];
        let salts = [
            salt(&SALT, &ours),
            salt(&[2; 32], &ours),
            salt(&SALT, &ours[..1]),
            salt(&SALT, &[ours[1].clone(), ours[0].clone()]),
            salt(&SALT, &[kept(1, &[7; 61]), kept(2, &[9; 61])]),
            // The border between two keys is part of it.
            salt(&SALT, &[kept(1, &[7; 60]), kept(2, &[8; 62])]),
            salt(&SALT, &[]),
        ];
        for (i, one) in salts.iter().enumerate() {
            assert!(salts[..i].iter().all(|other| other != one), "{i}");
        }
        assert_eq!(salt(&SALT, &ours), salts[0]);
        assert_eq!(job(&SALT, &ours, &pin).iterations(), PIN_ITERATIONS);
    }

    #[test]
    fn pairs_open_under_their_own_key_account_and_salt_only() -> Outcome {
        let (ada, eve): (Address, Address) =
            ("ada@example.com".parse()?, "eve@example.com".parse()?);
        let key = PinKey::init_with(|key| key.fill(7));
        let mut random = Stream::new(7);
        let (one, two) = (KeyPair::make(&mut random)?, KeyPair::make(&mut random)?);
        let pairs = [(KeyNumber(1), &one), (KeyNumber(3), &two)];
        let sealed = seal_pairs(&key, &ada, &SALT, pairs.into_iter(), &mut random)?;
        assert_eq!(sealed.len(), 2 * PAIR_BYTES + seal::OVERHEAD_BYTES);
        let opened = open_pairs(&key, &ada, &SALT, &sealed)?;
        assert_eq!(opened.len(), 2);
        for ((number, pair), (opened_number, opened)) in pairs.iter().zip(&opened) {
            assert_eq!(number, opened_number);
            assert!(pair.secret().ct_eq(opened.secret()));
        }
        let another = PinKey::init_with(|key| key.fill(8));
        assert!(open_pairs(&another, &ada, &SALT, &sealed).is_err());
        assert!(open_pairs(&key, &eve, &SALT, &sealed).is_err());
        assert!(open_pairs(&key, &ada, &[2; 32], &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(
                open_pairs(&key, &ada, &SALT, &changed).is_err(),
                "byte {at}"
            );
        }
        Ok(())
    }

    #[test]
    fn what_is_no_list_of_key_pairs_is_refused() -> Outcome {
        let ada = "ada@example.com".parse()?;
        let key = PinKey::init_with(|key| key.fill(7));
        let mut random = Stream::new(8);
        // Nothing, a pair that is cut, and a scalar of zero.
        for plaintext in [vec![], vec![1; PAIR_BYTES + 1], vec![0; PAIR_BYTES]] {
            let sealed = seal::seal(&key, &context(&ada, &SALT), &plaintext, &mut random)?;
            assert!(open_pairs(&key, &ada, &SALT, &sealed).is_err());
        }
        Ok(())
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #[test]
        fn any_number_of_pairs_comes_back(count in 1..8_u32, seed: u64) {
            let account = "ada@example.com".parse().map_err(|_| proptest::test_runner::TestCaseError::fail("address"))?;
            let mut random = Stream::new(seed);
            let failed = |_| proptest::test_runner::TestCaseError::fail("random");
            let mut made = Vec::new();
            for number in 0..count {
                made.push((KeyNumber(number), KeyPair::make(&mut random).map_err(failed)?));
            }
            let key = PinKey::init_with(|key| key.copy_from_slice(&[seed.to_be_bytes(); 4].concat()));
            let pairs: Vec<_> = made.iter().map(|(number, pair)| (*number, pair)).collect();
            let sealed = seal_pairs(&key, &account, &SALT, pairs.into_iter(), &mut random)
                .map_err(|e| proptest::test_runner::TestCaseError::fail(e.to_string()))?;
            let opened = open_pairs(&key, &account, &SALT, &sealed)
                .map_err(|e| proptest::test_runner::TestCaseError::fail(e.to_string()))?;
            proptest::prop_assert_eq!(opened.len(), made.len());
            for ((number, pair), (opened_number, opened)) in made.iter().zip(&opened) {
                proptest::prop_assert_eq!(number, opened_number);
                proptest::prop_assert!(pair.secret().ct_eq(opened.secret()));
            }
        }
    }
}
