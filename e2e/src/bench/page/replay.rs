//! Pages of the real web, saved beside the checkout: a person's way through fifty of them.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::lab::{Lab, Subject};

/// Pages of one pass.
const PAGES: usize = 50;

/// Loads them all, pass after pass.
pub(super) async fn run(lab: &mut Lab, folder: &Path, passes: usize) -> Result<()> {
    let pages = chosen(folder)?;
    let pair = [Subject::Bare, Subject::Ours];
    lab.round(&lab.saved(&pages[0]), &pair).await?;
    for _ in 0..passes {
        for page in &pages {
            let url = lab.saved(page);
            let loads = lab.round(&url, &pair).await?;
            let [bare, ours] = loads[..] else {
                continue;
            };
            lab.tell("replay", ours.page - bare.page, "ms a page");
            lab.tell("replay.bare", bare.page, "ms a page");
            lab.tell("replay.worker", ours.worker, "ms a page");
        }
    }
    Ok(())
}

/// Evenly spread over the corpus, the same ones at every run.
fn chosen(folder: &Path) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(folder.join("truth.json"))?;
    let truth: Value = serde_json::from_str(&text).context("truth.json")?;
    let pages = truth["pages"]
        .as_object()
        .context("truth.json has no pages")?;
    let mut names: Vec<_> = pages.keys().cloned().collect();
    names.sort();
    ensure!(names.len() >= PAGES, "fewer than {PAGES} saved pages");
    let step = names.len() / PAGES;
    Ok(names.into_iter().step_by(step).take(PAGES).collect())
}
