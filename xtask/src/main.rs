//! `cargo xtask`: every command of the project, one file per verb.
//!
//! | to do | verb |
//! | --- | --- |
//! | make the extension folders | [`build`] |
//! | see it work | [`run`] |
//! | test everything, browsers included | [`mod@test`] |
//! | format, lints, structure | [`check`] |
//! | measure | [`mod@bench`] |
//! | score the understanding of login forms | [`score`] |
//! | check a file of test vectors | [`vectors`] |
//! | throw nonsense at every decoder | [`fuzz`] |
//! | make packages to hand out | [`dist`] |
//! | see what this machine has and lacks | [`doctor`] |
//!
//! What a verb needs from the machine comes from [`requirements`]: found, installed where that is
//! allowed, or named with the exact command that installs it.

mod bench;
mod build;
mod check;
mod dist;
mod doctor;
mod fuzz;
mod play;
#[path = "../../testkit/src/postgres.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    reason = "what tests call; the file is testkit's"
)]
mod postgres;
mod process;
mod requirements;
mod run;
mod score;
mod test;
mod vectors;
mod workspace;

use clap::{Parser, Subcommand, ValueEnum};

use crate::requirements::Requirements;

/// Build, run, test, check and measure Pearvault.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Cli {
    /// Install what is missing without asking.
    #[arg(long, global = true)]
    yes: bool,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make the extension folders under `target/extension/`.
    Build(build::BuildArgs),
    /// Play Pearvault in a real browser: visible with a display, else a headless tour.
    Run(run::RunArgs),
    /// Run every test of the project, browsers included.
    Test(test::TestArgs),
    /// Check format, lints, documentation and structure.
    Check(check::CheckArgs),
    /// Measure; prints a table.
    Bench(bench::BenchArgs),
    /// Say how well login forms are understood, on saved pages that lie beside the checkout.
    Score(score::ScoreArgs),
    /// Check files of test vectors against our code.
    Vectors(vectors::VectorsArgs),
    /// Throw nonsense at every decoder, for some seconds each.
    Fuzz(fuzz::FuzzArgs),
    /// Make the packages to hand out: the extension for stores, the native host for Linux.
    Dist(dist::DistArgs),
    /// Say what this machine has and lacks; installs nothing.
    Doctor,
}

/// A browser that the extension is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Browser {
    /// Chromium, or Chrome for Testing.
    Chromium,
    /// Firefox 140 or later.
    Firefox,
}

impl Browser {
    /// Every browser, in the order in which they are built and tested.
    const ALL: [Self; 2] = [Self::Chromium, Self::Firefox];

    /// Its name as in folders, manifests and flags.
    const fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
        }
    }
}

fn main() -> std::process::ExitCode {
    let cli = Cli::parse();
    let requirements = Requirements::new(cli.yes);
    let result = match cli.verb {
        Verb::Build(args) => build::run(&args, &requirements).map(drop),
        Verb::Run(args) => run::run(&args, &requirements),
        Verb::Test(args) => test::run(&args, &requirements),
        Verb::Check(args) => check::run(&args, &requirements),
        Verb::Bench(args) => bench::run(&args, &requirements),
        Verb::Score(args) => score::run(&args, &requirements),
        Verb::Vectors(args) => vectors::run(&args),
        Verb::Fuzz(args) => fuzz::run(&args, &requirements),
        Verb::Dist(args) => dist::run(&args, &requirements),
        Verb::Doctor => doctor::run(&requirements),
    };
    match result {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
