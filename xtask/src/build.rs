//! `build`: the extension folders `target/extension/{chromium,firefox}`.
//!
//! ```text
//! cargo (wasm32) ─► glue (per module, skipped if unchanged) ─► [wasm-opt] ──────────────┐
//! extension/assets, extension/popup/assets, extension/content ──────────────────────────┼─► folder
//! manifest/base.json + manifest/<browser>.json ─────────────────────────────────────────┘
//! ```
//! A folder is written file by file where something changed, so that a browser which has it loaded
//! never sees it half empty.

mod content;
mod folder;
mod glue;
mod manifest;
mod size;
mod styles;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};
use clap::Args;

use crate::{
    Browser, process,
    requirements::{Requirements, WasmStd},
    workspace::{Metadata, Package},
};

pub(crate) use content::without_comments;
pub(crate) use manifest::merged as merged_manifest;

/// The profile of everything that runs in the browser.
pub(crate) const PROFILE: &str = "wasm";

/// The extension's modules: package and library name.
pub(crate) const MODULES: [Module; 7] = [
    Module {
        package: "pearvault-background",
        name: "background",
    },
    Module {
        package: "pearvault-popup",
        name: "popup",
    },
    Module {
        package: "pearvault-strength",
        name: "strength",
    },
    Module {
        package: "pearvault-codes",
        name: "codes",
    },
    Module {
        package: "pearvault-exchange",
        name: "exchange",
    },
    Module {
        package: "pearvault-solver",
        name: "solver",
    },
    Module {
        package: "pearvault-gpu",
        name: "gpu",
    },
];

/// A WASM module of the extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Module {
    /// Cargo package.
    pub(crate) package: &'static str,
    /// `wasm/<name>.js` and `wasm/<name>_bg.wasm` in the extension.
    pub(crate) name: &'static str,
}

/// Arguments of `build`.
#[derive(Debug, Default, Args)]
pub(crate) struct BuildArgs {
    /// Only this browser's folder.
    #[arg(long, value_enum)]
    pub(crate) browser: Option<Browser>,
    /// The same as `--browser firefox`.
    #[arg(long, conflicts_with = "browser")]
    pub(crate) firefox: bool,
    /// Smallest modules: through `wasm-opt`, where one is found.
    #[arg(long)]
    pub(crate) release: bool,
    /// Keep the names of functions, for readable stack traces; this doubles the modules.
    #[arg(long)]
    pub(crate) names: bool,
    /// Compile only this module anew; the others stay as the last build left them.
    #[arg(long, value_name = "NAME", value_parser = ["background", "popup", "strength", "codes", "exchange", "solver", "gpu"])]
    pub(crate) module: Vec<String>,
}

impl BuildArgs {
    /// The only browser to build for, where one was named.
    fn only(&self) -> Option<Browser> {
        if self.firefox {
            Some(Browser::Firefox)
        } else {
            self.browser
        }
    }
}

/// What one browser's store is given.
pub(crate) struct Shipped {
    pub(crate) browser: Browser,
    /// The files of its folder, by their paths with slashes.
    pub(crate) files: Vec<(String, Vec<u8>)>,
}

/// Builds, and hands back the folder that holds one folder for each browser.
pub(crate) fn run(args: &BuildArgs, requirements: &Requirements) -> Result<PathBuf> {
    let std = requirements.wasm_std()?;
    let metadata = Metadata::load()?;
    let target = metadata.target();
    let chosen: Vec<Module> = MODULES
        .into_iter()
        .filter(|module| args.module.is_empty() || args.module.iter().any(|it| it == module.name))
        .collect();
    compile(&std, &chosen, &metadata.packages(), &|_| ())?;

    let optimiser = if args.release {
        requirements
            .wasm_opt()
            .inspect_err(|why| eprintln!("Without {why}."))
            .ok()
    } else {
        None
    };
    let extension = target.join("extension");
    let glue = glue::Glue {
        folder: extension.join("modules"),
        names: args.names,
        optimiser,
    };
    make_glue(&glue, &chosen, &target)?;

    for browser in Browser::ALL
        .into_iter()
        .filter(|it| args.only().is_none_or(|one| one == *it))
    {
        let destination = extension.join(browser.name());
        let folder = folder::collect(browser, &glue.folder)?;
        // Who builds one module is told of the rest, but not held up by it.
        for lack in &folder.lacks {
            eprintln!("{}: {lack}", browser.name());
        }
        if !folder.lacks.is_empty() && args.module.is_empty() {
            bail!("the extension is not complete");
        }
        folder.write(&destination)?;
        println!("{}", destination.display());
    }
    print!(
        "{}",
        size::report(&extension.join(args.only().unwrap_or(Browser::Chromium).name()))?
    );
    Ok(extension)
}

/// What each browser is given by its store. All is compiled by a cargo that `adjust` has told to work in `target`, and never goes through `wasm-opt`:
/// which one that is differs from machine to machine.
pub(crate) fn packaged(
    std: &WasmStd,
    target: &Path,
    adjust: &dyn Fn(&mut Command),
) -> Result<Vec<Shipped>> {
    compile(std, &MODULES, &Metadata::load()?.packages(), adjust)?;
    let glue = glue::Glue {
        folder: target.join("extension").join("modules"),
        names: false,
        optimiser: None,
    };
    make_glue(&glue, &MODULES, target)?;
    let files = |browser| {
        let folder = folder::collect(browser, &glue.folder)?;
        if let Some(lack) = folder.lacks.first() {
            bail!("{}: {lack}", browser.name());
        }
        Ok(Shipped {
            browser,
            files: folder.into_files()?,
        })
    };
    Browser::ALL.into_iter().map(files).collect()
}

fn make_glue(glue: &glue::Glue, modules: &[Module], target: &Path) -> Result<()> {
    let compiled = target.join(crate::requirements::TARGET).join(PROFILE);
    for module in modules {
        glue.make(*module, &compiled.join(format!("{}.wasm", module.name)))
            .with_context(|| format!("making the glue of {}", module.name))?;
    }
    Ok(())
}

/// All modules in one call, so that features are chosen once for all of them, what they share is
/// compiled once, and every core has one to link. Cargo optimises across crates only where a
/// library is nothing but a `cdylib`; one that is more than that is told so, in a call of its own.
fn compile(
    std: &WasmStd,
    modules: &[Module],
    packages: &[Package],
    adjust: &dyn Fn(&mut Command),
) -> Result<()> {
    let (together, alone): (Vec<Module>, Vec<Module>) = modules.iter().partition(|module| {
        let mut found = packages.iter().filter(|it| it.name == module.package);
        found.any(|package| package.only_cdylib)
    });
    let mut calls: Vec<Vec<&str>> = Vec::new();
    if !together.is_empty() {
        let packages = together.iter().flat_map(|module| ["-p", module.package]);
        calls.push(["build", "--lib"].into_iter().chain(packages).collect());
    }
    for module in &alone {
        calls.push(vec![
            "rustc",
            "--lib",
            "--crate-type",
            "cdylib",
            "-p",
            module.package,
        ]);
    }
    for call in calls {
        let mut cargo = process::cargo();
        cargo.args(call).args(["--profile", PROFILE]);
        std.apply(&mut cargo);
        adjust(&mut cargo);
        process::run(&mut cargo)?;
    }
    Ok(())
}
