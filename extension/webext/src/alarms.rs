//! Alarms: they wake the background when it is dead. Browsers fire them half a minute after
//! being set at the earliest.

use proto::ids::UnixMillis;
use serde::Serialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::{
    BrowserError,
    api::{namespace, to_js},
};

#[wasm_bindgen]
extern "C" {
    type Alarms;
    /// Chromium answers with a promise, Firefox with nothing.
    #[wasm_bindgen(method, catch)]
    fn create(this: &Alarms, name: &str, info: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn clear(this: &Alarms, name: &str) -> Result<JsValue, JsValue>;
}

/// Sets the alarm of this name, in place of one set before.
///
/// # Errors
/// [`BrowserError`].
pub fn set(name: &str, at: UnixMillis) -> Result<(), BrowserError> {
    #[derive(Serialize)]
    struct Info {
        when: u64,
    }
    let call = "alarms.create";
    namespace::<Alarms>("alarms")?
        .create(name, &to_js(call, &Info { when: at.0 })?)
        .map_err(BrowserError::failed(call))?;
    Ok(())
}

/// Takes the alarm of this name away, if there is one.
///
/// # Errors
/// [`BrowserError`].
pub async fn clear(name: &str) -> Result<(), BrowserError> {
    let call = "alarms.clear";
    namespace::<Alarms>("alarms")?
        .clear(name)
        .await
        .map_err(BrowserError::failed(call))?;
    Ok(())
}
