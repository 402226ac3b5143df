//! Measures what needs neither node nor browser.

use bench::{Figures, native};
use clap::Parser;

/// Measure the native parts; prints one JSON object a line.
#[derive(Debug, Parser)]
struct Options {
    /// Only figures whose name holds one of these.
    names: Vec<String>,
}

fn main() -> anyhow::Result<()> {
    native::run(&Figures::of(Options::parse().names))
}
