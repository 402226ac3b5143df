//! A desktop's keyring, GNOME's, at a D-Bus of its own.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::Result;
use tempfile::TempDir;

use crate::{
    patience::{WORK, until},
    process::Process,
};

/// What has to be installed, as Debian calls it.
pub const PACKAGES: &str = "dbus and gnome-keyring";
const SECRETS: &str = "org.freedesktop.secrets";
const PLACE: &str = "/org/freedesktop/secrets";

/// The keyring, unlocked. Dropping it ends it.
#[derive(Debug)]
pub struct Keyring {
    // In this order: who is at the bus ends before it.
    _daemon: Process,
    _bus: Process,
    folder: TempDir,
}

impl Keyring {
    /// Whether the programs are there.
    pub fn is_there() -> bool {
        let is_there = |program: &str| {
            let asked = Command::new(program).arg("--version").output();
            asked.is_ok()
        };
        ["dbus-daemon", "dbus-send", "gnome-keyring-daemon"]
            .into_iter()
            .all(is_there)
    }

    /// Starts it, and waits until it is unlocked.
    pub async fn start() -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("pearvault-keyring-")
            .tempdir()?;
        let at = |name: &str| folder.path().join(name);
        let address = address(folder.path());
        std::fs::write(at("config"), testkit::bus::config(&address))?;
        let mut bus = Process::start(
            "a D-Bus",
            Command::new("dbus-daemon")
                .args(["--nofork", "--nopidfile", "--print-address=1"])
                .arg("--config-file")
                .arg(at("config")),
            &at("bus.log"),
        )?;
        bus.wait_for_line("unix:", Duration::from_secs(30)).await?;
        std::fs::write(at("password"), "of the login")?;
        let daemon = Process::start(
            "the keyring",
            Command::new("sh")
                .args(["-c", r#"exec "$@" < password"#, "sh"])
                .args(["gnome-keyring-daemon", "--foreground", "--unlock"])
                .arg("--components=secrets")
                .current_dir(folder.path())
                .env("HOME", folder.path())
                .env("XDG_DATA_HOME", folder.path())
                .env("XDG_RUNTIME_DIR", folder.path())
                .env("DBUS_SESSION_BUS_ADDRESS", &address),
            &at("keyring.log"),
        )?;
        let keyring = Self {
            _daemon: daemon,
            _bus: bus,
            folder,
        };
        until("an unlocked keyring", WORK, async || {
            let there = keyring.ask(PLACE, "Service", "Collections")?;
            Ok(there.contains("/collection/login").then_some(()))
        })
        .await?;
        Ok(keyring)
    }

    /// Where its bus is, as `DBUS_SESSION_BUS_ADDRESS` has it.
    pub fn address(&self) -> String {
        address(self.folder.path())
    }

    /// How many secrets it has.
    pub fn count(&self) -> Result<usize> {
        let place = PathBuf::from(PLACE).join("collection/login");
        let items = self.ask(&place.display().to_string(), "Collection", "Items")?;
        Ok(items.matches("object path").count())
    }

    fn ask(&self, place: &str, interface: &str, property: &str) -> Result<String> {
        let said = Command::new("dbus-send")
            .arg(format!("--bus={}", self.address()))
            .args(["--print-reply", &format!("--dest={SECRETS}"), place])
            .arg("org.freedesktop.DBus.Properties.Get")
            .arg(format!("string:org.freedesktop.Secret.{interface}"))
            .arg(format!("string:{property}"))
            .output()?;
        Ok(String::from_utf8_lossy(&said.stdout).into_owned())
    }
}

fn address(folder: &Path) -> String {
    format!("unix:path={}", folder.join("bus").display())
}
