//! Where things are on this machine: environment first, then the usual places.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// Root of the checkout.
pub fn root() -> PathBuf {
    let e2e = Path::new(env!("CARGO_MANIFEST_DIR"));
    e2e.parent().unwrap_or(e2e).to_owned()
}

/// A file or folder below the checkout's root.
pub fn in_root(path: &str) -> PathBuf {
    root().join(path)
}

/// The program that `variable` names, else the first of `names` in the search path.
pub(crate) fn program(variable: &str, names: &[&str]) -> Result<PathBuf> {
    if let Some(path) = from_environment(variable) {
        return Ok(path);
    }
    let search = std::env::var_os("PATH").unwrap_or_default();
    let tools = tools_folder();
    let folders: Vec<_> = tools
        .into_iter()
        .chain(std::env::split_paths(&search))
        .collect();
    for name in names {
        if let Some(found) = folders
            .iter()
            .map(|f| f.join(name))
            .find(|path| path.is_file())
        {
            return Ok(found);
        }
    }
    bail!(
        "found none of {} in the search path; install one or set {variable} (see docs/BUILDING.md)",
        names.join(", ")
    )
}

/// A path out of the environment.
pub fn from_environment(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable)
        .filter(|v| !v.is_empty())
        .map(PathBuf::from)
}

/// The native host's program.
pub(crate) fn host_program() -> Result<PathBuf> {
    let path = from_environment("PEARVAULT_HOST_BIN")
        .unwrap_or_else(|| in_root("target/debug/pearvault-host"));
    if !path.is_file() {
        bail!(
            "there is no host at {}: run `cargo build -p pearvault-host`",
            path.display()
        );
    }
    Ok(path)
}

/// The server's program.
pub(crate) fn node_program() -> Result<PathBuf> {
    let path = from_environment("PEARVAULT_NODE_BIN")
        .unwrap_or_else(|| in_root("target/debug/pearvault-node"));
    if !path.is_file() {
        bail!(
            "there is no node at {}: run `cargo build -p pearvault-node`",
            path.display()
        );
    }
    Ok(path)
}

/// Pages saved from the real web, where they lie beside the checkout.
pub fn saved_pages() -> Option<PathBuf> {
    let shared =
        from_environment("PEARVAULT_SHARED").or_else(|| Some(root().parent()?.join("shared")))?;
    let folder = shared.join("autofill");
    folder.join("truth.json").is_file().then_some(folder)
}

/// Empties a folder of results and makes it anew.
pub fn fresh_folder(path: &Path) -> Result<()> {
    if path.exists() {
        std::fs::remove_dir_all(path)
            .with_context(|| format!("cannot empty {}", path.display()))?;
    }
    std::fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display()))
}

/// Where `cargo xtask` keeps the tools that it installed.
fn tools_folder() -> Option<PathBuf> {
    let cache = from_environment("XDG_CACHE_HOME")
        .or_else(|| Some(from_environment("HOME")?.join(".cache")))?;
    Some(cache.join("pearvault/tools/bin"))
}
