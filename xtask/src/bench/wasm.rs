//! The example `bench_pow` in WebAssembly, run by Node.js: the browser's engine without a browser.

use std::path::Path;

use anyhow::{Context as _, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    build::PROFILE,
    process,
    requirements::{Requirements, TARGET},
};

/// What it printed, its names `pow.…` turned to `pow_wasm.…`: the native ones are called the same.
pub(super) fn proof_of_work(requirements: &Requirements, target: &Path) -> Result<String> {
    let node = requirements.node_js()?;
    let mut cargo = process::cargo();
    cargo.args(["build", "--profile", PROFILE]);
    cargo.args(["-p", "pearvault-pow", "--example", "bench_pow"]);
    requirements.wasm_std()?.apply(&mut cargo);
    process::run(&mut cargo)?;

    let module = target.join(TARGET).join(PROFILE).join("examples");
    let folder = target.join("bench");
    Bindgen::new()
        .input_path(module.join("bench_pow.wasm"))
        .nodejs(true)?
        .typescript(false)
        .generate(&folder)
        .context("making the glue of bench_pow")?;
    let output = process::stdout(process::command(node).arg(folder.join("bench_pow.js")))?;
    Ok(output.replace("\"pow.", "\"pow_wasm."))
}
