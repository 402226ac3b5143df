//! The one process that does the host's work, for all browsers of a user.

mod connection;
mod line;

use std::{
    fs::{File, TryLockError},
    io,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread::Builder,
    time::Duration,
};

use interprocess::local_socket::{
    ConnectOptions, Listener, ListenerOptions, Name, Stream, prelude::*,
};
use serde::{Deserialize, Serialize};
use wasm_core::channel::ChannelKey;

use crate::{
    caller::{self, Family},
    clock, frame,
    pairing::{Door, FromTerminal, ToTerminal},
    pairs,
    place::Place,
    solving::Solver,
};

/// Connections that are served at once; a browser has one, a terminal another.
const CONNECTIONS_MAX: usize = 16;
/// How long an agent that nobody speaks to stays.
const STAYS: Duration = Duration::from_secs(10);

/// First message of whoever connects to the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Opening {
    /// A browser's relay.
    Relay {
        /// How the browser starts hosts.
        family: Family,
    },
    /// `pearvault-host pair`.
    Terminal {},
    /// `pearvault-host doctor`, which wants to know whether anybody is there.
    Look {},
}

/// The agent's first message: it is there, and will go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ready {}

/// What all connections share.
pub(crate) struct Agent {
    pub(crate) place: Place,
    /// Changed by nobody but this process.
    pub(crate) list: Mutex<()>,
    pub(crate) key: ChannelKey,
    pub(crate) door: Door,
    pub(crate) solver: Arc<Solver>,
    connections: AtomicUsize,
    numbers: AtomicUsize,
}

/// Runs the agent until nobody has spoken to it for a while. Returns at once where another runs.
///
/// # Errors
/// Where its key or its socket cannot be had.
pub fn run(place: Place) -> io::Result<()> {
    let lock = File::create(place.file("agent.lock"))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(()),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let key = pairs::own_key(&place)?;
    let socket = place.socket();
    // The lock says that nobody listens there any more.
    match std::fs::remove_file(&socket) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = ListenerOptions::new().name(name(&place)?).create_sync()?;
    let agent = Arc::new(Agent {
        place,
        list: Mutex::default(),
        key,
        door: Door::default(),
        solver: Solver::start()?,
        connections: AtomicUsize::new(0),
        numbers: AtomicUsize::new(0),
    });
    let listening = Arc::clone(&agent);
    Builder::new().spawn(move || listening.listen(&listener))?;
    // The process ends with this thread, wherever the others wait.
    agent.until_alone();
    Ok(())
}

/// Connects to the agent.
///
/// # Errors
/// Where none runs.
pub fn connect(place: &Place) -> io::Result<Stream> {
    ConnectOptions::new().name(name(place)?).connect_sync()
}

#[cfg(unix)]
fn name(place: &Place) -> io::Result<Name<'static>> {
    use interprocess::local_socket::GenericFilePath;
    place.socket().to_fs_name::<GenericFilePath>()
}

#[cfg(not(unix))]
fn name(place: &Place) -> io::Result<Name<'static>> {
    use interprocess::local_socket::GenericNamespaced;
    let text: String = place.socket().to_string_lossy().into_owned();
    let plain = text.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
    plain.to_ns_name::<GenericNamespaced>()
}

impl Agent {
    fn listen(self: &Arc<Self>, listener: &Listener) {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { continue };
            if self.connections.fetch_add(1, Ordering::AcqRel) >= CONNECTIONS_MAX {
                self.connections.fetch_sub(1, Ordering::AcqRel);
                continue;
            }
            let served = Arc::clone(self);
            let thread = Builder::new().spawn(move || {
                // What one connection does wrong ends it, and no other.
                let _ = served.serve(stream);
                served.connections.fetch_sub(1, Ordering::AcqRel);
            });
            if thread.is_err() {
                self.connections.fetch_sub(1, Ordering::AcqRel);
            }
        }
    }

    fn until_alone(&self) {
        let mut alone = Duration::ZERO;
        let step = Duration::from_millis(500);
        while alone < STAYS {
            clock::pause(step);
            let nobody = self.connections.load(Ordering::Acquire) == 0;
            alone = if nobody { alone + step } else { Duration::ZERO };
        }
    }

    fn serve(self: &Arc<Self>, stream: Stream) -> io::Result<()> {
        let browser = browser_behind(&stream);
        let stream = Arc::new(stream);
        frame::write_json(&mut &*stream, &Ready {})?;
        match frame::read_json::<Opening>(&mut &*stream)? {
            Some(Opening::Relay { .. }) => {
                let number = self.numbers.fetch_add(1, Ordering::AcqRel);
                connection::serve(self, number, browser, &stream)
            }
            Some(Opening::Terminal {}) => self.wait_with(&stream),
            Some(Opening::Look {}) | None => Ok(()),
        }
    }

    /// A terminal waits for an extension.
    fn wait_with(self: &Arc<Self>, stream: &Arc<Stream>) -> io::Result<()> {
        let mut to = &**stream;
        let Some(guest) = self.door.open() else {
            return frame::write_json(&mut to, &ToTerminal::Taken {});
        };
        frame::write_json(&mut to, &ToTerminal::Waiting {})?;
        let answer = guest.answer;
        let (agent, from) = (Arc::clone(self), Arc::clone(stream));
        Builder::new().spawn(move || {
            while let Ok(Some(said)) = frame::read_json::<FromTerminal>(&mut &*from) {
                if answer.send(said).is_err() {
                    break;
                }
            }
            // The terminal is gone, or has said what it had to say to somebody who is.
            agent.door.close();
        })?;
        while let Ok(told) = guest.told.recv() {
            let last = matches!(told, ToTerminal::Paired {} | ToTerminal::Over {});
            frame::write_json(&mut to, &told)?;
            if last {
                break;
            }
        }
        Ok(())
    }

    /// Changes the list of pairs, one change at a time.
    pub(crate) fn with_list<T>(&self, change: impl FnOnce(&Place) -> T) -> T {
        let _one = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        change(&self.place)
    }
}

/// The browser that has started the relay at the other end, where the system tells.
fn browser_behind(stream: &Stream) -> Option<PathBuf> {
    let process = stream.peer_creds().ok()?.pid()?;
    caller::parent_of(u32::try_from(process).ok()?)
}
