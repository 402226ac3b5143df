//! The built extension.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

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
        let text = std::fs::read_to_string(&file)?;
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
