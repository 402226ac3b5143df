//! Licences of everything that is linked into a program, in one text.
//!
//! MIT, BSD and their like want their text beside each copy of the program. It is taken from the
//! sources that cargo has compiled.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::Path,
};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::process;

/// What files with licences are called, or begin with.
const NAMES: [&str; 6] = [
    "license",
    "licence",
    "copying",
    "copyright",
    "notice",
    "unlicense",
];
const RULE: &str =
    "--------------------------------------------------------------------------------";

/// A crate that is linked: name and version, with its licence and its files.
type Crates = BTreeMap<String, (String, Vec<String>)>;

/// The text for `package` as it is compiled for `target`.
pub(super) fn text(package: &str, target: &str) -> Result<String> {
    let mut cargo = process::cargo();
    cargo.args(["metadata", "--format-version", "1", "--locked"]);
    let json = process::stdout(cargo.args(["--filter-platform", target]))?;
    let metadata: Value = serde_json::from_str(&json).context("cargo metadata printed no JSON")?;
    let mut crates = Crates::new();
    let linked = linked(&metadata, package)?;
    for package in list(&metadata["packages"]) {
        let id = package["id"].as_str().unwrap_or_default();
        // Those without a source are our own.
        if !linked.contains(id) || package["source"].is_null() {
            continue;
        }
        let word = |key: &str| package[key].as_str().unwrap_or_default();
        let folder = Path::new(word("manifest_path")).parent();
        let files = files(folder.context("a package without a folder")?)?;
        let name = format!("{} {}", word("name"), word("version"));
        crates.insert(name, (word("license").to_owned(), files));
    }
    Ok(compose(&crates))
}

/// Ids of all that `package` links, through whatever links it: not what builds or tests it.
fn linked<'a>(metadata: &'a Value, package: &str) -> Result<BTreeSet<&'a str>> {
    let nodes: BTreeMap<&str, &Value> = list(&metadata["resolve"]["nodes"])
        .filter_map(|node| Some((node["id"].as_str()?, node)))
        .collect();
    let root = list(&metadata["packages"])
        .find(|it| it["name"] == package && it["source"].is_null())
        .and_then(|it| it["id"].as_str());
    let mut waiting = vec![root.with_context(|| format!("no package {package}"))?];
    let mut seen = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) {
            continue;
        }
        for dependency in nodes.get(id).into_iter().flat_map(|it| list(&it["deps"])) {
            let is_linked = list(&dependency["dep_kinds"]).any(|kind| kind["kind"].is_null());
            if is_linked {
                waiting.extend(dependency["pkg"].as_str());
            }
        }
    }
    Ok(seen)
}

/// The texts of the licences in a folder, by the names of their files.
fn files(folder: &Path) -> Result<Vec<String>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_lowercase();
        if NAMES.iter().any(|it| name.starts_with(it)) && entry.file_type()?.is_file() {
            let bytes = fs::read(entry.path())?;
            let text = String::from_utf8_lossy(&bytes).replace('\r', "");
            found.insert(name, text.trim_matches('\n').to_owned());
        }
    }
    Ok(found.into_values().collect())
}

/// Each crate with its licence, then each text once, under the names of those who have it.
fn compose(crates: &Crates) -> String {
    let mut text = String::from(
        "Libraries by others that are part of this program, and the texts of their licences.\n\n",
    );
    let mut texts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, (licence, files)) in crates {
        let _ = writeln!(text, "{name}: {licence}");
        for file in files {
            texts.entry(file).or_default().push(name);
        }
    }
    let mut texts: Vec<(&str, Vec<&str>)> = texts.into_iter().collect();
    texts.sort_by(|(_, one), (_, other)| one.cmp(other));
    for (file, names) in texts {
        let _ = write!(text, "\n{RULE}\n{}\n{RULE}\n\n{file}\n", names.join(", "));
    }
    text
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_only_builds_or_tests_is_not_linked() -> Result<()> {
        let edge = |pkg: &str, kind: Value| json!({"pkg": pkg, "dep_kinds": [{"kind": kind}]});
        let metadata = json!({
            "packages": [{"name": "host", "id": "host", "source": null}],
            "resolve": {"nodes": [
                {"id": "host", "deps": [edge("a", Value::Null), edge("dev", json!("dev"))]},
                {"id": "a", "deps": [edge("b", Value::Null), edge("build", json!("build"))]},
                {"id": "b", "deps": [edge("a", Value::Null)]},
            ]},
        });
        let linked = linked(&metadata, "host")?;
        assert_eq!(linked.into_iter().collect::<Vec<_>>(), ["a", "b", "host"]);
        Ok(())
    }

    #[test]
    fn a_text_that_two_share_stands_once() {
        let one = |text: &str| ("MIT".to_owned(), vec![text.to_owned()]);
        let crates = Crates::from([
            ("b 1.0.0".to_owned(), one("shared")),
            ("a 1.0.0".to_owned(), one("shared")),
            ("c 1.0.0".to_owned(), one("own")),
        ]);
        let text = compose(&crates);
        assert_eq!(text.matches("\nshared\n").count(), 1);
        assert!(text.contains("a 1.0.0, b 1.0.0\n"));
        assert!(text.contains("c 1.0.0: MIT\n"));
    }

    // Elsewhere cargo would have to download what is linked on Linux alone.
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    #[test]
    fn each_crate_of_the_host_brings_its_licence() -> Result<()> {
        let text = text("pearvault-host", "x86_64-unknown-linux-gnu")?;
        assert!(text.contains("\nwgpu 30"));
        assert!(!text.contains("tempfile "));
        Ok(())
    }
}
