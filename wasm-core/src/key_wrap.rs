//! Address keys as the node stores them.

use proto::{
    address::Address,
    api::account::SealedKeyPair,
    bytes::{Base64, Hex},
    ids::KeyNumber,
};

use crate::{
    keys::KeyPair,
    random::Random,
    seal::{self, Context, ObjectKind, OpenError, SealError},
    secret::{AddressSecret, EncryptionKey},
};

/// Seals a key pair under the encryption key. The public half is the object's name, so that a
/// private half cannot be given another.
///
/// # Errors
/// [`SealError`].
pub fn seal_key_pair(
    key: &EncryptionKey,
    address: &Address,
    number: KeyNumber,
    pair: &KeyPair,
    random: &mut dyn Random,
) -> Result<SealedKeyPair, SealError> {
    let public = pair.public().as_bytes();
    // EXPOSE: the scalar goes into the envelope.
    let sealed = seal::seal(
        key,
        &context(address, number, public),
        pair.secret().expose_secret(),
        random,
    )?;
    Ok(SealedKeyPair {
        number,
        public_key: Hex(*public),
        sealed_private_key: Base64(sealed),
    })
}

/// Opens a key pair; with a wrong password this is what fails.
///
/// # Errors
/// [`OpenError`]: wrong key, or changed, or a public half that is not the private half's.
pub fn open_key_pair(
    key: &EncryptionKey,
    address: &Address,
    sealed: &SealedKeyPair,
) -> Result<KeyPair, OpenError> {
    let context = context(address, sealed.number, &sealed.public_key.0);
    let scalar = seal::open(key, &context, &sealed.sealed_private_key.0)?;
    let secret = AddressSecret::copy_from(&scalar).ok_or(OpenError)?;
    let pair = KeyPair::from_secret(secret).map_err(|_| OpenError)?;
    if pair.public().as_bytes() == &sealed.public_key.0 {
        Ok(pair)
    } else {
        Err(OpenError)
    }
}

fn context<'a>(account: &'a Address, key: KeyNumber, public: &'a [u8; 33]) -> Context<'a> {
    Context {
        account,
        kind: ObjectKind::PrivateKey,
        object: public,
        version: 0,
        key,
    }
}
