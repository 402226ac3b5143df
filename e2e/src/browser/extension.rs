//! The built extension.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::Kind;
use crate::place;

/// The unpacked extension of one browser.
#[derive(Debug, Clone)]
pub(super) struct Unpacked {
    pub(super) folder: PathBuf,
    pub(super) manifest: Value,
}

impl Unpacked {
    /// `PEARVAULT_EXTENSION_DIR` (the folder that holds both, or one browser's own), else what
    /// `cargo xtask build` made.
    pub(super) fn find(kind: Kind) -> Result<Self> {
        let base = place::from_environment("PEARVAULT_EXTENSION_DIR")
            .unwrap_or_else(|| place::in_root("target/extension"));
        let inner = base.join(kind.to_string());
        let folder = if inner.join("manifest.json").is_file() {
            inner
        } else {
            base
        };
        Self::read(&folder)
    }

    /// An unpacked extension in `folder`.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let file = folder.join("manifest.json");
        if !file.is_file() {
            bail!(
                "there is no extension at {}: run `cargo xtask build`",
                folder.display()
            );
        }
        let text = fs::read_to_string(&file)?;
        let manifest = serde_json::from_str(&text).with_context(|| file.display().to_string())?;
        Ok(Self {
            folder: folder.canonicalize()?,
            manifest,
        })
    }

    /// Its id in Firefox.
    pub(super) fn gecko_id(&self) -> Result<&str> {
        self.manifest
            .pointer("/browser_specific_settings/gecko/id")
            .and_then(Value::as_str)
            .context("the manifest has no browser_specific_settings.gecko.id")
    }
}

/// Copies a folder with all that is in it.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Makes an optional permission of an unpacked extension one that it has.
pub(super) fn allow(folder: &Path, permission: &str) -> Result<()> {
    let file = folder.join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&fs::read(&file)?)?;
    let permissions = manifest["permissions"].as_array_mut();
    permissions
        .context("no permissions")?
        .push(json!(permission));
    let optional = manifest["optional_permissions"].as_array_mut();
    optional
        .context("no optional permissions")?
        .retain(|it| it.as_str() != Some(permission));
    fs::write(&file, manifest.to_string())?;
    Ok(())
}
