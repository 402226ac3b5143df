//! Permissions that the user gives later, or never.

use js_sys::Promise;
use serde::Serialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

use crate::{
    BrowserError,
    api::{namespace, to_js},
    time::spawn,
};

#[wasm_bindgen]
extern "C" {
    type Permissions;
    #[wasm_bindgen(method, catch)]
    async fn contains(this: &Permissions, which: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn request(this: &Permissions, which: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn remove(this: &Permissions, which: &JsValue) -> Result<JsValue, JsValue>;
}

const PERMISSIONS: &str = "permissions";

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Show notifications.
    Notifications,
    /// Speak to programs of this machine that let this extension in.
    NativeMessaging,
}

impl Permission {
    /// Whether the user has given it.
    pub async fn is_given(self) -> bool {
        let Ok((permissions, which)) = self.asked_for() else {
            return false;
        };
        let contains = permissions.contains(&which).await;
        contains.is_ok_and(|answer| answer.is_truthy())
    }

    /// Lets the browser ask the user for it, and tells `then` what they have answered. Browsers ask only under a press of the
    /// user: this is called by what takes it, and not later.
    pub fn ask(self, then: impl FnOnce(bool) + 'static) {
        let asked = self
            .asked_for()
            .map(|(permissions, which)| permissions.request(&which));
        let Ok(Ok(asked)) = asked else {
            then(false);
            return;
        };
        spawn(async move {
            let answer = JsFuture::from(asked).await;
            then(answer.is_ok_and(|answer: JsValue| answer.is_truthy()));
        });
    }

    /// Gives it back.
    ///
    /// # Errors
    /// [`BrowserError`].
    pub async fn give_up(self) -> Result<(), BrowserError> {
        let (permissions, which) = self.asked_for()?;
        permissions
            .remove(&which)
            .await
            .map_err(BrowserError::failed("permissions.remove"))?;
        Ok(())
    }

    fn asked_for(self) -> Result<(Permissions, JsValue), BrowserError> {
        /// As the manifest names it.
        #[derive(Serialize)]
        struct Which {
            permissions: [&'static str; 1],
        }
        let name = match self {
            Self::Notifications => "notifications",
            Self::NativeMessaging => "nativeMessaging",
        };
        let permissions = [name];
        Ok((
            namespace(PERMISSIONS)?,
            to_js(PERMISSIONS, &Which { permissions })?,
        ))
    }
}
