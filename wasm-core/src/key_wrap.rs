//! Address keys as the node stores them: sealed under the encryption key for the password, and
//! under the recovery key for the recovery words.

use proto::{
    address::Address,
    api::account::SealedKeyPair,
    bytes::{Base64, Hex},
    ids::KeyNumber,
};

use crate::{
    keys::KeyPair,
    random::Random,
    seal::{self, Context, ObjectKind, OpenError, SealError, SealingKey},
    secret::{AddressSecret, EncryptionKey, RecoveryKey},
};

/// A key that seals address keys, each kind under an object kind of its own: a node that hands out
/// the one in place of the other hands out something that does not open.
pub trait WrappingKey: SealingKey {
    /// What is sealed under it.
    #[doc(hidden)]
    const KIND: ObjectKind;
}

impl WrappingKey for EncryptionKey {
    const KIND: ObjectKind = ObjectKind::PrivateKey;
}

impl WrappingKey for RecoveryKey {
    const KIND: ObjectKind = ObjectKind::RecoveryPrivateKey;
}

/// Seals a key pair. The public half is the object's name, so that a private half cannot be given
/// another.
///
/// # Errors
/// [`SealError`].
pub fn seal_key_pair<K: WrappingKey>(
    key: &K,
    address: &Address,
    number: KeyNumber,
    pair: &KeyPair,
    random: &mut dyn Random,
) -> Result<SealedKeyPair, SealError> {
    let public = pair.public().as_bytes();
    // EXPOSE: the scalar goes into the envelope.
    let sealed = seal::seal(
        key,
        &context::<K>(address, number, public),
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
pub fn open_key_pair<K: WrappingKey>(
    key: &K,
    address: &Address,
    sealed: &SealedKeyPair,
) -> Result<KeyPair, OpenError> {
    let context = context::<K>(address, sealed.number, &sealed.public_key.0);
    let scalar = seal::open(key, &context, &sealed.sealed_private_key.0)?;
    let secret = AddressSecret::copy_from(&scalar).ok_or(OpenError)?;
    let pair = KeyPair::from_secret(secret).map_err(|_| OpenError)?;
    if pair.public().as_bytes() == &sealed.public_key.0 {
        Ok(pair)
    } else {
        Err(OpenError)
    }
}

fn context<'a, K: WrappingKey>(
    account: &'a Address,
    key: KeyNumber,
    public: &'a [u8; 33],
) -> Context<'a> {
    Context {
        account,
        kind: K::KIND,
        object: public,
        version: 0,
        key,
    }
}
