//! What KeyPears v1 seals: `nonce(12) ‖ AES-256-GCM ciphertext ‖ tag(16)`, no associated data.

use zeroize::Zeroizing;

use crate::{
    hazmat::{self, NONCE_BYTES, hmac_sha256_key, sha256_key},
    keys::{KeyError, KeyPair, PublicKey},
    random::{Random, make_bytes},
    seal::{OpenError, SealError},
    secret::{AddressSecret, EncryptionKey, Kp1MessageKey, Kp1VaultKey},
};

/// `SHA-256(x of ECDH(ours, theirs))`: the same for both sides and for every message.
///
/// # Errors
/// [`KeyError`], which checked keys never give.
pub fn message_key(ours: &KeyPair, theirs: &PublicKey) -> Result<Kp1MessageKey, KeyError> {
    let shared = ours.diffie_hellman(theirs)?;
    // EXPOSE: the shared point goes into the derivation.
    Ok(Kp1MessageKey::init_with(|key| {
        sha256_key(shared.expose_secret(), key);
    }))
}

/// `HMAC-SHA-256(key = private key, "vault-key")`.
pub fn vault_key(pair: &KeyPair) -> Kp1VaultKey {
    // EXPOSE: the scalar goes into the derivation.
    Kp1VaultKey::init_with(|key| hmac_sha256_key(pair.secret().expose_secret(), b"vault-key", key))
}

/// Seals the JSON of a message.
///
/// # Errors
/// [`SealError`].
pub fn seal_message(
    key: &Kp1MessageKey,
    json: &[u8],
    random: &mut dyn Random,
) -> Result<Vec<u8>, SealError> {
    // EXPOSE: the key goes into the AEAD.
    seal(key.expose_secret(), json, random)
}

/// Opens a message.
///
/// # Errors
/// [`OpenError`].
pub fn open_message(key: &Kp1MessageKey, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    // EXPOSE: the key goes into the AEAD.
    open(key.expose_secret(), sealed)
}

/// Seals the JSON of a vault entry.
///
/// # Errors
/// [`SealError`].
pub fn seal_vault_entry(
    key: &Kp1VaultKey,
    json: &[u8],
    random: &mut dyn Random,
) -> Result<Vec<u8>, SealError> {
    // EXPOSE: the key goes into the AEAD.
    seal(key.expose_secret(), json, random)
}

/// Opens a vault entry.
///
/// # Errors
/// [`OpenError`].
pub fn open_vault_entry(key: &Kp1VaultKey, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    // EXPOSE: the key goes into the AEAD.
    open(key.expose_secret(), sealed)
}

/// Seals a private key: 60 bytes.
///
/// # Errors
/// [`SealError`].
pub fn seal_private_key(
    key: &EncryptionKey,
    pair: &KeyPair,
    random: &mut dyn Random,
) -> Result<Vec<u8>, SealError> {
    // EXPOSE: the scalar goes into the AEAD, under the key.
    seal(key.expose_secret(), pair.secret().expose_secret(), random)
}

/// Opens a private key.
///
/// # Errors
/// [`OpenError`], also for a scalar out of range.
pub fn open_private_key(key: &EncryptionKey, sealed: &[u8]) -> Result<KeyPair, OpenError> {
    // EXPOSE: the key goes into the AEAD.
    let scalar = open(key.expose_secret(), sealed)?;
    let secret = AddressSecret::copy_from(&scalar).ok_or(OpenError)?;
    KeyPair::from_secret(secret).map_err(|_| OpenError)
}

fn seal(key: &[u8; 32], plaintext: &[u8], random: &mut dyn Random) -> Result<Vec<u8>, SealError> {
    let nonce = make_bytes::<NONCE_BYTES>(random)?;
    let mut sealed = [&nonce, plaintext].concat();
    let tag = hazmat::encrypt(key, &nonce, &[], &mut sealed[NONCE_BYTES..])
        .map_err(|_| SealError::TooLarge)?;
    sealed.extend_from_slice(&tag);
    Ok(sealed)
}

fn open(key: &[u8; 32], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let (nonce, rest) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(OpenError)?;
    hazmat::decrypt(key, nonce, &[], rest).map_err(|_| OpenError)
}
