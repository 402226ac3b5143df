//! Somebody else who reaches into the menu's closed root, as another extension can by
//! `openOrClosedShadowRoot`. In Firefox it is one; Chromium takes no second extension by its
//! driver while it runs, and it is its debugging protocol that reaches in.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use tempfile::TempDir;

use super::lured::Lured;
use crate::{
    browser::Kind,
    pages::{practice::Practice, user::User},
};

/// What is done within the root, on which page (`lure.js`), as a function of the root. Where the
/// stranger presses rows, the user does not.
pub(super) const DEEDS: &[(&str, &str, &str)] = &[
    (
        "presses rows",
        "forged-presses",
        "function () {
            for (const row of this.querySelectorAll('[role=option]')) {
                for (const name of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click'])
                    row.dispatchEvent(new PointerEvent(name, { bubbles: true, composed: true }));
                row.click();
            }
        }",
    ),
    (
        "makes it faint",
        "ordinary-page",
        "function () { this.firstElementChild.style.setProperty('opacity', '0', 'important') }",
    ),
    (
        "writes another text",
        "ordinary-page",
        "function () { for (const row of this.querySelectorAll('[role=option]')) row.textContent = 'Win a pear' }",
    ),
    (
        "lays something over it",
        "ordinary-page",
        "function () {
            const cover = document.createElement('div');
            cover.style.cssText = 'position:absolute;inset:0;background:#fff;pointer-events:none';
            this.firstElementChild.append(cover);
        }",
    ),
    (
        "styles it",
        "ordinary-page",
        "function () {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync('*, :host { opacity: 0 !important; filter: opacity(0) !important }');
            this.adoptedStyleSheets = [sheet];
        }",
    ),
];

/// In Firefox an extension beside ours; in Chromium nothing but the debugging protocol.
pub(super) struct Stranger(Option<TempDir>);

/// The add-on's own script. Pages tell it by an event what to do, and see by an attribute what came of it.
const SCRIPT: &str = r#"
addEventListener("stranger", ({ detail }) => {
    const tell = (text) => (document.documentElement.dataset.stranger = text);
    try {
        const roots = [...document.querySelectorAll("*")].map((it) => it.openOrClosedShadowRoot);
        const root = roots.find((it) => it?.mode === "closed");
        if (!root) return tell("no closed root");
        deeds[detail].call(root);
        tell("done");
    } catch (error) {
        tell(String(error));
    }
});
"#;

impl Stranger {
    /// Moves in.
    pub(super) async fn arrive(user: &User) -> Result<Self> {
        if user.browser.kind() == Kind::Chromium {
            return Ok(Self(None));
        }
        let folder = tempfile::tempdir()?;
        let manifest = json!({
            "manifest_version": 2,
            "name": "Stranger",
            "version": "1",
            "browser_specific_settings": {"gecko": {"id": "stranger@pearvault.test"}},
            "permissions": ["<all_urls>"],
            "content_scripts": [{"matches": ["<all_urls>"], "js": ["stranger.js"], "run_at": "document_start"}],
        });
        std::fs::write(folder.path().join("manifest.json"), manifest.to_string())?;
        let deeds: Vec<String> = DEEDS
            .iter()
            .map(|(name, _, deed)| format!("{}: {deed}", json!(name)))
            .collect();
        let script = format!("const deeds = {{ {} }};\n{SCRIPT}", deeds.join(",\n"));
        std::fs::write(folder.path().join("stranger.js"), script)?;
        user.browser.install_beside(folder.path()).await?;
        Ok(Self(Some(folder)))
    }

    /// Does a deed in the menu's root.
    pub(super) async fn reach_in(
        &self,
        user: &User,
        page: &Practice<'_>,
        name: &str,
        deed: &str,
    ) -> Result<()> {
        if self.0.is_none() {
            return reach_by_protocol(user, deed).await;
        }
        let script = format!(
            "delete document.documentElement.dataset.stranger;
             dispatchEvent(new CustomEvent('stranger', {{ detail: {} }}));
             return document.documentElement.dataset.stranger ?? 'nobody heard'",
            json!(name)
        );
        let told = page.run(&script).await?;
        ensure!(told == "done", "the deed failed: {told}");
        Ok(())
    }
}

async fn reach_by_protocol(user: &User, deed: &str) -> Result<()> {
    let browser = &user.browser;
    let told = browser
        .cdp("DOM.getDocument", json!({"depth": -1, "pierce": true}))
        .await?;
    let root = closed_root(&told["root"]).context("the page has no closed root")?;
    let object = browser
        .cdp("DOM.resolveNode", json!({"nodeId": root}))
        .await?;
    let params = json!({"objectId": object["object"]["objectId"], "functionDeclaration": deed});
    let answer = browser.cdp("Runtime.callFunctionOn", params).await?;
    ensure!(
        answer.get("exceptionDetails").is_none(),
        "the deed failed: {answer}"
    );
    Ok(())
}

/// The first closed root below a node.
fn closed_root(node: &Value) -> Option<&Value> {
    let roots = node["shadowRoots"].as_array().into_iter().flatten();
    for root in roots {
        if root["shadowRootType"] == "closed" {
            return Some(&root["nodeId"]);
        }
    }
    let children = node["children"].as_array().into_iter().flatten();
    children.map(closed_root).find(Option::is_some).flatten()
}

/// Whether nothing came of it.
pub(super) fn check(name: &str, seen: &Lured) -> Result<()> {
    ensure!(seen.opened, "{name}: there was no menu");
    ensure!(!seen.released, "{name}: released");
    Ok(())
}
