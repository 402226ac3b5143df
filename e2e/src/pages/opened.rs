//! A page of the extension in a tab that it has opened by itself.

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use super::user::User;
use crate::{
    browser::Kind,
    patience::{SOON, until},
};

/// What is seen of one.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Opened {
    screen: String,
    /// The tab's URL now.
    pub url: String,
    /// The URL that it was opened with; Chromium tells.
    pub first_url: String,
    /// Its title.
    pub title: String,
    /// The address that it is about.
    pub address: String,
}

impl Opened {
    /// Nothing that a browser keeps of the tab says whom it is about.
    ///
    /// # Errors
    /// What does.
    pub fn expect_nobody_named(&self) -> Result<()> {
        for kept in [&self.url, &self.first_url, &self.title] {
            let named = ["@", "%40", &self.address]
                .iter()
                .any(|it| kept.contains(it));
            ensure!(!named, "{self:?}");
        }
        ensure!(self.url.ends_with("/popup.html?full"), "{self:?}");
        if self.first_url != "document" {
            let id = self.first_url.rsplit("/popup.html?full#/to/").next();
            let id = id.unwrap_or_default();
            let is_id = id.len() == 32 && id.bytes().all(|it| it.is_ascii_hexdigit());
            ensure!(is_id, "{self:?}");
        }
        Ok(())
    }
}

impl User {
    /// Waits until a tab that the extension has opened shows a screen about somebody, and closes it.
    pub async fn opened(&self, screen: &str) -> Result<Opened> {
        until(&format!("a tab with `{screen}`"), SOON, async || {
            let found = match self.browser.kind() {
                Kind::Chromium => self.look_into_hidden_tabs().await?,
                Kind::Firefox => self.look_into_tabs().await?,
            };
            Ok(found.filter(|it| it.screen == screen && !it.address.is_empty()))
        })
        .await
    }

    /// Chromium's driver has no handle of such a tab; the popup's page has.
    async fn look_into_hidden_tabs(&self) -> Result<Option<Opened>> {
        self.popup().await?;
        let script = format!(
            "{LOOK}
             const own = chrome.extension.getViews({{ type: 'tab' }});
             const tab = own.find((view) => view !== window && view.location.search === '?full');
             if (!tab) return null;
             const seen = look(tab);
             if (seen.address) tab.chrome.tabs.getCurrent().then((own) => chrome.tabs.remove(own.id));
             return seen"
        );
        let seen = self.script(&script, Vec::new()).await?;
        serde_json::from_value(seen).context("what a tab shows")
    }

    async fn look_into_tabs(&self) -> Result<Option<Opened>> {
        let client = &self.browser.client;
        for handle in client.windows().await? {
            if self.is_known(&handle).await {
                continue;
            }
            client.switch_to_window(handle).await?;
            let script = format!("{LOOK} return look(window)");
            let seen = self.script(&script, Vec::new()).await?;
            let seen: Opened = serde_json::from_value(seen)?;
            if !seen.address.is_empty() {
                client.close_window().await?;
                self.page().await?;
                return Ok(Some(seen));
            }
        }
        Ok(None)
    }
}

const LOOK: &str = "const look = (view) => {
    const [first] = view.performance.getEntriesByType('navigation');
    const at = (hook) => view.document.querySelector(`[data-test=${hook}]`);
    return {
        screen: view.document.querySelector('[data-screen]')?.dataset.screen ?? '',
        url: view.location.href,
        firstUrl: first?.name ?? '',
        title: view.document.title,
        address: at('address-input')?.value ?? at('contact-address')?.textContent ?? '',
    };
};";
