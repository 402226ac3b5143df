//! The JavaScript beside each module, made by wasm-bindgen's own library.

use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use super::Module;
use crate::process;

/// Turns compiled modules into what a browser loads.
#[derive(Debug)]
pub(super) struct Glue {
    /// One folder for each module is made here.
    pub(super) folder: PathBuf,
    /// Keep the names of functions.
    pub(super) names: bool,
    /// A `wasm-opt` to be run over each module.
    pub(super) optimiser: Option<PathBuf>,
}

impl Glue {
    /// Makes `<name>.js` and `<name>_bg.wasm` from `input`, unless the last ones came from the same.
    pub(super) fn make(&self, module: Module, input: &Path) -> Result<()> {
        let wasm = fs::read(input).with_context(|| format!("{} is not there", input.display()))?;
        let folder = self.folder.join(module.name);
        let stamp_file = self.folder.join(format!("{}.stamp", module.name));
        let stamp = self.stamp(&wasm);
        if fs::read_to_string(&stamp_file).is_ok_and(|old| old == stamp) && folder.is_dir() {
            return Ok(());
        }
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let mut bindgen = Bindgen::new();
        bindgen.input_bytes(module.name, wasm).out_name(module.name);
        // `web` is the one mode that pages, module workers and event pages all load.
        bindgen
            .web(true)?
            // `init()` without argument finds the module beside its glue.
            .omit_default_module_path(false)
            .typescript(false)
            .remove_name_section(!self.names);
        bindgen.remove_producers_section(true).generate(&folder)?;
        if let Some(optimiser) = &self.optimiser {
            optimise(optimiser, &folder.join(format!("{}_bg.wasm", module.name)))?;
        }
        fs::write(stamp_file, stamp)?;
        Ok(())
    }

    /// Tells two inputs apart; only ever compared with the last build's, so no strong hash.
    fn stamp(&self, wasm: &[u8]) -> String {
        let mut hasher = DefaultHasher::new();
        wasm.hash(&mut hasher);
        format!(
            "{:016x} {} default-path names={} optimiser={:?}",
            hasher.finish(),
            crate::requirements::WASM_BINDGEN,
            self.names,
            self.optimiser
        )
    }
}

/// Shrinks a module in place; one that came out larger is refused as a broken tool's.
fn optimise(optimiser: &Path, module: &Path) -> Result<()> {
    let output = module.with_extension("wasm.opt");
    let before = fs::metadata(module)?.len();
    process::run(
        process::command(optimiser)
            .args([
                "-Oz",
                "--enable-bulk-memory",
                "--enable-nontrapping-float-to-int",
            ])
            .args([
                "--enable-sign-ext",
                "--enable-mutable-globals",
                "--enable-reference-types",
            ])
            .args(["--enable-multivalue", "--enable-simd"])
            .arg(module)
            .arg("-o")
            .arg(&output),
    )?;
    let after = fs::metadata(&output)?.len();
    if after > before {
        bail!("{} grew from {before} to {after} bytes", module.display());
    }
    fs::rename(output, module)?;
    Ok(())
}
