//! The key derivation as a browser runs it: PBKDF2 by WebCrypto, everything else in wasm32. The
//! vectors are those that the native tests check.
#![cfg(target_arch = "wasm32")]

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use proto::{api::account::SealedKeyPair, bytes::Hex, ids::AccountId, vault::SecretText};
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use wasm_core::{
    kdf::{ClientKeys, Pbkdf2, Pbkdf2Job, derive_client_keys, derive_encryption_key, server},
    kp1, pin,
    secret::{LoginKey, Secret},
};

struct WebCrypto;

impl Pbkdf2 for WebCrypto {
    type Error = JsValue;

    async fn derive(&self, job: &Pbkdf2Job) -> Result<Secret<32>, JsValue> {
        // EXPOSE: the job goes to the browser's own PBKDF2.
        let password = Uint8Array::from(job.expose_password());
        let usages = Array::of1(&"deriveBits".into());
        let key = subtle(
            "importKey",
            [
                &"raw".into(),
                &password,
                &"PBKDF2".into(),
                &false.into(),
                &usages,
            ],
        )?;
        let key = JsFuture::from(key).await?;
        let parameters = Object::new();
        for (name, value) in [
            ("name", "PBKDF2".into()),
            ("hash", "SHA-256".into()),
            ("salt", Uint8Array::from(job.salt().as_slice()).into()),
            ("iterations", job.iterations().into()),
        ] {
            Reflect::set(&parameters, &name.into(), &value)?;
        }
        let bits = JsFuture::from(subtle("deriveBits", [&parameters, &key, &256.into()])?).await?;
        let bits = Uint8Array::new(&bits).to_vec();
        Secret::copy_from(&bits).ok_or_else(|| "not 256 bits".into())
    }
}

fn subtle<const N: usize>(name: &str, arguments: [&JsValue; N]) -> Result<Promise, JsValue> {
    let crypto = Reflect::get(&js_sys::global(), &"crypto".into())?;
    let subtle = Reflect::get(&crypto, &"subtle".into())?;
    let function: Function = Reflect::get(&subtle, &name.into())?.dyn_into()?;
    function
        .apply(&subtle, &arguments.into_iter().collect::<Array>())?
        .dyn_into()
}

fn vectors(list: &str) -> Result<Vec<Value>, JsValue> {
    list_of(include_str!("../vectors/kdf.json"), list)
}

fn list_of(file: &str, list: &str) -> Result<Vec<Value>, JsValue> {
    let file: Value = serde_json::from_str(file).map_err(text)?;
    let list = file[list].as_array().cloned().unwrap_or_default();
    if list.is_empty() {
        Err("the list is empty".into())
    } else {
        Ok(list)
    }
}

fn text(error: impl ToString) -> JsValue {
    error.to_string().into()
}

fn field<'a>(entry: &'a Value, name: &str) -> &'a str {
    entry[name].as_str().unwrap_or_default()
}

async fn ours(entry: &Value) -> Result<(ClientKeys, String), JsValue> {
    let address = field(entry, "address").parse().map_err(text)?;
    let password = SecretText::new(field(entry, "password"));
    let keys = derive_client_keys(&WebCrypto, &address, &password).await?;
    let alone = derive_encryption_key(&WebCrypto, &address, &password).await?;
    assert!(alone.ct_eq(&keys.encryption));
    let stored = stored_hash(&keys.login, field(entry, "account")).await?;
    Ok((keys, stored))
}

async fn stored_hash(login_key: &LoginKey, account: &str) -> Result<String, JsValue> {
    let account: AccountId = account.parse().map_err(text)?;
    let derived = WebCrypto.derive(&server::job(login_key, &account)).await?;
    Ok(hex::encode(
        server::StoredLoginHash::from_derived(&derived).as_bytes(),
    ))
}

fn matches(keys: &ClientKeys, stored: &str, entry: &Value) -> bool {
    // EXPOSE: vectors are compared.
    hex::encode(keys.encryption.expose_secret()) == field(entry, "encryptionKey")
        && hex::encode(keys.login.expose_secret()) == field(entry, "loginKey")
        && stored == field(entry, "storedHash")
}

#[wasm_bindgen_test]
async fn our_keys_come_out_of_webcrypto() -> Result<(), JsValue> {
    for entry in vectors("kdf")? {
        let (keys, stored) = ours(&entry).await?;
        assert!(matches(&keys, &stored, &entry), "{entry}");
    }
    Ok(())
}

#[wasm_bindgen_test]
async fn another_address_password_or_account_gives_other_keys() -> Result<(), JsValue> {
    for entry in vectors("kdf_differs")? {
        let (keys, stored) = ours(&entry).await?;
        assert!(!matches(&keys, &stored, &entry), "{entry}");
    }
    Ok(())
}

#[wasm_bindgen_test]
async fn keys_of_keypears_come_out_of_webcrypto() -> Result<(), JsValue> {
    for entry in vectors("passwords")? {
        let password = SecretText::new(field(&entry, "password"));
        let keys = kp1::kdf::derive_client_keys(&WebCrypto, &password).await?;
        // EXPOSE: vectors are compared.
        assert_eq!(
            hex::encode(keys.encryption.expose_secret()),
            field(&entry, "encryptionKey")
        );
        assert_eq!(
            hex::encode(keys.login.expose_secret()),
            field(&entry, "loginKey")
        );
        for (account, hash) in entry["serverHash"].as_object().into_iter().flatten() {
            assert_eq!(
                Some(stored_hash(&keys.login, account).await?.as_str()),
                hash.as_str()
            );
        }
    }
    Ok(())
}

#[wasm_bindgen_test]
async fn keys_of_pins_come_out_of_webcrypto() -> Result<(), JsValue> {
    for entry in list_of(include_str!("../vectors/pin.json"), "pins")? {
        let code = SecretText::new(field(&entry, "pin"));
        let salt: Hex<32> = serde_json::from_value(entry["salt"].clone()).map_err(text)?;
        let keys: Vec<SealedKeyPair> =
            serde_json::from_value(entry["sealedKeyPairs"].clone()).map_err(text)?;
        let key = pin::derive_key(&WebCrypto, &salt.0, &keys, &code).await?;
        // EXPOSE: vectors are compared.
        assert_eq!(hex::encode(key.expose_secret()), field(&entry, "pinKey"));
    }
    Ok(())
}
