//! `check`: format, lints, documentation, types of the content scripts, structure.
//!
//! Everything that a reviewer would otherwise have to say by hand; all stages run even when one
//! fails.

mod imports;
mod manifests;
mod tidy;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;

use crate::{
    process,
    requirements::{Requirements, WasmStd},
    workspace::{self, Metadata, Package},
};

/// Crates whose documentation takes little to make: the ones that others build on.
const DOCUMENTED: [&str; 7] = [
    "pearvault-proto",
    "pearvault-pow",
    "pearvault-wasm-core",
    "pearvault-engine",
    "pearvault-forms",
    "pearvault-host",
    "xtask",
];

/// Arguments of `check`; without a stage, all stages run.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Only this stage.
    #[arg(long, value_name = "STAGE", value_parser = STAGES)]
    only: Vec<String>,
}

const STAGES: [&str; 7] = [
    "format",
    "tidy",
    "types",
    "clippy",
    "doc",
    "deny",
    "advisories",
];

/// Longest wait for the list of advisories.
const FETCH_LIMIT: Duration = Duration::from_mins(1);

/// What a stage comes to.
enum Outcome {
    Passed,
    /// Not done here, and why.
    Skipped(String),
}

/// Runs the stages, quick ones first.
pub(crate) fn run(args: &CheckArgs, requirements: &Requirements) -> Result<()> {
    let metadata = Metadata::load()?;
    let packages = metadata.packages();
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for stage in STAGES {
        if !args.only.is_empty() && !args.only.iter().any(|only| only == stage) {
            continue;
        }
        println!("\n== {stage}");
        let start = Instant::now();
        let outcome = match stage {
            "format" => format(),
            "tidy" => tidy::run(&packages).map(|()| Outcome::Passed),
            "types" => types(requirements),
            "clippy" => clippy(&packages, requirements),
            "doc" => doc(&packages),
            "deny" => deny(requirements),
            _ => advisories(requirements),
        };
        let seconds = start.elapsed().as_secs();
        match outcome {
            Ok(Outcome::Passed) => {
                passed += 1;
                println!("-- {stage}: passed in {seconds} s");
            }
            Ok(Outcome::Skipped(why)) => {
                skipped += 1;
                println!("skipped: {stage}: {why}");
            }
            Err(error) => {
                failed += 1;
                eprintln!("\nerror: {error:#}");
                println!("-- {stage}: failed in {seconds} s");
            }
        }
    }
    println!("\n{passed} passed, {failed} failed, {skipped} skipped");
    if failed > 0 {
        bail!("{failed} stages failed");
    }
    Ok(())
}

fn format() -> Result<Outcome> {
    process::run(process::cargo().args(["fmt", "--all", "--check"]))?;
    Ok(Outcome::Passed)
}

fn types(requirements: &Requirements) -> Result<Outcome> {
    if !workspace::root()
        .join("extension/content/tsconfig.json")
        .is_file()
    {
        return Ok(Outcome::Skipped(
            "extension/content has no tsconfig.json".to_owned(),
        ));
    }
    let Some(compiler) = requirements.type_checker() else {
        return Ok(Outcome::Skipped(
            "no TypeScript compiler (see `cargo xtask doctor`)".to_owned(),
        ));
    };
    let mut node = process::command(requirements.node_js()?);
    process::run(
        node.arg(compiler)
            .args(["--noEmit", "-p", "extension/content"]),
    )?;
    Ok(Outcome::Passed)
}

/// Native crates for this machine; the extension's for wasm32 where the toolchain itself has it,
/// else for this machine too: Debian's compiler brings no clippy.
fn clippy(packages: &[Package], requirements: &Requirements) -> Result<Outcome> {
    let std = requirements.wasm_std()?;
    let for_wasm = matches!(std, WasmStd::Toolchain { .. });
    let extension = workspace::root().join("extension");
    let (browser, native): (Vec<&Package>, Vec<&Package>) = packages
        .iter()
        .partition(|package| for_wasm && package.folder.starts_with(&extension));

    let lint = |chosen: &[&Package], std: Option<&WasmStd>| {
        let mut cargo = process::cargo();
        cargo.arg("clippy");
        match std {
            Some(std) => std.apply(&mut cargo),
            // Tests of the extension's crates may be native only.
            None => drop(cargo.arg("--all-targets")),
        }
        for package in chosen {
            cargo.args(["-p", &package.name]);
        }
        process::run(cargo.args(["--", "-D", "warnings"]))
    };
    lint(&native, None)?;
    // What the extension and the native host switch on.
    let mut graphics = process::cargo();
    graphics.args(["clippy", "-p", "pearvault-pow", "--features", "gpu,vectors"]);
    process::run(graphics.args(["--all-targets", "--", "-D", "warnings"]))?;
    if !browser.is_empty() {
        lint(&browser, Some(&std))?;
    }
    Ok(Outcome::Passed)
}

fn doc(packages: &[Package]) -> Result<Outcome> {
    let mut cargo = process::cargo();
    cargo
        .args(["doc", "--no-deps"])
        .env("RUSTDOCFLAGS", "-D warnings");
    for package in packages
        .iter()
        .filter(|it| DOCUMENTED.contains(&it.name.as_str()))
    {
        cargo.args(["-p", &package.name]);
    }
    process::run(&mut cargo)?;
    Ok(Outcome::Passed)
}

/// Licences, bans and sources: all of it is in the lock file.
fn deny(requirements: &Requirements) -> Result<Outcome> {
    let Some(deny) = requirements.deny() else {
        return Ok(no_deny());
    };
    process::run(process::command(deny).args(["check", "bans", "licenses", "sources"]))?;
    Ok(Outcome::Passed)
}

/// Known faults of what is linked; their list is not ours and comes over the network.
fn advisories(requirements: &Requirements) -> Result<Outcome> {
    let Some(deny) = requirements.deny() else {
        return Ok(no_deny());
    };
    let mut fetch = process::command(&deny);
    if process::run_for(fetch.args(["fetch", "db"]), FETCH_LIMIT).is_err() {
        return Ok(Outcome::Skipped(
            "the list at github.com/rustsec/advisory-db cannot be reached from here; where it can: \
             `cargo deny check advisories`"
                .to_owned(),
        ));
    }
    process::run(process::command(deny).args(["--offline", "check", "advisories"]))?;
    Ok(Outcome::Passed)
}

fn no_deny() -> Outcome {
    Outcome::Skipped("no cargo-deny, and it may or can not be installed here".to_owned())
}
