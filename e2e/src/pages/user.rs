//! Somebody at a browser: one window with web pages, one with the popup.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, Result, ensure};
use fantoccini::{
    actions::{
        InputSource as _, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MOUSE_BUTTON_RIGHT,
        MouseActions, PointerAction,
    },
    key::Key,
    wd::WindowHandle,
};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::{bridge, popup::Popup, practice::Practice};
use crate::{
    browser::{Browser, Kind},
    patience::{SOON, until},
};

/// Size of the popup in CSS pixels.
pub const POPUP_SIZE: (u32, u32) = (380, 600);
/// Size of pages in screenshots, CSS pixels.
pub const PAGE_SIZE: (u32, u32) = (1280, 800);

/// A user and their browser.
#[derive(Debug)]
pub struct User {
    /// What they sit at.
    pub browser: Browser,
    name: String,
    page: WindowHandle,
    popup: Mutex<Option<WindowHandle>>,
}

impl User {
    /// Sits down at a browser that was just started.
    pub async fn sit_down(name: &str, browser: Browser) -> Result<Self> {
        let page = browser.client.window().await?;
        Ok(Self {
            browser,
            name: name.to_owned(),
            page,
            popup: Mutex::new(None),
        })
    }

    /// Their name, for logs.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Opens a web page in the page window.
    pub async fn visit(&self, url: &str) -> Result<Practice<'_>> {
        self.look_at_page().await?;
        self.browser
            .client
            .goto(url)
            .await
            .with_context(|| url.to_owned())?;
        Ok(Practice::new(self))
    }

    /// Looks at the page window.
    pub async fn page(&self) -> Result<Practice<'_>> {
        self.look_at_page().await?;
        Ok(Practice::new(self))
    }

    /// Opens the popup, or looks at the one that is open.
    ///
    /// It is the popup's page in a window of its own: a driver cannot reach the one under the
    /// toolbar button. For the background the page window stays the one to fill.
    pub async fn popup(&self) -> Result<Popup<'_>> {
        let client = &self.browser.client;
        let mut popup = self.popup.lock().await;
        if let Some(handle) = popup.clone() {
            // A popup closes itself after a fill.
            if client.windows().await?.contains(&handle) {
                client.switch_to_window(handle).await?;
                return Ok(Popup::new(self));
            }
        }
        self.look_at_page().await?;
        let handle = self.browser.new_window().await?;
        *popup = Some(handle);
        self.browser
            .set_page_size(POPUP_SIZE.0, POPUP_SIZE.1)
            .await
            .ok();
        client
            .goto(&format!("{}/popup.html", self.browser.origin()))
            .await?;
        Ok(Popup::new(self))
    }

    /// Opens the popup anew, as a click on the toolbar button does.
    pub async fn open_popup(&self) -> Result<Popup<'_>> {
        let popup = self.popup().await?;
        self.browser.client.refresh().await?;
        Ok(popup)
    }

    /// Closes the popup, as a click elsewhere does.
    pub async fn close_popup(&self) -> Result<()> {
        let mut popup = self.popup.lock().await;
        if let Some(handle) = popup.take()
            && self.browser.client.windows().await?.contains(&handle)
        {
            self.browser.client.switch_to_window(handle).await?;
            self.browser.client.close_window().await?;
        }
        self.look_at_page().await
    }

    /// Waits for a window that the extension has opened by itself, and looks at it. `mark` is part of
    /// its address.
    pub async fn asked_in_window(&self, mark: &str) -> Result<Popup<'_>> {
        let client = &self.browser.client;
        if self.browser.kind() == Kind::Chromium {
            return self.asked_in_hidden_tab(mark).await;
        }
        until(&format!("a window with `{mark}`"), SOON, async || {
            for handle in client.windows().await? {
                if self.is_known(&handle).await {
                    continue;
                }
                client.switch_to_window(handle).await?;
                if client.current_url().await?.as_str().contains(mark) {
                    return Ok(Some(Popup::new(self)));
                }
            }
            Ok(None)
        })
        .await
    }

    /// Chromium's driver has no handle of a tab that the extension has opened: its address is opened in a window that has
    /// one, and the tab closed.
    async fn asked_in_hidden_tab(&self, mark: &str) -> Result<Popup<'_>> {
        self.popup().await?;
        let script = "const [mark, done] = arguments;
            chrome.tabs.query({}).then((tabs) => {
                const tab = tabs.find((tab) => (tab.pendingUrl || tab.url).includes(mark));
                if (!tab) return done(null);
                return chrome.tabs.remove(tab.id).then(() => done(tab.pendingUrl || tab.url));
            }, (error) => done({ error: String(error) }))";
        let client = &self.browser.client;
        let url = until(&format!("a tab with `{mark}`"), SOON, async || {
            let told = client.execute_async(script, vec![mark.into()]).await?;
            Ok(told.as_str().map(str::to_owned))
        })
        .await?;
        self.browser.new_window().await?;
        client.goto(&url).await?;
        Ok(Popup::new(self))
    }

    /// What the extension's button says in the page window's tab.
    pub async fn badge(&self) -> Result<String> {
        self.popup().await?;
        let script = "const [done] = arguments;
            const api = globalThis.browser ?? chrome;
            api.tabs.query({})
                .then((tabs) => tabs.find((tab) => tab.url.startsWith('http')))
                .then((tab) => api.action.getBadgeText({ tabId: tab.id }))
                .then(done, (error) => done({ error: String(error) }))";
        let told = self.browser.client.execute_async(script, vec![]).await?;
        let text = told
            .as_str()
            .with_context(|| format!("the button: {told}"))?;
        Ok(text.to_owned())
    }

    /// Ids of the extension's notifications that are shown.
    pub async fn notifications(&self) -> Result<Vec<String>> {
        self.popup().await?;
        let script = "const [done] = arguments;
            (globalThis.browser ?? chrome).notifications.getAll()
                .then((all) => done(Object.keys(all)), (error) => done({ error: String(error) }))";
        let told = self.browser.client.execute_async(script, vec![]).await?;
        serde_json::from_value(told.clone()).with_context(|| format!("notifications: {told}"))
    }

    /// Waits until the extension's button says a text in the page window's tab.
    pub async fn wait_for_badge(&self, text: &str) -> Result<()> {
        until(&format!("`{text}` on the button"), SOON, async || {
            let told = self.badge().await?;
            ensure!(told == text, "it says `{told}`");
            Ok(Some(()))
        })
        .await
    }

    /// Asks the background from an extension page, past the popup: for what a story is not about.
    pub async fn ask<R: proto::bridge::Request>(&self, request: R) -> Result<R::Response> {
        self.popup().await?;
        bridge::ask(&self.browser.client, request).await
    }

    /// Presses keys one after another, and holds none.
    pub async fn press(&self, keys: &[Key]) -> Result<()> {
        let strokes = keys.iter().flat_map(|key| {
            let value = char::from(*key);
            [KeyAction::Down { value }, KeyAction::Up { value }]
        });
        self.act(strokes).await
    }

    /// Types a text with the keyboard, wherever the focus is.
    pub async fn type_text(&self, text: &str) -> Result<()> {
        let strokes = text
            .chars()
            .flat_map(|value| [KeyAction::Down { value }, KeyAction::Up { value }]);
        self.act(strokes).await
    }

    /// Presses a key while holding another.
    pub async fn press_with(&self, held: Key, key: char) -> Result<()> {
        let held = char::from(held);
        self.act([
            KeyAction::Down { value: held },
            KeyAction::Down { value: key },
            KeyAction::Up { value: key },
            KeyAction::Up { value: held },
        ])
        .await
    }

    /// Moves the pointer to a point of the window in front, CSS pixels, and presses its main button.
    pub async fn press_point(&self, at: (f64, f64)) -> Result<()> {
        self.press_button(at, MOUSE_BUTTON_LEFT).await
    }

    /// The same with the button for the context menu.
    pub(super) async fn press_point_aside(&self, at: (f64, f64)) -> Result<()> {
        self.press_button(at, MOUSE_BUTTON_RIGHT).await
    }

    async fn press_button(&self, (x, y): (f64, f64), button: u64) -> Result<()> {
        let actions = MouseActions::new("mouse".to_owned())
            .then(PointerAction::MoveTo {
                duration: Some(Duration::from_millis(20)),
                x,
                y,
            })
            .then(PointerAction::Down { button })
            .then(PointerAction::Up { button });
        Ok(self.browser.client.perform_actions(actions).await?)
    }

    /// Writes a screenshot of the window in front.
    pub async fn screenshot(&self, file: &Path) -> Result<()> {
        let png = self.browser.client.screenshot().await?;
        std::fs::write(file, png).with_context(|| file.display().to_string())
    }

    /// Writes what can be known after a failure: screenshots and sources of both windows and the
    /// consoles. Nothing here fails; what cannot be had is left out.
    pub async fn leave_evidence(&self, folder: &Path) {
        let write = |file: String, bytes: &[u8]| std::fs::write(folder.join(file), bytes).ok();
        let windows = self.browser.client.windows().await.unwrap_or_default();
        for (number, handle) in windows.into_iter().enumerate() {
            if self.browser.client.switch_to_window(handle).await.is_err() {
                continue;
            }
            let name = format!("{}-window-{number}", self.name);
            if let Ok(png) = self.browser.client.screenshot().await {
                write(format!("{name}.png"), &png);
            }
            if let Ok(source) = self.browser.client.source().await {
                write(format!("{name}.html"), source.as_bytes());
            }
            if let Ok(url) = self.browser.client.current_url().await {
                let console = self.browser.console().await;
                write(
                    format!("{name}.log"),
                    format!("{url}\n{console}\n").as_bytes(),
                );
            }
        }
        write(
            format!("{}-driver.log", self.name),
            self.browser.driver_output().as_bytes(),
        );
    }

    pub(crate) async fn script(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.browser.client.execute(script, arguments).await?)
    }

    /// Waits until the script returns something other than `null` or `false`.
    pub(super) async fn script_until(
        &self,
        what: &str,
        script: &str,
        arguments: Vec<Value>,
    ) -> Result<Value> {
        until(what, SOON, async || {
            let value = self.script(script, arguments.clone()).await?;
            Ok((value != Value::Null && value != json!(false)).then_some(value))
        })
        .await
    }

    /// Whether it is the page window or the popup's.
    pub(super) async fn is_known(&self, handle: &WindowHandle) -> bool {
        *handle == self.page || self.popup.lock().await.as_ref() == Some(handle)
    }

    async fn look_at_page(&self) -> Result<()> {
        Ok(self
            .browser
            .client
            .switch_to_window(self.page.clone())
            .await?)
    }

    async fn act(&self, strokes: impl IntoIterator<Item = KeyAction>) -> Result<()> {
        let actions = strokes
            .into_iter()
            .fold(KeyActions::new("keyboard".to_owned()), |actions, stroke| {
                actions.then(stroke)
            });
        Ok(self.browser.client.perform_actions(actions).await?)
    }
}
