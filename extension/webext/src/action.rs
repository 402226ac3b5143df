//! The button in the browser's bar.

use proto::bridge::endpoint::TabId;
use serde::Serialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::{
    BrowserError,
    api::{namespace, property, to_js},
};

#[wasm_bindgen]
extern "C" {
    type Action;
    #[wasm_bindgen(method, catch, js_name = setBadgeText)]
    async fn set_badge_text(this: &Action, what: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = setBadgeBackgroundColor)]
    async fn set_badge_color(this: &Action, what: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = setTitle)]
    async fn set_title(this: &Action, what: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = openPopup)]
    async fn open_popup(this: &Action) -> Result<JsValue, JsValue>;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct What<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    tab_id: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Badge<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    tab_id: Option<i32>,
    /// Where it is none, the browser falls back on what it shows on all tabs.
    text: Option<&'a str>,
}

/// Shows a short text on the button, on one tab or on all. `None`: nothing of this tab's own, so that what is shown on
/// all is seen; on all, nothing. `color` is of CSS.
///
/// # Errors
/// [`BrowserError`], also where the tab is gone.
pub async fn set_badge(
    tab: Option<TabId>,
    text: Option<&str>,
    color: &str,
) -> Result<(), BrowserError> {
    let action: Action = namespace("action")?;
    let tab_id = tab.map(|tab| tab.0);
    let call = "action.setBadgeBackgroundColor";
    let what = What {
        tab_id,
        title: None,
        color: Some(color),
    };
    action
        .set_badge_color(&to_js(call, &what)?)
        .await
        .map_err(BrowserError::failed(call))?;
    let call = "action.setBadgeText";
    let badge = Badge {
        tab_id,
        // Only a tab can have nothing of its own.
        text: text.or(tab.is_none().then_some("")),
    };
    action
        .set_badge_text(&to_js(call, &badge)?)
        .await
        .map_err(BrowserError::failed(call))?;
    Ok(())
}

/// Sets what the button says when pointed at, on all tabs; empty for the manifest's own text.
///
/// # Errors
/// [`BrowserError`].
pub async fn set_title(title: &str) -> Result<(), BrowserError> {
    let call = "action.setTitle";
    let what = What {
        tab_id: None,
        title: Some(title),
        color: None,
    };
    namespace::<Action>("action")?
        .set_title(&to_js(call, &what)?)
        .await
        .map_err(BrowserError::failed(call))?;
    Ok(())
}

/// Opens the popup.
///
/// # Errors
/// [`BrowserError`] where the browser has no such call or wants a click.
pub async fn open_popup() -> Result<(), BrowserError> {
    let call = "action.openPopup";
    let action: Action = namespace("action")?;
    if property(&action, "openPopup").is_none() {
        return Err(BrowserError::Missing { call });
    }
    action
        .open_popup()
        .await
        .map_err(BrowserError::failed(call))?;
    Ok(())
}
