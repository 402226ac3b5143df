//! Plays the stories in real browsers; the last line is `N passed, N failed, N skipped`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use e2e::{browser::Kind, clock::Stopwatch, stories};

/// Play whole stories in real browsers, with a real node and a practice site.
#[derive(Parser)]
struct Options {
    /// chromium, firefox or all.
    #[arg(long, default_value = "all")]
    browser: String,
    /// Show the browsers.
    #[arg(long)]
    visible: bool,
    /// Only stories whose name holds this.
    #[arg(default_value = "")]
    filter: String,
    /// Only print the names.
    #[arg(long)]
    list: bool,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let options = Options::parse();
    if options.list {
        for story in stories::STORIES {
            println!("{}", story.name);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let browsers = match options.browser.as_str() {
        "all" => vec![Kind::Chromium, Kind::Firefox],
        one => vec![one.parse()?],
    };
    let filter = stories::Filter {
        browsers,
        name: options.filter,
        visible: options.visible,
    };
    let time = Stopwatch::start();
    let tally = tokio::select! {
        tally = stories::run(&filter) => tally?,
        signal = e2e::process::asked_to_end() => {
            // Dropping what runs ends browsers, drivers and nodes.
            signal?;
            println!("stopped");
            return Ok(ExitCode::FAILURE);
        }
    };
    println!("stories took {}", time.elapsed());
    if tally.unsteady > 0 {
        println!("unsteady: {} played once more", tally.unsteady);
    }
    println!(
        "{} passed, {} failed, {} skipped",
        tally.passed, tally.failed, tally.skipped
    );
    Ok(if tally.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
