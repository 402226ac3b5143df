//! `score`: how well login forms are understood, on saved pages with known answers.
//!
//! The pages are of others and lie beside the checkout, so most machines have none. A real Chromium
//! tells the facts of each page by way of the real content script (`forms/tools/collect_facts.mjs`,
//! kept by content), and the example `score` of `forms` labels and judges, so that xtask itself links
//! neither.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::Args;

use crate::{
    Browser, process,
    requirements::Requirements,
    workspace::{self, Metadata},
};

/// Arguments of `score`.
#[derive(Debug, Args)]
pub(crate) struct ScoreArgs {
    /// Folder of the saved pages [default: shared/autofill/pages beside the checkout].
    #[arg(long, value_name = "FOLDER", requires = "truth")]
    pages: Option<PathBuf>,
    /// Their known answers [default: truth.json beside the pages].
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
    /// Write what would be filled, for the pages' own judge.
    #[arg(long, value_name = "FILE")]
    result: Option<PathBuf>,
    /// Write the pages that were judged wrong, one a line.
    #[arg(long, value_name = "FILE")]
    fails: Option<PathBuf>,
    /// Learn the points of `forms/src/points.rs` anew from these pages first.
    #[arg(long)]
    learn: bool,
    /// Print every reason for pages whose name has this part.
    #[arg(long, value_name = "NAME_PART")]
    explain: Option<String>,
}

/// Collects, labels, judges and prints the table; where the pages are absent, says so.
pub(crate) fn run(args: &ScoreArgs, requirements: &Requirements) -> Result<()> {
    let beside = workspace::shared().map(|shared| shared.join("autofill"));
    let given = |path: Option<&PathBuf>, name: &str| match path {
        Some(path) if !path.exists() => bail!("{}: there is no such thing", path.display()),
        Some(path) => absolute(path).map(Some),
        None => Ok(beside.as_ref().map(|folder| folder.join(name))),
    };
    let pages = given(args.pages.as_ref(), "pages")?.filter(|folder| folder.is_dir());
    let truth = given(args.truth.as_ref(), "truth.json")?.filter(|file| file.is_file());
    let (Some(pages), Some(truth)) = (pages, truth) else {
        println!("skipped: no pages: they lie in ../shared/autofill, or where --pages says");
        return Ok(());
    };

    let folder = Metadata::load()?.target().join("forms");
    std::fs::create_dir_all(&folder)?;
    let facts = folder.join("facts.json");
    collect(&pages, &facts, &folder.join("facts"), requirements)?;

    let result = match &args.result {
        Some(file) => absolute(file)?,
        None => folder.join("result.json"),
    };
    let mut score = example();
    score.arg(&facts).arg(&result).arg("--truth").arg(&truth);
    if let Some(part) = &args.explain {
        score.arg("--explain").arg(part);
    }
    if args.learn {
        let points = workspace::root().join("forms/src/points.rs");
        process::run(score.arg("--learn").arg(&points))?;
        process::run(process::cargo().args(["fmt", "-p", "pearvault-forms"]))?;
        // With the points just learnt.
        score = example();
        score.arg(&facts).arg(&result).arg("--truth").arg(&truth);
    }
    if let Some(file) = &args.fails {
        score.arg("--fails").arg(absolute(file)?);
    }
    process::run(&mut score)
}

/// The program that labels and judges.
fn example() -> std::process::Command {
    let mut cargo = process::cargo();
    cargo.args(["run", "--quiet", "--release", "-p", "pearvault-forms"]);
    cargo.args(["--features", "training", "--example", "score", "--"]);
    cargo
}

/// Facts of every page, from Chromium or from an earlier run.
fn collect(pages: &Path, facts: &Path, cache: &Path, requirements: &Requirements) -> Result<()> {
    let browser = requirements.browser(Browser::Chromium)?;
    let mut node = process::command(requirements.node_js()?);
    node.arg(workspace::root().join("forms/tools/collect_facts.mjs"))
        .args([pages, facts, cache])
        .envs(browser.environment());
    process::run(&mut node)
}

/// Children run in the checkout's root, the user perhaps elsewhere.
fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).with_context(|| path.display().to_string())
}
