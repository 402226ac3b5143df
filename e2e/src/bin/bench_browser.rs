//! Measures in a real browser; one JSON line `{name, value, unit}` for every figure.

use anyhow::Result;
use clap::Parser;
use e2e::{bench, browser::Kind};

/// Measure the extension in a real browser.
#[derive(Parser)]
struct Options {
    /// chromium or firefox.
    #[arg(long, default_value = "chromium")]
    browser: Kind,
    /// Items in the vault.
    #[arg(long, default_value_t = 5_000)]
    items: u32,
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    tokio::select! {
        result = bench::run(options.browser, options.items) => result,
        signal = e2e::process::asked_to_end() => signal,
    }
}
