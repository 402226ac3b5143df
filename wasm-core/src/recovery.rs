//! Recovery words: 32 random bytes as 24 words of BIP-39, and the two keys that come from them.
//!
//! ```text
//! recovery key       = HKDF-SHA-256(secret, info = "Pearvault recovery v1" ‖ u16be(len) ‖ account ‖ "encryption")
//! recovery login key = HKDF-SHA-256(secret, info = "Pearvault recovery v1" ‖ u16be(len) ‖ account ‖ "login")
//! stored hash        = SHA-256(recovery login key)                                            on the node
//! ```
//!
//! 256 random bits need no stretching: nobody tries them all, whatever one try costs.

use std::fmt;

use bip39::{Language, Mnemonic};
use proto::{
    address::Address,
    api::recovery::{RecoveryLoginKeyHex, SealedRecoveryKey},
    bytes::{Base64, Hex},
    limits::RECOVERY_WORDS,
    vault::SecretText,
};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{
    hazmat::{hkdf_sha256, sha256},
    random::{Random, RandomError, make_secret},
    seal::{self, Context, ObjectKind, OpenError, SealError},
    secret::{RecoveryKey, RecoveryLoginKey, RecoverySecret},
    vault::Vault,
};

/// What recovery words become, at one address.
#[derive(Debug)]
pub struct RecoveryKeys {
    /// Seals address keys.
    pub encryption: RecoveryKey,
    /// Proves the words to the node.
    pub login: RecoveryLoginKey,
}

/// What the node keeps of a recovery login key: 32 bytes, compared in constant time.
#[derive(Clone, Copy)]
pub struct RecoveryHash([u8; 32]);

/// A text that is no recovery words. Places count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WordsError {
    /// Each is a word of the list; together they are none: one is wrong, or two are swapped.
    #[error("the words do not belong together")]
    Checksum,
    /// Not 24 words.
    #[error("{actual} words instead of 24")]
    Count {
        /// How many there are.
        actual: usize,
    },
    /// A word is not in the list.
    #[error("word {place} is none")]
    Unknown {
        /// Which.
        place: usize,
    },
}

impl RecoverySecret {
    /// A new secret.
    ///
    /// # Errors
    /// [`RandomError`].
    pub fn make(random: &mut dyn Random) -> Result<Self, RandomError> {
        make_secret(random).map(Self::new)
    }

    /// Reads 24 words (BIP-39, English), in any case and with anything between them that is no
    /// letter: blanks, line ends, the numbers of a sheet.
    ///
    /// # Errors
    /// [`WordsError`]; the first word that is none, where there are more.
    pub fn parse_words(text: &SecretText) -> Result<Self, WordsError> {
        // EXPOSE: the words are read.
        let text = Zeroizing::new(text.expose_secret().to_lowercase());
        let words = || {
            let parts = text.split(|c: char| !c.is_alphabetic());
            parts.filter(|part| !part.is_empty())
        };
        let known = |word: &str| Language::English.find_word(word).is_some();
        if let Some(at) = words().position(|word| !known(word)) {
            return Err(WordsError::Unknown { place: at + 1 });
        }
        let actual = words().count();
        if actual != RECOVERY_WORDS {
            return Err(WordsError::Count { actual });
        }
        // Room for the longest words, so that the text never moves and leaves a copy.
        let mut joined = Zeroizing::new(String::with_capacity(text.len() + RECOVERY_WORDS));
        for word in words() {
            joined.push_str(word);
            joined.push(' ');
        }
        let mnemonic = Mnemonic::parse_in_normalized(Language::English, joined.trim_end())
            .map_err(|_| WordsError::Checksum)?;
        let (entropy, length) = mnemonic.to_entropy_array();
        let entropy = Zeroizing::new(entropy);
        Self::copy_from(&entropy[..length]).ok_or(WordsError::Checksum)
    }

    /// The 24 words (BIP-39, English, lower case).
    pub fn words(&self) -> Vec<SecretText> {
        // EXPOSE: the words are written out for the user.
        let mnemonic = Mnemonic::from_entropy_in(Language::English, self.expose_secret());
        // Cannot fail: 32 bytes are one of the lengths of BIP-39.
        let words = mnemonic.iter().flat_map(Mnemonic::words);
        words.map(SecretText::new).collect()
    }

    /// The keys at an address.
    pub fn derive(&self, account: &Address) -> RecoveryKeys {
        let derive = |purpose: &[u8], out: &mut [u8; 32]| {
            let account = account.as_str().as_bytes();
            // Cannot truncate: an address has at most 64 + 1 + 253 bytes.
            let length = u16::try_from(account.len())
                .unwrap_or(u16::MAX)
                .to_be_bytes();
            // EXPOSE: the secret goes into the derivation.
            hkdf_sha256(
                self.expose_secret(),
                &[b"Pearvault recovery v1", &length, account, purpose],
                out,
            );
        };
        RecoveryKeys {
            encryption: RecoveryKey::init_with(|out| derive(b"encryption", out)),
            login: RecoveryLoginKey::init_with(|out| derive(b"login", out)),
        }
    }
}

impl RecoveryLoginKey {
    /// The key of a request.
    pub fn from_wire(wire: &RecoveryLoginKeyHex) -> Self {
        Self::init_with(|bytes| *bytes = wire.0.0)
    }

    /// The key for a request.
    pub fn to_wire(&self) -> RecoveryLoginKeyHex {
        // EXPOSE: it proves the words to the node.
        RecoveryLoginKeyHex(Hex(*self.expose_secret()))
    }
}

impl RecoveryHash {
    /// What is stored of a key.
    pub fn of(key: &RecoveryLoginKey) -> Self {
        // EXPOSE: the key goes into the hash.
        Self(sha256(&[key.expose_secret()]))
    }

    /// Reads what was stored.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// What to store.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether both are the same, in constant time.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for RecoveryHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryHash")
    }
}

/// Seals the recovery key under the vault key, so that an unlocked device can seal keys for the
/// words that came later. The hash names the words that it is of, `number` counts them (from 1).
///
/// # Errors
/// [`SealError`].
pub fn seal_recovery_key(
    vault: &Vault,
    keys: &RecoveryKeys,
    number: u64,
    random: &mut dyn Random,
) -> Result<SealedRecoveryKey, SealError> {
    let login_hash = *RecoveryHash::of(&keys.login).as_bytes();
    // EXPOSE: the key goes into the envelope.
    let sealed = seal::seal(
        vault.key(),
        &context(vault, &login_hash, number),
        keys.encryption.expose_secret(),
        random,
    )?;
    Ok(SealedRecoveryKey {
        login_hash: Hex(login_hash),
        number,
        key_number: vault.key_number(),
        sealed: Base64(sealed),
    })
}

/// Opens it.
///
/// # Errors
/// [`OpenError`]: whoever sealed it did not have the vault key, or it is of other words, or of another
/// number.
pub fn open_recovery_key(
    vault: &Vault,
    sealed: &SealedRecoveryKey,
) -> Result<RecoveryKey, OpenError> {
    if sealed.key_number != vault.key_number() {
        return Err(OpenError);
    }
    let context = context(vault, &sealed.login_hash.0, sealed.number);
    let opened = seal::open(vault.key(), &context, &sealed.sealed.0)?;
    RecoveryKey::copy_from(&opened).ok_or(OpenError)
}

fn context<'a>(vault: &'a Vault, login_hash: &'a [u8; 32], number: u64) -> Context<'a> {
    Context {
        account: vault.account(),
        kind: ObjectKind::RecoveryKey,
        object: login_hash,
        version: number,
        key: vault.key_number(),
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::vectors::Stream;

    fn text(secret: &RecoverySecret, between: &str) -> String {
        let words = secret.words();
        // EXPOSE: a test reads its own words.
        let words: Vec<&str> = words.iter().map(SecretText::expose_secret).collect();
        words.join(between)
    }

    #[test]
    fn words_come_back_however_they_are_written() -> Result<(), Box<dyn std::error::Error>> {
        let secret = RecoverySecret::make(&mut Stream::new(1))?;
        assert_eq!(secret.words().len(), RECOVERY_WORDS);
        let sheet = format!("1. {}", text(&secret, "\r\n7) ").to_uppercase());
        for written in [
            text(&secret, " "),
            text(&secret, "\n"),
            format!("  {}\t", text(&secret, ",  ")),
            sheet,
        ] {
            let read = RecoverySecret::parse_words(&SecretText::new(written))?;
            assert!(read.ct_eq(&secret));
        }
        Ok(())
    }

    #[test]
    fn words_that_are_none_are_told_apart() -> Result<(), RandomError> {
        let secret = RecoverySecret::make(&mut Stream::new(2))?;
        let all = text(&secret, " ");
        let words: Vec<&str> = all.split(' ').collect();
        let read = |words: &[&str]| {
            let text = SecretText::new(words.join(" "));
            RecoverySecret::parse_words(&text).map(drop).err()
        };
        assert_eq!(read(&words[1..]), Some(WordsError::Count { actual: 23 }));
        assert_eq!(read(&[]), Some(WordsError::Count { actual: 0 }));
        let mut unknown = words.clone();
        unknown[6] = "pearvault";
        assert_eq!(read(&unknown), Some(WordsError::Unknown { place: 7 }));
        assert_eq!(
            read(&["abandon"; RECOVERY_WORDS]),
            Some(WordsError::Checksum)
        );
        Ok(())
    }

    #[test]
    fn keys_differ_by_purpose_and_address() -> Result<(), Box<dyn std::error::Error>> {
        let secret = RecoverySecret::make(&mut Stream::new(3))?;
        let keys = secret.derive(&"ada@example.com".parse()?);
        let other = secret.derive(&"ada@example.org".parse()?);
        // EXPOSE: a test compares.
        assert_ne!(
            keys.encryption.expose_secret(),
            keys.login.expose_secret(),
            "the node must not have the key"
        );
        assert!(!keys.encryption.ct_eq(&other.encryption));
        assert!(!RecoveryHash::of(&keys.login).matches(&RecoveryHash::of(&other.login)));
        assert!(RecoveryHash::of(&keys.login).matches(&RecoveryHash::of(&keys.login)));
        Ok(())
    }
}
