//! The program `pearvault-host`.

use std::{
    alloc::System,
    io::{Write as _, stderr, stdin, stdout},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    thread,
};

use anyhow::{Context as _, Result, bail};
use clap::{Parser, Subcommand};
use host::{
    account::{
        database::Database,
        safe::{Found, Safe},
    },
    agent::{self, Opening},
    caller, frame,
    install::{self, Browser, Standing},
    pairing::{FromTerminal, ToTerminal},
    pairs,
    place::Place,
    relay, solving,
};
use interprocess::local_socket::Stream;
use zeroizing_alloc::ZeroAlloc;

/// Wipes what is freed, so that a lock leaves nothing behind: decrypted items, answers and passwords pass through more texts and buffers than types of ours wipe.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

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

/// Which browsers.
#[derive(clap::Args)]
struct Which {
    /// Only this one, such as `firefox`; may be given again.
    #[arg(long, value_name = "NAME")]
    browser: Vec<String>,
    /// The Chromium-like browser whose profile is in this folder (`--user-data-dir`).
    #[arg(long, value_name = "FOLDER")]
    profile_folder: Vec<PathBuf>,
    /// For all users of this machine.
    #[arg(long)]
    system: bool,
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let done = match caller::of(&arguments) {
        Some(Ok(family)) => Place::of_user()
            .and_then(|place| relay::run(&place, family, stdin(), stdout()))
            .map_err(Into::into),
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

fn run(command: Command) -> Result<()> {
    let place = || Place::of_user().context("the folder of the host");
    match command {
        Command::Install(which) => registered(&which, |browser, program| {
            browser.install(program, which.system)?;
            Ok(match browser.limits {
                Some(limits) => format!("registered. {limits}"),
                None => "registered".to_owned(),
            })
        }),
        Command::Uninstall(which) => registered(&which, |browser, _| {
            browser.uninstall(which.system)?;
            Ok("taken back".to_owned())
        }),
        Command::Repair => {
            let repaired = install::repair(&program()?);
            say(&format!("{repaired} repaired"))
        }
        Command::Pair => pair(&place()?),
        Command::Forget => {
            let known = pairs::clear(&place()?)?;
            say(&format!("{known} forgotten"))
        }
        Command::RemoveAccount => remove_account(&place()?),
        Command::Status => status(&place()?),
        Command::Doctor => doctor(&place()?),
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

/// Does something for each browser that is meant, and says what came of it.
fn registered(which: &Which, act: impl Fn(&Browser, &Path) -> Result<String>) -> Result<()> {
    let program = program()?;
    let all = install::browsers(which.system);
    let wanted = |name: &str| {
        which
            .browser
            .iter()
            .any(|wanted| wanted.eq_ignore_ascii_case(name))
    };
    if let Some(unknown) = which.browser.iter().find(|wanted| {
        !all.iter()
            .any(|browser| browser.name.eq_ignore_ascii_case(wanted))
    }) {
        let names: Vec<_> = all
            .iter()
            .map(|browser| browser.name.to_lowercase())
            .collect();
        bail!(
            "no browser is called {unknown}; known here: {}",
            names.join(", ")
        );
    }
    let named = !which.browser.is_empty() || !which.profile_folder.is_empty();
    let mut meant: Vec<Browser> = all
        .into_iter()
        .filter(|browser| {
            if named {
                wanted(&browser.name)
            } else {
                browser.found
            }
        })
        .collect();
    meant.extend(
        which
            .profile_folder
            .iter()
            .map(|folder| install::in_profile(folder)),
    );
    if meant.is_empty() {
        bail!(
            "no browser was found here; name one with --browser, or the folder of a profile with --profile-folder"
        );
    }
    let mut failed = 0;
    for browser in &meant {
        let came = act(browser, &program).unwrap_or_else(|error| {
            failed += 1;
            format!("failed: {error:#}")
        });
        say(&format!("{}: {came}", browser.name))?;
    }
    if failed > 0 {
        bail!("{failed} of {} failed", meant.len());
    }
    Ok(())
}

fn pair(place: &Place) -> Result<()> {
    let agent = relay::reach(place, &Opening::Terminal {})?;
    loop {
        let told = frame::read_json::<ToTerminal>(&mut &*agent)?;
        match told.context("the agent has ended; start this command again")? {
            ToTerminal::Waiting {} => say(
                "Waiting for the extension: open Pearvault in your browser, Settings, This computer, and choose Connect.",
            )?,
            ToTerminal::Taken {} => bail!("another terminal waits already; go on there, or end it"),
            ToTerminal::Code { code, browser } => {
                let browser = browser.unwrap_or_else(|| "A browser".to_owned());
                say(&format!("\n{browser} wants to pair.\n\n    {code}\n"))?;
                // Asked beside: an extension that leaves is told of at once.
                let asked = Arc::clone(&agent);
                thread::spawn(move || ask(&asked));
            }
            ToTerminal::Paired {} => return say("Paired."),
            ToTerminal::Over {} => bail!(
                "nothing was paired: the codes differ, or the extension has ended it. If they differ, somebody stands between: look with `pearvault-host doctor`"
            ),
        }
    }
}

/// Asks whether the codes are the same, and tells the agent. What cannot be asked is no.
fn ask(agent: &Stream) -> Result<()> {
    forget_what_was_typed();
    write!(stdout(), "Does the extension show the same code? [y/N] ")?;
    stdout().flush()?;
    let mut line = String::new();
    stdin().read_line(&mut line)?;
    let same = matches!(line.trim(), "y" | "Y" | "yes");
    if same {
        say("Now confirm in the extension, if you have not done so.")?;
    }
    let answer = if same {
        FromTerminal::Agreed {}
    } else {
        FromTerminal::Refused {}
    };
    Ok(frame::write_json(&mut &*agent, &answer)?)
}

/// What was typed before the code was shown is no answer to it.
#[cfg(unix)]
fn forget_what_was_typed() {
    use std::io::IsTerminal as _;
    if stdin().is_terminal() {
        // Where it stays, somebody else has the terminal.
        let _ = rustix::termios::tcflush(stdin(), rustix::termios::QueueSelector::IFlush);
    }
}

/// What was typed before the code was shown is no answer to it.
#[cfg(not(unix))]
fn forget_what_was_typed() {}

fn status(place: &Place) -> Result<()> {
    let program = program()?;
    for browser in install::browsers(false)
        .into_iter()
        .filter(Browser::has_its_place)
    {
        let standing = match browser.standing(&program) {
            Standing::Absent if browser.found => "not registered".to_owned(),
            Standing::Absent => continue,
            Standing::Here => "registered".to_owned(),
            Standing::Other(Some(path)) => format!("registered for {}", path.display()),
            Standing::Other(None) => "its manifest cannot be read".to_owned(),
        };
        say(&format!("{}: {standing}", browser.name))?;
    }
    let pairs = pairs::all(place)?;
    say(&format!("paired extensions: {}", pairs.len()))?;
    for pair in pairs {
        let key = pair.key.to_string();
        let short = key.get(..8).unwrap_or_default();
        say(&format!("  {short} {}", pair.browser.unwrap_or_default()))?;
    }
    Ok(())
}

fn doctor(place: &Place) -> Result<()> {
    let program = program()?;
    let mut wrong = 0;
    let mut registered = 0;
    for browser in install::browsers(false)
        .into_iter()
        .filter(Browser::has_its_place)
    {
        let (is_wrong, said) = match browser.standing(&program) {
            Standing::Here => {
                registered += 1;
                (
                    false,
                    browser.limits.map_or("fine".to_owned(), ToOwned::to_owned),
                )
            }
            Standing::Absent if browser.found => (
                false,
                "not registered; `pearvault-host install` does it".to_owned(),
            ),
            Standing::Absent => continue,
            Standing::Other(Some(path)) if path.exists() => (
                true,
                format!(
                    "starts {}, which is not this program. If that is not one of yours, somebody stands between; `pearvault-host install` sets it right",
                    path.display()
                ),
            ),
            Standing::Other(_) => (
                true,
                "leads nowhere; `pearvault-host repair` sets it right".to_owned(),
            ),
        };
        wrong += usize::from(is_wrong);
        say(&format!("{}: {said}", browser.name))?;
    }
    say(&format!(
        "the folder of the host: {}",
        place.file("").display()
    ))?;
    if registered == 0 {
        say("No browser starts this program yet: run `pearvault-host install`.")?;
    }
    match pairs::own_key(place) {
        Ok(_) => say("the host's key: fine")?,
        Err(error) => {
            wrong += 1;
            say(&format!("the host's key: {error}"))?;
        }
    }
    match relay::look(place) {
        Ok(()) => say("the agent: it answers")?,
        Err(error) => {
            wrong += 1;
            say(&format!("the agent: {error}"))?;
        }
    }
    for engine in solving::measured() {
        let rate = engine.rate.map_or_else(
            || engine.problem.clone().unwrap_or_default(),
            |rate| format!("{:.2} million tries a second", rate / 1e6),
        );
        say(&format!("proof of work: {}: {rate}", engine.name))?;
    }
    if wrong > 0 {
        bail!("{wrong} to set right");
    }
    Ok(())
}

/// Where this program is, so that a browser finds it.
fn program() -> Result<PathBuf> {
    let program = std::env::current_exe().context("where this program is")?;
    Ok(program.canonicalize().unwrap_or(program))
}

fn say(what: &str) -> Result<()> {
    writeln!(stdout(), "{what}")?;
    Ok(())
}

/// Deletes the account's database and its key, where nobody uses them.
fn remove_account(place: &Place) -> Result<()> {
    if agent::connect(place).is_ok() {
        bail!(
            "a browser uses the account now: close your browsers, wait ten seconds, and start this again"
        );
    }
    let found = Safe::of(place).find();
    let whose = match found {
        Ok(Found::Nothing) => bail!("there is no account here"),
        Ok(Found::Sealed { account }) => account.to_string(),
        _ => "the account that lives here".to_owned(),
    };
    forget_what_was_typed();
    write!(
        stdout(),
        "This deletes {whose} on this computer. What reached its server stays there; what did not is lost.\nType yes to delete it: "
    )?;
    stdout().flush()?;
    let mut line = String::new();
    stdin().read_line(&mut line)?;
    if line.trim() != "yes" {
        bail!("nothing was deleted");
    }
    let in_keyring = !Safe::of(place).forget()?;
    Database::remove(place)?;
    if in_keyring {
        say("The keyring did not answer and still has the key, which opens nothing any more.")?;
    }
    say("Deleted. Your browsers ask you to log in anew.")
}
