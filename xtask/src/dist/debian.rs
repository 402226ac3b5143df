//! The Debian package of the host.
//!
//! ```text
//! /usr/bin/pearvault-host
//! /usr/share/pearvault-host/<family>.json        the manifests
//! where each browser looks, for all users         links to them
//! /usr/share/doc/pearvault-host/                  licences, changelog, how to begin
//! ```
//! The places of browsers hold links, not files: most are below `/etc`, where Debian keeps a file when its
//! package is removed, and a browser would go on starting a program that is gone. So removal leaves nothing,
//! and no script runs at any time.

use std::{collections::BTreeMap, fmt::Write as _};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::{
    VERSION,
    archive::{self, Tree},
    host::Parts,
    linked::Needs,
};

/// Name of the package, of the program and of its folders.
const NAME: &str = "pearvault-host";
/// Where the package has the program.
pub(super) const PROGRAM: &str = "/usr/bin/pearvault-host";
/// Whom Debian's tools name; the address that the extension has in Firefox.
const MAINTAINER: &str = "The Pearvault contributors <pearvault@pearvault.app>";
/// As everything in the package: see [`archive`].
const DATE: &str = "Sat, 01 Jan 2000 00:00:00 +0000";
/// What Debian's checks are not to complain of.
const OVERRIDES: &str = "\
# Chrome and Edge look for the programs that they start nowhere else.
pearvault-host: dir-or-file-in-etc-opt *
";
const DESCRIPTION: &str = "\
native host of the password manager Pearvault
 Beside the browser, it does the proofs of work of the extension Pearvault on
 the graphics card or on all cores of the processor. It works for extensions
 only that its user has paired with it.
 .
 The manifests that let browsers start it are part of this package.
";

/// The package's file name and what is in it; `manifests` is what the program itself says of browsers.
pub(super) fn package(
    parts: &Parts,
    needs: &Needs,
    manifests: &str,
    arch: &str,
) -> Result<super::Package> {
    let data = tree(parts, manifests)?;
    let mut control = Tree::default();
    let architecture = architecture(arch)?;
    control.file("control", fields(needs, architecture, data.size()));
    let content = archive::debian(
        &archive::gzip(&control.to_tar(".")?)?,
        &archive::gzip(&data.to_tar(".")?)?,
    )?;
    Ok(super::Package {
        name: format!("{NAME}_{}_{architecture}.deb", version()),
        content,
    })
}

/// What the package installs.
fn tree(parts: &Parts, manifests: &str) -> Result<Tree> {
    let mut tree = Tree::default();
    tree.program(below(PROGRAM)?, parts.program.clone());
    let mut families: BTreeMap<String, String> = BTreeMap::new();
    let browsers: Vec<Value> = serde_json::from_str(manifests).context("the host's manifests")?;
    for browser in &browsers {
        let word = |key: &str| {
            let word = browser[key].as_str();
            word.with_context(|| format!("the host's manifests have no {key}"))
        };
        let (family, manifest) = (word("family")?, word("manifest")?);
        let file = format!("/usr/share/{NAME}/{family}.json");
        let first = families
            .entry(file.clone())
            .or_insert_with(|| manifest.to_owned());
        if first != manifest {
            bail!("browsers of the family {family} differ in their manifests");
        }
        let place = below(word("place")?)?;
        tree.link(place, target(place, &file));
    }
    if families.is_empty() {
        bail!("the host knows no browser");
    }
    for (file, manifest) in families {
        tree.file(below(&file)?, manifest + "\n");
    }
    let doc = |name: &str| format!("usr/share/doc/{NAME}/{name}");
    tree.file(doc("copyright"), copyright(&parts.mit));
    tree.file(doc("README.md"), parts.install.clone());
    tree.file(doc("NOTICE.md"), parts.notice.clone());
    let gzip = |text: &str| archive::gzip(text.as_bytes());
    tree.file(doc("changelog.gz"), gzip(&changelog())?);
    tree.file(doc("CHANGELOG.md.gz"), gzip(&parts.changelog)?);
    tree.file(doc("THIRD-PARTY-LICENCES.gz"), gzip(&parts.third_party)?);
    tree.file(format!("usr/share/lintian/overrides/{NAME}"), OVERRIDES);
    Ok(tree)
}

/// What a link at `place` has to say to lead to `file`: within `/usr` relative, as Debian wants it where
/// both are below one folder of the root.
fn target(place: &str, file: &str) -> String {
    match file.strip_prefix("/usr/") {
        Some(rest) if place.starts_with("usr/") => {
            let up = place.matches('/').count() - 1;
            "../".repeat(up) + rest
        }
        _ => file.to_owned(),
    }
}

/// In Debian's form, which the project's own has not: that is beside it.
fn changelog() -> String {
    let version = version();
    format!(
        "{NAME} ({version}) unstable; urgency=medium\n\n  * See CHANGELOG.md.gz.\n\n \
         -- {MAINTAINER}  {DATE}\n"
    )
}

/// The file `control`: deb-control(5).
fn fields(needs: &Needs, architecture: &str, size: usize) -> String {
    let mut text = String::new();
    let kib = size.div_ceil(1024);
    let depends = needs.depends();
    let homepage = env!("CARGO_PKG_REPOSITORY");
    for (field, value) in [
        ("Package", NAME),
        ("Version", &version()),
        ("Architecture", architecture),
        ("Maintainer", MAINTAINER),
        ("Installed-Size", &kib.to_string()),
        ("Depends", &depends),
        // Opened while it runs, where it is there.
        ("Recommends", "libvulkan1"),
        ("Section", "utils"),
        ("Priority", "optional"),
        ("Homepage", homepage),
    ] {
        let _ = writeln!(text, "{field}: {value}");
    }
    let _ = write!(text, "Description: {DESCRIPTION}");
    text
}

/// Debian has the Apache licence already, for all packages.
fn copyright(mit: &str) -> String {
    format!(
        "Pearvault, {}\n\n\
         Licensed under the MIT licence or the Apache License, Version 2.0, as you like.\n\n\
         On Debian the Apache License is in /usr/share/common-licenses/Apache-2.0.\n\
         Data by others is named in NOTICE.md, the libraries that are part of the program\n\
         and their licences in THIRD-PARTY-LICENCES.gz, both beside this file.\n\n{mit}",
        env!("CARGO_PKG_REPOSITORY")
    )
}

/// In Debian's order a beta comes before its release only where it begins with a tilde.
fn version() -> String {
    VERSION.replacen('-', "~", 1)
}

/// What Debian calls a processor.
fn architecture(arch: &str) -> Result<&'static str> {
    Ok(match arch {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "riscv64" => "riscv64",
        _ => bail!("no Debian package is made for {arch}"),
    })
}

fn below(path: &str) -> Result<&str> {
    let relative = path.strip_prefix('/');
    relative.with_context(|| format!("{path} is not absolute"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::linked::Version;

    const MANIFESTS: &str = r#"[
        {"browser": "Chrome", "family": "chromium", "place": "/etc/opt/chrome/hosts/x.json", "manifest": "{c}"},
        {"browser": "Edge", "family": "chromium", "place": "/etc/opt/edge/hosts/x.json", "manifest": "{c}"},
        {"browser": "Firefox", "family": "firefox", "place": "/usr/lib/mozilla/hosts/x.json", "manifest": "{f}"}
    ]"#;

    fn parts() -> Parts {
        Parts {
            program: b"program".to_vec(),
            mit: "MIT License".to_owned(),
            ..Parts::default()
        }
    }

    #[test]
    fn each_browser_finds_the_manifest_of_its_family() -> Result<()> {
        let mut expect = Tree::default();
        for place in ["etc/opt/chrome", "etc/opt/edge"] {
            let file = "/usr/share/pearvault-host/chromium.json";
            expect.link(format!("{place}/hosts/x.json"), file);
        }
        let file = "../../../share/pearvault-host/firefox.json";
        expect.link("usr/lib/mozilla/hosts/x.json", file);
        expect.file("usr/share/pearvault-host/chromium.json", "{c}\n");
        expect.file("usr/share/pearvault-host/firefox.json", "{f}\n");
        let tree = tree(&parts(), MANIFESTS)?;
        assert!(tree.has_all_of(&expect));
        expect.link("etc/opt/other/hosts/x.json", file);
        assert!(!tree.has_all_of(&expect));
        Ok(())
    }

    #[test]
    fn two_manifests_of_one_family_are_refused() {
        let differing = MANIFESTS.replacen("{c}", "{d}", 1);
        assert!(tree(&parts(), &differing).is_err());
        assert!(tree(&parts(), "[]").is_err());
    }

    #[test]
    fn control_says_what_it_needs_and_ends_with_a_line() {
        let needs = Needs {
            glibc: Version::default(),
            unwinder: false,
        };
        let text = fields(&needs, "amd64", 1025);
        assert!(text.contains("\nInstalled-Size: 2\nDepends: libc6 (>= 0.0)\n"));
        assert!(text.ends_with('\n') && !text.contains("\n\n"));
        assert!(text.lines().all(|line| line.len() <= 80));
    }

    #[test]
    fn processors_have_debians_names() {
        assert_eq!(architecture("x86_64").ok(), Some("amd64"));
        assert_eq!(architecture("aarch64").ok(), Some("arm64"));
        assert!(architecture("wasm32").is_err());
    }
}
