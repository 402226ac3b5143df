//! The lists of `keypears-v1-crypto.json`, and what must be refused of KeyPears v1.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use pow::vectors::{Entry, Fault, equal, refused};
use proto::kp1::Content;
use serde_json::Value;

use super::Replay;
use crate::{
    hazmat::{NONCE_BYTES, sha256},
    kdf::{encryption_job, login_job},
    keys::{KeyPair, PublicKey, Signature},
    kp1::{
        message_key, open_message, open_private_key, open_vault_entry,
        pow::{Claims, challenge_key, request_message},
        seal_message, seal_private_key, seal_vault_entry,
        sign_in::SignIn,
        token::{pull_token_hash, session_token_hash},
        vault_key,
    },
    secret::{
        AddressSecret, ChallengeKey, EncryptionKey, Kp1MessageKey, NodeSecret, PasswordKey, Secret,
    },
};

pub(super) fn check(list: &str, entry: Entry<'_>, file: &Value) -> Option<Result<(), Fault>> {
    Some(match list {
        "saltConstants" => check_salts(entry),
        #[cfg(not(target_arch = "wasm32"))]
        "passwords" => native::check_password(entry),
        #[cfg(not(target_arch = "wasm32"))]
        "serverHashRealRow" => native::check_server_hash(entry),
        "keys" => check_key(entry),
        "invalidPrivateKeys" => check_invalid_private_key(entry),
        "publicKeyVerify" => check_public_key(entry),
        "encryptedPrivateKey" | "generatedKeyPair" => check_private_key(entry),
        "ecdh" => check_ecdh(entry),
        "messages" => check_message(entry),
        "unopenable_messages" => check_unopenable_message(entry),
        "vault" => check_vault(entry),
        "signPowRequest" => check_pow_request(entry),
        "powChallengeHmac" => check_challenges(entry),
        "powSolved" => check_solved(entry, file),
        "tokenHash" => check_token(entry),
        "signInCanonical" => check_sign_in(entry),
        _ => return None,
    })
}

pub(super) fn key_pair(entry: Entry<'_>, field: &'static str) -> Result<KeyPair, Fault> {
    let secret = secret::<32>(entry, field)?;
    KeyPair::from_secret(AddressSecret::new(secret)).map_err(|e| Fault::Refused(e.to_string()))
}

pub(super) fn secret<const N: usize>(
    entry: Entry<'_>,
    field: &'static str,
) -> Result<Secret<N>, Fault> {
    Secret::copy_from(&entry.bytes(field)?).ok_or(Fault::Field(field))
}

pub(super) fn public_key(entry: Entry<'_>, field: &'static str) -> Result<PublicKey, Fault> {
    PublicKey::parse(&entry.bytes(field)?).map_err(|e| Fault::Refused(e.to_string()))
}

/// The nonce that a sealed thing of KeyPears begins with, to seal the same again.
fn nonce(sealed: &[u8]) -> Replay<'_> {
    Replay(sealed.get(..NONCE_BYTES).unwrap_or_default())
}

pub(super) fn refusal(error: impl std::fmt::Display) -> Fault {
    Fault::Refused(error.to_string())
}

fn check_salts(entry: Entry<'_>) -> Result<(), Fault> {
    let any_key = PasswordKey::init_with(|_| {});
    entry.expect_bytes(
        "passwordSaltContext",
        &sha256(&[b"Keypears password salt v1"]),
    )?;
    entry.expect_bytes("loginSalt", login_job(&any_key).salt())?;
    entry.expect_bytes("encryptionSalt", encryption_job(&any_key).salt())
}

fn check_key(entry: Entry<'_>) -> Result<(), Fault> {
    entry.expect_bytes(
        "publicKey",
        key_pair(entry, "privateKey")?.public().as_bytes(),
    )
}

fn check_invalid_private_key(entry: Entry<'_>) -> Result<(), Fault> {
    let secret = AddressSecret::copy_from(&entry.bytes("privateKey")?);
    refused(secret.is_none_or(|secret| KeyPair::from_secret(secret).is_err()))
}

fn check_public_key(entry: Entry<'_>) -> Result<(), Fault> {
    let valid = entry.0["valid"].as_bool().ok_or(Fault::Field("valid"))?;
    equal(
        "valid",
        valid,
        PublicKey::parse(&entry.bytes("publicKey")?).is_ok(),
    )
}

fn check_private_key(entry: Entry<'_>) -> Result<(), Fault> {
    let key = EncryptionKey::new(secret(entry, "encryptionKey")?);
    let sealed = entry.bytes("encryptedPrivateKey")?;
    let pair = open_private_key(&key, &sealed).map_err(refusal)?;
    // EXPOSE: a vector is compared.
    entry.expect_bytes("privateKey", pair.secret().expose_secret())?;
    if entry.has("publicKey") {
        entry.expect_bytes("publicKey", pair.public().as_bytes())?;
    }
    let again = seal_private_key(&key, &pair, &mut nonce(&sealed)).map_err(refusal)?;
    entry.expect_bytes("encryptedPrivateKey", &again)
}

fn check_ecdh(entry: Entry<'_>) -> Result<(), Fault> {
    for (private, public) in [("privateA", "publicB"), ("privateB", "publicA")] {
        let key = message_key(&key_pair(entry, private)?, &public_key(entry, public)?)
            .map_err(refusal)?;
        // EXPOSE: a vector is compared.
        entry.expect_bytes("messageKey", key.expose_secret())?;
    }
    Ok(())
}

fn check_message(entry: Entry<'_>) -> Result<(), Fault> {
    let sealed = entry.bytes("encryptedContent")?;
    for (private, public) in [
        ("senderPrivateKey", "recipientPubKey"),
        ("recipientPrivateKey", "senderPubKey"),
    ] {
        let key = message_key(&key_pair(entry, private)?, &public_key(entry, public)?)
            .map_err(refusal)?;
        // EXPOSE: a vector is compared.
        entry.expect_bytes("messageKey", key.expose_secret())?;
        let opened = open_message(&key, &sealed).map_err(refusal)?;
        let content = Content::read(&opened).map_err(refusal)?;
        let again = content.write().map_err(refusal)?;
        equal(
            "plaintextJson",
            entry.text("plaintextJson")?,
            String::from_utf8_lossy(&again),
        )?;
        equal(
            "plaintextJson",
            entry.text("plaintextJson")?,
            String::from_utf8_lossy(&opened),
        )?;
        let again = seal_message(&key, &opened, &mut nonce(&sealed)).map_err(refusal)?;
        entry.expect_bytes("encryptedContent", &again)?;
    }
    Ok(())
}

fn check_unopenable_message(entry: Entry<'_>) -> Result<(), Fault> {
    let key = Kp1MessageKey::new(secret(entry, "messageKey")?);
    refused(open_message(&key, &entry.bytes("encryptedContent")?).is_err())
}

fn check_vault(entry: Entry<'_>) -> Result<(), Fault> {
    let key = vault_key(&key_pair(entry, "privateKey")?);
    // EXPOSE: a vector is compared.
    entry.expect_bytes("vaultKey", key.expose_secret())?;
    let sealed = entry.bytes("encryptedData")?;
    let opened = open_vault_entry(&key, &sealed).map_err(refusal)?;
    equal(
        "plaintextJson",
        entry.text("plaintextJson")?,
        String::from_utf8_lossy(&opened),
    )?;
    let again = seal_vault_entry(&key, &opened, &mut nonce(&sealed)).map_err(refusal)?;
    entry.expect_bytes("encryptedData", &again)
}

fn check_pow_request(entry: Entry<'_>) -> Result<(), Fault> {
    let timestamp = entry.0["timestamp"]
        .as_u64()
        .ok_or(Fault::Field("timestamp"))?;
    let message = request_message(
        entry.text("senderAddress")?,
        entry.text("recipientAddress")?,
        timestamp,
    );
    equal("messageUtf8", entry.text("messageUtf8")?, &message)?;
    entry.expect_bytes("messageHex", message.as_bytes())?;
    entry.expect_bytes("messageSha256", &sha256(&[message.as_bytes()]))?;
    check_signature(entry, message.as_bytes(), entry.array("signature")?)
}

/// Theirs holds for this message and no other, and ours holds too.
fn check_signature(entry: Entry<'_>, message: &[u8], theirs: [u8; 64]) -> Result<(), Fault> {
    let (pair, public) = (
        key_pair(entry, "privateKey")?,
        public_key(entry, "publicKey")?,
    );
    let ours = pair.sign(message).map_err(refusal)?;
    for signature in [Signature(theirs), ours] {
        public.verify(message, &signature).map_err(refusal)?;
        refused(
            public
                .verify(&[message, b"x"].concat(), &signature)
                .is_err(),
        )?;
    }
    Ok(())
}

fn check_challenges(entry: Entry<'_>) -> Result<(), Fault> {
    let key = challenge_key(&NodeSecret::new(secret(entry, "secret")?));
    // EXPOSE: a vector is compared.
    entry.expect_bytes("powSigningKey", key.expose_secret())?;
    for sample in entry.0["samples"]
        .as_array()
        .ok_or(Fault::Field("samples"))?
    {
        check_challenge(Entry(sample), &key)?;
    }
    Ok(())
}

fn check_challenge(entry: Entry<'_>, key: &ChallengeKey) -> Result<(), Fault> {
    let (header, target) = (entry.array("header")?, entry.array("target")?);
    let addresses = if entry.has("senderAddress") {
        Some((
            entry.text("senderAddress")?,
            entry.text("recipientAddress")?,
        ))
    } else {
        None
    };
    let expires_at = entry.0["expiresAt"]
        .as_u64()
        .ok_or(Fault::Field("expiresAt"))?;
    let claims = Claims {
        header: &header,
        target: &target,
        expires_at,
        addresses,
    };
    entry.expect_bytes("signature", &claims.sign(key))?;
    let signature = entry.array("signature")?;
    refused(claims.is_signed(key, &signature))
        .map_err(|_| Fault::Refused("the signature".to_owned()))?;
    refused(
        !Claims {
            expires_at: expires_at + 1,
            ..claims
        }
        .is_signed(key, &signature),
    )?;
    let bare = Claims {
        addresses: None,
        ..claims
    };
    refused(addresses.is_none() || !bare.is_signed(key, &signature))?;
    let difficulty = entry.number("difficulty")?;
    let expected = pow::Target::from_wide_difficulty(&difficulty).map_err(refusal)?;
    entry.expect_bytes("target", expected.as_bytes())
}

fn check_solved(entry: Entry<'_>, file: &Value) -> Result<(), Fault> {
    let challenge = Entry(entry.0.get("challenge").ok_or(Fault::Field("challenge"))?);
    let header = pow::Header::parse(&entry.bytes("solvedHeader")?).map_err(refusal)?;
    entry.expect_bytes("powHash", &pow::hash(&header))?;
    equal(
        "challenge",
        hex::encode(&challenge.array::<64>("header")?[32..]),
        hex::encode(header.challenge()),
    )?;
    let target = pow::Target::parse(&challenge.bytes("target")?).map_err(refusal)?;
    let valid = entry.0["verified"]["valid"].as_bool().unwrap_or(true);
    equal("verified", valid, pow::verify(&header, &target).is_ok())?;
    // Only a file that has the key too says whose challenge it was.
    match file["powChallengeHmac"].get("powSigningKey") {
        Some(key) => {
            let key = ChallengeKey::new(secret(Entry(&serde_json::json!({"key": key})), "key")?);
            check_challenge(challenge, &key)
        }
        None => Ok(()),
    }
}

fn check_token(entry: Entry<'_>) -> Result<(), Fault> {
    entry.expect_bytes(
        "pullTokenHash_sha256_of_utf8_hex",
        &pull_token_hash(entry.text("token")?),
    )?;
    entry.expect_bytes(
        "sessionTokenHash_sha256_of_bytes",
        &session_token_hash(&entry.array("token")?),
    )
}

fn check_sign_in(entry: Entry<'_>) -> Result<(), Fault> {
    let fields: SignIn = serde_json::from_value(entry.0["fields"].clone()).map_err(refusal)?;
    let canonical = fields.canonical().map_err(refusal)?;
    equal("canonical", entry.text("canonical")?, &canonical)?;
    let signature = URL_SAFE_NO_PAD
        .decode(entry.text("signatureBase64url")?)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(Fault::Field("signatureBase64url"))?;
    check_signature(entry, canonical.as_bytes(), signature)
}

/// What needs PBKDF2 in the process.
#[cfg(not(target_arch = "wasm32"))]
mod native {
    use pow::vectors::{Entry, Fault};
    use proto::{ids::AccountId, vault::SecretText};

    use super::{equal, secret};
    use crate::{
        kdf::{encryption_job, login_job, native::run, server},
        kp1::kdf::password_job,
        secret::{LoginKey, PasswordKey},
    };

    pub(super) fn check_password(entry: Entry<'_>) -> Result<(), Fault> {
        let password = entry.text("password")?;
        if entry.has("passwordUtf8Hex") {
            entry.expect_bytes("passwordUtf8Hex", password.as_bytes())?;
        }
        let password_key = PasswordKey::new(run(&password_job(&SecretText::new(password))));
        let encryption_key = run(&encryption_job(&password_key));
        let login_key = LoginKey::new(run(&login_job(&password_key)));
        // EXPOSE: vectors are compared.
        entry.expect_bytes("passwordKey", password_key.expose_secret())?;
        entry.expect_bytes("encryptionKey", encryption_key.expose_secret())?;
        entry.expect_bytes("loginKey", login_key.expose_secret())?;
        for (account, hash) in entry.0["serverHash"].as_object().into_iter().flatten() {
            check_hash(
                &login_key,
                account,
                hash.as_str().ok_or(Fault::Field("serverHash"))?,
            )?;
        }
        Ok(())
    }

    pub(super) fn check_server_hash(entry: Entry<'_>) -> Result<(), Fault> {
        let login_key = LoginKey::new(secret(entry, "loginKey")?);
        check_hash(
            &login_key,
            entry.text("userId")?,
            entry.text("passwordHash")?,
        )
    }

    fn check_hash(login_key: &LoginKey, account: &str, expected: &str) -> Result<(), Fault> {
        let account: AccountId = account.parse().map_err(|_| Fault::Field("userId"))?;
        let hash = server::hash_login_key(login_key, &account);
        equal("serverHash", expected, hex::encode(hash.as_bytes()))
    }
}
