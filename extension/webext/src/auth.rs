//! Servers that want a user name and password by HTTP (RFC 7617): `webRequest.onAuthRequired`.

use proto::{bridge::endpoint::TabId, origin::Origin, vault::SecretText};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::{
    BrowserError,
    api::{from_js, namespace, to_js},
    tabs,
};

#[wasm_bindgen]
extern "C" {
    /// What the browser waits for.
    #[wasm_bindgen(js_name = Function)]
    type RawAnswer;
    #[wasm_bindgen(method, catch)]
    fn call(this: &RawAnswer, this_arg: &JsValue, answer: &JsValue) -> Result<JsValue, JsValue>;

    type Windows;
    #[wasm_bindgen(method, catch)]
    async fn create(this: &Windows, what: &JsValue) -> Result<JsValue, JsValue>;
}

/// A request that a server has answered with 401. The browser waits for [`Self::give`] or
/// [`Self::decline`].
pub struct AuthRequest {
    /// The browser's number of the request; the same again where what was given was wrong.
    pub request: String,
    /// Who asks.
    pub origin: Origin,
    /// The tab whose page it would be.
    pub tab: TabId,
    answer: RawAnswer,
}

impl AuthRequest {
    /// Reads `details` of `webRequest.onAuthRequired`; `None` where nobody can be helped, and then
    /// the browser asks.
    pub(crate) fn read(details: JsValue, answer: JsValue) -> Option<Self> {
        let answer: RawAnswer = wasm_bindgen::JsCast::unchecked_into(answer);
        let read: Option<Details> = from_js("webRequest.onAuthRequired", details).ok();
        let asked = read.and_then(|details| {
            let (tab, origin) = (details.tab()?, tabs::origin_of(&details.url)?);
            Some((details.request_id, origin, tab))
        });
        let Some((request, origin, tab)) = asked else {
            give(&answer, &Answer::default());
            return None;
        };
        Some(Self {
            request,
            origin,
            tab,
            answer,
        })
    }

    /// Gives the server what it wants.
    pub fn give(self, username: &SecretText, password: &SecretText) {
        let credentials = Credentials {
            // EXPOSE: the user chose this login for this server; the browser sends it.
            username: username.expose_secret(),
            // EXPOSE: as above.
            password: password.expose_secret(),
        };
        give(
            &self.answer,
            &Answer {
                auth_credentials: Some(credentials),
            },
        );
    }

    /// Lets the browser ask.
    pub fn decline(self) {
        give(&self.answer, &Answer::default());
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    request_id: String,
    url: String,
    is_proxy: bool,
    tab_id: i32,
    #[serde(rename = "type")]
    kind: String,
}

impl Details {
    /// The tab whose page the request would become; `None` for all else: for what stands in a page,
    /// whose user sees another site's name, and for a proxy, which is none of the page's.
    fn tab(&self) -> Option<TabId> {
        let page = self.kind == "main_frame" && !self.is_proxy && self.tab_id >= 0;
        page.then_some(TabId(self.tab_id))
    }
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_credentials: Option<Credentials<'a>>,
}

#[derive(Serialize)]
struct Credentials<'a> {
    username: &'a str,
    password: &'a str,
}

fn give(answer: &RawAnswer, what: &Answer<'_>) {
    if let Ok(what) = to_js("webRequest.onAuthRequired", what) {
        // The page is gone.
        let _ = answer.call(&JsValue::UNDEFINED, &what);
    }
}

/// Opens a page of the extension in a small window of its own.
///
/// # Errors
/// [`BrowserError`].
pub async fn ask_in_window(page: &str) -> Result<(), BrowserError> {
    #[derive(Serialize)]
    struct What<'a> {
        url: &'a str,
        r#type: &'a str,
        width: u32,
        height: u32,
        focused: bool,
    }
    let call = "windows.create";
    let url = crate::port::extension_url(page)?;
    let what = What {
        url: &url,
        r#type: "popup",
        width: 400,
        height: 460,
        focused: true,
    };
    namespace::<Windows>("windows")?
        .create(&to_js(call, &what)?)
        .await
        .map_err(BrowserError::failed(call))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_page_of_a_tab_is_helped() {
        for (kind, is_proxy, tab_id, want) in [
            ("main_frame", false, 7, Some(TabId(7))),
            ("main_frame", true, 7, None),
            ("main_frame", false, -1, None),
            ("sub_frame", false, 7, None),
            ("image", false, 7, None),
            ("xmlhttprequest", false, 7, None),
            ("", false, 7, None),
        ] {
            let details = Details {
                request_id: "1".to_owned(),
                url: "https://orchard.test/".to_owned(),
                is_proxy,
                tab_id,
                kind: kind.to_owned(),
            };
            assert_eq!(details.tab(), want, "{kind} {is_proxy} {tab_id}");
        }
    }
}
