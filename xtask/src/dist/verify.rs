//! `dist --verify`: the same commit gives the same packages, wherever it is checked out.
//!
//! Two clean clones, in folders of which one has a longer path, each with a target folder of its own, each
//! packed by its own xtask. Downloads are shared; the second reaches them by another path.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Cursor, Read as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use flate2::read::GzDecoder;
use tempfile::TempDir;

use super::{Part, paths, sum};
use crate::{process, workspace};

/// Where the clones are, in the temporary folder.
const FOLDERS: [&str; 2] = ["a", "another-folder-with-a-longer-path/below"];

/// Packs twice and compares. Where the packages differ, both are kept and named.
pub(super) fn run(only: Option<Part>) -> Result<()> {
    let commit = git(&["rev-parse", "HEAD"])?;
    if !git(&["status", "--porcelain"])?.is_empty() {
        eprintln!("Changes that are not committed are not looked at.");
    }
    let place = tempfile::Builder::new().prefix("pearvault-").tempdir()?;
    let mut made = Vec::new();
    for (index, folder) in FOLDERS.iter().enumerate() {
        let folder = place.path().join(folder);
        let out = place.path().join(format!("packages-{}", index + 1));
        let home = if index == 0 {
            paths::cargo_home()?
        } else {
            elsewhere(&place, &paths::cargo_home()?)
        };
        clone(&folder, commit.trim())?;
        pack(&folder, &out, &home, only)?;
        // Some gigabytes; what is compared is in the other folder.
        fs::remove_dir_all(&folder)?;
        made.push(super::made(&out)?);
    }
    let [first, second] = made.as_slice() else {
        bail!("two builds were to be compared");
    };
    println!("\ncommit {}", commit.trim());
    let differences = compare(first, second)?;
    if differences.is_empty() {
        println!("Both builds are the same, byte for byte.");
        return Ok(());
    }
    let kept = place.keep();
    bail!(
        "the builds differ:\n  {}\nBoth are kept in {}.",
        differences.join("\n  "),
        kept.display()
    );
}

/// Prints both sums of each package, and hands back what differs, in words.
fn compare(
    first: &BTreeMap<String, Vec<u8>>,
    second: &BTreeMap<String, Vec<u8>>,
) -> Result<Vec<String>> {
    let mut differences = Vec::new();
    let names: BTreeSet<&String> = first.keys().chain(second.keys()).collect();
    if names.is_empty() {
        bail!("no packages were made");
    }
    for name in names {
        let (Some(one), Some(other)) = (first.get(name), second.get(name)) else {
            differences.push(format!("{name}: only one build made it"));
            continue;
        };
        println!("{}  {name}\n{}  again", sum(one), sum(other));
        if one == other {
            continue;
        }
        let (one, other) = (entries(name, one)?, entries(name, other)?);
        let paths: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
        let mut differing: Vec<&str> = paths
            .into_iter()
            .filter(|path| one.get(*path) != other.get(*path))
            .map(String::as_str)
            .collect();
        if differing.is_empty() {
            differing.push("the order of its entries, or what is said of them");
        }
        differences.push(format!("{name}: {}", differing.join(", ")));
    }
    Ok(differences)
}

/// What is in a package: content by path. Archives in it are opened too.
fn entries(name: &str, bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let ends = |end: &str| name.ends_with(end);
    if ends(".zip") {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes))?;
        for index in 0..archive.len() {
            let mut file = archive.by_index(index)?;
            let mut content = Vec::new();
            file.read_to_end(&mut content)?;
            found.insert(file.name()?.into_owned(), content);
        }
    } else if ends(".tar.gz") {
        let mut archive = tar::Archive::new(GzDecoder::new(bytes));
        for entry in archive.entries()? {
            let mut entry = entry?;
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let mut content = entry.header().as_bytes().to_vec();
            entry.read_to_end(&mut content)?;
            found.insert(path, content);
        }
    } else if ends(".deb") {
        let mut archive = ar::Archive::new(bytes);
        while let Some(member) = archive.next_entry() {
            let mut member = member?;
            let member_name = String::from_utf8_lossy(member.header().identifier()).into_owned();
            let mut content = Vec::new();
            member.read_to_end(&mut content)?;
            found.extend(entries(&member_name, &content)?);
        }
    } else {
        found.insert(name.to_owned(), bytes.to_vec());
    }
    Ok(found)
}

fn clone(folder: &Path, commit: &str) -> Result<()> {
    let mut git = process::command("git");
    git.args(["clone", "--quiet", "--no-checkout"]);
    process::run(git.arg(workspace::root()).arg(folder))?;
    let mut git = process::command("git");
    git.arg("-C").arg(folder);
    process::run(git.args(["checkout", "--quiet", "--detach", commit]))
}

/// Has a clone's own xtask make the packages.
fn pack(folder: &Path, out: &Path, cargo_home: &Path, only: Option<Part>) -> Result<()> {
    let mut cargo = process::cargo();
    cargo
        .args(["run", "--locked", "--package", "xtask", "--"])
        .arg("dist")
        .arg("--out")
        .arg(out);
    if let Some(only) = only {
        cargo.args(["--only", only.name()]);
    }
    cargo
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env("CARGO_HOME", cargo_home);
    process::run(&mut cargo)
}

/// Another path to the same downloads, where links are to be had.
fn elsewhere(place: &TempDir, cargo_home: &Path) -> PathBuf {
    let link = place.path().join("downloads");
    #[cfg(unix)]
    if std::os::unix::fs::symlink(cargo_home, &link).is_ok() {
        return link;
    }
    drop(link);
    cargo_home.to_owned()
}

fn git(arguments: &[&str]) -> Result<String> {
    let mut git = process::command("git");
    process::stdout(git.args(arguments)).context("this is no checkout of git")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::archive::{self, Tree};

    fn tree(changed: &str) -> Tree {
        let mut tree = Tree::default();
        tree.file("same.js", "same");
        tree.file("wasm/popup_bg.wasm", changed);
        tree
    }

    fn check(name: &str, pack: impl Fn(&Tree) -> Result<Vec<u8>>) -> Result<Vec<String>> {
        let made = |text: &str| -> Result<_> {
            let content = pack(&tree(text))?;
            Ok(BTreeMap::from([(name.to_owned(), content)]))
        };
        assert_eq!(compare(&made("one")?, &made("one")?)?, [""; 0]);
        compare(&made("one")?, &made("two")?)
    }

    #[test]
    fn entries_that_differ_are_named_in_every_kind_of_package() -> Result<()> {
        let tar = |tree: &Tree| archive::gzip(&tree.to_tar(".")?);
        assert_eq!(check("x.zip", Tree::to_zip)?, ["x.zip: wasm/popup_bg.wasm"]);
        assert_eq!(check("x.tar.gz", tar)?, ["x.tar.gz: ./wasm/popup_bg.wasm"]);
        let deb = |tree: &Tree| archive::debian(&tar(&Tree::default())?, &tar(tree)?);
        assert_eq!(check("x.deb", deb)?, ["x.deb: ./wasm/popup_bg.wasm"]);
        Ok(())
    }

    #[test]
    fn a_package_of_one_build_alone_is_a_difference() -> Result<()> {
        let one = BTreeMap::from([("x.zip".to_owned(), tree("").to_zip()?)]);
        assert_eq!(compare(&one, &BTreeMap::new())?.len(), 1);
        assert!(compare(&BTreeMap::new(), &BTreeMap::new()).is_err());
        Ok(())
    }
}
