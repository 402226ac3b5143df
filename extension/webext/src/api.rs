//! The extension namespace: `browser` where there is one, else `chrome`. Both answer with promises
//! under Manifest V3.

use js_sys::Reflect;
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue};

use crate::BrowserError;

/// One namespace of the extension API, such as `tabs`.
pub(crate) fn namespace<T: JsCast>(name: &'static str) -> Result<T, BrowserError> {
    let global = js_sys::global();
    let missing = BrowserError::Missing { call: name };
    ["browser", "chrome"]
        .into_iter()
        .filter_map(|api| property(&global, api))
        .find_map(|api| property(&api, name))
        .map(JsCast::unchecked_into)
        .ok_or(missing)
}

/// A property that is there and no `undefined` or `null`.
pub(crate) fn property(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into())
        .ok()
        .filter(|v| !v.is_undefined() && !v.is_null())
}

/// An argument: a plain object made from a Rust value.
pub(crate) fn to_js<T: Serialize>(call: &'static str, value: &T) -> Result<JsValue, BrowserError> {
    value
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .map_err(BrowserError::failed(call))
}

/// An answer: a Rust value made from a plain object; fields that it does not name are left out.
pub(crate) fn from_js<T: DeserializeOwned>(
    call: &'static str,
    value: JsValue,
) -> Result<T, BrowserError> {
    serde_wasm_bindgen::from_value(value).map_err(|_| BrowserError::Misshapen { call })
}
