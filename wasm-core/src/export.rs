//! A vault that leaves as a file, under a password of its own.
//!
//! ```text
//! password_key = PBKDF2(password, salt of the file, 300 000)
//! export_key   = PBKDF2(password_key, SHA-256("Pearvault export salt v1"), 300 000)
//! part         = envelope of kind 10; object: salt(32) ‖ u32be(number from 0) ‖ u32be(parts in all)
//! ```
//!
//! A part that is missing, doubled, swapped or of another file does not open.

use proto::{address::Address, export::EXPORT_SALT_BYTES, ids::KeyNumber, vault::SecretText};
use zeroize::Zeroizing;

use crate::{
    hazmat::sha256,
    kdf::{CLIENT_ITERATIONS, Pbkdf2, Pbkdf2Job},
    random::Random,
    seal::{self, Context, ObjectKind, OpenError, SealError},
    secret::{ExportKey, PasswordKey},
};

/// Which part of which file.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// Whose vault it was.
    pub account: &'a Address,
    /// Salt of the file.
    pub salt: &'a [u8; EXPORT_SALT_BYTES],
    /// Which, from 0.
    pub number: u32,
    /// How many there are.
    pub parts: u32,
}

/// First tier: gives a [`PasswordKey`].
pub fn password_job(salt: &[u8; EXPORT_SALT_BYTES], password: &SecretText) -> Pbkdf2Job {
    // EXPOSE: the password goes into the derivation, and only there.
    Pbkdf2Job::new(
        password.expose_secret().as_bytes(),
        *salt,
        CLIENT_ITERATIONS,
    )
}

/// Second tier: gives an [`ExportKey`].
pub fn key_job(password_key: &PasswordKey) -> Pbkdf2Job {
    let salt = sha256(&[b"Pearvault export salt v1"]);
    // EXPOSE: the first tier's result goes into the second.
    Pbkdf2Job::new(password_key.expose_secret(), salt, CLIENT_ITERATIONS)
}

/// The key of a file.
///
/// # Errors
/// The engine's.
pub async fn derive_key<P: Pbkdf2>(
    engine: &P,
    salt: &[u8; EXPORT_SALT_BYTES],
    password: &SecretText,
) -> Result<ExportKey, P::Error> {
    let password_key = PasswordKey::new(engine.derive(&password_job(salt, password)).await?);
    Ok(ExportKey::new(
        engine.derive(&key_job(&password_key)).await?,
    ))
}

/// Seals a part.
///
/// # Errors
/// [`SealError`].
pub fn seal_part(
    key: &ExportKey,
    part: &Part<'_>,
    plaintext: &[u8],
    random: &mut dyn Random,
) -> Result<Vec<u8>, SealError> {
    seal::seal(key, &context(part, &object(part)), plaintext, random)
}

/// Opens a part.
///
/// # Errors
/// [`OpenError`], whatever the reason.
pub fn open_part(
    key: &ExportKey,
    part: &Part<'_>,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    seal::open(key, &context(part, &object(part)), sealed)
}

fn object(part: &Part<'_>) -> [u8; EXPORT_SALT_BYTES + 8] {
    let mut object = [0; EXPORT_SALT_BYTES + 8];
    object[..EXPORT_SALT_BYTES].copy_from_slice(part.salt);
    object[EXPORT_SALT_BYTES..][..4].copy_from_slice(&part.number.to_be_bytes());
    object[EXPORT_SALT_BYTES + 4..].copy_from_slice(&part.parts.to_be_bytes());
    object
}

fn context<'a>(part: &Part<'a>, object: &'a [u8]) -> Context<'a> {
    Context {
        account: part.account,
        kind: ObjectKind::ExportPart,
        object,
        version: 0,
        key: KeyNumber(0),
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::vectors::Stream;

    #[test]
    fn a_part_opens_in_its_own_place_only() -> Result<(), Box<dyn std::error::Error>> {
        let (ada, eve): (Address, Address) =
            ("ada@example.com".parse()?, "eve@example.com".parse()?);
        let key = ExportKey::init_with(|key| key.fill(7));
        let (salt, other) = ([1; EXPORT_SALT_BYTES], [2; EXPORT_SALT_BYTES]);
        let place = Part {
            account: &ada,
            salt: &salt,
            number: 1,
            parts: 3,
        };
        let sealed = seal_part(&key, &place, b"[]", &mut Stream::new(7))?;
        assert_eq!(open_part(&key, &place, &sealed)?.as_slice(), b"[]");
        for elsewhere in [
            Part { number: 2, ..place },
            Part { parts: 2, ..place },
            Part {
                salt: &other,
                ..place
            },
            Part {
                account: &eve,
                ..place
            },
        ] {
            assert!(
                open_part(&key, &elsewhere, &sealed).is_err(),
                "{elsewhere:?}"
            );
        }
        let another = ExportKey::init_with(|key| key.fill(8));
        assert!(open_part(&another, &place, &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open_part(&key, &place, &changed).is_err(), "byte {at}");
        }
        Ok(())
    }
}
