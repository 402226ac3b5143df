//! Small secrets of this browser's profile, sealed under a key that no script can read out.
//!
//! The key is a `CryptoKey` that cannot be exported, in a database of its own: the account's may be
//! cleared. Each secret is sealed with AES-256-GCM, its name as associated data: nonce(12) ‖ sealed.
//!
//! # Security
//! Who copies the profile has the browser's own copy of the key. It stops who reads the extension's
//! storage, and nobody who has the disk.

use idb::{Database, ObjectStore, Query, Transaction, TransactionMode};
use js_sys::{Array, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use zeroize::Zeroizing;

use crate::{BrowserError, api::to_js, crypto::random};

#[wasm_bindgen]
extern "C" {
    type Crypto;
    #[wasm_bindgen(thread_local_v2, js_name = crypto)]
    static CRYPTO: Crypto;
    #[wasm_bindgen(method, getter)]
    fn subtle(this: &Crypto) -> Subtle;

    type Subtle;
    #[wasm_bindgen(method, catch, js_name = generateKey)]
    async fn generate_key(
        this: &Subtle,
        algorithm: &JsValue,
        extractable: bool,
        usages: &Array,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn encrypt(
        this: &Subtle,
        algorithm: &JsValue,
        key: &JsValue,
        text: &Uint8Array,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn decrypt(
        this: &Subtle,
        algorithm: &JsValue,
        key: &JsValue,
        sealed: &Uint8Array,
    ) -> Result<JsValue, JsValue>;
}

const DATABASE: &str = "pearvault-device";
const TABLE: &str = "kept";
/// Where the key is.
const KEY: &str = "key";
const NONCE_BYTES: usize = 12;

/// Reads a secret; `None` where there is none, or it does not open.
///
/// # Errors
/// [`BrowserError`].
pub async fn read(name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, BrowserError> {
    let database = open().await?;
    let (Some(key), Some(sealed)) = (get(&database, KEY).await?, get(&database, name).await?)
    else {
        return Ok(None);
    };
    let sealed = Uint8Array::new(&sealed).to_vec();
    let Some((nonce, sealed)) = sealed.split_at_checked(NONCE_BYTES) else {
        return Ok(None);
    };
    let algorithm = algorithm(nonce, name)?;
    let subtle = CRYPTO.with(Crypto::subtle);
    let sealed = Uint8Array::from(sealed);
    let Ok(opened) = subtle.decrypt(&algorithm, &key, &sealed).await else {
        return Ok(None);
    };
    let opened = Uint8Array::new(&opened);
    let bytes = Zeroizing::new(opened.to_vec());
    opened.fill(0, 0, opened.length());
    Ok(Some(bytes))
}

/// Keeps a secret in the place of the one of that name.
///
/// # Errors
/// [`BrowserError`].
pub async fn write(name: &str, secret: &[u8]) -> Result<(), BrowserError> {
    let call = "crypto.subtle.encrypt";
    let database = open().await?;
    let key = match get(&database, KEY).await? {
        Some(key) => key,
        None => make_key(&database).await?,
    };
    let mut nonce = [0; NONCE_BYTES];
    random(&mut nonce);
    let text = Uint8Array::from(secret);
    let subtle = CRYPTO.with(Crypto::subtle);
    let sealed = subtle.encrypt(&algorithm(&nonce, name)?, &key, &text).await;
    text.fill(0, 0, text.length());
    let sealed = Uint8Array::new(&sealed.map_err(BrowserError::failed(call))?).to_vec();
    let whole = [nonce.as_slice(), &sealed].concat();
    put(&database, name, &Uint8Array::from(whole.as_slice()).into()).await
}

/// Forgets one.
///
/// # Errors
/// [`BrowserError`].
pub async fn remove(name: &str) -> Result<(), BrowserError> {
    let call = "indexedDB.delete";
    let database = open().await?;
    let (transaction, table) = table(&database, TransactionMode::ReadWrite)?;
    let gone = table.delete(Query::Key(name.into()));
    gone.map_err(BrowserError::failed(call))?;
    commit(transaction, call).await
}

async fn open() -> Result<Database, BrowserError> {
    Database::builder(DATABASE)
        .version(1)
        .add_object_store(idb::builder::ObjectStoreBuilder::new(TABLE))
        .build()
        .await
        .map_err(BrowserError::failed("indexedDB.open"))
}

async fn make_key(database: &Database) -> Result<JsValue, BrowserError> {
    #[derive(Serialize)]
    struct Algorithm {
        name: &'static str,
        length: u32,
    }
    let call = "crypto.subtle.generateKey";
    let wanted = Algorithm {
        name: "AES-GCM",
        length: 256,
    };
    let usages = Array::of2(&"encrypt".into(), &"decrypt".into());
    let subtle = CRYPTO.with(Crypto::subtle);
    let key = subtle
        .generate_key(&to_js(call, &wanted)?, false, &usages)
        .await
        .map_err(BrowserError::failed(call))?;
    put(database, KEY, &key).await?;
    Ok(key)
}

fn algorithm(nonce: &[u8], name: &str) -> Result<JsValue, BrowserError> {
    #[derive(Serialize)]
    struct Algorithm {
        name: &'static str,
    }
    let call = "crypto.subtle";
    let algorithm = to_js(call, &Algorithm { name: "AES-GCM" })?;
    for (field, bytes) in [("iv", nonce), ("additionalData", name.as_bytes())] {
        Reflect::set(&algorithm, &field.into(), &Uint8Array::from(bytes))
            .map_err(BrowserError::failed(call))?;
    }
    Ok(algorithm)
}

async fn get(database: &Database, name: &str) -> Result<Option<JsValue>, BrowserError> {
    let call = "indexedDB.get";
    let (_, table) = table(database, TransactionMode::ReadOnly)?;
    table
        .get(Query::Key(name.into()))
        .map_err(BrowserError::failed(call))?
        .await
        .map_err(BrowserError::failed(call))
}

async fn put(database: &Database, name: &str, value: &JsValue) -> Result<(), BrowserError> {
    let call = "indexedDB.put";
    let (transaction, table) = table(database, TransactionMode::ReadWrite)?;
    let put = table.put(value, Some(&name.into()));
    put.map_err(BrowserError::failed(call))?;
    commit(transaction, call).await
}

fn table(
    database: &Database,
    mode: TransactionMode,
) -> Result<(Transaction, ObjectStore), BrowserError> {
    let call = "indexedDB.transaction";
    let transaction = database.transaction(&[TABLE], mode);
    let transaction = transaction.map_err(BrowserError::failed(call))?;
    let table = transaction.object_store(TABLE);
    Ok((transaction, table.map_err(BrowserError::failed(call))?))
}

async fn commit(transaction: Transaction, call: &'static str) -> Result<(), BrowserError> {
    let commit = transaction.commit().map_err(BrowserError::failed(call))?;
    let done = commit.await.map_err(BrowserError::failed(call))?;
    if done.is_committed() {
        Ok(())
    } else {
        Err(BrowserError::Failed { call })
    }
}
