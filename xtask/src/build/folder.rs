//! The files of one extension folder: collected first, then written where they differ.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use super::{MODULES, content, manifest, styles};
use crate::{Browser, workspace};

/// An extension folder in memory.
#[derive(Debug, Default)]
pub(super) struct Folder {
    files: BTreeMap<PathBuf, Vec<u8>>,
    /// What it lacks to be loaded by a browser, in words.
    pub(super) lacks: Vec<String>,
}

/// Gathers everything that `browser` loads; `modules` is where the glue lies.
pub(super) fn collect(browser: Browser, modules: &Path) -> Result<Folder> {
    let root = workspace::root();
    let mut folder = Folder::default();
    folder.add_tree(&root.join("extension/assets"), Path::new(""))?;
    folder.add_tree(&root.join("extension/popup/assets"), Path::new(""))?;
    folder.add_tree(&root.join("extension/content"), Path::new("content"))?;
    content::join(&mut folder.files)?;
    styles::inline(&mut folder.files)?;
    for module in MODULES {
        let made = modules.join(module.name);
        if made.is_dir() {
            folder.add_tree(&made, Path::new("wasm"))?;
        } else {
            folder
                .lacks
                .push(format!("the module {} was never built", module.name));
        }
    }
    let manifest = manifest::merged(browser)?;
    let text = serde_json::to_vec_pretty(&manifest)?;
    for path in manifest::named_files(&manifest) {
        if !folder.files.contains_key(Path::new(&path)) {
            folder.lacks.push(format!(
                "no folder of the extension has {path}, which the manifest names"
            ));
        }
    }
    folder.files.insert(PathBuf::from("manifest.json"), text);
    Ok(folder)
}

impl Folder {
    /// Takes every shipped file of `source` in, under `place`.
    fn add_tree(&mut self, source: &Path, place: &Path) -> Result<()> {
        if !source.is_dir() {
            return Ok(());
        }
        for entry in fs::read_dir(source).with_context(|| source.display().to_string())? {
            let entry = entry?;
            let name = entry.file_name();
            let path = place.join(&name);
            if !is_shipped(&name.to_string_lossy()) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                self.add_tree(&entry.path(), &path)?;
            } else if self
                .files
                .insert(path.clone(), fs::read(entry.path())?)
                .is_some()
            {
                bail!("two files want to be {} in the extension", path.display());
            }
        }
        Ok(())
    }

    /// Its files, by their paths with slashes.
    pub(super) fn into_files(self) -> Result<Vec<(String, Vec<u8>)>> {
        let named = |(path, content): (PathBuf, Vec<u8>)| {
            let steps: Option<Vec<&str>> = path.iter().map(|step| step.to_str()).collect();
            let name = steps.with_context(|| format!("{} is no text", path.display()))?;
            Ok((name.join("/"), content))
        };
        self.files.into_iter().map(named).collect()
    }

    /// Makes `destination` hold just these files, touching only those that differ.
    pub(super) fn write(&self, destination: &Path) -> Result<()> {
        fs::create_dir_all(destination)?;
        for (path, bytes) in &self.files {
            let file = destination.join(path);
            if fs::read(&file).is_ok_and(|old| old == *bytes) {
                continue;
            }
            if let Some(parent) = file.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(&file, bytes).with_context(|| file.display().to_string())?;
        }
        self.remove_strangers(destination, Path::new(""))
    }

    fn remove_strangers(&self, destination: &Path, place: &Path) -> Result<()> {
        for entry in fs::read_dir(destination.join(place))? {
            let entry = entry?;
            let path = place.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                self.remove_strangers(destination, &path)?;
                if !self.files.keys().any(|known| known.starts_with(&path)) {
                    fs::remove_dir(entry.path())?;
                }
            } else if !self.files.contains_key(&path) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

/// Whether a file or folder of that name goes into the extension: tests, types and notes do not.
fn is_shipped(name: &str) -> bool {
    let ends = [".test.js", ".mjs", ".d.ts", ".md", ".wasm.opt"];
    let others = ["tests", "test", "types", "node_modules"];
    let json =
        Path::new(name).extension().is_some_and(|it| it == "json") && name != super::content::PARTS;
    !name.starts_with('.')
        && !json
        && !others.contains(&name)
        && !ends.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_and_notes_are_not_shipped() {
        for name in [
            "watch.test.js",
            "README.md",
            "facts.d.ts",
            "jsconfig.json",
            ".hidden",
        ] {
            assert!(!is_shipped(name), "{name}");
        }
        for name in [
            "watch.js",
            "popup.html",
            "popup.css",
            "pear.svg",
            "popup_bg.wasm",
            "icons",
        ] {
            assert!(is_shipped(name), "{name}");
        }
    }

    #[test]
    fn writing_removes_what_no_longer_belongs() -> Result<()> {
        let place = std::env::temp_dir().join(format!("pearvault-folder-{}", std::process::id()));
        let mut folder = Folder::default();
        folder.files.insert("a/old.js".into(), b"1".to_vec());
        folder.files.insert("same.js".into(), b"2".to_vec());
        folder.write(&place)?;
        folder.files.remove(Path::new("a/old.js"));
        folder.files.insert("b/new.js".into(), b"3".to_vec());
        folder.write(&place)?;
        let seen = (place.join("a").exists(), place.join("b/new.js").exists());
        let kept = fs::read(place.join("same.js"))?;
        fs::remove_dir_all(&place)?;
        assert_eq!((seen, kept), ((false, true), b"2".to_vec()));
        Ok(())
    }
}
