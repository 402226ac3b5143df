//! What tour, stories and browser figures share: the extension, the node, the drivers, and the
//! variables under which the programs of `e2e` find them.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use crate::{
    Browser,
    build::{self, BuildArgs},
    process,
    requirements::{DrivenBrowser, Requirements},
    workspace::{self, Metadata},
};

/// How node and e2e programs are compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speed {
    /// Quick to build; its dependencies are optimised all the same.
    Debug,
    /// For figures.
    Release,
}

/// Whether node and e2e programs are there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Programs {
    /// They may be missing or old.
    ToBuild,
    /// This run of ours has just built them.
    Built,
}

/// Everything built, one extension folder for each browser.
#[derive(Debug)]
pub(crate) struct Play {
    extensions: PathBuf,
    programs: PathBuf,
    target: PathBuf,
}

impl Play {
    /// Builds the extension for `browsers`, the node, and the programs of `e2e`.
    pub(crate) fn prepare(
        speed: Speed,
        browser: Option<Browser>,
        programs: Programs,
        requirements: &Requirements,
    ) -> Result<Self> {
        let release = speed == Speed::Release;
        let args = BuildArgs {
            browser,
            release,
            ..BuildArgs::default()
        };
        let extensions = build::run(&args, requirements)?;
        let mut cargo = process::cargo();
        cargo.args([
            "build",
            "--bins",
            "-p",
            "pearvault-node",
            "-p",
            "pearvault-e2e",
        ]);
        if release {
            cargo.arg("--release");
        }
        if programs == Programs::ToBuild {
            process::run(&mut cargo)?;
        }
        let target = Metadata::load()?.target();
        Ok(Self {
            extensions,
            programs: target.join(if release { "release" } else { "debug" }),
            target,
        })
    }

    /// A program of `e2e`, told which browser to drive and where everything is.
    pub(crate) fn program(&self, name: &str, driven: &DrivenBrowser) -> Command {
        let mut command = process::command(self.binary(name));
        command
            .args(["--browser", driven.browser.name()])
            .envs(driven.environment())
            .env(
                "PEARVAULT_EXTENSION_DIR",
                self.extensions.join(driven.browser.name()),
            )
            .env("PEARVAULT_NODE_BIN", self.binary("pearvault-node"))
            .env("PEARVAULT_HOST_BIN", self.binary("pearvault-host"))
            .env("PEARVAULT_TOUR_DIR", self.target.join("tour"));
        if let Some(shared) = workspace::shared() {
            command.env("PEARVAULT_SHARED", shared);
        }
        command
    }

    /// A program that was built.
    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        self.programs
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }
}
