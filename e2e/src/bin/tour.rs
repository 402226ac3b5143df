//! The play behind `cargo xtask run`.

use anyhow::Result;
use clap::Parser;
use e2e::{
    browser::Kind,
    process,
    tour::{self, visible::Playground},
};

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
    let end = process::asked_to_end();
    tokio::pin!(end);
    // Dropping what runs ends browser, driver and node.
    if !options.visible && (options.headless || !display) {
        return tokio::select! {
            played = tour::headless(options.browser) => played,
            signal = end => signal,
        };
    }
    let playground = tokio::select! {
        opened = Playground::open(options.browser) => opened?,
        signal = &mut end => return signal,
    };
    playground.explain();
    let ended = tokio::select! {
        () = playground.closed() => Ok(()),
        signal = end => signal,
    };
    playground.close().await;
    ended
}
