//! The popup, by the hooks of `extension/popup/README.md`.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, Result, ensure};
use fantoccini::{Locator, elements::Element, key::Key};
use serde_json::Value;

use super::user::User;
use crate::patience::{SOON, WORK, until};

mod recovery;

/// The two parts of the list of items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What fits the page in front.
    Site,
    /// All items, or those found.
    All,
}

impl Part {
    fn mark(self) -> &'static str {
        match self {
            Self::Site => "true",
            Self::All => "false",
        }
    }
}

/// What the popup says to the wish to fill a card or an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Previewed {
    /// What would go into which field, each in the popup's words; it asks whether to fill.
    Parts(Vec<(String, String)>),
    /// Why nothing would be filled.
    Refused(String),
}

/// The popup's window, in front.
#[derive(Debug)]
pub struct Popup<'a> {
    user: &'a User,
}

impl<'a> Popup<'a> {
    pub(super) fn new(user: &'a User) -> Self {
        Self { user }
    }

    /// Name of the screen shown; empty before there is one.
    pub async fn screen(&self) -> Result<String> {
        let script = "return document.querySelector('[data-screen]')?.dataset.screen ?? ''";
        let name = self.user.script(script, Vec::new()).await?;
        Ok(name.as_str().unwrap_or_default().to_owned())
    }

    /// Waits for a screen.
    pub async fn wait_for_screen(&self, name: &str) -> Result<()> {
        self.wait_for_screen_within(name, SOON).await
    }

    /// Waits for a screen.
    pub async fn wait_for_screen_within(&self, name: &str, limit: Duration) -> Result<()> {
        until(&format!("the screen `{name}`"), limit, async || {
            let screen = self.screen().await?;
            ensure!(screen == name, "the popup shows `{screen}`");
            Ok(Some(()))
        })
        .await
    }

    /// Whether an element is shown.
    pub async fn shows(&self, hook: &str) -> Result<bool> {
        let script = "const e = document.querySelector(`[data-test=\"${arguments[0]}\"]`);
            return !!e && e.checkVisibility() && (e.textContent.trim() !== '' || e.matches('input, button, select, textarea, svg, img') || e.childElementCount > 0)";
        Ok(self.user.script(script, vec![hook.into()]).await? == Value::Bool(true))
    }

    /// Waits until an element is shown.
    pub async fn wait_for(&self, hook: &str) -> Result<()> {
        until(&format!("`{hook}` in the popup"), SOON, async || {
            Ok(self.shows(hook).await?.then_some(()))
        })
        .await
    }

    /// Waits until an element is no longer shown.
    pub async fn wait_until_gone(&self, hook: &str) -> Result<()> {
        until(&format!("`{hook}` to go"), SOON, async || {
            Ok((!self.shows(hook).await?).then_some(()))
        })
        .await
    }

    /// The text of an element.
    pub async fn text(&self, hook: &str) -> Result<String> {
        Ok(self.element(hook).await?.text().await?)
    }

    /// What stands in a field.
    pub async fn value(&self, hook: &str) -> Result<String> {
        let element = self.element(hook).await?;
        Ok(element.prop("value").await?.unwrap_or_default())
    }

    /// Clicks, as soon as it can be clicked.
    pub async fn click(&self, hook: &str) -> Result<()> {
        until(&format!("`{hook}` to click"), SOON, async || {
            let element = self.element(hook).await?;
            ensure!(element.is_enabled().await?, "it is disabled");
            let waits = element.attr("aria-disabled").await?;
            ensure!(waits.as_deref() != Some("true"), "it cannot be used yet");
            element.click().await?;
            Ok(Some(()))
        })
        .await
    }

    /// Waits until an element's `data-state` is this.
    pub async fn wait_for_state(&self, hook: &str, state: &str) -> Result<()> {
        until(&format!("`{hook}` to be `{state}`"), SOON, async || {
            let now = self.element(hook).await?.attr("data-state").await?;
            ensure!(now.as_deref() == Some(state), "it is {now:?}");
            Ok(Some(()))
        })
        .await
    }

    /// The hook of the element that has the focus; empty where it has none.
    pub async fn focus(&self) -> Result<String> {
        let focus = self
            .user
            .script(
                "return document.activeElement?.dataset?.test ?? ''",
                Vec::new(),
            )
            .await?;
        Ok(focus.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until an element has the focus.
    pub async fn wait_for_focus(&self, hook: &str) -> Result<()> {
        until(&format!("the focus in `{hook}`"), SOON, async || {
            let focus = self.focus().await?;
            ensure!(focus == hook, "it is in `{focus}`");
            Ok(Some(()))
        })
        .await
    }

    /// Replaces what stands in a field by typing.
    pub async fn enter(&self, hook: &str, text: &str) -> Result<()> {
        self.empty(hook).await?;
        self.element(hook).await?.send_keys(text).await?;
        let found = self.value(hook).await?;
        ensure!(found == text, "`{hook}` holds another text than was typed");
        Ok(())
    }

    /// The same key by key, and without a look at what the field holds then: the text would get into the driver's
    /// own messages to the browser, and stay in its memory.
    pub async fn enter_unread(&self, hook: &str, text: &str) -> Result<()> {
        self.empty(hook).await?;
        self.user.type_text(text).await?;
        let script =
            "return document.querySelector(`[data-test=\"${arguments[0]}\"]`).value.length";
        let length = self.user.script(script, vec![hook.into()]).await?;
        ensure!(length == text.len(), "`{hook}` holds {length} characters");
        Ok(())
    }

    /// Empties a field, and leaves the focus in it.
    async fn empty(&self, hook: &str) -> Result<()> {
        until(&format!("`{hook}` to type into"), SOON, async || {
            let element = self.element(hook).await?;
            ensure!(element.is_enabled().await?, "it is disabled");
            element.click().await?;
            Ok(Some(()))
        })
        .await?;
        self.user.press_with(Key::Control, 'a').await?;
        self.user.press(&[Key::Delete]).await
    }

    /// Shows the password of the item whose screen is open. It is known by its length alone: a text that the driver
    /// reads stays in its messages.
    pub async fn show_password(&self, chars: usize) -> Result<()> {
        self.click("reveal-password").await?;
        until("the password in clear", SOON, async || {
            let script = "const field = document.querySelector('[data-test=field-password]');
                const texts = document.createTreeWalker(field, NodeFilter.SHOW_TEXT);
                const lengths = [];
                while (texts.nextNode()) lengths.push(texts.currentNode.length);
                return lengths.includes(arguments[0])";
            let shown = self.user.script(script, vec![chars.into()]).await?;
            Ok((shown == true).then_some(()))
        })
        .await
    }

    /// Chooses a file in a field for one, as the browser's own chooser would.
    pub async fn attach(&self, hook: &str, file: &Path) -> Result<()> {
        until(&format!("`{hook}` to take a file"), SOON, async || {
            let element = self.element(hook).await?;
            element.send_keys(&file.to_string_lossy()).await?;
            Ok(Some(()))
        })
        .await
    }

    /// What all elements of a hook carry as a mark (`data-…`), in order.
    pub async fn marks(&self, hook: &str, mark: &str) -> Result<Vec<String>> {
        let script = "return [...document.querySelectorAll(`[data-test=\"${arguments[0]}\"]`)]
            .map(element => element.dataset[arguments[1]] ?? '')";
        let marks = self
            .user
            .script(script, vec![hook.into(), mark.into()])
            .await?;
        let marks = marks.as_array().context("marks")?.iter();
        Ok(marks.filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// Titles of the rows of one part of the list, in order.
    pub async fn rows(&self, part: Part) -> Result<Vec<String>> {
        let script = "return [...document.querySelectorAll(`[data-test=row][data-site=\"${arguments[0]}\"]`)]
            .map(row => row.dataset.title)";
        let rows = self.user.script(script, vec![part.mark().into()]).await?;
        let titles = rows.as_array().context("rows")?;
        Ok(titles
            .iter()
            .filter_map(|title| title.as_str())
            .map(str::to_owned)
            .collect())
    }

    /// Waits until one part of the list has exactly these titles, in any order.
    pub async fn wait_for_rows(&self, part: Part, titles: &[&str]) -> Result<()> {
        until(&format!("the rows {titles:?}"), SOON, async || {
            let mut rows = self.rows(part).await?;
            let mut wanted = titles.to_vec();
            rows.sort();
            wanted.sort_unstable();
            ensure!(rows == wanted, "the rows are {rows:?}");
            Ok(Some(()))
        })
        .await
    }

    /// How far a row of the list stands from the top of the window, CSS pixels.
    pub async fn place_of_row(&self, title: &str) -> Result<u64> {
        let script = "const row = `[data-test=row][data-title=\"${arguments[0]}\"]`;
            return Math.round(document.querySelector(row)?.getBoundingClientRect().top)";
        let top = self.user.script(script, vec![title.into()]).await?;
        top.as_u64().context("no such row")
    }

    /// Opens an item from the list.
    pub async fn open_item(&self, title: &str) -> Result<()> {
        let selector = format!("[data-test=row][data-site=false][data-title=\"{title}\"]");
        self.click_css(&selector).await?;
        self.wait_for_screen("item").await
    }

    /// Fills a login that fits the page in front. Done when the popup has closed or says so.
    pub async fn fill(&self, title: &str) -> Result<()> {
        let row = format!("[data-test=row][data-site=true][data-title=\"{title}\"]");
        self.click_css(&format!("{row} [data-test=fill], {row}[data-test=fill]"))
            .await
    }

    /// Opens a card or an identity and asks what of it would go where.
    pub async fn preview(&self, title: &str) -> Result<Previewed> {
        self.open_item(title).await?;
        self.click("fill").await?;
        self.previewed().await
    }

    /// Finds a card or an identity in the list and asks the same there.
    pub async fn preview_in_list(&self, title: &str) -> Result<Previewed> {
        self.enter("search", title).await?;
        self.wait_for_rows(Part::All, &[title]).await?;
        self.click("preview").await?;
        self.previewed().await
    }

    /// Lets what was previewed be filled.
    ///
    /// # Errors
    /// What the popup says where nothing was.
    pub async fn fill_previewed(&self) -> Result<()> {
        self.click("dialog-confirm").await?;
        let (tone, text) =
            until("what came of the fill", SOON, async || self.toast().await).await?;
        ensure!(tone == "done", "{text}");
        Ok(())
    }

    /// Waits until a text is told at the bottom.
    pub async fn wait_for_toast(&self, text: &str) -> Result<()> {
        until(&format!("a toast with {text:?}"), SOON, async || {
            let told = self.toast().await?.unwrap_or_default().1;
            ensure!(told.contains(text), "it says {told:?}");
            Ok(Some(()))
        })
        .await
    }

    async fn previewed(&self) -> Result<Previewed> {
        let script = "const text = (found) => found.textContent.trim();
            return [...document.querySelectorAll('[data-test=parts] > *')]
                .map(part => [text(part.querySelector('dt')), text(part.querySelector('dd'))])";
        until("a preview, or why there is none", SOON, async || {
            let parts = self.user.script(script, Vec::new()).await?;
            let parts: Vec<_> = serde_json::from_value(parts)?;
            if !parts.is_empty() {
                return Ok(Some(Previewed::Parts(parts)));
            }
            let told = self.toast().await?;
            Ok(told.map(|(_, text)| Previewed::Refused(text)))
        })
        .await
    }

    /// Tone and text of what is told at the bottom.
    async fn toast(&self) -> Result<Option<(String, String)>> {
        let script = "const toast = document.querySelector('[data-test=toast]');
            return toast && [toast.dataset.tone, toast.textContent.trim()]";
        let told = self.user.script(script, Vec::new()).await?;
        Ok(serde_json::from_value(told)?)
    }

    /// Answers a server that asks for a login: with this one, or, without, leaves it to the browser.
    pub async fn answer_server(&self, title: Option<&str>) -> Result<()> {
        let selector = title.map_or_else(
            || "[data-test=let-browser-ask]".to_owned(),
            |title| format!("[data-test=sign-in-item][data-title=\"{title}\"]"),
        );
        let wait = self.user.browser.client.wait().at_most(SOON);
        let button = wait.for_element(Locator::Css(&selector)).await?;
        // The window closes under it, and the driver may take that for a failure.
        button.click().await.ok();
        Ok(())
    }

    /// Makes an account, from the welcome screen to the open vault, as a new user would.
    pub async fn create_account(&self, address: &str, server: &str, password: &str) -> Result<()> {
        self.wait_for_screen("welcome").await?;
        self.click("create-account").await?;
        self.choose_address(address, server).await?;
        self.choose_password(password).await?;
        self.wait_for_screen_within("ready", WORK).await
    }

    /// Fills the address screen and goes on once the address is free.
    pub async fn choose_address(&self, address: &str, server: &str) -> Result<()> {
        self.wait_for_screen("address").await?;
        self.enter_server(server).await?;
        self.enter("address-input", address).await?;
        self.wait_for_state("availability", "available").await?;
        self.click("continue").await
    }

    /// Fills the server's address, behind its disclosure.
    pub async fn enter_server(&self, server: &str) -> Result<()> {
        if !self.shows("server-input").await? {
            self.click("server-toggle").await?;
        }
        self.enter("server-input", server).await
    }

    /// Fills the password screen; the work begins.
    pub async fn choose_password(&self, password: &str) -> Result<()> {
        self.wait_for_screen("password").await?;
        self.enter("password-input", password).await?;
        self.enter("confirm-input", password).await?;
        self.click("create").await
    }

    /// Logs in to an account that exists, from the welcome screen to the open vault.
    pub async fn log_in(&self, address: &str, server: &str, password: &str) -> Result<()> {
        self.wait_for_screen("welcome").await?;
        self.click("have-account").await?;
        self.wait_for_screen("login").await?;
        self.enter_server(server).await?;
        self.enter("address-input", address).await?;
        self.enter("password-input", password).await?;
        self.click("log-in").await?;
        self.wait_for_screen_within("home", WORK).await
    }

    /// Opens the vault.
    pub async fn unlock(&self, password: &str) -> Result<()> {
        self.wait_for_screen("unlock").await?;
        self.enter("unlock-input", password).await?;
        self.click("unlock").await
    }

    async fn click_css(&self, selector: &str) -> Result<()> {
        until(selector, SOON, async || {
            self.user
                .browser
                .client
                .find(Locator::Css(selector))
                .await?
                .click()
                .await?;
            Ok(Some(()))
        })
        .await
    }

    async fn element(&self, hook: &str) -> Result<Element> {
        let selector = format!("[data-test=\"{hook}\"]");
        Ok(self
            .user
            .browser
            .client
            .find(Locator::Css(&selector))
            .await?)
    }
}
