//! Keeps this machine out of what is compiled: rustc writes the paths of sources into panics, and
//! those lie elsewhere on every machine.
//!
//! | path | becomes |
//! | --- | --- |
//! | the checkout | `/pearvault` |
//! | the target folder (sources that build scripts make) | `/pearvault/target/packages` |
//! | each folder below cargo's `registry/src` | `/cargo/registry` |
//! | std's sources in the toolchain | `/rustc/<commit>`, as in a std that was compiled elsewhere |
//!
//! `--remap-path-prefix` does it on every toolchain; cargo leaves flags that have it out of the hashes
//! that it makes names of. Cargo's own `trim-paths` is not stable yet.

use std::{
    ffi::OsString,
    fs,
    path::{Component, Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use crate::{process, workspace};

/// Paths of this machine and what stands for them, and where is compiled.
#[derive(Debug)]
pub(super) struct Paths {
    target: PathBuf,
    /// The longest path last: of two that fit, rustc takes the later.
    replaced: Vec<(PathBuf, String)>,
    /// What compiles, with its version: another one makes other bytes.
    pub(super) compiler: String,
    /// The machine that `rustc` compiles for where nothing else is said.
    pub(super) host: String,
}

impl Paths {
    /// Those of a compiler that works in `target`.
    pub(super) fn of(rustc: &Path, target: PathBuf) -> Result<Self> {
        let text = process::probe(rustc, &["-vV"]).context("rustc does not say its version")?;
        let sysroot =
            process::probe(rustc, &["--print", "sysroot"]).context("rustc has no sysroot")?;
        let commit = field(&text, "commit-hash").unwrap_or("unknown");
        let sources = Path::new(&sysroot).join("lib/rustlib/src/rust");
        let mut replaced = vec![
            (workspace::root(), "/pearvault".to_owned()),
            (target.clone(), "/pearvault/target/packages".to_owned()),
        ];
        for folder in registries(&cargo_home()?)? {
            replaced.push((folder, "/cargo/registry".to_owned()));
        }
        replaced.push((sources, format!("/rustc/{commit}")));
        // Where a link leads there, either name may come up.
        let real: Vec<_> = replaced
            .iter()
            .filter_map(|(from, to)| Some((from.canonicalize().ok()?, to.clone())))
            .filter(|it| !replaced.contains(it))
            .collect();
        replaced.extend(real);
        replaced.sort_by_key(|(from, _)| from.as_os_str().len());
        Ok(Self {
            target,
            replaced,
            compiler: text.lines().next().unwrap_or_default().to_owned(),
            host: field(&text, "host").context("no host")?.to_owned(),
        })
    }

    /// Makes a cargo command compile in the target folder, without any of these paths in what comes out.
    pub(super) fn apply(&self, cargo: &mut Command) {
        let mut flags = OsString::new();
        for (from, to) in &self.replaced {
            if !flags.is_empty() {
                // What separates flags that may have spaces in them.
                flags.push("\x1f");
            }
            flags.push("--remap-path-prefix=");
            flags.push(from);
            flags.push("=");
            flags.push(to);
        }
        cargo
            .arg("--locked")
            .arg("--target-dir")
            .arg(&self.target)
            .env("CARGO_ENCODED_RUSTFLAGS", flags);
    }

    /// Where is compiled.
    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    /// Refuses a file that names a folder of this machine all the same.
    pub(super) fn check(&self, name: &str, content: &[u8]) -> Result<()> {
        let home = std::env::home_dir();
        let folders = self.replaced.iter().map(|(from, _)| from).chain(&home);
        for folder in folders.filter(|folder| is_telling(folder)) {
            let needle = folder.as_os_str().as_encoded_bytes();
            if content.windows(needle.len()).any(|window| window == needle) {
                bail!(
                    "{name} has a path of this machine in it: {}",
                    folder.display()
                );
            }
        }
        Ok(())
    }
}

/// A path of one step, such as `/src`, may stand anywhere for other reasons.
fn is_telling(folder: &Path) -> bool {
    let steps = folder
        .components()
        .filter(|step| matches!(step, Component::Normal(_)));
    steps.count() > 1
}

/// Where cargo keeps what it downloads.
pub(super) fn cargo_home() -> Result<PathBuf> {
    let named = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let usual = || std::env::home_dir().map(|home| home.join(".cargo"));
    named.or_else(usual).context("no home folder")
}

/// Where sources of registries lie: one folder each, named by a hash of its address. xtask itself is
/// compiled from there, so that it is never empty.
fn registries(cargo_home: &Path) -> Result<Vec<PathBuf>> {
    let folder = cargo_home.join("registry/src");
    let mut found = Vec::new();
    if folder.is_dir() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            found.push(entry?.path());
        }
    }
    found.sort();
    Ok(found)
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths() -> Paths {
        Paths {
            target: "/home/ada/pear vault/target/dist".into(),
            replaced: vec![
                ("/home/ada/pear vault".into(), "/pearvault".to_owned()),
                ("/src".into(), "/other".to_owned()),
            ],
            compiler: String::new(),
            host: "x86_64-unknown-linux-gnu".to_owned(),
        }
    }

    #[test]
    fn each_path_is_one_flag_even_with_a_space_in_it() {
        let mut cargo = Command::new("cargo");
        paths().apply(&mut cargo);
        let flags = cargo
            .get_envs()
            .find(|(name, _)| *name == "CARGO_ENCODED_RUSTFLAGS");
        let flags = flags.and_then(|(_, value)| value).unwrap_or_default();
        let expect = "--remap-path-prefix=/home/ada/pear vault=/pearvault\x1f--remap-path-prefix=/src=/other";
        assert_eq!(flags, expect);
    }

    #[test]
    fn a_path_of_this_machine_is_found_in_the_midst_of_bytes() {
        let check = |content: &[u8]| paths().check("file", content).is_ok();
        assert!(!check(
            b"\0\0panicked at /home/ada/pear vault/pow/src/lib.rs\xff"
        ));
        assert!(check(b"panicked at /pearvault/pow/src/lib.rs"));
        // One step says nothing.
        assert!(check(b"/cargo/registry/x/src/lib.rs"));
    }

    #[test]
    fn rustc_says_what_it_is() {
        let text =
            "rustc 1.95.0\nbinary: rustc\ncommit-hash: 598\nhost: x86_64-unknown-linux-gnu\n";
        assert_eq!(field(text, "host"), Some("x86_64-unknown-linux-gnu"));
        assert_eq!(field(text, "commit-hash"), Some("598"));
        assert_eq!(field(text, "release"), None);
    }
}
