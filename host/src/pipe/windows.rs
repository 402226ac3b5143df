//! A named pipe. Those know no limits of time by themselves: a runtime waits for them.

use std::{
    io::{self, Read, Write},
    path::PathBuf,
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use interprocess::{
    local_socket::{
        GenericNamespaced, ListenerOptions, Name,
        prelude::*,
        tokio::{self as waiting, Stream, prelude::*},
    },
    os::windows::{local_socket::ListenerOptionsExt as _, security_descriptor::SecurityDescriptor},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    runtime::{Builder, Runtime},
    time::timeout,
};
use wasm_core::random::Random as _;
use widestring::u16cstr;

use crate::{pairs::SystemRandom, place::Place, process};

/// File that says where the agent listens, and which process it is.
const FILE: &str = "agent.pipe";
/// Random bytes of a name.
const NAME_BYTES: usize = 16;
/// How long connecting may take: a pipe may be there, and nobody who listens.
const CONNECTING: Duration = Duration::from_secs(2);

/// One connection. It is read in one thread and written in another.
#[derive(Debug)]
pub struct Pipe {
    /// `None` while it is dropped.
    stream: Option<Stream>,
    limit: Mutex<Option<Duration>>,
}

/// Where the agent listens.
pub(crate) struct Listener(waiting::Listener);

/// Connects to the agent.
///
/// # Errors
/// Where none runs, or where another process than the agent has its name.
pub fn connect(place: &Place) -> io::Result<Pipe> {
    let said = place.read(FILE)?.ok_or(io::ErrorKind::NotFound)?;
    let said = String::from_utf8(said).map_err(|_| io::ErrorKind::InvalidData)?;
    let (name, agent) = said.split_once(' ').ok_or(io::ErrorKind::InvalidData)?;
    let agent: u32 = agent.parse().map_err(|_| io::ErrorKind::InvalidData)?;
    let runtime = runtime()?;
    let connecting = runtime.block_on(async {
        let name = of_pipe(name)?;
        timeout(CONNECTING, Stream::connect(name)).await?
    });
    let pipe = Pipe::from(connecting?);
    // Who took the name of an agent that died is another process, and no program of ours.
    let folder = |program: Option<PathBuf>| program?.parent()?.canonicalize().ok();
    let ours = folder(std::env::current_exe().ok());
    let is_ours = ours.is_some() && folder(process::program_of(agent)) == ours;
    if pipe.peer() == Some(agent) && is_ours {
        Ok(pipe)
    } else {
        Err(io::ErrorKind::PermissionDenied.into())
    }
}

/// Listens under a new name, and says which. For who holds the agent's lock.
///
/// # Errors
/// As the system has them.
pub(crate) fn listen(place: &Place) -> io::Result<Listener> {
    let mut random = [0; NAME_BYTES];
    let failed = |_| io::Error::other("the system gives no random bytes");
    SystemRandom.fill(&mut random).map_err(failed)?;
    let random: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let name = format!("pearvault-{random}");
    // All rights to the owner and to the system, and none to anybody else.
    let ours = SecurityDescriptor::deserialize(u16cstr!("D:P(A;;GA;;;OW)(A;;GA;;;SY)"))?;
    let listener = {
        let _runtime = runtime()?.enter();
        let options = ListenerOptions::new().name(of_pipe(&name)?);
        options.security_descriptor(ours).create_tokio()?
    };
    let said = format!("{name} {}", std::process::id());
    place.write(FILE, said.as_bytes())?;
    Ok(Listener(listener))
}

fn of_pipe(name: &str) -> io::Result<Name<'static>> {
    name.to_owned().to_ns_name::<GenericNamespaced>()
}

/// What waits for pipes, as long as the process lives.
fn runtime() -> io::Result<&'static Runtime> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    let start = || {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(1).enable_all().build().ok()
    };
    let runtime = RUNTIME.get_or_init(start).as_ref();
    runtime.ok_or_else(|| io::Error::other("no thread can be started"))
}

impl Listener {
    /// Waits for the next one.
    ///
    /// # Errors
    /// As the system has them.
    pub(crate) fn accept(&self) -> io::Result<Pipe> {
        runtime()?.block_on(self.0.accept()).map(Pipe::from)
    }
}

impl From<Stream> for Pipe {
    fn from(stream: Stream) -> Self {
        Self {
            stream: Some(stream),
            limit: Mutex::default(),
        }
    }
}

impl Pipe {
    /// The process at the other end, where the system tells.
    pub(crate) fn peer(&self) -> Option<u32> {
        self.stream.as_ref()?.peer_creds().ok()?.pid()
    }

    /// From now on reading fails after that time without a byte; `None`: never.
    ///
    /// # Errors
    /// None; as on other systems.
    #[expect(clippy::unnecessary_wraps, reason = "as on other systems")]
    pub(crate) fn limit(&self, time: Option<Duration>) -> io::Result<()> {
        *self.limit.lock().unwrap_or_else(PoisonError::into_inner) = time;
        Ok(())
    }

    fn stream(&self) -> io::Result<&Stream> {
        self.stream
            .as_ref()
            .ok_or(io::ErrorKind::NotConnected.into())
    }
}

impl Read for &Pipe {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let limit = *self.limit.lock().unwrap_or_else(PoisonError::into_inner);
        let mut stream = self.stream()?;
        runtime()?.block_on(async {
            let reading = stream.read(into);
            match limit {
                Some(limit) => timeout(limit, reading).await?,
                None => reading.await,
            }
        })
    }
}

impl Write for &Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut stream = self.stream()?;
        runtime()?.block_on(stream.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut stream = self.stream()?;
        runtime()?.block_on(stream.flush())
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        // What was written and not read yet is waited for by the runtime.
        let entered = runtime().map(Runtime::enter);
        self.stream.take();
        drop(entered);
    }
}
