//! The browser's notifications, which it lets us show once the user has allowed it.

use js_sys::Promise;
use serde::Serialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

use crate::{
    BrowserError,
    api::{namespace, to_js},
    port::extension_url,
    time::spawn,
};

#[wasm_bindgen]
extern "C" {
    type Notifications;
    #[wasm_bindgen(method, catch)]
    async fn create(this: &Notifications, id: &str, what: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn clear(this: &Notifications, id: &str) -> Result<JsValue, JsValue>;

    type Permissions;
    #[wasm_bindgen(method, catch)]
    async fn contains(this: &Permissions, which: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn request(this: &Permissions, which: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn remove(this: &Permissions, which: &JsValue) -> Result<JsValue, JsValue>;
}

const PERMISSIONS: &str = "permissions";

/// The permission, as the manifest names it.
#[derive(Serialize)]
struct Which {
    permissions: [&'static str; 1],
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

/// Whether the user has allowed them.
pub async fn are_allowed() -> bool {
    let Ok((permissions, which)) = permissions() else {
        return false;
    };
    let contains = permissions.contains(&which).await;
    contains.is_ok_and(|answer| answer.is_truthy())
}

/// Lets the browser ask the user for it, and tells `then` what they have answered. Browsers ask only under a press of the
/// user: this is called by what takes it, and not later.
pub fn ask(then: impl FnOnce(bool) + 'static) {
    let asked = permissions().map(|(permissions, which)| permissions.request(&which));
    let Ok(Ok(asked)) = asked else {
        then(false);
        return;
    };
    spawn(async move {
        let answer = JsFuture::from(asked).await;
        then(answer.is_ok_and(|answer: JsValue| answer.is_truthy()));
    });
}

/// Gives the permission back.
///
/// # Errors
/// [`BrowserError`].
pub async fn give_up() -> Result<(), BrowserError> {
    let (permissions, which) = permissions()?;
    permissions
        .remove(&which)
        .await
        .map_err(BrowserError::failed("permissions.remove"))?;
    Ok(())
}

fn permissions() -> Result<(Permissions, JsValue), BrowserError> {
    let which = Which {
        permissions: ["notifications"],
    };
    Ok((namespace(PERMISSIONS)?, to_js(PERMISSIONS, &which)?))
}
