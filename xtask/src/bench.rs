//! `bench`: figures of the whole product, as a table and as flat JSON.
//!
//! The measuring is done by programs of their own: the example `bench_pow` of `pow`, natively and in
//! WebAssembly, `bench-native` (micro-benches), the native host's example, the node's examples (a node under load, its commits,
//! devices that wait, devices that synchronise), `bench-browser` and, where it is asked for, `bench-page` of `e2e`. Each prints one JSON object a line, `{"name", "value", "unit"}`, as
//! often as it measured; here they are gathered, reduced to medians and set beside one another.

mod figures;
mod page;
mod wasm;

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;

use self::figures::Figures;
use crate::{
    Browser,
    play::{Play, Programs, Speed},
    process,
    requirements::Requirements,
    workspace::Metadata,
};

/// What figures' names begin with, before the first dot.
const KINDS: [&str; 10] = [
    "pow", "pow_wasm", "kdf", "engine", "host", "node", "messages", "sync", "browser", "page",
];
/// The node's examples, each with the kind of its figures.
const OF_THE_NODE: [(&str, &str); 5] = [
    ("bench_node", "node"),
    ("bench_writes", "node"),
    ("bench_feeds", "node"),
    ("bench_messages", "messages"),
    ("bench_sync", "sync"),
];

/// Arguments of `bench`.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// Only figures whose name has one of these in it.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Write the figures as one flat JSON object: name → number.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Only what needs neither browser nor node.
    #[arg(long)]
    native: bool,
    /// The browser to measure in: Chromium where none is named, for `page` both.
    #[arg(long, value_enum)]
    browser: Option<Browser>,
}

/// Measures, prints the table, and writes the file where one is asked for.
pub(crate) fn run(args: &BenchArgs, requirements: &Requirements) -> Result<()> {
    let target = Metadata::load()?.target();
    let program = |name: &str| {
        target
            .join("release")
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    };
    let wants = |output: &str, kinds: &[&str]| {
        may_add(&args.names, kinds) && !Figures::parse(output).have_all(&args.names)
    };
    let mut output = match page::asked(&args.names) {
        Some(pages) if !args.native => page::measure(&pages, args.browser, requirements)?,
        _ => String::new(),
    };
    if wants(&output, &["pow"]) {
        build(&[
            "-p",
            "pearvault-pow",
            "--features",
            "gpu",
            "--example",
            "bench_pow",
        ])?;
        let mut pow = process::command(program("examples/bench_pow"));
        output.push_str(&process::stdout(&mut pow)?);
    }
    if wants(&output, &["kdf", "engine"]) {
        build(&["-p", "pearvault-bench", "--bin", "bench-native"])?;
        let mut native = process::command(program("bench-native"));
        output.push_str(&process::stdout(native.args(&args.names))?);
    }
    if wants(&output, &["host"]) {
        build(&["-p", "pearvault-host", "--bin", "pearvault-host"])?;
        build(&["-p", "pearvault-host", "--example", "bench_host"])?;
        let mut host = process::command(program("examples/bench_host"));
        output.push_str(&process::stdout(&mut host)?);
    }
    if !args.native {
        if wants(&output, &["pow_wasm"]) {
            output.push_str(&wasm::proof_of_work(requirements, &target)?);
        }
        for (name, kind) in OF_THE_NODE {
            if wants(&output, &[kind]) {
                build(&["-p", "pearvault-node", "--example", name])?;
                let mut node = process::command(program(&format!("examples/{name}")));
                output.push_str(&process::stdout(&mut node)?);
            }
        }
        if wants(&output, &["browser"]) {
            let browser = args.browser.unwrap_or(Browser::Chromium);
            let driven = requirements.browser(browser)?;
            build(&["-p", "pearvault-host", "--bin", "pearvault-host"])?;
            let play = Play::prepare(
                Speed::Release,
                Some(browser),
                Programs::ToBuild,
                requirements,
            )?;
            output.push_str(&process::stdout(
                &mut play.program("bench-browser", &driven),
            )?);
        }
    }

    let figures = Figures::parse(&output).only(&args.names);
    print!("\n{}", figures.table());
    if let Some(file) = &args.json {
        let text = serde_json::to_string_pretty(&figures.flat())?;
        fs::write(file, text + "\n").with_context(|| file.display().to_string())?;
    }
    Ok(())
}

/// Whether a program with figures of these kinds can add to what was asked for. A name that begins
/// with none of [`KINDS`] may be any program's.
fn may_add(names: &[String], kinds: &[&str]) -> bool {
    let kind = |name: &String| {
        let first = name.split('.').next()?;
        KINDS.into_iter().find(|kind| *kind == first)
    };
    let mut asked = names.iter();
    names.is_empty() || asked.any(|name| kind(name).is_none_or(|kind| kinds.contains(&kind)))
}

fn build(what: &[&str]) -> Result<()> {
    process::run(process::cargo().args(["build", "--release"]).args(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_programs_that_can_add_are_run() {
        let names = |names: &[&str]| names.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
        assert!(may_add(&[], &["pow"]));
        assert!(may_add(&names(&["node.sqlite_writes_1"]), &["node"]));
        assert!(!may_add(&names(&["node.", "sync.first"]), &["pow"]));
        assert!(may_add(&names(&["node.", "sync.first"]), &["sync"]));
        assert!(may_add(&names(&["first_10000"]), &["pow"]));
    }
}
