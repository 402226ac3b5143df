//! The native host for Linux: an archive for any distribution, and a Debian package.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use super::{
    Package, VERSION,
    archive::{self, Tree},
    debian, licences, linked,
    paths::Paths,
};
use crate::{process, workspace};

/// Package and program.
const NAME: &str = "pearvault-host";
/// A release without what only a debugger reads.
const PROFILE: &str = "dist";
/// Would put another table in the place of the one that is built in.
const TABLE_VARIABLE: &str = "NATIVE_MESSAGING_BROWSERS_CONFIG";

/// What both packages are made of.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) program: Vec<u8>,
    /// How to install it.
    pub(super) install: String,
    pub(super) mit: String,
    pub(super) apache: String,
    pub(super) notice: String,
    pub(super) changelog: String,
    /// The licences of all that is linked.
    pub(super) third_party: String,
}

/// Compiles it where something changed, looks at what it links to, and packs it.
pub(super) fn make(target: PathBuf) -> Result<Vec<Package>> {
    let paths = Paths::of(Path::new("rustc"), target)?;
    let file = compile(&paths)?;
    let program = fs::read(&file).with_context(|| file.display().to_string())?;
    paths.check(NAME, &program)?;
    println!("The host: compiled by {}", paths.compiler);
    let needs = linked::needs(&program)?;
    let mut host = process::command(&file);
    host.args(["manifests", debian::PROGRAM]);
    let manifests = process::stdout(host.env_remove(TABLE_VARIABLE))?;

    let root = workspace::root();
    let read = |name: &str| fs::read_to_string(root.join(name)).with_context(|| name.to_owned());
    let parts = Parts {
        program,
        install: read("host/INSTALL.md")?,
        mit: read("LICENSE-MIT")?,
        apache: read("LICENSE-APACHE")?,
        notice: read("NOTICE.md")?,
        changelog: read("CHANGELOG.md")?,
        third_party: licences::text(NAME, &paths.host)?,
    };
    let arch = std::env::consts::ARCH;
    Ok(vec![
        anywhere(&parts, arch)?,
        debian::package(&parts, &needs, &manifests, arch)?,
    ])
}

/// The program. A target that is named keeps the flags off build scripts and macros.
fn compile(paths: &Paths) -> Result<PathBuf> {
    let mut cargo = process::cargo();
    cargo.args(["build", "-p", NAME, "--bin", NAME, "--profile", PROFILE]);
    cargo.args(["--target", &paths.host]);
    paths.apply(&mut cargo);
    process::run(&mut cargo)?;
    let folder = paths.target().join(&paths.host).join(PROFILE);
    Ok(folder.join(NAME))
}

/// An archive with one folder in it.
fn anywhere(parts: &Parts, arch: &str) -> Result<Package> {
    let folder = format!("{NAME}-{VERSION}-{arch}-linux");
    let mut tree = Tree::default();
    tree.program(NAME, parts.program.clone());
    for (name, text) in [
        ("INSTALL.md", &parts.install),
        ("LICENSE-APACHE", &parts.apache),
        ("LICENSE-MIT", &parts.mit),
        ("NOTICE.md", &parts.notice),
        ("THIRD-PARTY-LICENCES", &parts.third_party),
    ] {
        tree.file(name, text.as_str());
    }
    Ok(Package {
        content: archive::gzip(&tree.to_tar(&folder)?)?,
        name: folder + ".tar.gz",
    })
}
