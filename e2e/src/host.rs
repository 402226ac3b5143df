//! The native host as its user has it: a program, a terminal, a home folder.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
};

use anyhow::{Context as _, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

use crate::{
    browser::{Kind, Variable},
    keyring::Keyring,
    patience::WORK,
    place,
};

/// Where a browser finds what belongs to its user.
const HOST_FOLDER: &str = "PEARVAULT_HOST_DIR";

/// Whether the host keeps a key in the system's keyring; a test's is not to.
const KEYRING: &str = "PEARVAULT_HOST_KEYRING";

/// A node of a test speaks plain HTTP, also by way of a proxy.
const PLAIN_BY_PROXY: &str = "PEARVAULT_HOST_PLAIN_BY_PROXY";

/// A home folder, with the host's in it, and the profile of one browser.
#[derive(Debug)]
pub struct Home {
    folder: Arc<TempDir>,
    profile: &'static str,
    keyring: Option<Arc<Keyring>>,
    display: Option<String>,
}

/// A terminal in which `pearvault-host pair` runs.
#[derive(Debug)]
pub struct Terminal {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Home {
    /// A new one.
    pub fn new() -> Result<Self> {
        let mut folder = tempfile::Builder::new();
        folder.prefix("pearvault-home-");
        Ok(Self {
            folder: Arc::new(folder.tempdir()?),
            profile: "profile",
            keyring: None,
            display: None,
        })
    }

    /// One whose user has a keyring.
    pub async fn with_keyring() -> Result<Self> {
        let keyring = Some(Arc::new(Keyring::start().await?));
        Ok(Self {
            keyring,
            ..Self::new()?
        })
    }

    /// One whose user sits at that X server, by the value of `DISPLAY`.
    pub fn at_display(name: &str) -> Result<Self> {
        Ok(Self {
            display: Some(name.to_owned()),
            ..Self::new()?
        })
    }

    /// That keyring.
    pub fn keyring(&self) -> Option<&Keyring> {
        self.keyring.as_deref()
    }

    /// What programs of that user have in their environment.
    pub fn variables(&self) -> Vec<Variable> {
        let mut variables: Vec<Variable> = vec![
            ("HOME", self.folder().into()),
            (HOST_FOLDER, self.folder().join("host").into()),
            (PLAIN_BY_PROXY, "1".into()),
        ];
        variables.push(match &self.keyring {
            Some(keyring) => ("DBUS_SESSION_BUS_ADDRESS", keyring.address().into()),
            None => (KEYRING, "none".into()),
        });
        if let Some(display) = &self.display {
            variables.push(("DISPLAY", display.into()));
        }
        variables
    }

    /// The same home, at another browser.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self {
            folder: Arc::clone(&self.folder),
            profile: "profile-beside",
            keyring: self.keyring.clone(),
            display: self.display.clone(),
        }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The browser's profile.
    pub fn profile(&self) -> PathBuf {
        self.folder().join(self.profile)
    }

    /// Runs a command of the host; what it said.
    pub async fn host(&self, arguments: &[&str]) -> Result<String> {
        let output = self.command()?.args(arguments).output().await?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let wrong = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.success(), "{arguments:?}: {said}{wrong}");
        Ok(said)
    }

    /// Registers the host with the browser of that kind that has [`Self::profile`].
    pub async fn register(&self, kind: Kind) -> Result<()> {
        self.registration("install", kind).await
    }

    /// Takes that back.
    pub async fn unregister(&self, kind: Kind) -> Result<()> {
        self.registration("uninstall", kind).await
    }

    async fn registration(&self, command: &str, kind: Kind) -> Result<()> {
        let profile = self.profile();
        let profile = profile.to_str().context("a path that is a text")?;
        match kind {
            Kind::Chromium => self.host(&[command, "--profile-folder", profile]).await,
            Kind::Firefox => self.host(&[command, "--browser", "firefox"]).await,
        }
        .map(drop)
    }

    /// Starts `pearvault-host pair`, and waits until it waits.
    pub async fn terminal(&self) -> Result<Terminal> {
        let mut child = self
            .command()?
            .arg("pair")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let out = child.stdout.take().context("no output")?;
        let mut terminal = Terminal {
            child,
            lines: BufReader::new(out).lines(),
        };
        terminal.line_with("Waiting").await?;
        Ok(terminal)
    }

    /// Kills the process that does the host's work for this home folder; the next question starts another.
    pub fn kill_agent(&self) -> Result<()> {
        let process = Pid::from_raw(self.agent()?).context("no number of a process")?;
        Ok(kill_process(process, Signal::KILL)?)
    }

    /// Kills the processes that a browser has started to reach the agent, which lives on.
    pub fn kill_relays(&self) -> Result<()> {
        let folder = format!("{HOST_FOLDER}={}", self.folder().join("host").display());
        let (program, agent) = (place::host_program()?, self.agent()?);
        for process in std::fs::read_dir("/proc")?.flatten() {
            let number = process.file_name().to_string_lossy().parse::<i32>();
            let Some(relay) = number
                .ok()
                .filter(|it| *it != agent)
                .and_then(Pid::from_raw)
            else {
                continue;
            };
            let path = process.path();
            let is_host = std::fs::read_link(path.join("exe")).is_ok_and(|exe| exe == program);
            let environment = std::fs::read(path.join("environ")).unwrap_or_default();
            let is_ours = environment
                .split(|byte| *byte == 0)
                .any(|entry| entry == folder.as_bytes());
            if is_host && is_ours {
                // It may have ended by itself.
                let _ = kill_process(relay, Signal::KILL);
            }
        }
        Ok(())
    }

    /// The number of that process, as it says itself.
    pub fn agent(&self) -> Result<i32> {
        let said = std::fs::read_to_string(self.folder().join("host").join("agent.lock"))?;
        said.trim().parse().context("no agent of the host has run")
    }

    fn command(&self) -> Result<Command> {
        let mut command = Command::new(place::host_program()?);
        command.env_remove("XDG_DATA_HOME").envs(self.variables());
        Ok(command)
    }
}

impl Terminal {
    /// The code that it shows.
    pub async fn code(&mut self) -> Result<String> {
        Ok(self.line_with("    ").await?.trim().to_owned())
    }

    /// Somebody types an answer.
    pub async fn answer(&mut self, answer: &str) -> Result<()> {
        let stdin = self.child.stdin.as_mut().context("no input")?;
        stdin.write_all(format!("{answer}\n").as_bytes()).await?;
        Ok(stdin.flush().await?)
    }

    /// Waits for a line that has `mark` in it.
    pub async fn line_with(&mut self, mark: &str) -> Result<String> {
        let read = async {
            while let Some(line) = self.lines.next_line().await? {
                if line.contains(mark) {
                    return Ok(line);
                }
            }
            anyhow::bail!("the terminal ended without `{mark}`")
        };
        timeout(WORK, read)
            .await
            .with_context(|| format!("the terminal does not say `{mark}`"))?
    }
}
