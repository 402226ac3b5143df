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

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On a page, and at what can be typed into.
    Page,
    /// On text that is selected.
    Selection,
    /// On links to an address to write to.
    AddressLink,
}

impl Place {
    /// In the browser's words, the best first: Firefox counts passwords apart, and Chromium refuses what it does not
    /// know.
    fn contexts(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Page => &[&["page", "editable", "password"], &["page", "editable"]],
            Self::Selection => &[&["selection"]],
            Self::AddressLink => &[&["link"]],
        }
    }

    fn targets(self) -> Option<[&'static str; 2]> {
        (self == Self::AddressLink).then_some(["mailto:*", "keypears:*"])
    }
}

/// Makes these the entries of the context menu: id, text and place. The browser remembers them.
///
/// # Errors
/// [`BrowserError`].
pub async fn set(entries: &[(&str, &str, Place)]) -> Result<(), BrowserError> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct What<'a> {
        id: &'a str,
        title: &'a str,
        contexts: &'a [&'a str],
        document_url_patterns: [&'a str; 2],
        #[serde(skip_serializing_if = "Option::is_none")]
        target_url_patterns: Option<[&'a str; 2]>,
    }
    let call = "contextMenus.create";
    let menus: ContextMenus = namespace("contextMenus")?;
    menus
        .remove_all()
        .await
        .map_err(BrowserError::failed("contextMenus.removeAll"))?;
    for (id, title, place) in entries {
        let mut made = Err(BrowserError::Missing { call });
        for contexts in place.contexts().iter().copied() {
            let what = What {
                id,
                title,
                contexts,
                document_url_patterns: ["http://*/*", "https://*/*"],
                target_url_patterns: place.targets(),
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
