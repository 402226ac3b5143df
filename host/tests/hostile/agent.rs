//! The agent, as the real program, and whether it is well.

use std::{
    fs::{self, File},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::Duration,
};

use host::{
    account::safe::KEYRING_VARIABLE,
    clock,
    place::{FOLDER_VARIABLE, Place},
};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// How long nothing at all may happen.
const HANGS: Duration = Duration::from_mins(1);

/// The agent, in a folder of its own.
pub(crate) struct Agent {
    pub(crate) place: Place,
    child: Child,
    beat: SyncSender<()>,
    folder: TempDir,
}

impl Agent {
    /// Starts it, in a folder that `prepare` has put something into.
    pub(crate) fn start(prepare: impl FnOnce(&Place)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::at(folder.path()).unwrap();
        prepare(&place);
        let says = File::create(folder.path().join("says")).unwrap();
        let child = program(&folder).arg("agent").stderr(says).spawn().unwrap();
        let beat = watch(child.id());
        let agent = Self {
            place,
            child,
            beat,
            folder,
        };
        while host::pipe::connect(&agent.place).is_err() {
            clock::pause(Duration::from_millis(10));
        }
        agent
    }

    /// The program, for this agent.
    pub(crate) fn program(&self) -> Command {
        program(&self.folder)
    }

    /// Something went on.
    pub(crate) fn beat(&self) {
        // Full: the watchdog has not seen the last one yet.
        let _ = self.beat.try_send(());
    }

    /// It is the process that was started, and none of its threads has died of a fault.
    pub(crate) fn is_well(&mut self) {
        assert!(self.child.try_wait().unwrap().is_none(), "the agent ended");
        let lock = fs::read_to_string(self.place.file("agent.lock")).unwrap();
        assert_eq!(lock.trim(), self.child.id().to_string());
        let said = fs::read_to_string(self.folder.path().join("says")).unwrap();
        assert_eq!(said, "", "the agent has nothing to say");
    }

    /// Its threads and its memory in MB, where the system tells.
    pub(crate) fn size(&self) -> Option<(u32, u32)> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u32>().ok()
        };
        Some((number("Threads:")?, number("VmRSS:")? / 1000))
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program(folder: impl AsRef<Path>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pearvault-host"));
    command
        .env(FOLDER_VARIABLE, folder.as_ref())
        .env("HOME", folder.as_ref())
        .env(KEYRING_VARIABLE, "none")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// Ends an agent at which nothing goes on: whoever waits for it sees the end, and fails.
fn watch(agent: u32) -> SyncSender<()> {
    let (beat, beats) = sync_channel(1);
    thread::spawn(move || {
        loop {
            match beats.recv_timeout(HANGS) {
                Ok(()) => {}
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {
                    eprintln!("nothing went on for {HANGS:?}: the agent hangs");
                    let agent = i32::try_from(agent).ok().and_then(Pid::from_raw);
                    let _ = agent.map(|agent| kill_process(agent, Signal::KILL));
                    return;
                }
            }
        }
    });
    beat
}
