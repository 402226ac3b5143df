//! Pages saved from the real web, where they lie beside the checkout: some of them are filled, and
//! what was filled is compared with what their annotators say.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use proto::{bridge::popup::Fill, vault::UrlMatch};
use serde::Deserialize;
use serde_json::json;

use super::Steps;
use crate::{
    clock::Stopwatch,
    pages::{bridge::refusal, user::User},
    place,
    site::{PASSWORD, Site, USERNAME},
    stage::save_login,
};

/// How many pages are filled.
const PAGES: usize = 8;

#[derive(Deserialize)]
struct Truth {
    pages: BTreeMap<String, Page>,
}

#[derive(Deserialize)]
struct Page {
    kind: String,
    fields: Vec<Field>,
}

#[derive(Deserialize)]
struct Field {
    i: usize,
    role: String,
    vis: bool,
}

impl Page {
    fn has(&self, role: &str) -> bool {
        self.fields
            .iter()
            .any(|field| field.role == role && field.vis)
    }

    fn are(&self, places: &[usize], role: &str) -> bool {
        let of = |place: &usize| self.fields.iter().any(|f| f.i == *place && f.role == role);
        !places.is_empty() && places.iter().all(of)
    }
}

/// Fills some pages, spread evenly over all login pages.
pub(super) async fn fill_some(steps: &Steps, user: &User, site: &Site) -> Result<()> {
    let Some(folder) = place::saved_pages() else {
        println!("--  pages saved from the real web: none lie beside the checkout, skipped");
        return Ok(());
    };
    let text = std::fs::read_to_string(folder.join("truth.json"))?;
    let truth: Truth = serde_json::from_str(&text).context("truth.json")?;
    let logins: Vec<_> = truth
        .pages
        .iter()
        .filter(|(_, page)| page.kind == "login" && page.has("user") && page.has("current"))
        .collect();
    let item = save_login(user, "Saved pages", "https://saved.test", UrlMatch::Site)
        .await?
        .id;
    let mut right = 0;
    for (path, page) in logins
        .iter()
        .step_by((logins.len() / PAGES).max(1))
        .take(PAGES)
    {
        let time = Stopwatch::start();
        user.visit(&site.https("saved.test", &format!("/saved/{path}")))
            .await?
            .wait_for("body")
            .await?;
        let answer = user.ask(Fill { item }).await;
        user.page().await?;
        let (names, passwords) = filled(user).await?;
        ensure!(
            passwords.is_empty() || page.are(&passwords, "current"),
            "{path}: the password went into {passwords:?}"
        );
        let good = page.are(&names, "user") && page.are(&passwords, "current");
        right += usize::from(good);
        show_filled(user).await?;
        let short: String = path.rsplit('/').next().unwrap_or(path).replace(".html", "");
        steps.shoot(user, &format!("saved-{short}"), time).await?;
        if !good {
            let why = refusal(&answer)
                .map_or_else(|| "filled otherwise".to_owned(), |e| e.message.clone());
            println!("    not as its annotators say: {why}");
        }
    }
    println!("--  {right} of {PAGES} saved pages filled as their annotators say");
    Ok(())
}

/// Scrolls to a field that was filled.
async fn show_filled(user: &User) -> Result<()> {
    let script = "[...document.querySelectorAll('input')]
        .findLast((e) => [...arguments].includes(e.value) && e.checkVisibility())
        ?.scrollIntoView({ block: 'center', behavior: 'instant' })";
    let arguments = vec![json!(USERNAME), json!(PASSWORD)];
    user.browser.client.execute(script, arguments).await?;
    Ok(())
}

/// Positions, over input, select and textarea in document order, of what holds name and password.
async fn filled(user: &User) -> Result<(Vec<usize>, Vec<usize>)> {
    let script = "const all = [...document.querySelectorAll('input, select, textarea')];
        const holding = (value) => all.flatMap((e, i) => e.value === value ? [i] : []);
        return [...arguments].map(holding)";
    let arguments = vec![json!(USERNAME), json!(PASSWORD)];
    let found = user.browser.client.execute(script, arguments).await?;
    Ok(serde_json::from_value(found)?)
}
