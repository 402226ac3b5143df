//! What the popup and the full page need of the browser beside the [`client`](crate::client).

use js_sys::Array;
use proto::error::{ErrorCode, WireError};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::{
    api::{from_js, namespace, property, to_js},
    clipboard, tabs,
    time::spawn,
};

#[wasm_bindgen]
extern "C" {
    type Extension;
    #[wasm_bindgen(method, js_name = getViews)]
    fn views(this: &Extension, filter: &JsValue) -> Array;

    type Runtime;
    #[wasm_bindgen(method, js_name = getManifest)]
    fn manifest(this: &Runtime) -> JsValue;

    type Commands;
    #[wasm_bindgen(method, catch, js_name = getAll)]
    async fn all(this: &Commands) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = close)]
    fn close_window();

    #[wasm_bindgen(js_namespace = history, js_name = replaceState, catch)]
    fn replace_state(state: &JsValue, unused: &str, url: &str) -> Result<(), JsValue>;
}

/// A keyboard shortcut as the user has set it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Shortcut {
    /// Name in the manifest.
    pub name: String,
    /// What it does.
    #[serde(default)]
    pub description: String,
    /// Keys; empty where none is set.
    #[serde(default, rename = "shortcut")]
    pub keys: String,
}

/// Puts a text on the clipboard.
///
/// # Errors
/// [`ErrorCode::Internal`] where the browser refuses.
pub async fn write_clipboard(text: &str) -> Result<(), WireError> {
    clipboard::write(text)
        .await
        .map_err(|_| WireError::new(ErrorCode::Internal))
}

/// Whether this page is the popup under the button, and not a tab or a side panel.
pub fn is_popup() -> bool {
    #[derive(Serialize)]
    struct Filter {
        r#type: &'static str,
    }
    let Ok(extension) = namespace::<Extension>("extension") else {
        return false;
    };
    let Ok(filter) = to_js("extension.getViews", &Filter { r#type: "popup" }) else {
        return false;
    };
    let global = js_sys::global();
    extension
        .views(&filter)
        .iter()
        .any(|view| js_sys::Object::is(&view, &global))
}

/// Opens the full page in a tab at a route such as `/settings`, and closes the popup.
pub fn open_full_page(route: &str) {
    let route = route.to_owned();
    spawn(async move {
        if tabs::open_full_page(&route).await.is_ok() {
            close();
        }
    });
}

/// Takes the route out of this page's URL, and out of the entry that the browser's history has of it.
pub fn forget_route() {
    // A page of ours may always be called another page of ours.
    drop(replace_state(&JsValue::NULL, "", "popup.html?full"));
}

/// Opens an http or https address in a new tab; any other is not opened.
pub fn open_url(url: &str) {
    if !(url.starts_with("https://") || url.starts_with("http://")) {
        return;
    }
    let url = url.to_owned();
    spawn(async move {
        // A tab that cannot be opened (window gone) leaves nothing to do.
        let _ = tabs::open(&url).await;
    });
}

/// Closes the popup; a full page stays.
pub fn close() {
    if is_popup() {
        close_window();
    }
}

/// Closes the tab that this page is in, and its window where it is the only one. A window that an
/// extension opened may not close itself in every browser.
pub fn close_tab() {
    #[wasm_bindgen]
    extern "C" {
        type Tabs;
        #[wasm_bindgen(method, catch, js_name = getCurrent)]
        async fn current(this: &Tabs) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        async fn remove(this: &Tabs, id: &JsValue) -> Result<JsValue, JsValue>;
    }
    spawn(async {
        let Ok(tabs) = namespace::<Tabs>("tabs") else {
            return;
        };
        let current = tabs.current().await.ok();
        if let Some(id) = current.and_then(|tab| property(&tab, "id")) {
            // One that is gone already is what was wanted.
            let _ = tabs.remove(&id).await;
        }
    });
}

/// Version of this build.
pub fn version() -> String {
    #[derive(Deserialize)]
    struct Manifest {
        version: String,
    }
    namespace::<Runtime>("runtime")
        .and_then(|runtime| from_js::<Manifest>("runtime.getManifest", runtime.manifest()))
        .map(|manifest| manifest.version)
        .unwrap_or_default()
}

/// The keyboard shortcuts, as set by the user; empty where the browser does not tell.
pub async fn shortcuts() -> Vec<Shortcut> {
    let Ok(commands) = namespace::<Commands>("commands") else {
        return Vec::new();
    };
    let Ok(all) = commands.all().await else {
        return Vec::new();
    };
    from_js("commands.getAll", all).unwrap_or_default()
}

/// What a person would call this browser: `Firefox on Linux`.
pub fn describe() -> String {
    let agent = property(&js_sys::global(), "navigator")
        .and_then(|navigator| property(&navigator, "userAgent"))
        .and_then(|agent| agent.as_string())
        .unwrap_or_default();
    describe_agent(&agent)
}

fn describe_agent(agent: &str) -> String {
    let first = |table: &[(&str, &'static str)]| {
        table
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    let browser = first(&[
        ("Firefox/", "Firefox"),
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Vivaldi/", "Vivaldi"),
        ("Chrome/", "Chromium"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    format!(
        "{} on {}",
        browser.unwrap_or("A browser"),
        system.unwrap_or("an unknown system")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_called_by_their_names() {
        let chromium = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
        assert_eq!(describe_agent(chromium), "Chromium on Linux");
        let firefox = "Mozilla/5.0 (Windows NT 10.0; rv:153.0) Gecko/20100101 Firefox/153.0";
        assert_eq!(describe_agent(firefox), "Firefox on Windows");
        assert_eq!(describe_agent(""), "A browser on an unknown system");
    }
}
