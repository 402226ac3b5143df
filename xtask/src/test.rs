//! `test`: every test of the project.
//!
//! | part | what runs |
//! | --- | --- |
//! | native | `cargo test` of every crate that has native tests, with a throw-away `PostgreSQL`; those of `pow` on graphics devices too |
//! | wasm | crates with `wasm-bindgen-test`, compiled for wasm32, under Node.js |
//! | content | `extension/content/*.test.js` under Node.js |
//! | e2e | the stories of `e2e`, in Chromium and in Firefox at the same time |

mod tally;

use std::{
    cell::Cell,
    fs,
    path::Path,
    process::Command,
    thread::{self, ScopedJoinHandle},
    time::Instant,
};

use anyhow::{Context as _, Result, anyhow, bail};
use clap::Args;

use self::tally::Tally;
use crate::{
    Browser,
    play::{Play, Programs, Speed},
    postgres, process,
    requirements::Requirements,
    workspace::{self, Metadata, Package},
};

/// A program of its own rather than a library under test.
const NOT_NATIVE: [&str; 1] = ["pearvault-bench"];

/// Arguments of `test`; without a part, all parts run.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "one flag for each part")]
pub(crate) struct TestArgs {
    /// The native tests.
    #[arg(long)]
    native: bool,
    /// The tests in wasm32.
    #[arg(long)]
    wasm: bool,
    /// The tests of the content scripts.
    #[arg(long)]
    content: bool,
    /// The stories in real browsers.
    #[arg(long)]
    e2e: bool,
    /// Only this browser's stories.
    #[arg(long, value_enum)]
    browser: Option<Browser>,
    /// Only tests whose name has this in it.
    filter: Option<String>,
}

/// Runs the chosen parts one after the other, all of them even when one fails.
pub(crate) fn run(args: &TestArgs, requirements: &Requirements) -> Result<()> {
    let all = !(args.native || args.wasm || args.content || args.e2e);
    let filter = args.filter.as_deref();
    let mut total = Tally::default();
    let mut part = |name: &str, chosen: bool, run: &dyn Fn() -> Result<Tally>| {
        if !all && !chosen {
            return;
        }
        println!("\n== {name}");
        let start = Instant::now();
        let tally = run().unwrap_or_else(|error| {
            eprintln!("\nerror: {error:#}");
            Tally {
                failed: 1,
                ..Tally::default()
            }
        });
        for reason in &tally.skipped_why {
            println!("skipped: {reason}");
        }
        println!(
            "-- {name}: {} in {} s",
            tally.in_words(),
            start.elapsed().as_secs()
        );
        total.add(tally);
    };
    let programs = Cell::new(Programs::ToBuild);
    part("native", args.native, &|| {
        let tally = native(filter, requirements)?;
        // Their own tests have the programs built: once more would be with other features.
        if tally.passed > 0 {
            programs.set(Programs::Built);
        }
        Ok(tally)
    });
    part("wasm", args.wasm, &|| wasm(filter, requirements));
    part("content", args.content, &|| content(filter, requirements));
    part("e2e", args.e2e, &|| {
        e2e(filter, args.browser, programs.get(), requirements)
    });

    println!("\n{}", total.in_words());
    if total.failed > 0 {
        bail!("{} failed", total.failed);
    }
    Ok(())
}

fn native(filter: Option<&str>, requirements: &Requirements) -> Result<Tally> {
    let mut cargo = process::cargo();
    cargo.args(["test", "--no-fail-fast"]);
    for package in Metadata::load()?.packages() {
        let tested = package.default_member || has_native_tests(&package.folder);
        if tested && !NOT_NATIVE.contains(&package.name.as_str()) {
            cargo.args(["-p", &package.name]);
        }
    }
    let (server, without) = databases(requirements)?;
    if let Some(server) = &server {
        cargo.env(postgres::SERVER, server.url());
    }
    let mut total = count(cargo.args(filter))?;
    total.add(without);
    total.add(graphics(filter, requirements)?);
    Ok(total)
}

/// A throw-away `PostgreSQL` for all test programs, unless they were given one; and what cannot be
/// tested here.
fn databases(requirements: &Requirements) -> Result<(Option<postgres::Server>, Tally)> {
    let mut without = Tally::default();
    if requirements.nats().is_none() {
        without.add(Tally::skip(
            "nodes that tell one another over NATS: it is not installed (on Debian: apt install nats-server)",
        ));
    }
    if requirements.desktop().is_none() {
        without.add(Tally::skip(
            "the host at a desktop: not all programs for it are installed (`cargo xtask doctor` names them)",
        ));
    }
    if std::env::var_os(postgres::SERVER).is_some() {
        return Ok((None, without));
    }
    let Some(binaries) = requirements.postgres() else {
        let package = postgres::PACKAGE;
        without.add(Tally::skip(&format!(
            "the node on PostgreSQL: it is not installed (on Debian: apt install {package})"
        )));
        return Ok((None, without));
    };
    let server = postgres::Server::start(&binaries)
        .with_context(|| format!("PostgreSQL in {}", binaries.display()))?;
    Ok((Some(server), without))
}

/// The contract of the engines with graphics devices among them: a build of its own, so that no
/// other crate drags their drivers along.
fn graphics(filter: Option<&str>, requirements: &Requirements) -> Result<Tally> {
    if requirements.graphics().is_none() {
        return Ok(Tally::skip(
            "graphics devices: there is no Vulkan driver, not even one in software",
        ));
    }
    let mut cargo = process::cargo();
    cargo.args([
        "test",
        "--no-fail-fast",
        "-p",
        "pearvault-pow",
        "--features",
        "gpu",
        "--lib",
    ]);
    // The driver is there: then no test may pass for want of a device.
    cargo.env("PEARVAULT_GRAPHICS", "1");
    // Without a place for its socket Mesa complains, as if something were wrong.
    if std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        cargo.env("XDG_RUNTIME_DIR", std::env::temp_dir());
    }
    count(cargo.args(filter))
}

fn wasm(filter: Option<&str>, requirements: &Requirements) -> Result<Tally> {
    let packages = Metadata::load()?.packages();
    let tested: Vec<&Package> = packages
        .iter()
        .filter(|package| package.uses("wasm-bindgen-test"))
        .collect();
    if tested.is_empty() {
        return Ok(Tally::skip("no crate has tests for wasm32"));
    }
    let runner = requirements.test_runner()?;
    requirements.node_js()?;
    let mut cargo = process::cargo();
    // `--tests`: documentation examples would be given to the runner too, which knows none.
    cargo.args(["test", "--no-fail-fast", "--tests"]);
    requirements.wasm_std()?.apply(&mut cargo);
    cargo
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner)
        .env("WASM_BINDGEN_TEST_TIMEOUT", "600");
    for package in tested {
        cargo.args(["-p", &package.name]);
    }
    count(cargo.args(filter))
}

fn content(filter: Option<&str>, requirements: &Requirements) -> Result<Tally> {
    let mut files = Vec::new();
    collect(&workspace::root().join("extension/content"), &mut |file| {
        let name = file.to_string_lossy();
        if name.ends_with(".test.js") || name.ends_with(".test.mjs") {
            files.push(file.to_owned());
        }
    })?;
    if files.is_empty() {
        return Ok(Tally::skip("extension/content has no *.test.js"));
    }
    files.sort();
    let mut node = process::command(requirements.node_js()?);
    node.args(["--test", "--test-reporter=tap"]);
    if let Some(filter) = filter {
        node.arg(format!("--test-name-pattern={filter}"));
    }
    count(node.args(files))
}

fn e2e(
    filter: Option<&str>,
    browser: Option<Browser>,
    programs: Programs,
    requirements: &Requirements,
) -> Result<Tally> {
    let browsers: Vec<Browser> = Browser::ALL
        .into_iter()
        .filter(|it| browser.is_none_or(|one| one == *it))
        .collect();
    // What is missing is asked for before anything is built.
    let driven = browsers
        .iter()
        .map(|browser| requirements.browser(*browser));
    let driven = driven.collect::<Result<Vec<_>>>()?;
    let play = Play::prepare(Speed::Debug, browser, programs, requirements)?;
    if programs == Programs::ToBuild {
        // The stories alone have it: it takes minutes, for its graphics.
        process::run(process::cargo().args(["build", "-p", "pearvault-host"]))?;
    }
    let mut total = Tally::default();
    println!("\n-- stories");
    // Side by side: each waits for pages and timers most of its time, and every line that it
    // prints names its browser.
    let ended = thread::scope(|scope| {
        let tellings = driven.iter().map(|driven| {
            let mut stories = play.program("stories", driven);
            scope.spawn(move || count(stories.args(filter)))
        });
        // All are begun before one is waited for.
        let tellings: Vec<_> = tellings.collect();
        let ended = tellings.into_iter().map(ScopedJoinHandle::join);
        ended.collect::<Vec<_>>()
    });
    for tally in ended {
        total.add(tally.map_err(|_| anyhow!("the reader of the stories panicked"))??);
    }
    if workspace::shared().is_none() {
        total.skipped_why.push(
            "stories on pages saved from the real web: no folder `shared` beside the checkout"
                .to_owned(),
        );
    }
    Ok(total)
}

/// Runs a test program and counts what it says; one that fails without a count has failed once.
fn count(command: &mut Command) -> Result<Tally> {
    let (status, text) = process::run_and_read(command)?;
    let mut tally = Tally::parse(&text);
    if !status.success() && tally.failed == 0 {
        eprintln!("\nerror: {} ended with {status}", process::line(command));
        tally.failed = 1;
    }
    Ok(tally)
}

/// Whether a crate that is not among the default members still has tests for this machine.
fn has_native_tests(folder: &Path) -> bool {
    let mut found = false;
    let walked = collect(&folder.join("src"), &mut |file| {
        found |= fs::read_to_string(file).is_ok_and(|text| text.contains("#[test]"));
    });
    walked.is_ok() && found
}

/// Shows each file below `folder` to `see`, where the folder exists.
fn collect(folder: &Path, see: &mut dyn FnMut(&Path)) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "node_modules") {
            collect(&path, see)?;
        } else {
            see(&path);
        }
    }
    Ok(())
}
