//! Child processes that end with their owner.

use std::{
    fs::File,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::signal::unix::{SignalKind, signal};

use crate::{clock::Deadline, patience::POLL};

/// A child process whose output goes to a file. Dropping it kills it, also on panic.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command`; its standard output and error are written to `log`.
    pub fn start(name: &str, command: &mut Command, log: &Path) -> Result<Self> {
        let out = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let err = out.try_clone()?;
        let child = command
            // Ctrl-C in a terminal goes to a whole group: what we started ends when we end it.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .spawn()
            .with_context(|| format!("cannot start {name}: {}", command.get_program().display()))?;
        Ok(Self {
            name: name.to_owned(),
            child,
            log: log.to_owned(),
        })
    }

    /// Waits until a line of the output holds `mark`; returns what follows `mark` on that line.
    pub async fn wait_for_line(&mut self, mark: &str, limit: Duration) -> Result<String> {
        let deadline = Deadline::after(limit);
        loop {
            let text = self.output();
            // Only whole lines: the end of a number may still be on its way.
            let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
            if let Some(rest) = whole.lines().find_map(|line| line.split_once(mark)) {
                return Ok(rest.1.trim().to_owned());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended with {status}: {}", self.name, tail(&text));
            }
            if deadline.is_over() {
                bail!(
                    "{} did not print `{mark}` within {limit:?}: {}",
                    self.name,
                    tail(&text)
                );
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Everything it has written so far.
    pub fn output(&self) -> String {
        std::fs::read(&self.log)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// Resident memory in bytes, where the system tells it.
    pub fn resident_bytes(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim()
            .strip_suffix("kB")?
            .trim()
            .parse::<u64>()
            .ok()
            .map(|kib| kib * 1024)
    }

    /// Asks it to end, and waits; kills it when it does not.
    pub async fn stop(&mut self, limit: Duration) -> Result<()> {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            kill_process(pid, Signal::TERM).ok();
        }
        let deadline = Deadline::after(limit);
        while self.child.try_wait()?.is_none() {
            if deadline.is_over() {
                self.kill();
                bail!("{} did not end within {limit:?} after SIGTERM", self.name);
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    /// Ends it at once, as `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A process that somebody else started for us: a driver's browser. Dropping it kills it where it
/// still runs, so that no browser outlives a story that ended badly.
#[derive(Debug)]
pub struct Foreign(Option<Pid>);

impl Foreign {
    /// Takes the process over; `None` where the driver did not say which it is.
    pub fn new(id: Option<i32>) -> Self {
        Self(id.and_then(Pid::from_raw))
    }

    /// Its id; `None` where it is not known or has ended.
    pub(crate) fn id(&self) -> Option<i32> {
        self.0.map(Pid::as_raw_pid)
    }

    /// Ends it at once, as `kill -9` does.
    pub fn kill(&mut self) {
        if let Some(pid) = self.0.take() {
            kill_process(pid, Signal::KILL).ok();
        }
    }

    /// Forgets it: it ended by itself.
    pub fn ended(&mut self) {
        self.0 = None;
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Whether a process has ended, though whoever started it may not have looked at its end yet.
pub(crate) fn is_gone(id: i32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // After the name, which is in parentheses and may hold anything.
    let state = status.rsplit_once(") ").map_or("X", |(_, rest)| rest);
    state.starts_with(['X', 'Z'])
}

/// Waits until this process is asked to end: Ctrl-C, SIGTERM from whoever started it, or the end of
/// its terminal.
pub async fn asked_to_end() -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::select! {
        interrupt = tokio::signal::ctrl_c() => interrupt?,
        _ = terminate.recv() => {}
        _ = hang_up.recv() => {}
    }
    Ok(())
}

/// The last lines of an output, for an error text.
pub(crate) fn tail(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}
