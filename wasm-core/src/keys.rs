//! Address keys: P-256 (FIPS 186-5, SP 800-56A).

use std::fmt;

use p256::{
    SecretKey,
    ecdsa::{
        self, SigningKey, VerifyingKey,
        signature::{Signer, Verifier},
    },
    elliptic_curve::sec1::ToSec1Point,
};

use crate::{
    random::{Random, RandomError, make_secret},
    secret::{AddressSecret, SharedX},
};

/// Bytes of a public key.
pub const PUBLIC_KEY_BYTES: usize = 33;
/// Bytes of a signature.
pub const SIGNATURE_BYTES: usize = 64;

/// A public key: compressed SEC1 (`02` or `03`, then x), on the curve.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey([u8; PUBLIC_KEY_BYTES]);

/// A signature: IEEE P1363, `r(32) ‖ s(32)`; `s` may be in the upper half.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; SIGNATURE_BYTES]);

/// A private key that has been checked, with its public half.
pub struct KeyPair {
    secret: AddressSecret,
    public: PublicKey,
}

/// Bytes that are no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Zero, or not below the order of the curve.
    #[error("the private key is out of range")]
    PrivateKeyOutOfRange,
    /// Not 33 bytes of compressed SEC1, or not on the curve.
    #[error("the public key is no point of P-256")]
    PublicKeyInvalid,
}

/// A signature is not this key's over this message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature is wrong")]
pub struct SignatureError;

impl KeyPair {
    /// A new key pair from random bytes; those out of range (one in 2³²) are thrown away.
    ///
    /// # Errors
    /// [`RandomError`], also for a source that gives sixteen times bytes out of range and so is
    /// none.
    pub fn make(random: &mut dyn Random) -> Result<Self, RandomError> {
        for _ in 0..16 {
            if let Ok(pair) = Self::from_secret(AddressSecret::new(make_secret(random)?)) {
                return Ok(pair);
            }
        }
        Err(RandomError)
    }

    /// Checks a private key and computes its public half.
    ///
    /// # Errors
    /// [`KeyError::PrivateKeyOutOfRange`].
    pub fn from_secret(secret: AddressSecret) -> Result<Self, KeyError> {
        let public = parse_scalar(&secret)?.public_key();
        let public = PublicKey::from_p256(&public)?;
        Ok(Self { secret, public })
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The private half, to seal it or to derive from it.
    pub fn secret(&self) -> &AddressSecret {
        &self.secret
    }

    /// Signs a message: ECDSA over SHA-256 with the nonce of RFC 6979.
    ///
    /// # Errors
    /// [`KeyError::PrivateKeyOutOfRange`], which a checked key never gives.
    pub fn sign(&self, message: &[u8]) -> Result<Signature, KeyError> {
        let key = SigningKey::from(parse_scalar(&self.secret)?);
        let signature: ecdsa::Signature = key
            .try_sign(message)
            .map_err(|_| KeyError::PrivateKeyOutOfRange)?;
        Ok(Signature(signature.to_bytes().into()))
    }

    /// X coordinate of the Diffie-Hellman result with another's key, big-endian.
    ///
    /// # Errors
    /// [`KeyError`], which checked keys never give.
    pub fn diffie_hellman(&self, theirs: &PublicKey) -> Result<SharedX, KeyError> {
        let shared = parse_scalar(&self.secret)?.diffie_hellman(&theirs.to_p256()?);
        Ok(SharedX::init_with(|bytes| {
            bytes.copy_from_slice(shared.raw_secret_bytes());
        }))
    }
}

impl PublicKey {
    /// Checks a public key.
    ///
    /// # Errors
    /// [`KeyError::PublicKeyInvalid`].
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes: [u8; PUBLIC_KEY_BYTES] =
            bytes.try_into().map_err(|_| KeyError::PublicKeyInvalid)?;
        if !matches!(bytes[0], 2 | 3) {
            return Err(KeyError::PublicKeyInvalid);
        }
        let key = Self(bytes);
        key.to_p256()?;
        Ok(key)
    }

    /// The 33 bytes.
    pub fn as_bytes(&self) -> &[u8; PUBLIC_KEY_BYTES] {
        &self.0
    }

    /// Checks a signature over a message; both halves of `s` are accepted.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), SignatureError> {
        let key = VerifyingKey::from_sec1_bytes(&self.0).map_err(|_| SignatureError)?;
        let signature = ecdsa::Signature::from_slice(&signature.0).map_err(|_| SignatureError)?;
        key.verify(message, &signature).map_err(|_| SignatureError)
    }

    fn from_p256(key: &p256::PublicKey) -> Result<Self, KeyError> {
        key.to_sec1_point(true)
            .as_bytes()
            .try_into()
            .map(Self)
            .map_err(|_| KeyError::PublicKeyInvalid)
    }

    fn to_p256(self) -> Result<p256::PublicKey, KeyError> {
        p256::PublicKey::from_sec1_bytes(&self.0).map_err(|_| KeyError::PublicKeyInvalid)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey")
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature")
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyPair")
    }
}

fn parse_scalar(secret: &AddressSecret) -> Result<SecretKey, KeyError> {
    // EXPOSE: the curve's arithmetic wants the scalar; its own type is wiped when dropped.
    SecretKey::from_slice(secret.expose_secret()).map_err(|_| KeyError::PrivateKeyOutOfRange)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::vectors::{Replay, Stream};

    #[test]
    fn random_bytes_out_of_range_are_thrown_away() -> Result<(), RandomError> {
        let mut bytes = [0xff; 64];
        bytes[32..].fill(0x11);
        let pair = KeyPair::make(&mut Replay(&bytes))?;
        // EXPOSE: to compare.
        assert_eq!(pair.secret().expose_secret(), &[0x11; 32]);
        Ok(())
    }

    #[test]
    fn source_that_gives_no_keys_is_given_up() {
        assert_eq!(
            KeyPair::make(&mut Replay(&[0; 1024])).map(drop),
            Err(RandomError)
        );
        assert_eq!(
            KeyPair::make(&mut Replay(&[1; 31])).map(drop),
            Err(RandomError)
        );
    }

    #[test]
    fn signature_with_the_upper_s_is_accepted() -> Result<(), Box<dyn std::error::Error>> {
        let pair = KeyPair::make(&mut Stream::new(3))?;
        let low = ecdsa::Signature::from_slice(&pair.sign(b"m")?.0)?;
        let high = ecdsa::Signature::from_scalars(low.r(), -low.s())?;
        assert_ne!(low, high);
        for signature in [low, high] {
            assert_eq!(
                pair.public()
                    .verify(b"m", &Signature(signature.to_bytes().into())),
                Ok(())
            );
        }
        Ok(())
    }

    #[test]
    fn nothing_is_printed_of_a_key() -> Result<(), RandomError> {
        let pair = KeyPair::make(&mut Stream::new(4))?;
        assert_eq!(
            format!("{pair:?} {:?} {:?}", pair.secret(), pair.public()),
            "KeyPair AddressSecret PublicKey"
        );
        Ok(())
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(32))]

        #[test]
        fn both_sides_agree_on_a_secret_and_on_signatures(seed: u64, message: Vec<u8>) {
            let fail = |_| proptest::test_runner::TestCaseError::fail("random");
            let mut random = Stream::new(seed);
            let (a, b) = (KeyPair::make(&mut random).map_err(fail)?, KeyPair::make(&mut random).map_err(fail)?);
            let (one, other) = (a.diffie_hellman(b.public()), b.diffie_hellman(a.public()));
            proptest::prop_assert!(one.is_ok_and(|one| other.is_ok_and(|other| one.ct_eq(&other))));
            let signature = a.sign(&message);
            proptest::prop_assert_eq!(signature.map(|s| a.public().verify(&message, &s)), Ok(Ok(())));
            proptest::prop_assert_eq!(signature.map(|s| b.public().verify(&message, &s)), Ok(Err(SignatureError)));
        }
    }
}
