//! `run`: a node, a practice site and a browser with the extension, played or handed to the user.

use anyhow::Result;
use clap::Args;

use crate::{
    Browser,
    play::{Play, Programs, Speed},
    process,
    requirements::Requirements,
};

/// Arguments of `run`.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The browser to open.
    #[arg(long, value_enum, default_value_t = Browser::Chromium)]
    browser: Browser,
    /// The same as `--browser firefox`.
    #[arg(long, conflicts_with = "browser")]
    firefox: bool,
    /// Play the tour without a window; so it is done where there is no display.
    #[arg(long)]
    headless: bool,
    /// More for the tour, after `--`.
    #[arg(last = true, value_name = "TOUR ARGUMENT")]
    tour: Vec<String>,
}

/// Builds all and plays.
pub(crate) fn run(args: &RunArgs, requirements: &Requirements) -> Result<()> {
    let browser = if args.firefox {
        Browser::Firefox
    } else {
        args.browser
    };
    // First: an install is better asked for before the build than after it.
    let driven = requirements.browser(browser)?;
    let play = Play::prepare(Speed::Debug, Some(browser), Programs::ToBuild, requirements)?;
    let mut tour = play.program("tour", &driven);
    if args.headless || !has_display() {
        tour.arg("--headless");
    }
    process::run(tour.args(&args.tour))
}

/// Whether a window could be seen.
fn has_display() -> bool {
    let named = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(any(target_os = "macos", windows)) || named("DISPLAY") || named("WAYLAND_DISPLAY")
}
