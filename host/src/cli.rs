//! The program, as a browser and as its user start it.

mod account;
mod health;
mod pair;
mod registration;
mod typed;

use std::{
    env::consts::EXE_SUFFIX,
    io::{self, Write as _, stderr, stdout},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};

use self::registration::Which;
use crate::{
    agent,
    caller::{self, Family},
    install, pairs,
    place::Place,
    relay, stdio,
};

/// Pearvault's native host: what the extension has outside of the browser.
#[derive(Parser)]
#[command(name = "pearvault-host", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Register with the browsers of this machine.
    Install(Which),
    /// Write anew what leads to a program that is not there any more.
    Repair,
    /// Take the registration back.
    Uninstall(Which),
    /// Pair an extension: shows the code that the extension shows too.
    Pair,
    /// Forget every paired extension.
    Forget,
    /// Delete the account that lives here, such as one whose password nobody has any more.
    RemoveAccount,
    /// What is registered and paired.
    Status,
    /// Look for what is wrong, in words.
    Doctor,
    /// What browsers speak to; they start it.
    #[command(hide = true)]
    Agent,
    /// The manifests that a package brings, as JSON; for who makes one.
    #[command(hide = true)]
    Manifests {
        /// Where the package puts this program.
        program: PathBuf,
    },
}

/// Does what its arguments say, or carries what a browser says to the agent.
pub fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let done = match caller::of(&arguments) {
        Some(Ok(family)) => relay(family).map_err(Into::into),
        Some(Err(foreign)) => Err(foreign.into()),
        None => run(Cli::parse().command),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard output is the browser's.
            let _ = writeln!(stderr(), "pearvault-host: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Carries what a browser says.
fn relay(family: Family) -> io::Result<()> {
    let place = Place::of_user()?;
    let (says, hears) = stdio::of_our_own()?;
    relay::run(&place, family, says, hears)
}

fn run(command: Command) -> Result<()> {
    let place = || Place::of_user().context("the folder of the host");
    match command {
        Command::Install(which) => registration::for_each(&which, |browser, program| {
            browser.install(program, which.system)?;
            Ok(match browser.limits {
                Some(limits) => format!("registered. {limits}"),
                None => "registered".to_owned(),
            })
        }),
        Command::Uninstall(which) => registration::for_each(&which, |browser, _| {
            browser.uninstall(which.system)?;
            Ok("taken back".to_owned())
        }),
        Command::Repair => {
            let repaired = install::repair(&program()?);
            say(&format!("{repaired} repaired"))
        }
        Command::Pair => pair::wait(&place()?),
        Command::Forget => {
            let known = pairs::clear(&place()?)?;
            say(&format!("{known} forgotten"))
        }
        Command::RemoveAccount => account::remove(&place()?),
        Command::Status => health::status(&place()?),
        Command::Doctor => health::doctor(&place()?),
        Command::Agent => {
            // Whoever has moved this program has other browsers that do not find it any more.
            install::repair(&program()?);
            Ok(agent::run(place()?)?)
        }
        Command::Manifests { program } => {
            let manifests = install::packaged(&program)?;
            say(&serde_json::to_string_pretty(&manifests)?)
        }
    }
}

/// Where the program is that a browser starts: this one, or on Windows the one beside it that opens no
/// console.
fn program() -> Result<PathBuf> {
    let program = std::env::current_exe().context("where this program is")?;
    let windowless = program.with_file_name(format!("pearvault-hostw{EXE_SUFFIX}"));
    if cfg!(windows) && windowless.is_file() {
        return Ok(windowless);
    }
    // Without the prefix that paths get on Windows, which no browser understands.
    if cfg!(windows) {
        return Ok(program);
    }
    Ok(program.canonicalize().unwrap_or(program))
}

fn say(what: &str) -> Result<()> {
    writeln!(stdout(), "{what}")?;
    Ok(())
}
