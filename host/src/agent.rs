//! The one process that does the host's work, for all browsers of a user.

mod connection;
mod line;
mod meeting;

use std::{
    collections::BTreeSet,
    fs::{File, TryLockError},
    io::{self, Write as _},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread::Builder,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use wasm_core::channel::ChannelKey;

use crate::{
    account::{guard, owner::Owner},
    caller::{self, Family},
    clipboard::Clipboard,
    clock, frame,
    pairing::{Door, FromTerminal, ToTerminal},
    pairs,
    pipe::{self, Listener, Pipe},
    place::Place,
    process,
    solving::Solver,
};

/// Connections that are served at once; a browser has one, a terminal another.
const CONNECTIONS_MAX: usize = 16;
/// How long somebody may take to say who they are.
const GREETING: Duration = Duration::from_secs(10);
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
        /// The process that has started the relay, for where the system does not tell who is there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        starter: Option<u32>,
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
    pub(crate) key: ChannelKey,
    pub(crate) door: Door,
    pub(crate) solver: Arc<Solver>,
    pub(crate) owner: Owner,
    pub(crate) clipboard: Clipboard,
    /// Browsers whose extensions were served, by the number of their process.
    browsers: Mutex<BTreeSet<u32>>,
    connections: AtomicUsize,
    numbers: AtomicUsize,
}

/// A connection's place among [`CONNECTIONS_MAX`]; given back when it ends, however it ends.
struct Seat(Arc<Agent>);

impl Seat {
    fn take(agent: &Arc<Agent>) -> Option<Self> {
        let (order, failed) = (Ordering::AcqRel, Ordering::Acquire);
        let more = |count| (count < CONNECTIONS_MAX).then_some(count + 1);
        let taken = agent.connections.fetch_update(order, failed, more);
        taken.is_ok().then(|| Self(Arc::clone(agent)))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Runs the agent until nobody has spoken to it for a while. Returns at once where another runs.
///
/// # Errors
/// Where its key or its socket cannot be had.
pub fn run(place: Place) -> io::Result<()> {
    guard::raise();
    let Some(mut lock) = lock(&place)? else {
        return Ok(());
    };
    // For who wants to end it.
    lock.set_len(0)?;
    writeln!(lock, "{}", std::process::id())?;
    let key = pairs::own_key(&place)?;
    // The lock says that nobody listens there any more.
    let listener = pipe::listen(&place)?;
    let solver = Solver::start()?;
    let clipboard = Clipboard::start()?;
    let owner = Owner::start(&place, &solver, &clipboard)?;
    let agent = Arc::new(Agent {
        place,
        key,
        door: Door::default(),
        solver,
        owner,
        clipboard,
        browsers: Mutex::default(),
        connections: AtomicUsize::new(0),
        numbers: AtomicUsize::new(0),
    });
    let listening = Arc::clone(&agent);
    Builder::new().spawn(move || listening.listen(&listener))?;
    // The process ends with this thread, wherever the others wait.
    agent.until_alone();
    agent.clipboard.end();
    Ok(())
}

/// Keeps agents away for as long as what it gives back is held; `None` where one runs.
///
/// # Errors
/// As the file system has them.
pub(crate) fn lock(place: &Place) -> io::Result<Option<File>> {
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(place.file("agent.lock"))?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

impl Agent {
    fn listen(self: &Arc<Self>, listener: &Listener) {
        loop {
            let Ok(stream) = listener.accept() else {
                // Too many open files, say: those that are open end one day.
                clock::pause(Duration::from_millis(50));
                continue;
            };
            let Some(seat) = Seat::take(self).map(Arc::new) else {
                continue;
            };
            // What one connection does wrong ends it, and no other.
            let served = Builder::new().spawn(move || drop(seat.0.serve(stream, &seat)));
            drop(served);
        }
    }

    fn until_alone(&self) {
        let mut alone = Duration::ZERO;
        let step = Duration::from_millis(500);
        loop {
            clock::pause(step);
            let nobody = self.connections.load(Ordering::Acquire) == 0 && !self.is_waited_for();
            alone = if nobody { alone + step } else { Duration::ZERO };
            // From then on nobody is let in: who comes now starts the next agent.
            let closed = || {
                let (order, failed) = (Ordering::AcqRel, Ordering::Acquire);
                self.connections
                    .compare_exchange(0, CONNECTIONS_MAX, order, failed)
            };
            if alone >= STAYS && closed().is_ok() {
                return;
            }
        }
    }

    /// Whether a vault is open for a browser that still runs: an extension sleeps where nothing happens, and
    /// comes back. What was copied is there as long as this process is; with the last browser both go.
    fn is_waited_for(&self) -> bool {
        let mut browsers = self.browsers.lock().unwrap_or_else(PoisonError::into_inner);
        browsers.retain(|browser| process::is_running(*browser));
        !browsers.is_empty() && (self.owner.is_open() || self.clipboard.holds())
    }

    fn serve(self: &Arc<Self>, stream: Pipe, seat: &Arc<Seat>) -> io::Result<()> {
        let stream = Arc::new(stream);
        // Until it is known who this is.
        stream.limit(Some(GREETING))?;
        frame::write_json(&mut &*stream, &Ready {})?;
        match frame::read_json::<Opening>(&mut &*stream)? {
            Some(Opening::Relay { starter, .. }) => {
                let number = self.numbers.fetch_add(1, Ordering::AcqRel);
                let browser = browser_process(&stream, starter);
                if let Some(browser) = browser {
                    let mut browsers = self.browsers.lock().unwrap_or_else(PoisonError::into_inner);
                    browsers.insert(browser);
                }
                let program = browser.and_then(process::program_of);
                let label = program.map(|program| caller::label(&program));
                connection::serve(self, number, label, &stream)
            }
            Some(Opening::Terminal {}) => self.wait_with(&stream, seat),
            Some(Opening::Look {}) | None => Ok(()),
        }
    }

    /// A terminal waits for an extension.
    fn wait_with(self: &Arc<Self>, stream: &Arc<Pipe>, seat: &Arc<Seat>) -> io::Result<()> {
        stream.limit(None)?;
        let mut to = &**stream;
        let Some(guest) = self.door.open() else {
            return frame::write_json(&mut to, &ToTerminal::Taken {});
        };
        frame::write_json(&mut to, &ToTerminal::Waiting {})?;
        let (answer, gone) = (guest.answer, guest.gone);
        let (agent, from) = (Arc::clone(self), Arc::clone(stream));
        // A terminal that stays takes a place for as long.
        let seat = Arc::clone(seat);
        Builder::new().spawn(move || {
            let _seat = seat;
            while let Ok(Some(said)) = frame::read_json::<FromTerminal>(&mut &*from) {
                if answer.send(said).is_err() {
                    break;
                }
            }
            // The terminal is gone, or has said what it had to say to somebody who is.
            gone.store(true, Ordering::Release);
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
}

/// The browser that has started the relay at the other end, where the system tells; on macOS as the relay
/// says, which is a guard against mistakes and none against a program that lies.
fn browser_process(stream: &Pipe, said: Option<u32>) -> Option<u32> {
    let Some(relay) = stream.peer() else {
        return said.filter(|_| cfg!(target_os = "macos"));
    };
    let starter = process::parent_of(relay)?;
    // Browsers on Windows may let a shell start their hosts.
    let program = process::program_of(starter);
    let is_shell = program.is_some_and(|it| {
        it.file_name()
            .is_some_and(|name| name.eq_ignore_ascii_case("cmd.exe"))
    });
    if cfg!(windows) && is_shell {
        return process::parent_of(starter);
    }
    Some(starter)
}
