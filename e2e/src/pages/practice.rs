//! Pages of the practice site.

use anyhow::{Result, ensure};
use fantoccini::Locator;
use serde_json::{Value, json};

use super::user::User;
use crate::patience::{SOON, until};

/// How to reach the element that a script means by `$(selector)`: through open shadow roots.
const FIND: &str = "const find = (root, selector) => {
    const hit = root.querySelector(selector);
    if (hit) return hit;
    for (const host of root.querySelectorAll('*')) {
        const inner = host.shadowRoot && find(host.shadowRoot, selector);
        if (inner) return inner;
    }
    return null;
};
const $ = (selector) => find(document, selector);
";

/// The page window.
#[derive(Debug)]
pub struct Practice<'a> {
    user: &'a User,
}

impl<'a> Practice<'a> {
    pub(super) fn new(user: &'a User) -> Self {
        Self { user }
    }

    /// Enters the frame `#login`.
    pub async fn enter_frame(&self) -> Result<()> {
        let client = &self.user.browser.client;
        let frame = client
            .wait()
            .at_most(SOON)
            .for_element(Locator::Css("iframe#login"))
            .await?;
        frame.enter_frame().await?;
        Ok(())
    }

    /// What stands in a field.
    pub async fn value(&self, selector: &str) -> Result<String> {
        let script = format!("{FIND} return $(arguments[0])?.value ?? null");
        let value = self.user.script(&script, vec![selector.into()]).await?;
        value
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| anyhow::anyhow!("there is no {selector}"))
    }

    /// Waits until the page has an element.
    pub async fn wait_for(&self, selector: &str) -> Result<()> {
        let script = format!("{FIND} return !!$(arguments[0])");
        self.user
            .script_until(selector, &script, vec![selector.into()])
            .await
            .map(drop)
    }

    /// Waits until a field holds a value.
    pub async fn wait_for_value(&self, selector: &str, value: &str) -> Result<()> {
        until(&format!("`{value}` in {selector}"), SOON, async || {
            self.expect_value(selector, value).await?;
            Ok(Some(()))
        })
        .await
    }

    /// Checks what stands in a field.
    pub async fn expect_value(&self, selector: &str, value: &str) -> Result<()> {
        let found = self.value(selector).await?;
        ensure!(found == value, "{selector} holds `{found}`, not `{value}`");
        Ok(())
    }

    /// Clicks.
    pub async fn click(&self, selector: &str) -> Result<()> {
        let script = format!("{FIND} $(arguments[0]).click()");
        self.user
            .script(&script, vec![selector.into()])
            .await
            .map(drop)
    }

    /// Presses the middle of an element with the pointer, as a hand would.
    pub async fn press_on(&self, selector: &str) -> Result<()> {
        let middle = self.middle_of(selector).await?;
        self.user.press_point(middle).await
    }

    /// Opens the context menu on an element.
    pub async fn press_aside_on(&self, selector: &str) -> Result<()> {
        let middle = self.middle_of(selector).await?;
        self.user.press_point_aside(middle).await
    }

    async fn middle_of(&self, selector: &str) -> Result<(f64, f64)> {
        let script = format!(
            "{FIND} const at = $(arguments[0]); at.scrollIntoView({{ block: 'center', behavior: 'instant' }}); \
             const box = at.getBoundingClientRect(); return [box.left + box.width / 2, box.top + box.height / 2]"
        );
        let at = self.user.script(&script, vec![selector.into()]).await?;
        Ok(serde_json::from_value(at)?)
    }

    /// Runs a script in the page.
    pub async fn run(&self, script: &str) -> Result<Value> {
        self.user.script(script, Vec::new()).await
    }

    /// Waits until the path of the address is this.
    pub async fn wait_for_path(&self, path: &str) -> Result<()> {
        let what = format!("the page {path}");
        until(&what, SOON, async || {
            let url = self.user.browser.client.current_url().await?;
            Ok((url.path() == path).then_some(()))
        })
        .await
    }

    /// Waits until the site greets the user who signed in.
    pub async fn wait_for_welcome(&self, name: &str) -> Result<()> {
        self.wait_for_path("/welcome/").await?;
        let script = "return document.querySelector('#signed-in')?.textContent.trim() ?? null";
        let text = self
            .user
            .script_until("the greeting", script, Vec::new())
            .await?;
        ensure!(
            text == json!(format!("Signed in as {name}")),
            "the site greets with {text}"
        );
        Ok(())
    }
}
