//! Address keys, sealed together so that something else than the password opens them.

use proto::{api::account::SealedKeyPair, ids::KeyNumber};

use crate::{
    keys::KeyPair,
    random::Random,
    seal::{self, Context, OpenError, SealError, SealingKey},
    secret::AddressSecret,
};

/// One key pair in the plaintext: number and private half.
pub(crate) const PAIR_BYTES: usize = 4 + 32;

/// Key pairs as the password seals them, to bind others to: `( u32be(number) ‖ u32be(len) ‖ sealed private key )*`.
pub(crate) fn kept(keys: &[SealedKeyPair]) -> Vec<u8> {
    let mut kept = Vec::new();
    for SealedKeyPair {
        number,
        sealed_private_key,
        ..
    } in keys
    {
        let sealed = &sealed_private_key.0;
        // Cannot truncate: a node's answer is far smaller.
        let length = u32::try_from(sealed.len()).unwrap_or(u32::MAX);
        kept.extend_from_slice(&number.0.to_be_bytes());
        kept.extend_from_slice(&length.to_be_bytes());
        kept.extend_from_slice(sealed);
    }
    kept
}

/// Seals key pairs, in the order given.
///
/// # Errors
/// [`SealError`].
pub(crate) fn seal<'a>(
    key: &impl SealingKey,
    context: &Context<'_>,
    pairs: impl ExactSizeIterator<Item = (KeyNumber, &'a KeyPair)>,
    random: &mut dyn Random,
) -> Result<Vec<u8>, SealError> {
    let length = pairs.len() * PAIR_BYTES;
    let write = |out: &mut [u8]| {
        for (place, (number, pair)) in out.chunks_exact_mut(PAIR_BYTES).zip(pairs) {
            let (at_number, at_secret) = place.split_at_mut(4);
            at_number.copy_from_slice(&number.0.to_be_bytes());
            // EXPOSE: the private half goes into the envelope.
            at_secret.copy_from_slice(pair.secret().expose_secret());
        }
    };
    seal::seal_with(key, context, length, write, random)
}

/// Opens them.
///
/// # Errors
/// [`OpenError`], also for what is no list of key pairs, or an empty one.
pub(crate) fn open(
    key: &impl SealingKey,
    context: &Context<'_>,
    sealed: &[u8],
) -> Result<Vec<(KeyNumber, KeyPair)>, OpenError> {
    let opened = seal::open(key, context, sealed)?;
    let (pairs, rest) = opened.as_chunks::<PAIR_BYTES>();
    if pairs.is_empty() || !rest.is_empty() {
        return Err(OpenError);
    }
    let read = |pair: &[u8; PAIR_BYTES]| {
        let (number, secret) = pair.split_first_chunk::<4>().ok_or(OpenError)?;
        let secret = AddressSecret::copy_from(secret).ok_or(OpenError)?;
        let pair = KeyPair::from_secret(secret).map_err(|_| OpenError)?;
        Ok((KeyNumber(u32::from_be_bytes(*number)), pair))
    };
    pairs.iter().map(read).collect()
}
