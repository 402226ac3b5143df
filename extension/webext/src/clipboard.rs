//! Writing to the clipboard.

use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

use crate::{BrowserError, api::property};

#[wasm_bindgen]
extern "C" {
    type Clipboard;
    #[wasm_bindgen(method, catch, js_name = writeText)]
    async fn write_text(this: &Clipboard, text: &str) -> Result<JsValue, JsValue>;
}

/// Writes a text, from a page that has the focus (Chromium) or from any page of ours (Firefox).
///
/// # Errors
/// [`BrowserError`].
pub async fn write(text: &str) -> Result<(), BrowserError> {
    let call = "clipboard.writeText";
    let clipboard = property(&js_sys::global(), "navigator")
        .and_then(|navigator| property(&navigator, "clipboard"))
        .ok_or(BrowserError::Missing { call })?
        .unchecked_into::<Clipboard>();
    clipboard
        .write_text(text)
        .await
        .map_err(BrowserError::failed(call))?;
    Ok(())
}
