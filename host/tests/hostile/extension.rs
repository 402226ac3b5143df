//! The genuine extension: paired in a terminal, and answered whatever else goes on.

use std::{
    io::{BufRead as _, BufReader, Read, Write},
    os::unix::net::UnixStream,
    process::{Child, ChildStdout},
    time::Duration,
};

use engine::host::{HostKey, HostLine, HostLineError, HostNews, PairedHost, Random, RandomError};
use host::{
    agent::{Opening, Ready},
    caller::Family,
    clock, frame,
    place::Place,
};
use proto::bridge::{
    frame::{BRIDGE_VERSION, RequestFrame},
    host::{CHROMIUM_ID, DescribeHost, HostRequest},
};
use serde_json::Value;
use testkit::random::SeededRandom;
use wasm_core::{channel::ChannelKey, secret::ChannelSecret};

use crate::agent::Agent;

/// Longest silence of a socket, far beyond what anything takes.
const SILENCE: Duration = Duration::from_mins(1);

/// How the agent is reached. It remembers by which program an extension was paired: who comes the other
/// way is a stranger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Straight,
    Relay,
}

/// Bytes of a seed.
pub(crate) struct Seeded<'a>(pub(crate) &'a SeededRandom);

impl Random for Seeded<'_> {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        self.0.fill(bytes);
        Ok(())
    }
}

/// A profile with the extension in it, and the host that it was paired with.
pub(crate) struct Profile {
    pub(crate) secret: [u8; 32],
    pub(crate) public: [u8; 32],
    pub(crate) host: PairedHost,
    pub(crate) way: Way,
}

impl Profile {
    pub(crate) fn key(&self) -> HostKey {
        HostKey::from_bytes(&self.secret).unwrap()
    }

    /// A line that begins with the host that was paired.
    pub(crate) fn line(&self, chance: &SeededRandom) -> HostLine {
        HostLine::begin(&self.key(), Some(self.host), &mut Seeded(chance)).unwrap()
    }

    /// Pairs, with somebody before the terminal.
    pub(crate) fn pair(agent: &Agent, way: Way, chance: &SeededRandom) -> Self {
        let secret = chance.bytes::<32>();
        let key = HostKey::from_bytes(&secret).unwrap();
        let mut terminal = agent.program().arg("pair").spawn().unwrap();
        let mut says = BufReader::new(terminal.stdout.take().unwrap());
        let mut told = |starts: &str| {
            let lines = says.by_ref().lines().map(Result::unwrap);
            lines
                .into_iter()
                .find(|line| line.starts_with(starts))
                .unwrap()
        };
        told("Waiting");
        let line = HostLine::begin(&key, None, &mut Seeded(chance)).unwrap();
        let mut extension = Extension::start(agent, way, line);
        // The extension has its part in the code.
        let news = extension.next().unwrap();
        let code = told("    ").trim().to_owned();
        assert_eq!(news, Some(HostNews::Code(code)));
        writeln!(terminal.stdin.as_mut().unwrap(), "y").unwrap();
        assert_eq!(extension.next().unwrap(), Some(HostNews::Agreed));
        let HostNews::Paired(host) = extension.line.agree().unwrap() else {
            panic!("not paired");
        };
        extension.send();
        extension.is_answered();
        assert!(terminal.wait().unwrap().success());
        let public = ChannelKey::from_secret(ChannelSecret::copy_from(&secret).unwrap())
            .public()
            .0;
        Self {
            secret,
            public,
            host,
            way,
        }
    }
}

/// The extension, connected.
pub(crate) struct Extension {
    line: HostLine,
    to: Box<dyn Write>,
    from: Box<dyn Read>,
    relay: Option<Child>,
    asked: u64,
    /// What went over the line, in either direction, since somebody looked.
    pub(crate) sent: Vec<String>,
    pub(crate) heard: Vec<String>,
}

impl Extension {
    /// Connects; goes on asking for a seat where all are taken.
    pub(crate) fn open(agent: &Agent, profile: &Profile, chance: &SeededRandom) -> Self {
        loop {
            let mut extension = Self::start(agent, profile.way, profile.line(chance));
            match extension.next() {
                Ok(Some(HostNews::Open)) => return extension,
                Ok(None) => clock::pause(Duration::from_millis(1)),
                other => panic!("the paired extension was told {other:?}"),
            }
        }
    }

    fn start(agent: &Agent, way: Way, line: HostLine) -> Self {
        let (to, from, relay): (Box<dyn Write>, Box<dyn Read>, _) = match way {
            Way::Straight => {
                let mut stream = connect(&agent.place);
                let family = Family::Chromium;
                frame::write_json(
                    &mut stream,
                    &Opening::Relay {
                        family,
                        starter: None,
                    },
                )
                .unwrap();
                (
                    Box::new(stream.try_clone().unwrap()),
                    Box::new(stream),
                    None,
                )
            }
            Way::Relay => {
                let (child, from) = relay(agent);
                let mut child = child;
                let to = child.stdin.take().unwrap();
                (Box::new(to), Box::new(from), Some(child))
            }
        };
        let (sent, heard) = (Vec::new(), Vec::new());
        let mut extension = Self {
            line,
            to,
            from,
            relay,
            asked: 0,
            sent,
            heard,
        };
        extension.send();
        extension
    }

    fn send(&mut self) {
        for text in self.line.frames() {
            frame::write(&mut self.to, &text).unwrap();
            self.sent.push(text);
        }
    }

    fn next(&mut self) -> Result<Option<HostNews>, HostLineError> {
        while let Some(text) = frame::read(&mut self.from).unwrap() {
            let news = self.line.take(&text)?;
            self.heard.push(text);
            self.send();
            if news != HostNews::Nothing {
                return Ok(Some(news));
            }
        }
        Ok(None)
    }

    /// Asks, and waits for the answer.
    pub(crate) fn ask(&mut self, body: HostRequest) -> Value {
        self.asked += 1;
        self.line.say(&request(self.asked, body)).unwrap();
        self.send();
        loop {
            let Ok(Some(HostNews::Text(text))) = self.next() else {
                panic!("the paired extension is not answered");
            };
            let text: Value = serde_json::from_slice(&text).unwrap();
            if text["id"] == self.asked {
                return text;
            }
        }
    }

    pub(crate) fn is_answered(&mut self) {
        let said = self.ask(HostRequest::DescribeHost(DescribeHost {}));
        assert!(said["ok"]["machine"].is_string(), "{said}");
        // It may stay for long.
        self.sent.clear();
        self.heard.clear();
    }
}

impl Drop for Extension {
    fn drop(&mut self) {
        if let Some(relay) = &mut self.relay {
            let _ = relay.kill();
            let _ = relay.wait();
        }
    }
}

/// A request, as it is sealed.
pub(crate) fn request(id: u64, body: HostRequest) -> Vec<u8> {
    let v = BRIDGE_VERSION;
    serde_json::to_vec(&RequestFrame { v, id, body }).unwrap()
}

/// The real relay, as a browser starts it.
pub(crate) fn relay(agent: &Agent) -> (Child, ChildStdout) {
    let origin = format!("chrome-extension://{CHROMIUM_ID}/");
    let mut child = agent.program().arg(origin).spawn().unwrap();
    let from = child.stdout.take().unwrap();
    (child, from)
}

/// A connection that the agent has greeted: it has a seat.
pub(crate) fn connect(place: &Place) -> UnixStream {
    loop {
        let mut stream = UnixStream::connect(place.socket()).unwrap();
        stream.set_read_timeout(Some(SILENCE)).unwrap();
        stream.set_write_timeout(Some(SILENCE)).unwrap();
        if matches!(frame::read_json::<Ready>(&mut stream), Ok(Some(_))) {
            return stream;
        }
        // Those who have left have their seats for a moment yet.
        clock::pause(Duration::from_millis(1));
    }
}
