//! Where things lie in the checkout, and what `cargo metadata` says of it.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::process;

/// Root of the checkout.
pub(crate) fn root() -> PathBuf {
    // At run time by preference: a moved checkout keeps its compiled xtask.
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest
        .parent()
        .map_or_else(|| manifest.clone(), PathBuf::from)
}

/// The folder `shared` beside the checkout: pages saved from the real web and foreign vectors.
/// Most machines have none.
pub(crate) fn shared() -> Option<PathBuf> {
    let folder = root().parent()?.join("shared");
    folder.is_dir().then_some(folder)
}

/// What cargo knows of the workspace's own packages.
#[derive(Debug)]
pub(crate) struct Metadata(Value);

/// One package of the workspace.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    /// As in its `Cargo.toml`.
    pub(crate) name: String,
    /// Folder of its `Cargo.toml`.
    pub(crate) folder: PathBuf,
    /// Its dependencies.
    pub(crate) dependencies: Vec<Dependency>,
    /// Whether a bare `cargo test` covers it.
    pub(crate) default_member: bool,
    /// Whether its library is a `cdylib` and nothing else.
    pub(crate) only_cdylib: bool,
}

/// One dependency of a package.
#[derive(Debug, Clone)]
pub(crate) struct Dependency {
    /// Package name.
    pub(crate) name: String,
    /// Whether only its tests, examples and benches have it.
    pub(crate) dev: bool,
}

impl Metadata {
    /// Asks cargo, without touching the network.
    pub(crate) fn load() -> Result<Self> {
        let mut cargo = process::cargo();
        cargo.args(["metadata", "--format-version", "1", "--no-deps"]);
        let text = process::stdout(&mut cargo)?;
        Ok(Self(
            serde_json::from_str(&text).context("cargo metadata printed no JSON")?,
        ))
    }

    /// The target folder, wherever cargo's settings put it.
    pub(crate) fn target(&self) -> PathBuf {
        self.0["target_directory"]
            .as_str()
            .map_or_else(|| root().join("target"), PathBuf::from)
    }

    /// Every member of the workspace.
    pub(crate) fn packages(&self) -> Vec<Package> {
        let defaults = strings(&self.0["workspace_default_members"]);
        let packages = self.0["packages"].as_array().map_or(&[][..], Vec::as_slice);
        packages
            .iter()
            .filter_map(|package| Package::parse(package, &defaults))
            .collect()
    }
}

impl Package {
    fn parse(package: &Value, defaults: &[&str]) -> Option<Self> {
        let dependencies = package["dependencies"]
            .as_array()?
            .iter()
            .filter_map(|dependency| {
                Some(Dependency {
                    name: dependency["name"].as_str()?.to_owned(),
                    dev: dependency["kind"].as_str() == Some("dev"),
                })
            });
        Some(Self {
            name: package["name"].as_str()?.to_owned(),
            folder: PathBuf::from(package["manifest_path"].as_str()?)
                .parent()?
                .to_owned(),
            default_member: defaults.contains(&package["id"].as_str()?),
            only_cdylib: package["targets"]
                .as_array()?
                .iter()
                .any(|target| strings(&target["crate_types"]) == ["cdylib"]),
            dependencies: dependencies.collect(),
        })
    }

    /// Whether it depends on the package `name`, in tests or otherwise.
    pub(crate) fn uses(&self, name: &str) -> bool {
        self.dependencies
            .iter()
            .any(|dependency| dependency.name == name)
    }
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().map_or_else(Vec::new, |list| {
        list.iter().filter_map(Value::as_str).collect()
    })
}
