//! Measures what the extension costs web pages; one JSON line `{name, value, unit}` for every
//! figure.

use anyhow::Result;
use clap::Parser;
use e2e::{
    bench::page::{self, Plan},
    browser::Kind,
};

/// Measure what the extension costs web pages.
#[derive(Parser)]
struct Options {
    /// chromium or firefox.
    #[arg(long, default_value = "chromium")]
    browser: Kind,
    /// How often each page is loaded in each browser.
    #[arg(long, default_value_t = 30)]
    rounds: usize,
    /// Only these pages: empty, nodes, inputs, mutations, replay.
    #[arg(value_name = "PAGE")]
    pages: Vec<String>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let plan = Plan {
        rounds: options.rounds,
        pages: options.pages,
    };
    tokio::select! {
        result = page::run(options.browser, &plan) => result,
        signal = e2e::process::asked_to_end() => signal,
    }
}
