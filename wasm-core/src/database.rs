//! The key of a native host's database, sealed under the account's password.
//!
//! ```text
//! password_key = PBKDF2(password, salt of the file, 300 000)
//! lock_key     = PBKDF2(password_key, SHA-256("Pearvault database salt v1"), 300 000)
//! sealed       = envelope of kind 13 around the 32 bytes of the key; object: salt
//! ```
//!
//! For a system without a keyring. The password is tried at the price at which the account's own
//! keys let it be tried: who has the file learns nothing that the vault beside it does not tell.

use proto::{address::Address, ids::KeyNumber, vault::SecretText};

use crate::{
    hazmat::sha256,
    kdf::{CLIENT_ITERATIONS, Pbkdf2, Pbkdf2Job},
    random::Random,
    seal::{self, Context, ObjectKind, OpenError, SealError},
    secret::{DatabaseKey, DatabaseLockKey, PasswordKey},
};

/// Bytes of the salt, random each time that the key is sealed.
pub const DATABASE_SALT_BYTES: usize = 32;

/// The key that seals the database's.
///
/// # Errors
/// The engine's.
pub async fn derive_lock_key<P: Pbkdf2>(
    engine: &P,
    salt: &[u8; DATABASE_SALT_BYTES],
    password: &SecretText,
) -> Result<DatabaseLockKey, P::Error> {
    // EXPOSE: the password goes into the derivation, and only there.
    let password = password.expose_secret().as_bytes();
    let first = Pbkdf2Job::new(password, *salt, CLIENT_ITERATIONS);
    let password_key = PasswordKey::new(engine.derive(&first).await?);
    let salt = sha256(&[b"Pearvault database salt v1"]);
    // EXPOSE: the first tier's result goes into the second.
    let second = Pbkdf2Job::new(password_key.expose_secret(), salt, CLIENT_ITERATIONS);
    Ok(DatabaseLockKey::new(engine.derive(&second).await?))
}

/// Seals a database's key.
///
/// # Errors
/// [`SealError`].
pub fn seal_key(
    lock: &DatabaseLockKey,
    account: &Address,
    salt: &[u8; DATABASE_SALT_BYTES],
    key: &DatabaseKey,
    random: &mut dyn Random,
) -> Result<Vec<u8>, SealError> {
    // EXPOSE: the key goes into the envelope.
    seal::seal(lock, &context(account, salt), key.expose_secret(), random)
}

/// Opens it.
///
/// # Errors
/// [`OpenError`], whatever the reason: another password, account or salt, or changed bytes.
pub fn open_key(
    lock: &DatabaseLockKey,
    account: &Address,
    salt: &[u8; DATABASE_SALT_BYTES],
    sealed: &[u8],
) -> Result<DatabaseKey, OpenError> {
    let opened = seal::open(lock, &context(account, salt), sealed)?;
    DatabaseKey::copy_from(&opened).ok_or(OpenError)
}

fn context<'a>(account: &'a Address, salt: &'a [u8; DATABASE_SALT_BYTES]) -> Context<'a> {
    Context {
        account,
        kind: ObjectKind::DatabaseKey,
        object: salt,
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
    fn key_opens_under_its_own_password_key_account_and_salt_only()
    -> Result<(), Box<dyn std::error::Error>> {
        let (ada, eve): (Address, Address) =
            ("ada@example.com".parse()?, "eve@example.com".parse()?);
        let (salt, other) = ([1; DATABASE_SALT_BYTES], [2; DATABASE_SALT_BYTES]);
        let lock = DatabaseLockKey::init_with(|key| key.fill(7));
        let key = DatabaseKey::init_with(|key| key.fill(9));
        let sealed = seal_key(&lock, &ada, &salt, &key, &mut Stream::new(7))?;
        assert_eq!(sealed.len(), 32 + seal::OVERHEAD_BYTES);
        assert!(open_key(&lock, &ada, &salt, &sealed)?.ct_eq(&key));
        let another = DatabaseLockKey::init_with(|key| key.fill(8));
        assert!(open_key(&another, &ada, &salt, &sealed).is_err());
        assert!(open_key(&lock, &eve, &salt, &sealed).is_err());
        assert!(open_key(&lock, &ada, &other, &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open_key(&lock, &ada, &salt, &changed).is_err(), "byte {at}");
        }
        // What is sealed there and no key.
        let short = seal::seal(&lock, &context(&ada, &salt), &[9; 31], &mut Stream::new(8))?;
        assert!(open_key(&lock, &ada, &salt, &short).is_err());
        Ok(())
    }
}
