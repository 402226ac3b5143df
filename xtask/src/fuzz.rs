//! `fuzz`: every decoder under libFuzzer, some seconds each (`fuzz/README.md`).

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use clap::Args;

use crate::{
    process,
    requirements::Requirements,
    workspace::{self, Metadata},
};

/// Arguments of `fuzz`.
#[derive(Debug, Args)]
pub(crate) struct FuzzArgs {
    /// Only these; all where none is named.
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// Seconds for each.
    #[arg(long, default_value_t = 20)]
    seconds: u32,
}

/// Builds the targets and runs them one after the other; the first find ends it.
pub(crate) fn run(args: &FuzzArgs, requirements: &Requirements) -> Result<()> {
    let all = targets()?;
    for name in &args.targets {
        ensure!(
            all.contains(name),
            "there is no target {name}: {}",
            all.join(", ")
        );
    }
    let fuzzer = requirements.fuzzer()?;
    let folder = workspace::root().join("fuzz");
    let target = Metadata::load()?.target().join("fuzz");
    for name in all
        .iter()
        .filter(|name| args.targets.is_empty() || args.targets.contains(name))
    {
        let mut command = process::command(&fuzzer);
        command
            .args(["fuzz", "run", "--fuzz-dir"])
            .arg(&folder)
            // Without a sanitizer: there is next to no unsafe code to find faults of, and the
            // runtime of one needs a nightly compiler.
            .args([
                "--sanitizer",
                "none",
                name,
                "--",
                "-len_control=0",
                "-max_len=4096",
            ])
            .arg(format!("-max_total_time={}", args.seconds))
            .arg(format!("-dict={}", folder.join("json.dict").display()))
            .current_dir(&folder)
            .env("CARGO_TARGET_DIR", &target)
            // The coverage flags of cargo-fuzz are not stable ones.
            .env("RUSTC_BOOTSTRAP", "1");
        process::run(&mut command).with_context(|| {
            format!("target {name}: what was found lies in fuzz/artifacts/{name}")
        })?;
    }
    Ok(())
}

/// Names of the targets, by their files.
fn targets() -> Result<Vec<String>> {
    let folder = workspace::root().join("fuzz/targets");
    let read = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let mut names = Vec::new();
    for entry in read {
        let name = Path::new(&entry?.file_name())
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned());
        names.extend(name);
    }
    names.sort();
    Ok(names)
}
