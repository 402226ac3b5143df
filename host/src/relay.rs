//! What a browser starts: carries frames between it and the agent, which it starts where none runs.

use std::{
    io::{self, Read, Write},
    process::{Command, Stdio},
    sync::Arc,
    thread::Builder,
    time::Duration,
};

use crate::{
    agent::{Opening, Ready},
    caller::Family,
    clock, frame,
    pipe::{self, Pipe},
    place::Place,
    process,
};

/// How often an agent that was started is looked for, and how long between.
const LOOKS: u32 = 100;
const PAUSE: Duration = Duration::from_millis(30);
/// How many are started in that time.
const STARTS_MAX: u32 = 2;
/// How long an agent may take to greet.
const GREETING: Duration = Duration::from_secs(2);

/// Carries frames until browser or agent end.
///
/// # Errors
/// Where no agent can be started, or either side says what is no frame.
pub fn run(
    place: &Place,
    family: Family,
    browser_says: impl Read + Send + 'static,
    browser_hears: impl Write,
) -> io::Result<()> {
    let starter = cfg!(target_os = "macos").then(|| process::parent_of(std::process::id()));
    let starter = starter.flatten();
    let agent = reach(place, &Opening::Relay { family, starter })?;
    // It ends with the process: a browser that is gone closes both.
    let to_agent = Arc::clone(&agent);
    Builder::new().spawn(move || {
        // Whatever was wrong, the agent sees the end and so does the browser.
        let _ = carry(browser_says, &*to_agent);
        std::process::exit(0);
    })?;
    carry(&*agent, browser_hears)
}

fn carry(mut from: impl Read, mut to: impl Write) -> io::Result<()> {
    while let Some(text) = frame::read(&mut from)? {
        frame::write(&mut to, &text)?;
    }
    Ok(())
}

/// Speaks to the agent, and starts it where none answers.
///
/// # Errors
/// Where none can be started.
pub fn reach(place: &Place, opening: &Opening) -> io::Result<Arc<Pipe>> {
    let mut starts = 0;
    for look in 0..LOOKS {
        // An agent that is about to end takes a connection and says nothing.
        if let Ok(stream) = pipe::connect(place)
            && stream.limit(Some(GREETING)).is_ok()
            && matches!(frame::read_json::<Ready>(&mut &stream), Ok(Some(_)))
            && frame::write_json(&mut &stream, opening).is_ok()
            && stream.limit(None).is_ok()
        {
            return Ok(Arc::new(stream));
        }
        // Another one where the first found one at work, which was about to end.
        if starts < STARTS_MAX && starts * LOOKS / STARTS_MAX <= look {
            start(place)?;
            starts += 1;
        }
        clock::pause(PAUSE);
    }
    let what = "the agent of Pearvault's host does not start; look with: pearvault-host doctor";
    Err(io::Error::new(io::ErrorKind::TimedOut, what))
}

/// Whether an agent answers, or can be started.
///
/// # Errors
/// Where none can.
pub fn look(place: &Place) -> io::Result<()> {
    reach(place, &Opening::Look {}).map(drop)
}

/// Starts an agent that outlives this process.
fn start(place: &Place) -> io::Result<()> {
    let program = std::env::current_exe()?;
    let command = || {
        let mut command = Command::new(&program);
        command
            .arg("agent")
            .env(crate::place::FOLDER_VARIABLE, place.file(""))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    };
    spawn(command)
}

#[cfg(unix)]
fn spawn(command: impl Fn() -> Command) -> io::Result<()> {
    let mut command = command();
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn().map(drop)
}

#[cfg(windows)]
fn spawn(command: impl Fn() -> Command) -> io::Result<()> {
    use std::os::windows::process::CommandExt as _;
    /// Firefox ends all that its hosts have started, but for what leaves its job.
    const CREATE_BREAKAWAY_FROM_JOB: u32 = 0x0100_0000;
    /// No console of its own.
    const DETACHED_PROCESS: u32 = 0x0000_0008;
    let flags = CREATE_BREAKAWAY_FROM_JOB | DETACHED_PROCESS;
    let left = command().creation_flags(flags).spawn();
    // Not every job may be left, such as a terminal's.
    let spawned = left.or_else(|_| command().creation_flags(DETACHED_PROCESS).spawn());
    spawned.map(drop)
}
