//! The envelope around everything that Pearvault seals for itself.
//!
//! ```text
//! version(1) = 1 ‖ nonce(12) ‖ AES-256-GCM ciphertext ‖ tag(16)
//! ```
//!
//! The associated data says what is inside and where it belongs ([`Context`]); whoever swaps two
//! things, two versions or two accounts gets a thing that does not open.

use proto::{address::Address, ids::KeyNumber};
use zeroize::Zeroizing;

use crate::{
    hazmat::{self, NONCE_BYTES, TAG_BYTES},
    random::{Random, RandomError, make_bytes},
    secret::{
        DatabaseLockKey, EncryptionKey, ExportKey, KeyringSecret, LocalKey, PinKey, RecoveryKey,
        VaultKey,
    },
};

/// First byte of every envelope.
pub const VERSION: u8 = 1;
/// Bytes that sealing adds: version, nonce, tag.
pub const OVERHEAD_BYTES: usize = 1 + NONCE_BYTES + TAG_BYTES;

/// First bytes of the associated data of every envelope.
const LABEL: &[u8] = b"pearvault";

/// What kind of thing is sealed. The numbers are part of the format and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum ObjectKind {
    /// Private half of an address key, under the encryption key.
    PrivateKey = 1,
    /// Half of an item that lists and search need.
    ItemOverview = 2,
    /// Half of an item that only the release gate opens.
    ItemSecrets = 3,
    /// Session token on the client's own device.
    SessionSecret = 4,
    /// What a user has typed and not saved.
    Draft = 5,
    /// Any other record that an engine keeps on its own device, named by the object id.
    LocalRecord = 6,
    /// The end of an item.
    Tombstone = 7,
    /// Part of an exported vault, under the key of its file.
    ExportPart = 10,
    /// What a user calls a device.
    DeviceName = 12,
    /// Private half of an address key, under the recovery key.
    RecoveryPrivateKey = 8,
    /// The recovery key, under the vault key.
    RecoveryKey = 9,
    /// Private halves of address keys, under the key of a PIN.
    PinKeyPairs = 11,
    /// The key of a native host's database, under the account's password.
    DatabaseKey = 13,
    /// Private halves of address keys, under a secret in the system's keyring.
    KeyringKeyPairs = 14,
}

/// What is sealed, and where it belongs: the associated data.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Whose it is.
    pub account: &'a Address,
    /// What it is.
    pub kind: ObjectKind,
    /// Which one: bytes that name it within its kind, at most 65 535.
    pub object: &'a [u8],
    /// Which version of it; 0 where it has none.
    pub version: u64,
    /// Address key that the sealing key comes from; 0 where it comes from none.
    pub key: KeyNumber,
}

/// A key that seals, and is one of ours.
pub trait SealingKey: private::Sealed {
    /// The key.
    #[doc(hidden)]
    fn bytes(&self) -> &[u8; 32];
}

/// Nothing was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// No random bytes for the nonce.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// Larger than the format allows.
    #[error("too large to be sealed")]
    TooLarge,
}

/// It does not open: changed, swapped, cut, of another version, or under another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this cannot be opened")]
pub struct OpenError;

/// Seals a plaintext.
///
/// # Errors
/// [`SealError`].
pub fn seal(
    key: &impl SealingKey,
    context: &Context<'_>,
    plaintext: &[u8],
    random: &mut dyn Random,
) -> Result<Vec<u8>, SealError> {
    seal_with(
        key,
        context,
        plaintext.len(),
        |buffer| buffer.copy_from_slice(plaintext),
        random,
    )
}

/// Seals `length` bytes that `write` puts in place, so that no copy of them remains.
pub(crate) fn seal_with(
    key: &impl SealingKey,
    context: &Context<'_>,
    length: usize,
    write: impl FnOnce(&mut [u8]),
    random: &mut dyn Random,
) -> Result<Vec<u8>, SealError> {
    let associated = context.encode().ok_or(SealError::TooLarge)?;
    let nonce = make_bytes::<NONCE_BYTES>(random)?;
    let mut sealed = Vec::with_capacity(length + OVERHEAD_BYTES);
    sealed.push(VERSION);
    sealed.extend_from_slice(&nonce);
    sealed.resize(1 + NONCE_BYTES + length, 0);
    let buffer = &mut sealed[1 + NONCE_BYTES..];
    write(buffer);
    let tag = hazmat::encrypt(key.bytes(), &nonce, &associated, buffer)
        .map_err(|_| SealError::TooLarge)?;
    sealed.extend_from_slice(&tag);
    Ok(sealed)
}

/// Opens an envelope.
///
/// # Errors
/// [`OpenError`], whatever the reason.
pub fn open(
    key: &impl SealingKey,
    context: &Context<'_>,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let associated = context.encode().ok_or(OpenError)?;
    let (&[VERSION], rest) = sealed.split_first_chunk::<1>().ok_or(OpenError)? else {
        return Err(OpenError);
    };
    let (nonce, rest) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(OpenError)?;
    hazmat::decrypt(key.bytes(), nonce, &associated, rest).map_err(|_| OpenError)
}

impl Context<'_> {
    /// `"pearvault" ‖ version(1) ‖ kind(1) ‖ u16be(len) ‖ account ‖ u16be(len) ‖ object ‖
    /// u64be(version) ‖ u32be(key)`; `None` where a length does not fit.
    fn encode(&self) -> Option<Vec<u8>> {
        let account = self.account.as_str().as_bytes();
        let mut out =
            Vec::with_capacity(LABEL.len() + 2 + 2 + account.len() + 2 + self.object.len() + 8 + 4);
        out.extend_from_slice(LABEL);
        out.extend_from_slice(&[VERSION, self.kind as u8]);
        for field in [account, self.object] {
            out.extend_from_slice(&u16::try_from(field.len()).ok()?.to_be_bytes());
            out.extend_from_slice(field);
        }
        out.extend_from_slice(&self.version.to_be_bytes());
        out.extend_from_slice(&self.key.0.to_be_bytes());
        Some(out)
    }
}

mod private {
    pub trait Sealed {}
}

macro_rules! sealing_keys {
    ($($name:ident),*) => {$(
        impl private::Sealed for $name {}
        impl SealingKey for $name {
            fn bytes(&self) -> &[u8; 32] {
                // EXPOSE: the key goes into the AEAD.
                self.expose_secret()
            }
        }
    )*};
}
sealing_keys!(
    DatabaseLockKey,
    EncryptionKey,
    ExportKey,
    KeyringSecret,
    LocalKey,
    PinKey,
    RecoveryKey,
    VaultKey
);

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::vectors::{Replay, Stream};

    #[test]
    fn sealing_without_random_bytes_is_refused() -> Result<(), proto::address::AddressError> {
        let account = "ada@example.com".parse()?;
        let context = Context {
            account: &account,
            kind: ObjectKind::Draft,
            object: b"x",
            version: 1,
            key: KeyNumber(1),
        };
        let key = LocalKey::init_with(|key| key.fill(1));
        let sealed = seal(&key, &context, b"x", &mut Replay(&[0; NONCE_BYTES - 1]));
        assert_eq!(sealed, Err(SealError::Random(RandomError)));
        Ok(())
    }

    #[test]
    fn object_that_has_no_length_is_refused() -> Result<(), proto::address::AddressError> {
        let account = "ada@example.com".parse()?;
        let object = vec![0; 65_536];
        let context = Context {
            account: &account,
            kind: ObjectKind::Draft,
            object: &object,
            version: 1,
            key: KeyNumber(1),
        };
        let key = LocalKey::init_with(|key| key.fill(1));
        assert_eq!(
            seal(&key, &context, b"x", &mut Stream::new(1)),
            Err(SealError::TooLarge)
        );
        assert_eq!(open(&key, &context, &[1; 64]), Err(OpenError));
        Ok(())
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #[test]
        fn what_is_sealed_opens_and_a_flipped_bit_does_not(
            plaintext: Vec<u8>, object: Vec<u8>, version: u64, number: u32, seed: u64,
            flip: proptest::sample::Index, bit in 0..8_u8,
        ) {
            let account = "ada@example.com".parse().map_err(|_| proptest::test_runner::TestCaseError::fail("address"))?;
            let context = Context {
                account: &account, kind: ObjectKind::LocalRecord, object: &object, version, key: KeyNumber(number),
            };
            let mut random = Stream::new(seed);
            let key = LocalKey::init_with(|key| key.copy_from_slice(&[seed.to_be_bytes(); 4].concat()));
            let mut sealed = seal(&key, &context, &plaintext, &mut random)
                .map_err(|e| proptest::test_runner::TestCaseError::fail(e.to_string()))?;
            proptest::prop_assert_eq!(sealed.len(), plaintext.len() + OVERHEAD_BYTES);
            proptest::prop_assert_eq!(open(&key, &context, &sealed).map(|opened| opened.to_vec()), Ok(plaintext));
            let newer = Context { version: version.wrapping_add(1), ..context };
            proptest::prop_assert_eq!(open(&key, &newer, &sealed), Err(OpenError));
            let at = flip.index(sealed.len());
            sealed[at] ^= 1 << bit;
            proptest::prop_assert_eq!(open(&key, &context, &sealed), Err(OpenError));
        }

        #[test]
        fn two_contexts_never_look_alike(
            one in ("[a-z]{1,8}", "[a-z]{0,8}", 0..3_u64), other in ("[a-z]{1,8}", "[a-z]{0,8}", 0..3_u64),
        ) {
            let encode = |(name, object, version): &(String, String, u64)| {
                let account: Address = format!("{name}@b.de").parse().ok()?;
                let context = Context {
                    account: &account, kind: ObjectKind::Draft, object: object.as_bytes(), version: *version,
                    key: KeyNumber(0),
                };
                context.encode()
            };
            proptest::prop_assert_eq!(encode(&one) == encode(&other), one == other);
        }

        #[test]
        fn bytes_that_were_never_sealed_do_not_open(bytes: Vec<u8>) {
            let account = "ada@example.com".parse().map_err(|_| proptest::test_runner::TestCaseError::fail("address"))?;
            let context = Context {
                account: &account, kind: ObjectKind::Draft, object: b"", version: 0, key: KeyNumber(0),
            };
            let key = LocalKey::init_with(|key| key.fill(7));
            proptest::prop_assert_eq!(open(&key, &context, &bytes), Err(OpenError));
        }
    }
}
