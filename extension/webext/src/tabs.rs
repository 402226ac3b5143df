//! Tabs: which page the user means.

use proto::{bridge::endpoint::TabId, origin::Origin};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::{
    BrowserError,
    api::{from_js, namespace, to_js},
    port::extension_url,
};

#[wasm_bindgen]
extern "C" {
    type Tabs;
    #[wasm_bindgen(method, catch)]
    async fn query(this: &Tabs, filter: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn create(this: &Tabs, what: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = URL)]
    type Url;
    #[wasm_bindgen(constructor, js_class = "URL", catch)]
    fn parse(text: &str) -> Result<Url, JsValue>;
    #[wasm_bindgen(method, getter)]
    fn origin(this: &Url) -> String;
}

/// A tab as far as it matters here.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tab {
    id: Option<i32>,
    url: Option<String>,
    last_accessed: Option<f64>,
    #[serde(default)]
    window_id: i32,
}

impl Tab {
    /// Its number.
    pub fn id(&self) -> Option<TabId> {
        self.id.map(TabId)
    }

    /// The origin of its address, for suggestions only: what a frame's origin really is comes
    /// with its port. `None` where the tab shows no web page.
    pub fn origin(&self) -> Option<Origin> {
        origin_of(self.url.as_deref()?)
    }
}

/// The origin of an address, where it is one of the web.
pub(crate) fn origin_of(url: &str) -> Option<Origin> {
    Url::parse(url).ok()?.origin().parse().ok()
}

/// The page that the user means: the active tab of the window used last. Where that is a page of
/// this extension (the full page), the tab of the same window that was looked at last before it,
/// else of any window.
///
/// # Errors
/// [`BrowserError`].
pub async fn meant() -> Result<Option<Tab>, BrowserError> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Active {
        active: bool,
        last_focused_window: bool,
    }
    let active = query(&Active {
        active: true,
        last_focused_window: true,
    })
    .await?
    .into_iter()
    .next();
    let own = extension_url("")?;
    match active {
        Some(tab) if !is_own(&tab, &own) => Ok(Some(tab)),
        Some(tab) => Ok(latest_beside(&tab, query(&All {}).await?, &own)),
        None => Ok(None),
    }
}

/// A filter that lets all tabs through.
#[derive(Serialize)]
struct All {}

/// Every tab.
///
/// # Errors
/// [`BrowserError`].
pub async fn all() -> Result<Vec<TabId>, BrowserError> {
    let tabs = query(&All {}).await?;
    Ok(tabs.iter().filter_map(Tab::id).collect())
}

/// Opens an address in a new tab.
///
/// # Errors
/// [`BrowserError`].
pub(crate) async fn open(url: &str) -> Result<(), BrowserError> {
    #[derive(Serialize)]
    struct What<'a> {
        url: &'a str,
    }
    let call = "tabs.create";
    namespace::<Tabs>("tabs")?
        .create(&to_js(call, &What { url })?)
        .await
        .map_err(BrowserError::failed(call))?;
    Ok(())
}

/// Opens our full page in a new tab, at a route such as `/messages`.
///
/// # Errors
/// [`BrowserError`].
pub async fn open_full_page(route: &str) -> Result<(), BrowserError> {
    open(&extension_url(&format!("popup.html?full#{route}"))?).await
}

async fn query<F: Serialize>(filter: &F) -> Result<Vec<Tab>, BrowserError> {
    let call = "tabs.query";
    let found = namespace::<Tabs>("tabs")?
        .query(&to_js(call, filter)?)
        .await
        .map_err(BrowserError::failed(call))?;
    from_js(call, found)
}

fn is_own(tab: &Tab, own: &str) -> bool {
    tab.url.as_deref().is_some_and(|url| url.starts_with(own))
}

fn latest_beside(page: &Tab, tabs: Vec<Tab>, own: &str) -> Option<Tab> {
    let rank = |tab: &Tab| {
        (
            tab.window_id == page.window_id,
            tab.last_accessed.unwrap_or(0.0),
        )
    };
    tabs.into_iter()
        .filter(|tab| !is_own(tab, own))
        .max_by(|a, b| {
            let (a, b) = (rank(a), rank(b));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tab(id: i32, window_id: i32, last: f64, url: &str) -> Tab {
        Tab {
            id: Some(id),
            url: Some(url.to_owned()),
            last_accessed: Some(last),
            window_id,
        }
    }

    #[test]
    fn full_page_means_the_tab_looked_at_before() {
        let own = "chrome-extension://x/";
        let page = tab(1, 1, 9.0, "chrome-extension://x/popup.html");
        let tabs = vec![
            page.clone(),
            tab(2, 1, 3.0, "https://a.example/"),
            tab(3, 1, 5.0, "https://b.example/"),
            tab(4, 2, 8.0, "https://c.example/"),
            tab(5, 1, 7.0, "chrome-extension://x/popup.html#/settings"),
        ];
        assert_eq!(
            latest_beside(&page, tabs.clone(), own).and_then(|t| t.id),
            Some(3)
        );
        let elsewhere = tabs.into_iter().filter(|t| t.window_id == 2).collect();
        assert_eq!(
            latest_beside(&page, elsewhere, own).and_then(|t| t.id),
            Some(4)
        );
        assert_eq!(latest_beside(&page, vec![page.clone()], own), None);
    }
}
