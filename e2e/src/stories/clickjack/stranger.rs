//! Somebody else who reaches into the menu's closed root, as another extension can by
//! `chrome.dom.openOrClosedShadowRoot`. Here it is the browser's debugging protocol that does.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::lured::Lured;
use crate::pages::user::User;

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

/// Does `deed` in the menu's root.
pub(super) async fn reach_in(user: &User, deed: &str) -> Result<()> {
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
