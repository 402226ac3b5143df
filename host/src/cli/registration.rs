//! `install` and `uninstall`: which browsers are meant, and what came of each.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::{program, say};
use crate::install::{self, Browser};

/// Which browsers.
#[derive(clap::Args)]
pub(super) struct Which {
    /// Only this one, such as `firefox`; may be given again.
    #[arg(long, value_name = "NAME")]
    browser: Vec<String>,
    /// The Chromium-like browser whose profile is in this folder (`--user-data-dir`).
    #[arg(long, value_name = "FOLDER")]
    profile_folder: Vec<PathBuf>,
    /// For all users of this machine.
    #[arg(long)]
    pub(super) system: bool,
}

/// Does something for each browser that is meant, and says what came of it.
pub(super) fn for_each(
    which: &Which,
    act: impl Fn(&Browser, &Path) -> Result<String>,
) -> Result<()> {
    let program = program()?;
    let all = install::browsers(which.system);
    let wanted = |name: &str| {
        which
            .browser
            .iter()
            .any(|wanted| wanted.eq_ignore_ascii_case(name))
    };
    if let Some(unknown) = which.browser.iter().find(|wanted| {
        !all.iter()
            .any(|browser| browser.name.eq_ignore_ascii_case(wanted))
    }) {
        let names: Vec<_> = all
            .iter()
            .map(|browser| browser.name.to_lowercase())
            .collect();
        bail!(
            "no browser is called {unknown}; known here: {}",
            names.join(", ")
        );
    }
    let named = !which.browser.is_empty() || !which.profile_folder.is_empty();
    let mut meant: Vec<Browser> = all
        .into_iter()
        .filter(|browser| {
            if named {
                wanted(&browser.name)
            } else {
                browser.found
            }
        })
        .collect();
    meant.extend(
        which
            .profile_folder
            .iter()
            .map(|folder| install::in_profile(folder)),
    );
    if meant.is_empty() {
        bail!(
            "no browser was found here; name one with --browser, or the folder of a profile with --profile-folder"
        );
    }
    let mut failed = 0;
    for browser in &meant {
        let came = act(browser, &program).unwrap_or_else(|error| {
            failed += 1;
            format!("failed: {error:#}")
        });
        say(&format!("{}: {came}", browser.name))?;
    }
    if failed > 0 {
        bail!("{failed} of {} failed", meant.len());
    }
    Ok(())
}
