//! KeyPears' own first salt: one password is the same key at every address.

use proto::vault::SecretText;

use crate::{
    hazmat::{hmac_sha256, sha256},
    kdf::{CLIENT_ITERATIONS, ClientKeys, Pbkdf2, Pbkdf2Job, derive_from},
};

/// First tier: `salt = HMAC-SHA-256(key = SHA-256("Keypears password salt v1"), password)`.
pub fn password_job(password: &SecretText) -> Pbkdf2Job {
    // EXPOSE: the password goes into the derivation, and only there.
    let password = password.expose_secret().as_bytes();
    let key = sha256(&[b"Keypears password salt v1"]);
    Pbkdf2Job::new(password, hmac_sha256(&key, &[password]), CLIENT_ITERATIONS)
}

/// Both keys of a KeyPears client.
///
/// # Errors
/// The engine's.
pub async fn derive_client_keys<P: Pbkdf2>(
    engine: &P,
    password: &SecretText,
) -> Result<ClientKeys, P::Error> {
    derive_from(engine, &password_job(password)).await
}
