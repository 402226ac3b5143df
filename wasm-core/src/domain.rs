//! The claim of a domain whose file names a key: that key signs it.
//!
//! ```text
//! mac       = HMAC-SHA-256(challenge key of the node, "pearvault domain v1" ‖ u32be(len) ‖ field …)
//! fields    = domain, account id(16), challenge(32), u64be(expires at)
//! signature = ECDSA(domain key, text)
//! hash      = SHA-256(domain key, compressed SEC1)
//! ```
//!
//! The text is six lines without an end of line behind the last, so that a key that lies elsewhere can sign
//! it with any tool:
//!
//! ```text
//! Pearvault domain claim v1
//! node: kp.a.example
//! domain: b.example
//! admin: ada@a.example
//! challenge: 64 hex digits
//! expires: 1795226516049
//! ```

use proto::{
    address::Address,
    api::domain::{DomainName, OneTimeCodeHex},
    bytes::Hex,
    ids::{AccountId, UnixMillis},
};
use subtle::ConstantTimeEq;

use crate::{
    challenge::{ForgedError, tag},
    hazmat::sha256,
    keys::{KeyError, KeyPair, PublicKey, Signature, SignatureError},
    secret::ChallengeKey,
};

/// What a node keeps of a one-time code. A plain hash is enough: codes are random, not chosen.
pub fn code_hash(code: &OneTimeCodeHex) -> [u8; 32] {
    sha256(&[b"Pearvault one-time code v1", &code.0.0])
}

/// What a domain's file says of its key, as `domainPubKeyHash`.
pub fn key_hash(key: &PublicKey) -> Hex<32> {
    Hex(sha256(&[key.as_bytes()]))
}

/// What a node gave one account to claim one domain with.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// The domain.
    pub domain: &'a DomainName,
    /// The account that asks.
    pub account: AccountId,
    /// 32 random bytes.
    pub challenge: Hex<32>,
    /// Good until.
    pub expires_at: UnixMillis,
}

impl Given<'_> {
    /// The node's mark on it.
    pub fn mac(&self, key: &ChallengeKey) -> Hex<32> {
        let fields: [&[u8]; 4] = [
            self.domain.as_str().as_bytes(),
            self.account.as_bytes(),
            &self.challenge.0,
            &self.expires_at.0.to_be_bytes(),
        ];
        Hex(tag(key, b"pearvault domain v1", &fields))
    }

    /// Checks that it is of this node. Whether it is still good and unspent is the caller's to check.
    ///
    /// # Errors
    /// [`ForgedError`].
    pub fn check(&self, key: &ChallengeKey, shown: &Hex<32>) -> Result<(), ForgedError> {
        if self.mac(key).0.ct_eq(&shown.0).into() {
            Ok(())
        } else {
            Err(ForgedError)
        }
    }

    /// What the domain's key signs. No line of it can hold an end of line.
    pub fn text(&self, node: &str, admin: &Address) -> String {
        let Self {
            domain,
            challenge,
            expires_at,
            ..
        } = self;
        format!(
            "Pearvault domain claim v1\nnode: {node}\ndomain: {domain}\nadmin: {admin}\n\
             challenge: {challenge}\nexpires: {}",
            expires_at.0
        )
    }

    /// Signs it.
    ///
    /// # Errors
    /// [`KeyError`], which a checked key never gives.
    pub fn sign(&self, node: &str, admin: &Address, pair: &KeyPair) -> Result<Hex<64>, KeyError> {
        Ok(Hex(pair.sign(self.text(node, admin).as_bytes())?.0))
    }

    /// Whether a key signed it.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub fn verify(
        &self,
        node: &str,
        admin: &Address,
        key: &PublicKey,
        signature: &Hex<64>,
    ) -> Result<(), SignatureError> {
        key.verify(self.text(node, admin).as_bytes(), &Signature(signature.0))
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
    fn claim_is_of_one_node_domain_account_and_time() -> Result<(), Box<dyn std::error::Error>> {
        let (domain, other) = ("b.example".parse()?, "c.example".parse()?);
        let (ada, eve): (Address, Address) = ("ada@a.example".parse()?, "eve@a.example".parse()?);
        let pair = KeyPair::make(&mut Stream::new(7))?;
        let given = Given {
            domain: &domain,
            account: AccountId::from_bytes([5; 16]),
            challenge: Hex([3; 32]),
            expires_at: GIVEN,
        };
        let mac = given.mac(&node(1));
        let signature = given.sign("a.example", &ada, &pair)?;
        assert_eq!(given.check(&node(1), &mac), Ok(()));
        assert!(given.check(&node(2), &mac).is_err());
        let verify = |given: &Given<'_>, node, admin| {
            let key = pair.public();
            given.verify(node, admin, key, &signature).is_ok()
        };
        assert!(verify(&given, "a.example", &ada));
        assert!(!verify(&given, "b.example", &ada));
        assert!(!verify(&given, "a.example", &eve));
        let changed = Given {
            account: AccountId::from_bytes([6; 16]),
            ..given
        };
        assert!(changed.check(&node(1), &mac).is_err());
        for changed in [
            Given {
                domain: &other,
                ..given
            },
            Given {
                challenge: Hex([4; 32]),
                ..given
            },
            Given {
                expires_at: GIVEN.plus(1),
                ..given
            },
        ] {
            assert!(changed.check(&node(1), &mac).is_err(), "{changed:?}");
            assert!(!verify(&changed, "a.example", &ada), "{changed:?}");
        }
        Ok(())
    }

    #[test]
    fn text_is_that_of_the_documents() -> Result<(), Box<dyn std::error::Error>> {
        let given = Given {
            domain: &"b.example".parse()?,
            account: AccountId::from_bytes([5; 16]),
            challenge: Hex([0xab; 32]),
            expires_at: GIVEN,
        };
        let expected = [
            "Pearvault domain claim v1".to_owned(),
            "node: kp.a.example".to_owned(),
            "domain: b.example".to_owned(),
            "admin: ada@a.example".to_owned(),
            format!("challenge: {}", "ab".repeat(32)),
            "expires: 1795226516049".to_owned(),
        ];
        let text = given.text("kp.a.example", &"ada@a.example".parse()?);
        assert_eq!(text, expected.join("\n"));
        Ok(())
    }
}
