//! `storage.session`: memory that survives the service worker and not the browser, closed to
//! content scripts.

use proto::bytes::Base64;
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

use crate::{
    BrowserError,
    api::{from_js, namespace, property, to_js},
};

#[wasm_bindgen]
extern "C" {
    type Storage;
    #[wasm_bindgen(method, getter)]
    fn session(this: &Storage) -> Option<Area>;
    #[wasm_bindgen(method, getter)]
    fn local(this: &Storage) -> Option<Area>;

    type Area;
    #[wasm_bindgen(method, catch)]
    async fn get(this: &Area, keys: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn set(this: &Area, items: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn remove(this: &Area, key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = setAccessLevel)]
    async fn set_access_level(this: &Area, level: &JsValue) -> Result<JsValue, JsValue>;
}

/// Reads a slot.
///
/// # Errors
/// [`BrowserError`].
pub async fn load(slot: &str) -> Result<Option<Vec<u8>>, BrowserError> {
    let call = "storage.session.get";
    let found = area()?
        .get(&slot.into())
        .await
        .map_err(BrowserError::failed(call))?;
    let Some(value) = property(&found, slot) else {
        return Ok(None);
    };
    from_js::<Base64>(call, value).map(|bytes| Some(bytes.0))
}

/// Writes a slot.
///
/// # Errors
/// [`BrowserError`], over the quota of the browser (10 MB) too.
pub async fn save(slot: &str, bytes: &[u8]) -> Result<(), BrowserError> {
    let call = "storage.session.set";
    let item = js_sys::Object::new();
    let value = to_js(call, &Base64(bytes.to_vec()))?;
    js_sys::Reflect::set(&item, &slot.into(), &value).map_err(BrowserError::failed(call))?;
    area()?
        .set(&item)
        .await
        .map_err(BrowserError::failed(call))?;
    Ok(())
}

/// Empties a slot.
///
/// # Errors
/// [`BrowserError`].
pub async fn clear(slot: &str) -> Result<(), BrowserError> {
    let call = "storage.session.remove";
    area()?
        .remove(slot)
        .await
        .map_err(BrowserError::failed(call))?;
    Ok(())
}

/// The slots in use.
///
/// # Errors
/// [`BrowserError`].
pub async fn slots() -> Result<Vec<String>, BrowserError> {
    let call = "storage.session.get";
    let found = area()?
        .get(&JsValue::NULL)
        .await
        .map_err(BrowserError::failed(call))?;
    let found: &js_sys::Object = found.unchecked_ref();
    Ok(js_sys::Object::keys(found)
        .iter()
        .filter_map(|key| key.as_string())
        .collect())
}

/// Closes `storage.session` and `storage.local` to content scripts, where the browser lets us.
/// Firefox knows no such call; its `storage.session` is closed from the start, and nothing is
/// kept in `storage.local`.
pub async fn close_to_content_scripts() {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Level {
        access_level: &'static str,
    }
    let Ok(storage) = namespace::<Storage>("storage") else {
        return;
    };
    let Ok(level) = to_js(
        "setAccessLevel",
        &Level {
            access_level: "TRUSTED_CONTEXTS",
        },
    ) else {
        return;
    };
    for area in [storage.session(), storage.local()].into_iter().flatten() {
        if property(&area, "setAccessLevel").is_some() {
            // Refused only where the level stands already.
            drop(area.set_access_level(&level).await);
        }
    }
}

fn area() -> Result<Area, BrowserError> {
    namespace::<Storage>("storage")?
        .session()
        .ok_or(BrowserError::Missing {
            call: "storage.session",
        })
}
