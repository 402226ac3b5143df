//! `dist`: packages to hand out, the same bytes from every checkout of a commit.
//!
//! | file | what |
//! | --- | --- |
//! | `pearvault-chromium-VERSION.zip`, `pearvault-firefox-VERSION.zip` | the extension for the browsers' stores |
//! | `pearvault-host-VERSION-ARCH-linux.tar.gz` | the native host, for any Linux with glibc |
//! | `pearvault-host_VERSION_ARCH.deb` | the same for Debian and its kin, registered with all browsers |
//! | `SHA256SUMS` | of all that are in the folder |
//!
//! ```text
//! build (wasm32), host ─► paths: nothing of this machine ─► archive: sorted, one time ─► file, sum
//!                                                └── verify: two clones, compared ──┘
//! ```
//! What is compiled lies in a target folder of its own, as other flags would make everything anew.

mod archive;
mod debian;
mod extension;
mod host;
mod licences;
mod linked;
mod paths;
mod verify;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use sha2::{Digest as _, Sha256};

use crate::{
    requirements::Requirements,
    workspace::{self, Metadata},
};

/// Of all packages.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Sums of the packages, as `sha256sum --check` reads them.
const SUMS: &str = "SHA256SUMS";

/// Arguments of `dist`.
#[derive(Debug, Args)]
pub(crate) struct DistArgs {
    /// The folder that the packages go to, instead of `dist`.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Only these packages.
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Make none here, but all of them twice, from clean clones of HEAD in two temporary folders, and
    /// fail where the two differ. It takes long, and some gigabytes in `TMPDIR`.
    #[arg(long, conflicts_with = "out")]
    verify: bool,
}

/// Packages that are made together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The extension, for the stores of both browsers.
    Extension,
    /// The native host, on Linux.
    Host,
}

/// A file to hand out.
#[derive(Debug)]
struct Package {
    name: String,
    content: Vec<u8>,
}

impl Part {
    /// As on the command line.
    const fn name(self) -> &'static str {
        match self {
            Self::Extension => "extension",
            Self::Host => "host",
        }
    }
}

/// Makes the packages and their sums, or looks whether others would make the same.
pub(crate) fn run(args: &DistArgs, requirements: &Requirements) -> Result<()> {
    if args.verify {
        return verify::run(args.only);
    }
    let target = Metadata::load()?.target().join("packages");
    let wanted = |part| args.only.is_none_or(|only| only == part);
    let mut packages = Vec::new();
    if wanted(Part::Extension) {
        packages.extend(extension::make(target.clone(), requirements)?);
    }
    if wanted(Part::Host) && cfg!(target_os = "linux") {
        packages.extend(host::make(target)?);
    } else if wanted(Part::Host) {
        println!("skipped: the host: its packages are for Linux, and made there");
    }

    let out = match &args.out {
        Some(folder) => std::path::absolute(folder)?,
        None => workspace::root().join("dist"),
    };
    fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
    for package in packages {
        let file = out.join(&package.name);
        fs::write(&file, &package.content).with_context(|| file.display().to_string())?;
        println!("{:>10} bytes  {}", package.content.len(), file.display());
    }
    let sums = sums(&made(&out)?);
    print!("\n{sums}");
    fs::write(out.join(SUMS), sums)?;
    Ok(())
}

/// Every package in a folder, be it of an earlier call, by its name.
fn made(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("pearvault-") {
            found.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(found)
}

/// A line for each package.
fn sums(packages: &BTreeMap<String, Vec<u8>>) -> String {
    let mut text = String::new();
    for (name, content) in packages {
        let _ = writeln!(text, "{}  {name}", sum(content));
    }
    text
}

/// SHA-256 in hexadecimal digits.
fn sum(content: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(content) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_lines_that_sha256sum_reads() {
        let packages = BTreeMap::from([("a.zip".to_owned(), b"abc".to_vec())]);
        // FIPS 180-2, appendix B.1.
        let expect = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a.zip\n";
        assert_eq!(sums(&packages), expect);
    }
}
