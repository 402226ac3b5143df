//! The browser's notifications, which it lets us show once the user has allowed it.

use serde::Serialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::{
    BrowserError,
    api::{namespace, to_js},
    port::extension_url,
};

#[wasm_bindgen]
extern "C" {
    type Notifications;
    #[wasm_bindgen(method, catch)]
    async fn create(this: &Notifications, id: &str, what: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn clear(this: &Notifications, id: &str) -> Result<JsValue, JsValue>;
}

/// Shows a notification in the place of the one of the same `id`.
///
/// # Errors
/// [`BrowserError`], also where the user has not allowed it.
pub async fn show(id: &str, title: &str, message: &str) -> Result<(), BrowserError> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct What<'a> {
        r#type: &'static str,
        icon_url: String,
        title: &'a str,
        message: &'a str,
    }
    let call = "notifications.create";
    let what = What {
        r#type: "basic",
        icon_url: extension_url("icons/pear-128.png")?,
        title,
        message,
    };
    namespace::<Notifications>("notifications")?
        .create(id, &to_js(call, &what)?)
        .await
        .map_err(BrowserError::failed(call))?;
    Ok(())
}

/// Takes it back.
///
/// # Errors
/// [`BrowserError`], also where the user has not allowed any.
pub async fn clear(id: &str) -> Result<(), BrowserError> {
    namespace::<Notifications>("notifications")?
        .clear(id)
        .await
        .map_err(BrowserError::failed("notifications.clear"))?;
    Ok(())
}
