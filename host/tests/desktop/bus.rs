//! A D-Bus of its own, and the login manager on it.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    os::unix::net::UnixStream,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, Sender, channel},
    time::Duration,
};

use tempfile::TempDir;
use zbus::{
    blocking::{Connection, connection},
    fdo, interface,
    message::Header,
    zvariant::{OwnedFd, OwnedObjectPath},
};

/// The session of whoever asks.
pub(crate) const OURS: &str = "/org/freedesktop/login1/session/_32";
/// Somebody else's.
pub(crate) const THEIRS: &str = "/org/freedesktop/login1/session/_33";
pub(crate) const LOGIN: &str = "org.freedesktop.login1";
pub(crate) const MANAGER: &str = "org.freedesktop.login1.Manager";
pub(crate) const PATH: &str = "/org/freedesktop/login1";
/// Longest wait, far beyond what anything takes.
const LONG: Duration = Duration::from_mins(1);

/// The bus.
pub(crate) struct Bus {
    child: Option<Child>,
    folder: TempDir,
}

impl Bus {
    /// Starts one; `None` where there is no program for it.
    pub(crate) fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut bus = Self {
            child: None,
            folder,
        };
        bus.start_again().then_some(bus)
    }

    /// Starts it at the same place.
    pub(crate) fn start_again(&mut self) -> bool {
        let config = self.file("config");
        let _ = fs::remove_file(self.file("bus"));
        fs::write(&config, testkit::bus::config(&self.address())).unwrap();
        let started = Command::new("dbus-daemon")
            .args(["--nofork", "--nopidfile", "--print-address=1"])
            .arg(format!("--config-file={config}"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // It complains of limits that it may not raise.
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut child) = started else {
            println!("left out: the program dbus-daemon is not installed");
            return false;
        };
        // It says where it is once it is there.
        let mut line = String::new();
        let mut says = BufReader::new(child.stdout.take().unwrap());
        says.read_line(&mut line).unwrap();
        assert!(line.starts_with("unix:"), "{line}");
        self.child = Some(child);
        true
    }

    /// Ends it; its place stays.
    pub(crate) fn end(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub(crate) fn address(&self) -> String {
        format!("unix:path={}", self.file("bus"))
    }

    /// Somebody on it.
    pub(crate) fn join(&self) -> Connection {
        let builder = connection::Builder::address(self.address().as_str()).unwrap();
        builder.method_timeout(LONG).build().unwrap()
    }

    /// A folder of its own, for who is at it.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.end();
    }
}

/// The login manager.
pub(crate) struct Login {
    pub(crate) bus: Connection,
    waited_for: Receiver<Held>,
}

/// Somebody whom it waits for before the computer sleeps.
pub(crate) struct Held {
    /// Their address on the bus.
    pub(crate) who: String,
    /// What they said: what is not to happen, and how.
    pub(crate) said: (String, String),
    other_end: UnixStream,
}

impl Held {
    /// Waits until they let it go.
    pub(crate) fn lets_go(&mut self) {
        self.other_end.set_read_timeout(Some(LONG)).unwrap();
        assert_eq!(self.other_end.read(&mut [0]).unwrap(), 0);
    }

    /// Whether they hold it still.
    pub(crate) fn holds(&mut self) -> bool {
        self.other_end.set_nonblocking(true).unwrap();
        let still = self.other_end.read(&mut [0]).is_err();
        self.other_end.set_nonblocking(false).unwrap();
        still
    }
}

impl Login {
    pub(crate) fn start(bus: &Bus) -> Self {
        let (holds, waited_for) = channel();
        let bus = connection::Builder::address(bus.address().as_str()).unwrap();
        let bus = bus
            .serve_at(PATH, Manager(holds))
            .unwrap()
            .name(LOGIN)
            .unwrap();
        let bus = bus.method_timeout(LONG).build().unwrap();
        Self { bus, waited_for }
    }

    /// Waits until the agent wants to be waited for: by then it has asked for all signals.
    pub(crate) fn is_asked(&self) -> Held {
        self.waited_for.recv_timeout(LONG).unwrap()
    }

    /// Says that the computer goes to sleep, or has woken up.
    pub(crate) fn prepares_for_sleep(&self, begins: bool) {
        let to: Option<&str> = None;
        let signal = self
            .bus
            .emit_signal(to, PATH, MANAGER, "PrepareForSleep", &begins);
        signal.unwrap();
    }
}

struct Manager(Sender<Held>);

#[interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    #[expect(clippy::unused_self, reason = "as the macro has methods")]
    fn get_session(&self, id: &str) -> fdo::Result<OwnedObjectPath> {
        match id {
            "auto" => Ok(OwnedObjectPath::try_from(OURS).unwrap()),
            _ => Err(fdo::Error::InvalidArgs(id.to_owned())),
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "as the macro gives a header")]
    fn inhibit(
        &self,
        #[zbus(header)] header: Header<'_>,
        what: String,
        who: &str,
        why: &str,
        mode: String,
    ) -> OwnedFd {
        // Shown to a user whose computer does not sleep.
        assert!(!who.is_empty() && !why.is_empty());
        let (end, other_end) = UnixStream::pair().unwrap();
        let held = Held {
            who: header.sender().unwrap().to_string(),
            said: (what, mode),
            other_end,
        };
        self.0.send(held).unwrap();
        std::os::fd::OwnedFd::from(end).into()
    }
}
