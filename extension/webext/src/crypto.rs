//! WebCrypto: random bytes and PBKDF2, which runs natively and off this thread.

use js_sys::{Array, Uint8Array};
use serde::Serialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::{BrowserError, api::to_js};

#[wasm_bindgen]
extern "C" {
    type Crypto;
    #[wasm_bindgen(thread_local_v2, js_name = crypto)]
    static CRYPTO: Crypto;
    #[wasm_bindgen(method, getter)]
    fn subtle(this: &Crypto) -> Subtle;
    #[wasm_bindgen(method, js_name = getRandomValues)]
    fn random_values(this: &Crypto, out: &Uint8Array);

    type Subtle;
    #[wasm_bindgen(method, catch, js_name = importKey)]
    async fn import_key(
        this: &Subtle,
        format: &str,
        key: &Uint8Array,
        algorithm: &str,
        extractable: bool,
        usages: &Array,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = deriveBits)]
    async fn derive_bits(
        this: &Subtle,
        algorithm: &JsValue,
        key: &JsValue,
        bits: u32,
    ) -> Result<JsValue, JsValue>;
}

/// Fills `out` with random bytes of the operating system.
pub fn random(out: &mut [u8]) {
    // getRandomValues takes at most 65 536 bytes at once.
    for part in out.chunks_mut(65_536) {
        let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
        let bytes = Uint8Array::new_with_length(length);
        CRYPTO.with(|crypto| crypto.random_values(&bytes));
        bytes.copy_to(part);
    }
}

/// Any of all 32-bit numbers.
pub fn random_number() -> u32 {
    let mut bytes = [0; 4];
    random(&mut bytes);
    u32::from_le_bytes(bytes)
}

/// PBKDF2-HMAC-SHA-256 with 256 bits of output (RFC 8018).
///
/// # Errors
/// [`BrowserError`].
pub async fn pbkdf2(
    password: &[u8],
    salt: &[u8],
    iterations: u32,
) -> Result<[u8; 32], BrowserError> {
    #[derive(Serialize)]
    struct Algorithm {
        name: &'static str,
        hash: &'static str,
        iterations: u32,
    }
    let call = "crypto.subtle.deriveBits";
    let algorithm = to_js(
        call,
        &Algorithm {
            name: "PBKDF2",
            hash: "SHA-256",
            iterations,
        },
    )?;
    js_sys::Reflect::set(&algorithm, &"salt".into(), &Uint8Array::from(salt))
        .map_err(BrowserError::failed(call))?;
    let subtle = CRYPTO.with(Crypto::subtle);
    let password = Uint8Array::from(password);
    let key = subtle
        .import_key(
            "raw",
            &password,
            "PBKDF2",
            false,
            &Array::of1(&"deriveBits".into()),
        )
        .await;
    // The engine's copy of the password is wiped by its owner; this is the one on the other side.
    password.fill(0, 0, password.length());
    let key = key.map_err(BrowserError::failed(call))?;
    let bits = subtle
        .derive_bits(&algorithm, &key, 256)
        .await
        .map_err(BrowserError::failed(call))?;
    let bits = Uint8Array::new(&bits);
    if bits.length() != 32 {
        return Err(BrowserError::Misshapen { call });
    }
    let mut out = [0; 32];
    bits.copy_to(&mut out);
    bits.fill(0, 0, 32);
    Ok(out)
}
