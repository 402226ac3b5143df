//! The play behind `cargo xtask run`.

use std::process::ExitCode;

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

/// What a program ends with that Ctrl-C has ended, as shells have it: 128 and the signal's number.
const INTERRUPTED: u8 = 130;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let display = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some());
    let end = process::asked_to_end();
    tokio::pin!(end);
    // Dropping what runs ends browser, driver and node.
    if !options.visible && (options.headless || !display) {
        return tokio::select! {
            played = tour::headless(options.browser) => played.map(|()| ExitCode::SUCCESS),
            signal = end => interrupted(signal),
        };
    }
    let playground = tokio::select! {
        opened = Playground::open(options.browser) => opened?,
        signal = &mut end => return interrupted(signal),
    };
    playground.explain();
    // Who has seen it closes the browser or presses Ctrl-C: either is a good end.
    let ended = tokio::select! {
        () = playground.closed() => Ok(()),
        signal = end => signal,
    };
    playground.close().await;
    ended.map(|()| ExitCode::SUCCESS)
}

/// What was to be played was not.
fn interrupted(signal: Result<()>) -> Result<ExitCode> {
    signal?;
    println!("Stopped before the end.");
    Ok(ExitCode::from(INTERRUPTED))
}
