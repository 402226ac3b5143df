//! A program of the same user that speaks to the agent, and what it gets to hear.

use std::{
    collections::BTreeMap,
    fmt,
    io::{self, ErrorKind, Read, Write as _},
    net::Shutdown,
    os::unix::net::UnixStream,
};

use host::{PROGRAM, frame, pairing::ToTerminal};
use proto::{
    bridge::{frame::BRIDGE_VERSION, host::HostFrame},
    bytes::Base64,
};

use crate::{
    agent::Agent,
    extension::{connect, relay},
    secrets::Secrets,
};

/// Bytes of the agent's handshake messages: of one that it knows, of a first meeting.
const SHAKES: [usize; 2] = [48, 96];

/// What the agent may say besides refusing and the handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum May {
    /// Nothing.
    Refuse,
    /// What is sealed for the extension whose handshake is told once more: the first message of it may be
    /// one that was recorded, and nobody but that extension's key opens what follows.
    Seal,
    /// That somebody waits at a terminal.
    Wait,
}

/// What was heard, judged as it is heard.
pub(crate) struct Ears {
    pub(crate) secrets: Secrets,
    heard: BTreeMap<&'static str, u64>,
}

impl Ears {
    pub(crate) fn new(secrets: Secrets) -> Self {
        let heard = BTreeMap::new();
        Self { secrets, heard }
    }

    /// A whole conversation over the agent's socket: all of it is said, and all that comes is heard.
    pub(crate) fn converse(&mut self, agent: &Agent, says: &[u8], may: May) {
        let mut stream = connect(&agent.place);
        // An agent that has heard enough reads no further.
        let _ = stream.write_all(says);
        self.hear_out(&mut stream, may);
        agent.beat();
    }

    /// The same through a relay. What is said has to end the conversation.
    pub(crate) fn relayed(&mut self, agent: &Agent, says: &[u8], is_torn: bool, may: May) {
        let (mut child, mut from) = relay(agent);
        let mut to = child.stdin.take();
        let _ = to.as_mut().map(|to| to.write_all(says));
        // A relay that waits for the rest of a frame waits until there is none.
        let to = to.filter(|_| !is_torn);
        let mut heard = Vec::new();
        from.read_to_end(&mut heard).unwrap();
        drop(to);
        child.wait().unwrap();
        self.hear(&heard, may);
        agent.beat();
    }

    /// Says no more, and hears what comes until the agent has hung up.
    pub(crate) fn hear_out(&mut self, stream: &mut UnixStream, may: May) {
        let _ = stream.shutdown(Shutdown::Write);
        let heard = rest(stream).unwrap();
        self.hear(&heard, may);
    }

    /// All frames of it may be said, and nothing of it is a secret.
    fn hear(&mut self, heard: &[u8], may: May) {
        self.look(heard);
        let mut from = heard;
        while let Some(text) = frame::read(&mut from).unwrap() {
            self.judge(&text, may);
        }
    }

    /// The agent may say this frame, and nothing in it is a secret.
    pub(crate) fn judge(&mut self, text: &str, may: May) {
        self.look(text.as_bytes());
        let kind = match serde_json::from_str(text) {
            Ok(HostFrame::Begun(begun)) => {
                assert_eq!(
                    (begun.version, begun.program.as_str()),
                    (BRIDGE_VERSION, PROGRAM)
                );
                "begun"
            }
            Ok(HostFrame::Refused(_)) => "refused",
            Ok(HostFrame::Shake(Base64(message))) => {
                self.look(&message);
                assert!(SHAKES.contains(&message.len()), "{text}");
                "shake"
            }
            Ok(HostFrame::Sealed(Base64(message))) if may == May::Seal => {
                self.look(&message);
                "sealed"
            }
            _ => match serde_json::from_str(text) {
                Ok(ToTerminal::Waiting {} | ToTerminal::Taken {} | ToTerminal::Over {})
                    if may == May::Wait =>
                {
                    "terminal"
                }
                _ => panic!("the agent said to a stranger: {text}"),
            },
        };
        *self.heard.entry(kind).or_default() += 1;
    }

    /// Nothing of it is a secret.
    pub(crate) fn look(&self, bytes: &[u8]) {
        let found = self.secrets.find(bytes);
        assert_eq!(
            found,
            None,
            "told to a stranger: {:?}",
            String::from_utf8_lossy(bytes)
        );
    }

    pub(crate) fn has_heard(&self, kind: &str) -> bool {
        self.heard.contains_key(kind)
    }
}

impl fmt::Display for Ears {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (kind, count) in &self.heard {
            write!(f, ", {count} {kind}")?;
        }
        Ok(())
    }
}

/// What comes until the other side has closed, having read all that it was sent or not.
pub(crate) fn rest(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut heard = Vec::new();
    match from.read_to_end(&mut heard) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => Err(error),
        _ => Ok(heard),
    }
}
