//! One extension: greeting, handshake, the first meeting, requests.

use std::{io, sync::Arc};

use proto::{
    bridge::{
        Request,
        frame::{BRIDGE_VERSION, ErrFrame, EventFrame, OkFrame, RequestFrame},
        host::{
            Begin, Begun, CopySecret, HostEvent, HostFrame, HostRequest, HostView, PairingMessage,
            Refusal, Refused,
        },
        popup::Empty,
    },
    bytes::{Base64, Hex},
    error::{ErrorCode, WireError},
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use wasm_core::channel::{ChannelPublicKey, Expected, Handshake, Side, code};

use super::{
    Agent,
    line::{Gone, Line, Writer},
    meeting::Meeting,
};
use crate::{
    PROGRAM, clock, frame,
    pairs::{self, Pair, SystemRandom},
    pipe::Pipe,
};

/// Characters of a machine's name.
const MACHINE_MAX_CHARS: usize = 64;

/// Serves one relay until it ends.
pub(super) fn serve(
    agent: &Arc<Agent>,
    number: usize,
    browser: Option<String>,
    stream: &Arc<Pipe>,
) -> io::Result<()> {
    let writer = Writer::start(Arc::clone(stream))?;
    let mut from = &**stream;
    let Some(HostFrame::Begin(begin)) = frame::read_json(&mut from)? else {
        return Ok(());
    };
    let expected = match expected(agent, &begin, browser.as_deref()) {
        Ok(expected) => expected,
        Err(reason) => return ended(writer.put(&HostFrame::Refused(Refused { reason }))),
    };
    let begun = Begun {
        version: BRIDGE_VERSION,
        program: PROGRAM.to_owned(),
    };
    ended(writer.put(&HostFrame::Begun(begun)))?;
    let Some(line) = shake(agent, expected, &mut from, writer)? else {
        return Ok(());
    };
    let line = Arc::new(line);
    let first = if begin.pair {
        stream.limit(None)?;
        match meet(agent, &line, browser, &mut from)? {
            Met::Yes(first) => first,
            Met::No => return Ok(()),
        }
    } else {
        // Who has replayed a handshake has no key to say anything with, and keeps no place.
        let Some(first) = hear(&line, &mut from)? else {
            return Ok(());
        };
        stream.limit(None)?;
        Some(first)
    };
    let told = Arc::clone(&line);
    let key = line.channel().remote();
    let is_paired = {
        let agent = Arc::clone(agent);
        move || pairs::find(&agent.place, key).ok().flatten().is_some()
    };
    // An extension that does not read loses its line, not the solver its time.
    let still = is_paired.clone();
    agent.solver.join(number, move |news| {
        if !still() {
            return;
        }
        let _ = told.say(&EventFrame {
            event: HostEvent::Solver(news),
        });
    });
    let news = Arc::clone(&line);
    agent.owner.join(number, move |event| {
        // Who was forgotten at a terminal hears nothing more.
        if !is_paired() {
            return;
        }
        let _ = news.say(&EventFrame { event });
    });
    let _leaving = Leaving(agent, number);
    answer_all(agent, number, &line, first, &mut from)
}

/// Takes an extension's work away, however its connection ends.
struct Leaving<'a>(&'a Agent, usize);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.solver.leave(self.1);
        self.0.owner.leave(self.1);
    }
}

/// Whom to expect, or why not to speak.
fn expected(agent: &Agent, begin: &Begin, browser: Option<&str>) -> Result<Expected, Refusal> {
    if !begin.versions.contains(&BRIDGE_VERSION) {
        return Err(Refusal::Version);
    }
    if begin.pair {
        let waits = agent.door.is_open();
        return if waits {
            Ok(Expected::Anybody)
        } else {
            Err(Refusal::NotPairing)
        };
    }
    let key = ChannelPublicKey(begin.key.0);
    let known = pairs::find(&agent.place, key).map_err(|_| Refusal::Broken)?;
    let known = known.ok_or(Refusal::Unknown)?;
    // Another program than the one that it was paired from has no business with its key.
    match (known.browser.as_deref(), browser) {
        (Some(then), Some(now)) if then != now => Err(Refusal::Unknown),
        _ => Ok(Expected::Known(key)),
    }
}

/// The handshake; `None` where the other side is not whom we expect, or leaves.
fn shake(
    agent: &Agent,
    expected: Expected,
    from: &mut &Pipe,
    writer: Writer,
) -> io::Result<Option<Line>> {
    let begun = Handshake::begin(Side::Host, &agent.key, expected, &mut SystemRandom);
    let Ok(mut handshake) = begun else {
        return Ok(None);
    };
    while !handshake.is_finished() {
        let Some(HostFrame::Shake(Base64(message))) = frame::read_json(from)? else {
            return Ok(None);
        };
        if handshake.read(&message).is_err() {
            // To an extension that has done its part it says: this is not the host that you know.
            let reason = Refusal::Unknown;
            ended(writer.put(&HostFrame::Refused(Refused { reason })))?;
            return Ok(None);
        }
        match handshake.write() {
            Ok(Some(message)) => ended(writer.put(&HostFrame::Shake(Base64(message))))?,
            Ok(None) => {}
            Err(_) => return Ok(None),
        }
    }
    Ok(handshake
        .finish()
        .ok()
        .map(|channel| writer.sealed(channel)))
}

/// How a first meeting went.
enum Met {
    /// Not paired.
    No,
    /// Paired, and what the extension has asked already.
    Yes(Option<RequestFrame<HostRequest>>),
}

/// The first meeting: whether both users have said that the codes are the same, and the extension is
/// known from now on.
fn meet(
    agent: &Arc<Agent>,
    line: &Arc<Line>,
    browser: Option<String>,
    from: &mut &Pipe,
) -> io::Result<Met> {
    let Some(terminal) = agent.door.take() else {
        return Ok(Met::No);
    };
    let Ok(ours) = code::make_nonce(&mut SystemRandom) else {
        return Ok(Met::No);
    };
    let committed = code::commitment(&line.channel(), &ours);
    ended(line.say(&PairingMessage::Commitment(Hex(committed))))?;
    let Some(PairingMessage::Nonce(theirs)) = hear(line, from)? else {
        return Ok(Met::No);
    };
    ended(line.say(&PairingMessage::Nonce(Hex(ours))))?;
    let shown = code::of(&line.channel(), &theirs.0, &ours);
    terminal.show(shown.to_string(), browser.clone());
    let pair = Pair {
        key: Hex(line.channel().remote().0),
        browser,
        since: clock::now(),
    };
    let meeting = Meeting::begin(agent, line, pair, terminal)?;
    let agreed = hear(line, from).ok().flatten() == Some(PairingMessage::Agreed {});
    match meeting.extension_said(agreed) {
        Some(true) => return Ok(Met::Yes(None)),
        Some(false) => return Ok(Met::No),
        None => {}
    }
    // It asks once it is told that the terminal has agreed, too; who leaves before takes back what it said.
    let first = hear(line, from).ok().flatten();
    let paired = meeting.end();
    Ok(match first {
        Some(first) if paired => Met::Yes(Some(first)),
        _ => Met::No,
    })
}

/// Answers requests until the extension leaves, or is no longer paired.
fn answer_all(
    agent: &Arc<Agent>,
    number: usize,
    line: &Arc<Line>,
    mut first: Option<RequestFrame<HostRequest>>,
    from: &mut &Pipe,
) -> io::Result<()> {
    let key = line.channel().remote();
    loop {
        let next = first
            .take()
            .map_or_else(|| hear(line, from), |first| Ok(Some(first)))?;
        let Some(RequestFrame { id, body, .. }) = next else {
            return Ok(());
        };
        // Also what was paired a moment ago is looked up: nothing is done for anybody else.
        let known = pairs::find(&agent.place, key).ok().flatten().is_some();
        if !known {
            return Ok(());
        }
        // Answered when the account's engine has: the next question is not to wait for it.
        if let HostRequest::HostAccount(asked) = body {
            let line = Arc::clone(line);
            agent.owner.ask(number, *asked.request, move |said| {
                if told(&line, id, said).is_err() {
                    // More than a text may be; on a line that is dead this goes nowhere, too.
                    let err = WireError::new(ErrorCode::TooLarge);
                    let _ = line.say(&ErrFrame { id, err });
                }
            });
            continue;
        }
        // As soon as the display has it.
        if let HostRequest::CopySecret(CopySecret { value, seconds }) = body {
            let line = Arc::clone(line);
            agent.clipboard.copy(value, seconds, move |done| {
                let done = done.map(|()| serde_json::to_value(Empty {}));
                let done = done.and_then(|ok| ok.map_err(|_| ErrorCode::Internal.into()));
                // Where the extension has left, nobody is told.
                let _ = told(&line, id, done);
            });
            continue;
        }
        let is_last = matches!(body, HostRequest::Unpair(_));
        ended(told(line, id, answer(agent, number, key, body)))?;
        // News are not for who is forgotten, either; one that asks on finds the line closed.
        if is_last {
            agent.owner.leave(number);
        }
    }
}

/// Says an answer.
fn told(line: &Line, id: u64, said: Result<Value, WireError>) -> Result<(), Gone> {
    match said {
        Ok(ok) => line.say(&OkFrame { id, ok }),
        Err(err) => line.say(&ErrFrame { id, err }),
    }
}

fn answer(
    agent: &Agent,
    number: usize,
    key: ChannelPublicKey,
    request: HostRequest,
) -> Result<Value, WireError> {
    match request {
        HostRequest::DescribeHost(r) => reply(
            &r,
            HostView {
                program: PROGRAM.to_owned(),
                machine: machine(),
            },
        ),
        HostRequest::HostWork(r) => {
            agent.solver.work(number, &r.work)?;
            reply(&r, Empty {})
        }
        HostRequest::HostMeasure(r) => {
            agent.solver.measure(number);
            reply(&r, Empty {})
        }
        HostRequest::HostAccount(_) | HostRequest::CopySecret(_) => Err(ErrorCode::Internal.into()),
        HostRequest::ClearCopied(r) => {
            agent.clipboard.clear();
            reply(&r, Empty {})
        }
        HostRequest::Unpair(r) => {
            let removed = pairs::remove(&agent.place, key);
            removed.map_err(|_| WireError::new(ErrorCode::StoreFailed))?;
            reply(&r, Empty {})
        }
    }
}

/// The answer of a request, in the type that belongs to it.
fn reply<R: Request>(_: &R, response: R::Response) -> Result<Value, WireError> {
    serde_json::to_value(response).map_err(|_| ErrorCode::Internal.into())
}

/// The next text of the extension; `None` where it has left, or says what it may not.
fn hear<T: DeserializeOwned>(line: &Line, from: &mut &Pipe) -> io::Result<Option<T>> {
    loop {
        let Some(HostFrame::Sealed(Base64(message))) = frame::read_json(from)? else {
            return Ok(None);
        };
        match line.open(&message) {
            Ok(Some(text)) => return Ok(serde_json::from_slice(&text).ok()),
            Ok(None) => {}
            Err(Gone) => return Ok(None),
        }
    }
}

fn ended(said: Result<(), Gone>) -> io::Result<()> {
    said.map_err(|gone| io::Error::new(io::ErrorKind::BrokenPipe, gone))
}

/// What the machine calls itself.
fn machine() -> String {
    #[cfg(unix)]
    let name = rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned();
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME").unwrap_or_default();
    name.trim().chars().take(MACHINE_MAX_CHARS).collect()
}
