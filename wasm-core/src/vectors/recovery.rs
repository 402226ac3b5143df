//! The lists of `wasm-core/vectors/recovery.json`.
//!
//! | accepted | refused |
//! | --- | --- |
//! | `recovery_words` | `no_recovery_words` |
//! | `recovery_pairs` | `unopenable_recovery_pairs` |
//! | `recovery_keys` | `unopenable_recovery_keys` |

use pow::vectors::{Entry, Fault, refused};
use proto::{
    address::Address,
    api::{account::SealedKeyPair, recovery::SealedRecoveryKey},
    bytes::{Base64, Hex},
    vault::SecretText,
};

use super::{
    kp1::{key_pair, refusal, secret},
    ours::{nonce, read},
};
use crate::{
    key_wrap::{open_key_pair, seal_key_pair},
    recovery::{RecoveryHash, RecoveryKeys, open_recovery_key, seal_recovery_key},
    secret::{RecoveryKey, RecoveryLoginKey, RecoverySecret},
    vault::Vault,
};

pub(super) fn check(list: &str, entry: Entry<'_>) -> Option<Result<(), Fault>> {
    Some(match list {
        "recovery_words" => check_words(entry),
        "no_recovery_words" => parse(entry).and_then(|read| refused(read.is_err())),
        "recovery_pairs" => check_pair(entry),
        "unopenable_recovery_pairs" => pair(entry).and_then(|(key, account, pair)| {
            refused(open_key_pair(&key, &account, &pair).is_err())
        }),
        "recovery_keys" => check_key(entry),
        "unopenable_recovery_keys" => {
            key(entry).and_then(|(vault, key)| refused(open_recovery_key(&vault, &key).is_err()))
        }
        _ => return None,
    })
}

fn parse(entry: Entry<'_>) -> Result<Result<RecoverySecret, Fault>, Fault> {
    let words = SecretText::new(entry.text("words")?);
    Ok(RecoverySecret::parse_words(&words).map_err(refusal))
}

fn check_words(entry: Entry<'_>) -> Result<(), Fault> {
    let read = parse(entry)??;
    // EXPOSE: vectors are compared.
    entry.expect_bytes("secret", read.expose_secret())?;
    let again = RecoverySecret::new(secret(entry, "secret")?).words();
    let again: Vec<&str> = again.iter().map(SecretText::expose_secret).collect();
    if again.join(" ") != entry.text("words")? {
        return Err(Fault::Refused("other words came out".to_owned()));
    }
    let keys = read.derive(&self::read(entry, "account")?);
    // EXPOSE: vectors are compared.
    entry.expect_bytes("recoveryKey", keys.encryption.expose_secret())?;
    entry.expect_bytes("recoveryLoginKey", keys.login.expose_secret())?;
    entry.expect_bytes("storedHash", RecoveryHash::of(&keys.login).as_bytes())
}

fn pair(entry: Entry<'_>) -> Result<(RecoveryKey, Address, SealedKeyPair), Fault> {
    let sealed = SealedKeyPair {
        number: read(entry, "keyNumber")?,
        public_key: Hex(entry.array("publicKey")?),
        sealed_private_key: Base64(entry.bytes("sealed")?),
    };
    let key = RecoveryKey::new(secret(entry, "recoveryKey")?);
    Ok((key, read(entry, "account")?, sealed))
}

fn check_pair(entry: Entry<'_>) -> Result<(), Fault> {
    let (key, account, sealed) = pair(entry)?;
    let opened = open_key_pair(&key, &account, &sealed).map_err(refusal)?;
    // EXPOSE: a vector is compared.
    entry.expect_bytes("privateKey", opened.secret().expose_secret())?;
    let mut nonce = nonce(&sealed.sealed_private_key.0);
    let again = seal_key_pair(&key, &account, sealed.number, &opened, &mut nonce);
    entry.expect_bytes("sealed", &again.map_err(refusal)?.sealed_private_key.0)
}

fn key(entry: Entry<'_>) -> Result<(Vault, SealedRecoveryKey), Fault> {
    let number = read(entry, "keyNumber")?;
    let account: Address = read(entry, "account")?;
    let key_number = if entry.has("sealedUnder") {
        read(entry, "sealedUnder")?
    } else {
        number
    };
    let sealed = SealedRecoveryKey {
        login_hash: Hex(entry.array("loginHash")?),
        number: count(entry)?,
        key_number,
        sealed: Base64(entry.bytes("sealed")?),
    };
    let pair = key_pair(entry, "privateKey")?;
    Ok((Vault::derive(&pair, &account, number), sealed))
}

/// Which of the account's words they are; those of before they were counted do not say.
fn count(entry: Entry<'_>) -> Result<u64, Fault> {
    if entry.has("number") {
        read(entry, "number")
    } else {
        Ok(0)
    }
}

fn check_key(entry: Entry<'_>) -> Result<(), Fault> {
    let (vault, sealed) = key(entry)?;
    let opened = open_recovery_key(&vault, &sealed).map_err(refusal)?;
    // EXPOSE: a vector is compared.
    entry.expect_bytes("recoveryKey", opened.expose_secret())?;
    let keys = RecoveryKeys {
        encryption: opened,
        login: RecoveryLoginKey::new(secret(entry, "recoveryLoginKey")?),
    };
    let mut nonce = nonce(&sealed.sealed.0);
    let again = seal_recovery_key(&vault, &keys, sealed.number, &mut nonce).map_err(refusal)?;
    entry.expect_bytes("loginHash", &again.login_hash.0)?;
    entry.expect_bytes("sealed", &again.sealed.0)
}
