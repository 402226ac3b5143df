//! Renewal of a session: who holds its token and the account's key goes on without the password.
//!
//! ```text
//! mac       = HMAC-SHA-256(challenge key of the node, "pearvault renewal v1" ‖ u32be(len) ‖ field …)
//! fields    = SHA-256(token), challenge(32), u64be(expires at)
//! signature = ECDSA(address key, "Pearvault session renewal v1" ‖ u16be(len(address)) ‖ address ‖ account id(16) ‖
//!             device id(16) ‖ SHA-256(token)(32) ‖ challenge(32) ‖ u64be(expires at))
//! ```
//!
//! The node keeps nothing of a challenge that it gave: the MAC says that it is its own, for this token.

use proto::{
    address::Address,
    api::{account::SessionTokenHex, session::RenewalChallenge},
    bytes::Hex,
    ids::{AccountId, DeviceId, UnixMillis},
};
use subtle::ConstantTimeEq;

use crate::{
    challenge::{ForgedError, tag},
    hazmat::sha256,
    keys::{KeyError, KeyPair, PublicKey, Signature, SignatureError},
    secret::ChallengeKey,
};

/// What a node knows a token by. A plain hash is enough: tokens are random, not chosen.
pub fn token_hash(token: &SessionTokenHex) -> [u8; 32] {
    sha256(&[&token.0.0])
}

/// What a session is known by after a change of the password, or once all others were signed out:
/// node and client make it alike, of the token before and 32 random bytes of the client's. So nobody
/// chooses a token that somebody else had.
///
/// ```text
/// token = SHA-256("Pearvault next session token v1" ‖ SHA-256(token before)(32) ‖ seed(32))
/// ```
pub fn next_token(before: &[u8; 32], seed: &Hex<32>) -> SessionTokenHex {
    let label = b"Pearvault next session token v1".as_slice();
    SessionTokenHex(Hex(sha256(&[label, before, &seed.0])))
}

/// Makes a challenge of 32 random bytes for whoever shows a token.
pub fn make_challenge(
    key: &ChallengeKey,
    token_hash: &[u8; 32],
    challenge: Hex<32>,
    expires_at: UnixMillis,
) -> RenewalChallenge {
    RenewalChallenge {
        challenge,
        expires_at,
        mac: mac(key, token_hash, &challenge, expires_at),
    }
}

/// Checks that a challenge is of this node and for this token. Whether it is still good and unspent
/// is the caller's to check.
///
/// # Errors
/// [`ForgedError`].
pub fn check_challenge(
    key: &ChallengeKey,
    token_hash: &[u8; 32],
    shown: &RenewalChallenge,
) -> Result<(), ForgedError> {
    let expected = mac(key, token_hash, &shown.challenge, shown.expires_at);
    if expected.0.ct_eq(&shown.mac.0).into() {
        Ok(())
    } else {
        Err(ForgedError)
    }
}

fn mac(
    key: &ChallengeKey,
    token_hash: &[u8; 32],
    challenge: &Hex<32>,
    expires_at: UnixMillis,
) -> Hex<32> {
    let fields: [&[u8]; 3] = [token_hash, &challenge.0, &expires_at.0.to_be_bytes()];
    Hex(tag(key, b"pearvault renewal v1", &fields))
}

/// What the account's key signs.
#[derive(Clone, Copy)]
pub struct Renewal<'a> {
    /// Whose: a name, and the domain of the node that keeps it.
    pub address: &'a Address,
    /// The account behind it.
    pub account: AccountId,
    /// The device whose session it is.
    pub device: DeviceId,
    /// [`token_hash`] of the session.
    pub token_hash: &'a [u8; 32],
    /// What the node gave.
    pub challenge: &'a RenewalChallenge,
}

impl Renewal<'_> {
    fn message(&self) -> Vec<u8> {
        let address = self.address.as_str().as_bytes();
        // Cannot truncate: an address has at most 64 + 1 + 253 bytes.
        let length = u16::try_from(address.len()).unwrap_or(u16::MAX);
        [
            b"Pearvault session renewal v1".as_slice(),
            &length.to_be_bytes(),
            address,
            self.account.as_bytes(),
            self.device.as_bytes(),
            self.token_hash,
            &self.challenge.challenge.0,
            &self.challenge.expires_at.0.to_be_bytes(),
        ]
        .concat()
    }

    /// Signs it.
    ///
    /// # Errors
    /// [`KeyError`], which a checked key never gives.
    pub fn sign(&self, pair: &KeyPair) -> Result<Hex<64>, KeyError> {
        Ok(Hex(pair.sign(&self.message())?.0))
    }

    /// Whether a key signed it.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub fn verify(&self, key: &PublicKey, signature: &Hex<64>) -> Result<(), SignatureError> {
        key.verify(&self.message(), &Signature(signature.0))
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::vectors::Stream;

    const GIVEN: UnixMillis = UnixMillis(1_795_226_516_049);

    fn node(byte: u8) -> ChallengeKey {
        ChallengeKey::init_with(|key| key.fill(byte))
    }

    #[test]
    fn challenge_is_of_one_node_one_token_and_one_time() {
        let made = make_challenge(&node(1), &[2; 32], Hex([3; 32]), GIVEN);
        assert_eq!(check_challenge(&node(1), &[2; 32], &made), Ok(()));
        assert!(check_challenge(&node(9), &[2; 32], &made).is_err());
        assert!(check_challenge(&node(1), &[9; 32], &made).is_err());
        for changed in [
            RenewalChallenge {
                challenge: Hex([9; 32]),
                ..made
            },
            RenewalChallenge {
                expires_at: GIVEN.plus(1),
                ..made
            },
            RenewalChallenge {
                mac: Hex([9; 32]),
                ..made
            },
        ] {
            assert!(check_challenge(&node(1), &[2; 32], &changed).is_err());
        }
    }

    #[test]
    fn signature_is_of_one_account_device_token_and_challenge()
    -> Result<(), Box<dyn std::error::Error>> {
        let pair = KeyPair::make(&mut Stream::new(7))?;
        let (ada, eve): (Address, Address) = ("ada@a.example".parse()?, "ada@b.example".parse()?);
        let made = make_challenge(&node(1), &[2; 32], Hex([3; 32]), GIVEN);
        let another = make_challenge(&node(1), &[2; 32], Hex([4; 32]), GIVEN);
        let later = make_challenge(&node(1), &[2; 32], Hex([3; 32]), GIVEN.plus(1));
        let renewal = Renewal {
            address: &ada,
            account: AccountId::from_bytes([5; 16]),
            device: DeviceId::from_bytes([6; 16]),
            token_hash: &[2; 32],
            challenge: &made,
        };
        let signature = renewal.sign(&pair)?;
        assert_eq!(renewal.verify(pair.public(), &signature), Ok(()));
        for changed in [
            Renewal {
                address: &eve,
                ..renewal
            },
            Renewal {
                account: AccountId::from_bytes([9; 16]),
                ..renewal
            },
            Renewal {
                device: DeviceId::from_bytes([9; 16]),
                ..renewal
            },
            Renewal {
                token_hash: &[9; 32],
                ..renewal
            },
            Renewal {
                challenge: &another,
                ..renewal
            },
            Renewal {
                challenge: &later,
                ..renewal
            },
        ] {
            assert_eq!(
                changed.verify(pair.public(), &signature),
                Err(SignatureError)
            );
        }
        let other = KeyPair::make(&mut Stream::new(8))?;
        assert_eq!(
            renewal.verify(other.public(), &signature),
            Err(SignatureError)
        );
        Ok(())
    }
}
