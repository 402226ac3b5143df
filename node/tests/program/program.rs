//! The program as a child process.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::client::Outcome;

/// A running `pearvault-node serve`; dropping it kills it: no handler runs, nothing is flushed.
pub(crate) struct Program {
    child: Child,
    url: String,
    log: tempfile::NamedTempFile,
}

impl Program {
    /// Starts it on a data folder and any free port, and waits until it listens.
    pub(crate) fn start(data: &Path, flags: &[&str]) -> Outcome<Self> {
        Self::start_with(data, flags, &[])
    }

    pub(crate) fn start_with(
        data: &Path,
        flags: &[&str],
        environment: &[(&str, &str)],
    ) -> Outcome<Self> {
        let log = tempfile::NamedTempFile::new()?;
        let mut child = command(data, flags)
            .args(["--listen", "127.0.0.1:0"])
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log.reopen()?)
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let url = line
            .trim_end()
            .strip_prefix("listening on ")
            .map(str::to_owned);
        let program = Self {
            child,
            url: url.clone().unwrap_or_default(),
            log,
        };
        match url {
            Some(_) => Ok(program),
            None => Err(format!("it said {line:?}, and {}", program.read_log()?).into()),
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Asks it to end, as a service manager does; it must end well.
    pub(crate) fn stop(self) -> Outcome {
        self.stop_and_read_log().map(drop)
    }

    pub(crate) fn stop_and_read_log(mut self) -> Outcome<String> {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status()?;
        let status = self.child.wait()?;
        let log = self.read_log()?;
        if status.success() {
            Ok(log)
        } else {
            Err(format!("{status}: {log}").into())
        }
    }

    fn read_log(&self) -> Outcome<String> {
        let mut log = String::new();
        File::open(self.log.path())?.read_to_string(&mut log)?;
        Ok(log)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Fails where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Nothing of the environment that the test runs in reaches it.
pub(crate) fn command(data: &Path, flags: &[&str]) -> Command {
    let mut command = plain_command();
    command.arg("serve").arg("--data").arg(data).args(flags);
    command
}

/// The same without a word of what to do.
pub(crate) fn plain_command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pearvault-node"));
    command.env_clear();
    command
}
