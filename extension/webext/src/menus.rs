//! The browser's context menu.

use serde::Serialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::{
    BrowserError,
    api::{namespace, to_js},
};

#[wasm_bindgen]
extern "C" {
    type ContextMenus;
    #[wasm_bindgen(method, catch)]
    fn create(this: &ContextMenus, what: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = removeAll)]
    async fn remove_all(this: &ContextMenus) -> Result<JsValue, JsValue>;
}

/// Where entries stand: pages and what can be typed into. Firefox counts passwords apart, and
/// Chromium refuses what it does not know.
const PLACES: [&[&str]; 2] = [&["page", "editable", "password"], &["page", "editable"]];

/// Makes these the entries of the context menu: id and text. The browser remembers them.
///
/// # Errors
/// [`BrowserError`].
pub async fn set(entries: &[(&str, &str)]) -> Result<(), BrowserError> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct What<'a> {
        id: &'a str,
        title: &'a str,
        contexts: &'a [&'a str],
        document_url_patterns: [&'a str; 2],
    }
    let call = "contextMenus.create";
    let menus: ContextMenus = namespace("contextMenus")?;
    menus
        .remove_all()
        .await
        .map_err(BrowserError::failed("contextMenus.removeAll"))?;
    for (id, title) in entries {
        let mut made = Err(BrowserError::Missing { call });
        for contexts in PLACES {
            let what = What {
                id,
                title,
                contexts,
                document_url_patterns: ["http://*/*", "https://*/*"],
            };
            made = menus
                .create(&to_js(call, &what)?)
                .map(drop)
                .map_err(BrowserError::failed(call));
            if made.is_ok() {
                break;
            }
        }
        made?;
    }
    Ok(())
}
