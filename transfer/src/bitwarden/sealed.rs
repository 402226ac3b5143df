//! Exports of Bitwarden that a password protects: PBKDF2 or Argon2id, HKDF-Expand, AES-256-CBC with HMAC-SHA-256.

use aes::Aes256;
use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use cbc::{
    Decryptor,
    cipher::{BlockModeDecrypt as _, KeyIvInit as _, block_padding::Pkcs7},
};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use proto::vault::SecretText;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::{ImportError, text::damage};

/// Rounds of PBKDF2 at most: Bitwarden's own limit.
const PBKDF2_MAX: u32 = 2_000_000;
/// Passes of Argon2id at most: the same.
const ARGON2_PASSES_MAX: u32 = 10;
/// Memory of Argon2id at most, MiB: half of Bitwarden's limit, which a browser's module cannot have.
const ARGON2_MEMORY_MAX: u32 = 512;
/// Lanes of Argon2id at most: Bitwarden's own limit.
const ARGON2_LANES_MAX: u32 = 16;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sealed {
    salt: String,
    kdf_type: u8,
    kdf_iterations: u32,
    /// MiB.
    kdf_memory: Option<u32>,
    kdf_parallelism: Option<u32>,
    #[serde(rename = "encKeyValidation_DO_NOT_EDIT")]
    check: String,
    data: String,
}

/// The export inside.
///
/// # Errors
/// [`ImportError::PasswordWrong`], [`ImportError::Damaged`], [`ImportError::Refused`] where it asks for more work or
/// memory than Bitwarden itself does.
pub(crate) fn open(text: &str, password: &SecretText) -> Result<Zeroizing<String>, ImportError> {
    let sealed: Sealed = serde_json::from_str(text).map_err(|error| damage(&error))?;
    let key = key(&sealed, password)?;
    let keys = Hkdf::<Sha256>::from_prk(&key[..]).map_err(|_| DAMAGED)?;
    let (mut enc, mut mac) = (Zeroizing::new([0; 32]), Zeroizing::new([0; 32]));
    keys.expand(b"enc", &mut enc[..]).map_err(|_| DAMAGED)?;
    keys.expand(b"mac", &mut mac[..]).map_err(|_| DAMAGED)?;
    // A wrong password shows here; what does not open later was changed.
    decrypt(&sealed.check, &enc, &mac)?.ok_or(ImportError::PasswordWrong)?;
    let bytes = decrypt(&sealed.data, &enc, &mac)?.ok_or(DAMAGED)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| DAMAGED)?;
    Ok(Zeroizing::new(text.to_owned()))
}

const DAMAGED: ImportError = ImportError::Damaged { line: 0 };

fn key(sealed: &Sealed, password: &SecretText) -> Result<Zeroizing<[u8; 32]>, ImportError> {
    // EXPOSE: into the key derivation.
    let password = password.expose_secret().as_bytes();
    let mut key = Zeroizing::new([0; 32]);
    let rounds = sealed.kdf_iterations;
    match sealed.kdf_type {
        0 if (1..=PBKDF2_MAX).contains(&rounds) => {
            pbkdf2::pbkdf2_hmac::<Sha256>(password, sealed.salt.as_bytes(), rounds, &mut key[..]);
        }
        1 if (1..=ARGON2_PASSES_MAX).contains(&rounds) => {
            let memory = sealed.kdf_memory.unwrap_or(0);
            let lanes = sealed.kdf_parallelism.unwrap_or(0);
            if memory > ARGON2_MEMORY_MAX || !(1..=ARGON2_LANES_MAX).contains(&lanes) {
                return Err(TOO_MUCH);
            }
            let params =
                Params::new(memory * 1024, rounds, lanes, Some(32)).map_err(|_| DAMAGED)?;
            let salt = Sha256::digest(sealed.salt.as_bytes());
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                .hash_password_into(password, &salt, &mut key[..])
                .map_err(|_| DAMAGED)?;
        }
        0 | 1 => return Err(TOO_MUCH),
        _ => return Err(ImportError::Unknown),
    }
    Ok(key)
}

const TOO_MUCH: ImportError =
    ImportError::Refused("a password protection that asks for more work than Bitwarden's");

/// `2.iv|ciphertext|mac`; `None` where the MAC is another.
fn decrypt(
    text: &str,
    enc: &[u8; 32],
    mac: &[u8; 32],
) -> Result<Option<Zeroizing<Vec<u8>>>, ImportError> {
    let parts = text.strip_prefix("2.").ok_or(DAMAGED)?.split('|');
    let parts: Vec<Vec<u8>> = parts
        .map(|part| STANDARD.decode(part))
        .collect::<Result<_, _>>()
        .map_err(|_| DAMAGED)?;
    let [iv, ciphertext, tag] = <[Vec<u8>; 3]>::try_from(parts).map_err(|_| DAMAGED)?;
    let mut check = Hmac::<Sha256>::new_from_slice(mac).map_err(|_| DAMAGED)?;
    check.update(&iv);
    check.update(&ciphertext);
    if check.verify_slice(&tag).is_err() {
        return Ok(None);
    }
    let cipher = Decryptor::<Aes256>::new_from_slices(enc, &iv).map_err(|_| DAMAGED)?;
    let mut bytes = Zeroizing::new(ciphertext);
    let length = cipher
        .decrypt_padded::<Pkcs7>(&mut bytes)
        .map_err(|_| DAMAGED)?
        .len();
    bytes.truncate(length);
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Vectors {
        password: String,
        files: Vec<serde_json::Value>,
    }

    fn vectors() -> Vectors {
        serde_json::from_str(include_str!("../../vectors/bitwarden.json"))
            .unwrap_or_else(|error| unreachable!("{error}"))
    }

    #[test]
    fn both_derivations_open_what_others_sealed() {
        let Vectors { password, files } = vectors();
        assert_eq!(files.len(), 2);
        for file in files {
            let text = file.to_string();
            let import = crate::read_sealed(text.as_bytes(), &SecretText::new(&*password));
            let import = import.unwrap_or_else(|error| unreachable!("{error}"));
            assert_eq!(import.items[0].draft.subtitle, "ada");
            let wrong = crate::read_sealed(text.as_bytes(), &SecretText::new("another"));
            assert_eq!(wrong.map(|_| ()), Err(ImportError::PasswordWrong));
            assert_eq!(
                crate::read(text.as_bytes()).map(|_| ()),
                Err(ImportError::PasswordNeeded)
            );
        }
    }

    #[test]
    fn what_was_changed_or_asks_for_too_much_is_refused() {
        let Vectors { password, files } = vectors();
        let open = |change: fn(&mut serde_json::Value)| {
            let mut file = files[0].clone();
            change(&mut file);
            open(&file.to_string(), &SecretText::new(&*password)).map(|_| ())
        };
        assert_eq!(open(|_| {}), Ok(()));
        assert_eq!(
            open(|file| file["kdfIterations"] = 4_000_000.into()),
            Err(TOO_MUCH)
        );
        assert_eq!(open(|file| file["kdfIterations"] = 0.into()), Err(TOO_MUCH));
        assert_eq!(
            open(|file| file["kdfType"] = 7.into()),
            Err(ImportError::Unknown)
        );
        assert_eq!(
            open(|file| file["data"] = "2.AA|AA|AA".into()),
            Err(DAMAGED)
        );
        assert_eq!(
            open(|file| file["data"] = file["encKeyValidation_DO_NOT_EDIT"].clone()),
            Ok(())
        );
        let memory = |file: &mut serde_json::Value| {
            file["kdfType"] = 1.into();
            file["kdfIterations"] = 3.into();
            file["kdfMemory"] = 4096.into();
            file["kdfParallelism"] = 4.into();
        };
        assert_eq!(open(memory), Err(TOO_MUCH));
    }
}
