//! The play behind `cargo xtask run`.

use anyhow::Result;
use clap::Parser;
use e2e::{browser::Kind, process, tour};

/// Play the tour headless, or start everything for somebody to play with.
#[derive(Parser)]
struct Options {
    /// chromium or firefox.
    #[arg(long, default_value = "chromium")]
    browser: Kind,
    /// No window: play the tour and leave screenshots (the default where there is no display).
    #[arg(long, conflicts_with = "visible")]
    headless: bool,
    /// Open a browser and stay until it is closed.
    #[arg(long)]
    visible: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let display = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some());
    let playing = async {
        if options.visible || (display && !options.headless) {
            tour::visible(options.browser).await
        } else {
            tour::headless(options.browser).await
        }
    };
    tokio::select! {
        result = playing => result,
        // Dropping what runs ends browser, driver and node.
        signal = process::asked_to_end() => signal,
    }
}
