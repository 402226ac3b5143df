//! The processes that are measured: relay and agent, and the program that hands back frames.

use std::{
    env, fs,
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context as _, Result, bail};
use engine::host::{HostKey, HostLine, HostNews, PairedHost};
use host::{
    account::safe::KEYRING_VARIABLE,
    clock, frame,
    pairs::{self, Pair, SystemRandom},
    place::{FOLDER_VARIABLE, Place},
};
use proto::{
    bridge::{
        frame::{BRIDGE_VERSION, RequestFrame},
        host::{CHROMIUM_ID, HostRequest},
    },
    bytes::Hex,
};
use serde_json::Value;
use tempfile::TempDir;
use wasm_core::{channel::ChannelKey, secret::ChannelSecret};

use crate::ECHO;

/// A host's folder with one extension that is paired; its agent ends with it.
pub(crate) struct Home {
    folder: TempDir,
    place: Place,
    key: HostKey,
    host: PairedHost,
}

impl Home {
    pub(crate) fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let place = Place::at(folder.path())?;
        let host = PairedHost(pairs::own_key(&place)?.public().0);
        let key = HostKey::make(&mut SystemRandom)?;
        let secret = ChannelSecret::copy_from(&key.to_bytes()).context("a key of another size")?;
        let pair = Pair {
            key: Hex(ChannelKey::from_secret(secret).public().0),
            browser: None,
            since: clock::now(),
        };
        pairs::add(&place, pair)?;
        Ok(Self {
            folder,
            place,
            key,
            host,
        })
    }

    /// The agent's process.
    pub(crate) fn agent(&self) -> Option<u32> {
        let lock = fs::read_to_string(self.place.file("agent.lock")).ok()?;
        lock.trim().parse().ok()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // Elsewhere it ends by itself, once it is alone.
        #[cfg(unix)]
        if let Some(agent) = self.agent().and_then(|it| i32::try_from(it).ok())
            && let Some(agent) = rustix::process::Pid::from_raw(agent)
        {
            let _ = rustix::process::kill_process(agent, rustix::process::Signal::KILL);
        }
    }
}

/// A process of which both ends are ours.
struct Piped {
    child: Child,
    to: ChildStdin,
    from: ChildStdout,
}

impl Piped {
    fn start(command: &mut Command) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let to = child.stdin.take().context("no input")?;
        let from = child.stdout.take().context("no output")?;
        Ok(Self { child, to, from })
    }
}

impl Drop for Piped {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The paired extension, at the relay that a browser has started.
pub(crate) struct Extension {
    relay: Piped,
    line: HostLine,
    asked: u64,
    last_sent: String,
}

impl Extension {
    pub(crate) fn start(home: &Home) -> Result<Self> {
        let mut command = Command::new(program()?);
        command
            .arg(format!("chrome-extension://{CHROMIUM_ID}/"))
            .env(FOLDER_VARIABLE, home.folder.path())
            .env("HOME", home.folder.path())
            .env(KEYRING_VARIABLE, "none");
        let relay = Piped::start(&mut command)?;
        let line = HostLine::begin(&home.key, Some(home.host), &mut SystemRandom)?;
        let mut extension = Self {
            relay,
            line,
            asked: 0,
            last_sent: String::new(),
        };
        extension.send()?;
        while extension.news()? != HostNews::Open {}
        Ok(extension)
    }

    /// Asks, and waits for the answer.
    pub(crate) fn ask(&mut self, request: HostRequest) -> Result<Value> {
        self.asked += 1;
        self.line.say(&serde_json::to_vec(&RequestFrame {
            v: BRIDGE_VERSION,
            id: self.asked,
            body: request,
        })?)?;
        self.send()?;
        loop {
            let text = self.text()?;
            if text["id"] == self.asked {
                if text.get("ok").is_none() {
                    bail!("refused: {text}");
                }
                return Ok(text);
            }
        }
    }

    /// The next answer or event.
    pub(crate) fn text(&mut self) -> Result<Value> {
        loop {
            if let HostNews::Text(text) = self.news()? {
                return Ok(serde_json::from_slice(&text)?);
            }
        }
    }

    pub(crate) fn last_sent(&self) -> &str {
        &self.last_sent
    }

    pub(crate) fn process(&self) -> u32 {
        self.relay.child.id()
    }

    fn news(&mut self) -> Result<HostNews> {
        let text = frame::read(&mut self.relay.from)?.context("the host has hung up")?;
        let news = self.line.take(&text)?;
        self.send()?;
        Ok(news)
    }

    fn send(&mut self) -> Result<()> {
        for text in self.line.frames() {
            frame::write(&mut self.relay.to, &text)?;
            self.last_sent = text;
        }
        Ok(())
    }
}

/// This program, as one that hands back frames.
pub(crate) struct Echo(Piped);

impl Echo {
    pub(crate) fn start() -> Result<Self> {
        Piped::start(Command::new(env::current_exe()?).arg(ECHO)).map(Self)
    }

    pub(crate) fn answers(&mut self, text: &str) -> Result<()> {
        frame::write(&mut self.0.to, text)?;
        if frame::read(&mut self.0.from)?.as_deref() != Some(text) {
            bail!("another frame came back");
        }
        Ok(())
    }

    pub(crate) fn process(&self) -> u32 {
        self.0.child.id()
    }
}

/// The host's program, built beside this one.
fn program() -> Result<PathBuf> {
    let own = env::current_exe()?;
    let folder = own.ancestors().nth(2).context("no folder")?;
    let program = folder.join(format!("pearvault-host{}", env::consts::EXE_SUFFIX));
    if !program.exists() {
        bail!("{} is not built", program.display());
    }
    Ok(program)
}

/// Memory that a process holds, MB; known on Linux only.
pub(crate) fn resident_mb(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024.0 / 1e6)
}
