//! A socket in the file system.

use std::{
    io::{self, Read, Write},
    time::Duration,
};

use interprocess::local_socket::{
    self, ConnectOptions, GenericFilePath, ListenerOptions, Name, Stream, prelude::*,
};

use crate::place::{FOLDER_VARIABLE, Place};

/// Bytes of a socket's path, on every system that has such.
const SOCKET_MAX_BYTES: usize = 103;

/// One connection. It is read in one thread and written in another.
#[derive(Debug)]
pub struct Pipe(Stream);

/// Where the agent listens.
pub(crate) struct Listener(local_socket::Listener);

/// Connects to the agent.
///
/// # Errors
/// Where none runs.
pub fn connect(place: &Place) -> io::Result<Pipe> {
    let stream = ConnectOptions::new().name(name(place)?).connect_sync()?;
    Ok(Pipe(stream))
}

/// Listens: what was left by an agent that died is in nobody's way. For who holds the agent's lock.
///
/// # Errors
/// As the system has them.
pub(crate) fn listen(place: &Place) -> io::Result<Listener> {
    match std::fs::remove_file(place.socket()) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = ListenerOptions::new().name(name(place)?).create_sync()?;
    Ok(Listener(listener))
}

fn name(place: &Place) -> io::Result<Name<'static>> {
    let socket = place.socket();
    if socket.as_os_str().len() > SOCKET_MAX_BYTES {
        let what = format!(
            "the folder of the host has too long a path for a socket: {}; name a shorter one in {FOLDER_VARIABLE}",
            socket.display(),
        );
        return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
    }
    socket.to_fs_name::<GenericFilePath>()
}

impl Listener {
    /// Waits for the next one.
    ///
    /// # Errors
    /// As the system has them, such as too many open files.
    pub(crate) fn accept(&self) -> io::Result<Pipe> {
        self.0.accept().map(Pipe)
    }
}

impl Pipe {
    /// The process at the other end, where the system tells.
    pub(crate) fn peer(&self) -> Option<u32> {
        let process = self.0.peer_creds().ok()?.pid()?;
        u32::try_from(process).ok()
    }

    /// From now on reading fails after that time without a byte; `None`: never.
    ///
    /// # Errors
    /// As the system has them; also where the other side is gone already (macOS).
    pub(crate) fn limit(&self, time: Option<Duration>) -> io::Result<()> {
        self.0.set_recv_timeout(time)
    }
}

impl Read for &Pipe {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        (&self.0).read(into)
    }
}

impl Write for &Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&self.0).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&self.0).flush()
    }
}
