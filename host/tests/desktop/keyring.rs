//! The vault opened by the keyring of a desktop: GNOME's, at a bus of its own.

use std::{
    io::Write as _,
    process::{Child, Command, Stdio},
    time::Duration,
};

use host::{
    account::safe::{Kept, Safe},
    clock,
    place::{FOLDER_VARIABLE, Place},
};
use proto::{
    bridge::{
        account::{AccountNow, AskAccount, DescribeAccount},
        popup::{AppStatus, ByKeyring, Lock, PopupRequest, SetByKeyring, UnlockByKeyring},
    },
    bytes::Hex,
    error::ErrorCode,
    limits::BY_KEYRING_MAX_HOURS,
    vault::SecretText,
};
use serde_json::Value;
use wasm_core::secret::DatabaseKey;
use zbus::{
    blocking::{Connection, Proxy},
    zvariant::{ObjectPath, OwnedObjectPath},
};

use crate::{
    account::{ADDRESS, PASSWORD},
    agent::Agent,
    bus::Bus,
};

const NAME: &str = "org.freedesktop.secrets";
const SERVICE: &str = "/org/freedesktop/secrets";
const LOGIN: &str = "/org/freedesktop/secrets/collection/login";
/// Of the child that puts a database's key into the keyring, as the host of the account's first login does.
const KEY_VARIABLE: &str = "PEARVAULT_TEST_DATABASE_KEY";
const CHILD: &str = "keyring::keyring_opens_the_vault_for_as_long_as_its_user_said";
const HOUR_MS: u64 = 60 * 60 * 1000;

/// The keyring, unlocked, and an agent whose database's key it has.
struct Desktop {
    agent: Agent,
    daemon: Child,
    connection: Connection,
    bus: Bus,
}

impl Desktop {
    fn start() -> Option<Self> {
        if let Ok(key) = std::env::var(KEY_VARIABLE) {
            keep_as_child(key);
            return None;
        }
        let bus = Bus::start()?;
        let address = bus.address();
        let home = bus.folder();
        let daemon = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--unlock", "--components=secrets"])
            .env("HOME", home)
            .env("XDG_DATA_HOME", home)
            .env("XDG_RUNTIME_DIR", home)
            .env("DBUS_SESSION_BUS_ADDRESS", &address)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut daemon) = daemon else {
            println!("left out: the program gnome-keyring-daemon is not installed");
            return None;
        };
        let mut to = daemon.stdin.take().unwrap();
        to.write_all(b"of the login").unwrap();
        drop(to);
        let connection = bus.join();
        // The collection is there once it is unlocked.
        for _ in 0..600 {
            if items(&connection).is_ok() {
                break;
            }
            clock::pause(Duration::from_millis(50));
        }
        let agent = Agent::prepared(&[("DBUS_SESSION_BUS_ADDRESS", &address)], |place, key| {
            keep(place, key, &address);
        });
        Some(Self {
            agent,
            daemon,
            connection,
            bus,
        })
    }

    fn ask(&mut self, request: PopupRequest) -> Value {
        let device = "Test".to_owned();
        self.agent.ask_account(AskAccount { request, device })
    }

    fn set(&mut self, hours: u32) -> Value {
        let password = (hours > 0).then(|| SecretText::new(PASSWORD));
        self.ask(PopupRequest::SetByKeyring(SetByKeyring { hours, password }))
    }

    /// Waits until so many secrets are there, far beyond what that takes.
    fn has(&self, count: usize) {
        for _ in 0..1_000 {
            if self.items().len() == count {
                return;
            }
            clock::pause(Duration::from_millis(20));
        }
        panic!("it has {:?}", self.items());
    }

    fn unlock_by_keyring(&mut self) -> Value {
        self.ask(PopupRequest::UnlockByKeyring(UnlockByKeyring {}))
    }

    fn lock(&mut self) {
        self.ask(PopupRequest::Lock(Lock {}));
        assert!(!self.agent.is_open());
    }

    fn items(&self) -> Vec<OwnedObjectPath> {
        items(&self.connection).unwrap()
    }

    /// The same agent, started anew.
    fn start_again(&mut self) {
        let address = self.bus.address();
        self.agent
            .start_again(&[("DBUS_SESSION_BUS_ADDRESS", &address)]);
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// What is in the keyring.
fn items(connection: &Connection) -> zbus::Result<Vec<OwnedObjectPath>> {
    let login = Proxy::new(connection, NAME, LOGIN, "org.freedesktop.Secret.Collection")?;
    login.get_property("Items")
}

/// Puts the database's key into the keyring at that bus: in a process that has no other.
fn keep(place: &Place, key: &DatabaseKey, address: &str) {
    let kept = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", CHILD])
        .env("DBUS_SESSION_BUS_ADDRESS", address)
        .env(
            FOLDER_VARIABLE,
            place.file("database.key").parent().unwrap(),
        )
        .env(KEY_VARIABLE, Hex(*key.expose_secret()).to_string())
        // What it says of its one test is not for whoever counts tests.
        .output();
    let kept = kept.unwrap();
    let said = String::from_utf8_lossy(&kept.stdout);
    assert!(kept.status.success() && said.contains("1 passed"), "{said}");
}

/// What that process does, and nothing else.
fn keep_as_child(key: String) {
    let place = Place::of_user().unwrap();
    let Hex(key): Hex<32> = serde_json::from_value(Value::String(key)).unwrap();
    let key = DatabaseKey::copy_from(&key).unwrap();
    let (account, password) = (ADDRESS.parse().unwrap(), SecretText::new(PASSWORD));
    let kept = Safe::of(&place).keep(&key, &account, &password);
    assert_eq!(kept.unwrap(), Kept::Keyring);
}

fn now(agent: &mut Agent) -> AccountNow {
    let said = agent.ask_account(DescribeAccount {});
    serde_json::from_value(said["ok"].clone()).unwrap()
}

fn is_done(said: &Value) {
    assert!(said["ok"].is_object(), "{said}");
}

fn is_refused(said: &Value, code: ErrorCode) {
    assert_eq!(said["err"]["code"], u16::from(code), "{said}");
}

#[test]
fn keyring_opens_the_vault_for_as_long_as_its_user_said() {
    let Some(mut desktop) = Desktop::start() else {
        return;
    };
    // It opens the database alone, as it comes.
    let found = now(&mut desktop.agent);
    assert!(matches!(found.status, AppStatus::Locked { .. }));
    assert_eq!(found.by_keyring, ByKeyring::Off {});
    is_refused(&desktop.unlock_by_keyring(), ErrorCode::KeyringGone);
    is_refused(&desktop.set(8), ErrorCode::Locked);
    desktop.agent.unlock();
    is_refused(
        &desktop.set(BY_KEYRING_MAX_HOURS + 1),
        ErrorCode::InvalidField,
    );
    for (password, code) in [
        (None, ErrorCode::InvalidField),
        (Some("not that one"), ErrorCode::PasswordWrong),
    ] {
        let password = password.map(SecretText::new);
        let request = SetByKeyring { hours: 1, password };
        is_refused(&desktop.ask(PopupRequest::SetByKeyring(request)), code);
    }
    assert_eq!(desktop.items().len(), 1);

    let before = clock::now();
    is_done(&desktop.set(8));
    let ByKeyring::Until { at } = now(&mut desktop.agent).by_keyring else {
        panic!("it was not set");
    };
    assert!(at >= before.plus(8 * HOUR_MS) && at <= clock::now().plus(8 * HOUR_MS));
    assert_eq!(desktop.items().len(), 2);
    for _ in 0..2 {
        desktop.lock();
        is_done(&desktop.unlock_by_keyring());
        assert!(desktop.agent.is_open());
        desktop.start_again();
        assert!(!desktop.agent.is_open());
    }
    is_done(&desktop.unlock_by_keyring());
    // Another time takes the place of the one before, in the keyring, too.
    is_done(&desktop.set(1));
    desktop.has(2);
    is_done(&desktop.set(0));
    assert_eq!(now(&mut desktop.agent).by_keyring, ByKeyring::Off {});
    desktop.has(1);
    desktop.lock();
    is_refused(&desktop.unlock_by_keyring(), ErrorCode::KeyringGone);
    desktop.agent.unlock();
}

#[test]
fn keyring_that_is_locked_or_emptied_opens_nothing() {
    let Some(mut desktop) = Desktop::start() else {
        return;
    };
    desktop.agent.unlock();
    is_done(&desktop.set(8));
    desktop.lock();
    let service = Proxy::new(
        &desktop.connection,
        NAME,
        SERVICE,
        "org.freedesktop.Secret.Service",
    )
    .unwrap();
    let login = ObjectPath::try_from(LOGIN).unwrap();
    let _: (Vec<OwnedObjectPath>, OwnedObjectPath) = service.call("Lock", &(vec![login],)).unwrap();
    is_refused(&desktop.unlock_by_keyring(), ErrorCode::KeyringAway);
    assert!(matches!(
        now(&mut desktop.agent).by_keyring,
        ByKeyring::Until { .. }
    ));
    desktop.agent.unlock();

    // Another one, whose entry its user removes.
    let Some(mut desktop) = Desktop::start() else {
        return;
    };
    let key = desktop.items();
    desktop.agent.unlock();
    is_done(&desktop.set(8));
    desktop.lock();
    for item in desktop.items() {
        if !key.contains(&item) {
            let interface = "org.freedesktop.Secret.Item";
            let item = Proxy::new(&desktop.connection, NAME, item, interface).unwrap();
            let _: OwnedObjectPath = item.call("Delete", &()).unwrap();
        }
    }
    is_refused(&desktop.unlock_by_keyring(), ErrorCode::KeyringGone);
    assert_eq!(now(&mut desktop.agent).by_keyring, ByKeyring::Off {});
    desktop.agent.unlock();
}

#[test]
fn host_without_a_keyring_offers_none() {
    let mut agent = Agent::opened(&[]);
    assert_eq!(now(&mut agent).by_keyring, ByKeyring::Absent {});
    let device = "Test".to_owned();
    let (hours, password) = (1, Some(SecretText::new(PASSWORD)));
    let request = PopupRequest::SetByKeyring(SetByKeyring { hours, password });
    let said = agent.ask_account(AskAccount { request, device });
    is_refused(&said, ErrorCode::KeyringAway);
}
