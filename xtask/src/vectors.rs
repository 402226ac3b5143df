//! `vectors`: any file in the form of the protocol's vector files against our code.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;

use crate::process;

/// Arguments of `vectors`.
#[derive(Debug, Args)]
pub(crate) struct VectorsArgs {
    /// JSON files, each an object of lists of vectors.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Prints passed and failed for each list; an error when one failed.
///
/// The checking is a program of `wasm-core`, so that xtask itself links no cryptography.
pub(crate) fn run(args: &VectorsArgs) -> Result<()> {
    let mut cargo = process::cargo();
    cargo.args([
        "run",
        "--quiet",
        "-p",
        "pearvault-wasm-core",
        "--features",
        "vectors",
    ]);
    cargo.args(["--example", "vectors", "--"]);
    for file in &args.files {
        // The child runs in the checkout's root, the user perhaps elsewhere.
        cargo.arg(
            file.canonicalize()
                .with_context(|| file.display().to_string())?,
        );
    }
    process::run(&mut cargo)
}
