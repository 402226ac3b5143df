//! The primitives, each in one place and with one signature. Nothing outside this crate calls
//! them: a purpose, a format or a protocol stands between.

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{AeadInOut, array::Array},
};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256, Sha512};
use zeroize::Zeroizing;

/// Bytes of an AES-256-GCM nonce.
pub(crate) const NONCE_BYTES: usize = 12;
/// Bytes of an AES-256-GCM tag.
pub(crate) const TAG_BYTES: usize = 16;

/// The primitive refused: wrong tag, or a length that no caller here can reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused;

/// SHA-512 of parts, one after the other (FIPS 180-4).
pub(crate) fn sha512(parts: &[&[u8]]) -> [u8; 64] {
    let mut hash = Sha512::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// SHA-256 (FIPS 180-4) of the parts, one behind the other.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// HMAC-SHA-256 (RFC 2104) of the parts, one behind the other.
pub(crate) fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = keyed(key);
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The same where the result is a key: written in place, and no copy of it remains.
pub(crate) fn hmac_sha256_key(key: &[u8], message: &[u8], out: &mut [u8; 32]) {
    out.copy_from_slice(&*Zeroizing::new(hmac_sha256(key, &[message])));
}

/// SHA-256 where the result is a key.
pub(crate) fn sha256_key(message: &[u8], out: &mut [u8; 32]) {
    out.copy_from_slice(&*Zeroizing::new(sha256(&[message])));
}

/// HKDF-SHA-256 (RFC 5869) without salt, 32 bytes long.
pub(crate) fn hkdf_sha256(secret: &[u8], info: &[&[u8]], out: &mut [u8; 32]) {
    let hkdf = hkdf::Hkdf::<Sha256>::new(None, secret);
    if hkdf.expand_multi_info(info, out).is_err() {
        // Cannot fail: 32 bytes are one block, and the limit is 255 blocks. A key of zeros must
        // still never come out of here.
        unreachable!("HKDF-SHA-256 gives up to 8160 bytes");
    }
}

/// AES-256-GCM (SP 800-38D) of `buffer`, in place; returns the tag.
pub(crate) fn encrypt(
    key: &[u8; 32],
    nonce: &[u8; NONCE_BYTES],
    associated: &[u8],
    buffer: &mut [u8],
) -> Result<[u8; TAG_BYTES], Refused> {
    Aes256Gcm::new(key.into())
        .encrypt_inout_detached(&Array(*nonce), associated, buffer.into())
        .map(Into::into)
        .map_err(|_| Refused)
}

/// Undoes [`encrypt`]: the plaintext of `sealed = ciphertext ‖ tag`.
pub(crate) fn decrypt(
    key: &[u8; 32],
    nonce: &[u8; NONCE_BYTES],
    associated: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Refused> {
    let (ciphertext, tag) = sealed.split_last_chunk::<TAG_BYTES>().ok_or(Refused)?;
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    Aes256Gcm::new(key.into())
        .decrypt_inout_detached(
            &Array(*nonce),
            associated,
            buffer.as_mut_slice().into(),
            &Array(*tag),
        )
        .map_err(|_| Refused)?;
    Ok(buffer)
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mac) => mac,
        // Cannot fail: HMAC takes keys of any length.
        Err(_) => unreachable!("HMAC takes keys of any length"),
    }
}
