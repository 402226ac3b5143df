//! The agent, as the real program with an account, and an extension that is paired with it.

use std::{
    os::unix::net::UnixStream,
    process::{Child, Command, Stdio},
    time::Duration,
};

use engine::host::{HostKey, HostLine, HostNews, PairedHost};
use host::{
    account::safe::KEYRING_VARIABLE,
    agent::{Opening, Ready},
    caller::Family,
    clock, frame,
    pairs::{self, Pair, SystemRandom},
    place::{FOLDER_VARIABLE, Place},
};
use proto::{
    bridge::{
        Request,
        account::{AccountNow, AccountRequest, AskAccount, DescribeAccount},
        frame::{BRIDGE_VERSION, RequestFrame},
        host::{HostAccount, HostEvent, HostRequest},
        popup::{AppStatus, PopupRequest, Unlock},
    },
    bytes::Hex,
    vault::SecretText,
};
use serde_json::Value;
use tempfile::TempDir;
use wasm_core::{channel::ChannelKey, secret::DatabaseKey};

use crate::account::{self, PASSWORD};

/// Longest silence, far beyond what anything takes.
const SILENCE: Duration = Duration::from_mins(1);

/// The agent, in a folder of its own, and the extension's line to it.
pub(crate) struct Agent {
    child: Child,
    line: HostLine,
    stream: UnixStream,
    asked: u64,
    key: HostKey,
    folder: TempDir,
}

impl Agent {
    /// Starts it with these variables; its account is locked.
    pub(crate) fn start(variables: &[(&str, &str)]) -> Self {
        let variables = [&[(KEYRING_VARIABLE, "none")], variables].concat();
        Self::prepared(&variables, |_, _| {})
    }

    /// The same with the system's keyring, once `prepare` has seen to the key of its database.
    pub(crate) fn prepared(
        variables: &[(&str, &str)],
        prepare: impl FnOnce(&Place, &DatabaseKey),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::at(folder.path()).unwrap();
        prepare(&place, &account::make(&place));
        let key = HostKey::make(&mut SystemRandom).unwrap();
        let own = ChannelKey::from_secret(
            wasm_core::secret::ChannelSecret::copy_from(&key.to_bytes()).unwrap(),
        );
        let pair = Pair {
            key: Hex(own.public().0),
            browser: None,
            since: clock::now(),
        };
        pairs::add(&place, pair).unwrap();
        let (child, line, stream) = begin(&folder, &key, variables);
        let mut agent = Self {
            child,
            line,
            stream,
            asked: 0,
            key,
            folder,
        };
        agent.greet();
        agent
    }

    /// Kills it and starts it in the same folder.
    pub(crate) fn start_again(&mut self, variables: &[(&str, &str)]) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        (self.child, self.line, self.stream) = begin(&self.folder, &self.key, variables);
        self.greet();
    }

    fn greet(&mut self) {
        let family = Family::Chromium;
        frame::write_json(
            &mut self.stream,
            &Opening::Relay {
                family,
                starter: None,
            },
        )
        .unwrap();
        self.send();
        assert_eq!(self.next(), HostNews::Open);
    }

    /// The same, with its vault open.
    pub(crate) fn opened(variables: &[(&str, &str)]) -> Self {
        let mut agent = Self::start(variables);
        agent.unlock();
        agent
    }

    pub(crate) fn unlock(&mut self) {
        let password = SecretText::new(PASSWORD);
        let request = PopupRequest::Unlock(Unlock { password });
        let device = "Test".to_owned();
        let said = self.ask_account(AskAccount { request, device });
        assert!(said["ok"].is_object(), "{said}");
        assert!(self.is_open());
    }

    /// Whether the vault is open.
    pub(crate) fn is_open(&mut self) -> bool {
        let said = self.ask_account(DescribeAccount {});
        let now: AccountNow = serde_json::from_value(said["ok"].clone()).unwrap();
        matches!(now.status, AppStatus::Unlocked { .. })
    }

    /// Waits for the news that the vault is locked.
    pub(crate) fn is_told_that_it_is_locked(&mut self) {
        loop {
            let HostNews::Text(text) = self.next() else {
                continue;
            };
            let text: Value = serde_json::from_slice(&text).unwrap();
            let event = serde_json::from_value(text["event"].clone());
            if let Ok(HostEvent::Account(now)) = event
                && matches!(now.status, AppStatus::Locked { .. })
            {
                return;
            }
        }
    }

    pub(crate) fn ask_account<R: Request<Port = AccountRequest>>(&mut self, request: R) -> Value {
        let request = Box::new(request.into_port());
        self.ask(HostRequest::HostAccount(HostAccount { request }))
    }

    /// Asks, and waits for the answer.
    pub(crate) fn ask(&mut self, body: HostRequest) -> Value {
        self.asked += 1;
        let (v, id) = (BRIDGE_VERSION, self.asked);
        let text = serde_json::to_vec(&RequestFrame { v, id, body }).unwrap();
        self.line.say(&text).unwrap();
        self.send();
        loop {
            if let HostNews::Text(text) = self.next() {
                let text: Value = serde_json::from_slice(&text).unwrap();
                if text["id"] == id {
                    return text;
                }
            }
        }
    }

    fn send(&mut self) {
        for text in self.line.frames() {
            frame::write(&mut self.stream, &text).unwrap();
        }
    }

    fn next(&mut self) -> HostNews {
        loop {
            let Some(text) = frame::read(&mut self.stream).unwrap() else {
                panic!("the agent has hung up");
            };
            let news = self.line.take(&text).unwrap();
            self.send();
            if news != HostNews::Nothing {
                return news;
            }
        }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn begin(
    folder: &TempDir,
    key: &HostKey,
    variables: &[(&str, &str)],
) -> (Child, HostLine, UnixStream) {
    let place = Place::at(folder.path()).unwrap();
    let host = PairedHost(pairs::own_key(&place).unwrap().public().0);
    let child = Command::new(env!("CARGO_BIN_EXE_pearvault-host"))
        .arg("agent")
        .env(FOLDER_VARIABLE, folder.path())
        .env("HOME", folder.path())
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env("DBUS_SYSTEM_BUS_ADDRESS", nowhere(folder))
        .env("DBUS_SESSION_BUS_ADDRESS", nowhere(folder))
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let stream = connect(&place);
    let line = HostLine::begin(key, Some(host), &mut SystemRandom).unwrap();
    (child, line, stream)
}

/// A bus that nobody is at: not the one of whoever runs the tests.
fn nowhere(folder: &TempDir) -> String {
    format!("unix:path={}", folder.path().join("no-bus").display())
}

fn connect(place: &Place) -> UnixStream {
    loop {
        if let Ok(mut stream) = UnixStream::connect(place.socket()) {
            stream.set_read_timeout(Some(SILENCE)).unwrap();
            stream.set_write_timeout(Some(SILENCE)).unwrap();
            if matches!(frame::read_json::<Ready>(&mut stream), Ok(Some(_))) {
                return stream;
            }
        }
        clock::pause(Duration::from_millis(10));
    }
}
