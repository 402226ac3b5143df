//! The local socket between a relay, or a terminal, and the agent.

use std::{
    io::{self, Read, Write},
    time::Duration,
};

use interprocess::local_socket::{
    ConnectOptions, Listener, ListenerOptions, Name, Stream, prelude::*,
};

use crate::place::Place;

/// Bytes of a socket's path, on every system that has such.
#[cfg(unix)]
const SOCKET_MAX_BYTES: usize = 103;
/// Between two looks at a pipe that has nothing yet, of a system whose pipes know no limits of time.
#[cfg(windows)]
const PAUSE: Duration = Duration::from_millis(5);

/// One connection. It is read in one thread and written in another.
#[derive(Debug)]
pub struct Pipe {
    stream: Stream,
    /// When reading is over, in the milliseconds of [`crate::clock::measured_millis`].
    #[cfg(windows)]
    until: std::sync::Mutex<Option<f64>>,
}

/// Connects to the agent.
///
/// # Errors
/// Where none runs.
pub fn connect(place: &Place) -> io::Result<Pipe> {
    let stream = ConnectOptions::new().name(name(place)?).connect_sync()?;
    Ok(Pipe::from(stream))
}

/// Where the agent listens: what was left by one that died is in nobody's way.
///
/// # Errors
/// As the system has them.
pub(crate) fn listen(place: &Place) -> io::Result<Listener> {
    #[cfg(unix)]
    match std::fs::remove_file(place.socket()) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    ListenerOptions::new().name(name(place)?).create_sync()
}

#[cfg(unix)]
fn name(place: &Place) -> io::Result<Name<'static>> {
    use interprocess::local_socket::GenericFilePath;
    let socket = place.socket();
    if socket.as_os_str().len() > SOCKET_MAX_BYTES {
        let what = format!(
            "the folder of the host has too long a path for a socket: {}; name a shorter one in {}",
            socket.display(),
            crate::place::FOLDER_VARIABLE
        );
        return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
    }
    socket.to_fs_name::<GenericFilePath>()
}

#[cfg(not(unix))]
fn name(place: &Place) -> io::Result<Name<'static>> {
    use interprocess::local_socket::GenericNamespaced;
    let text: String = place.socket().to_string_lossy().into_owned();
    let plain = text.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
    plain.to_ns_name::<GenericNamespaced>()
}

impl From<Stream> for Pipe {
    fn from(stream: Stream) -> Self {
        Self {
            stream,
            #[cfg(windows)]
            until: std::sync::Mutex::new(None),
        }
    }
}

impl Pipe {
    /// The process at the other end, where the system tells.
    pub(crate) fn peer(&self) -> Option<u32> {
        let process = self.stream.peer_creds().ok()?.pid()?;
        u32::try_from(process).ok()
    }

    /// From now on reading fails after that time without a byte; `None`: never.
    ///
    /// # Errors
    /// As the system has them.
    #[cfg(unix)]
    pub(crate) fn limit(&self, time: Option<Duration>) -> io::Result<()> {
        self.stream.set_recv_timeout(time)
    }

    /// From now on reading fails once that time is over; `None`: never.
    ///
    /// # Errors
    /// As the system has them.
    #[cfg(windows)]
    pub(crate) fn limit(&self, time: Option<Duration>) -> io::Result<()> {
        self.stream.set_nonblocking(time.is_some())?;
        *self.until() = time.map(|time| crate::clock::measured_millis() + time.as_secs_f64() * 1e3);
        Ok(())
    }

    #[cfg(windows)]
    fn until(&self) -> std::sync::MutexGuard<'_, Option<f64>> {
        let locked = self.until.lock();
        locked.unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Read for &Pipe {
    #[cfg(unix)]
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        (&self.stream).read(into)
    }

    #[cfg(windows)]
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match (&self.stream).read(into) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return done,
            }
            let until = *self.until();
            if until.is_some_and(|until| crate::clock::measured_millis() > until) {
                return Err(io::ErrorKind::TimedOut.into());
            }
            crate::clock::pause(PAUSE);
        }
    }
}

impl Write for &Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&self.stream).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&self.stream).flush()
    }
}
