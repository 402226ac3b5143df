//! The vault closes with the system's screen, and before the computer sleeps.

use std::{collections::HashMap, time::Duration};

use host::clock;
use zbus::{
    blocking::{Connection, fdo::DBusProxy},
    zvariant::Value,
};

use crate::{
    agent::Agent,
    bus::{Bus, Held, LOGIN, Login, MANAGER, OURS, PATH, THEIRS},
};

const SESSION: &str = "org.freedesktop.login1.Session";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
const EVERYBODY: Option<&str> = None;
/// Long enough for what is to do nothing to have done it on most machines; a slower one sees less.
const MEANWHILE: Duration = Duration::from_millis(500);

/// An agent with an open vault, at a bus with a login manager.
struct Desktop {
    agent: Agent,
    login: Login,
    held: Held,
    bus: Bus,
}

impl Desktop {
    fn start() -> Option<Self> {
        let bus = Bus::start()?;
        let login = Login::start(&bus);
        let agent = Agent::opened(&[("DBUS_SYSTEM_BUS_ADDRESS", &bus.address())]);
        let held = login.is_asked();
        Some(Self {
            agent,
            login,
            held,
            bus,
        })
    }

    fn stays_open(&mut self) {
        clock::pause(MEANWHILE);
        assert!(self.agent.is_open(), "the vault was closed");
    }
}

fn hint(bus: &Connection, to: Option<&str>, path: &str, locked: bool) {
    let changed = HashMap::from([("LockedHint", Value::from(locked))]);
    let none: &[&str] = &[];
    let signal = bus.emit_signal(
        to,
        path,
        PROPERTIES,
        "PropertiesChanged",
        &(SESSION, changed, none),
    );
    signal.unwrap();
}

#[test]
fn vault_is_closed_before_the_computer_sleeps() {
    let Some(mut desktop) = Desktop::start() else {
        return;
    };
    let Desktop {
        agent, login, held, ..
    } = &mut desktop;
    assert_eq!(held.said, ("sleep".to_owned(), "delay".to_owned()));
    assert!(held.holds(), "the computer is not kept awake");
    login.prepares_for_sleep(true);
    held.lets_go();
    assert!(!agent.is_open(), "it was let sleep with an open vault");
    // The next time, too.
    login.prepares_for_sleep(false);
    let mut held = login.is_asked();
    agent.unlock();
    assert!(held.holds());
    login.prepares_for_sleep(true);
    held.lets_go();
    assert!(!agent.is_open());
}

#[test]
fn vault_is_closed_as_its_own_session_locks() {
    let Some(mut desktop) = Desktop::start() else {
        return;
    };
    let bus = desktop.login.bus.clone();
    let lock = |to, path| bus.emit_signal(to, path, SESSION, "Lock", &()).unwrap();
    // Also where it comes to the agent all the same.
    let agent = desktop.held.who.clone();
    for to in [EVERYBODY, Some(agent.as_str())] {
        lock(to, THEIRS);
        hint(&bus, to, THEIRS, true);
        hint(&bus, to, OURS, false);
    }
    desktop.stays_open();
    lock(EVERYBODY, OURS);
    desktop.agent.is_told_that_it_is_locked();
    desktop.agent.unlock();
    hint(&bus, EVERYBODY, OURS, true);
    desktop.agent.is_told_that_it_is_locked();
    assert!(desktop.held.holds(), "only sleep is waited for");
}

#[test]
fn signals_count_by_who_has_sent_them() {
    let Some(mut desktop) = Desktop::start() else {
        return;
    };
    let forger = desktop.bus.join();
    let agent = desktop.held.who.clone();
    let of_the_bus = ("org.freedesktop.DBus", "/org/freedesktop/DBus");
    let own = forger.unique_name().unwrap().to_string();
    for to in [EVERYBODY, Some(agent.as_str())] {
        let say = |path, interface, member| forger.emit_signal(to, path, interface, member, &());
        let sleep = || forger.emit_signal(to, PATH, MANAGER, "PrepareForSleep", &true);
        sleep().unwrap();
        say(OURS, SESSION, "Lock").unwrap();
        // One that says to be the login manager from now on.
        let (bus, path) = of_the_bus;
        let change = (LOGIN, "", own.as_str());
        forger
            .emit_signal(to, path, bus, "NameOwnerChanged", &change)
            .unwrap();
        sleep().unwrap();
        say(OURS, SESSION, "Lock").unwrap();
    }
    desktop.stays_open();
    assert!(desktop.held.holds());
    // Who really has the name is heard, and a new one too.
    desktop.login.bus.release_name(LOGIN).unwrap();
    forger.request_name(LOGIN).unwrap();
    let sleep = || forger.emit_signal(EVERYBODY, PATH, MANAGER, "PrepareForSleep", &true);
    sleep().unwrap();
    desktop.agent.is_told_that_it_is_locked();
}

#[test]
fn vault_is_closed_as_the_desktop_locks_its_screen() {
    let Some(bus) = Bus::start() else { return };
    let mut agent = Agent::opened(&[("DBUS_SESSION_BUS_ADDRESS", &bus.address())]);
    let screens = [
        (
            "org.freedesktop.ScreenSaver",
            "/org/freedesktop/ScreenSaver",
        ),
        ("org.freedesktop.ScreenSaver", "/ScreenSaver"),
        ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"),
    ];
    let desktop = bus.join();
    let forger = bus.join();
    let says = |bus: &Connection, to: Option<&str>, (name, path), active: bool| {
        bus.emit_signal(to, path, name, "ActiveChanged", &active)
            .unwrap();
    };
    for screen in screens {
        desktop.request_name(screen.0).unwrap();
    }
    for screen in screens {
        // Whether the agent listens by now only a lock tells.
        while agent.is_open() {
            says(&desktop, EVERYBODY, screen, true);
            // Long enough that none is still on its way as it is opened again.
            clock::pause(Duration::from_millis(500));
        }
        agent.unlock();
        says(&desktop, EVERYBODY, screen, false);
        let there = address_of_another(&[&desktop, &forger]);
        says(&forger, EVERYBODY, screen, true);
        says(&forger, Some(&there), screen, true);
        clock::pause(MEANWHILE);
        assert!(agent.is_open(), "{screen:?}");
    }
}

/// The one who is on the bus besides these.
fn address_of_another(known: &[&Connection]) -> String {
    let names = DBusProxy::new(known[0]).unwrap().list_names().unwrap();
    let known: Vec<String> = known
        .iter()
        .map(|it| it.unique_name().unwrap().to_string())
        .collect();
    let mut others = names.iter().map(ToString::to_string);
    others
        .find(|name| name.starts_with(':') && !known.contains(name))
        .unwrap()
}

#[test]
fn bus_that_comes_back_is_heard_again() {
    let Some(mut desktop) = Desktop::start() else {
        return;
    };
    desktop.bus.end();
    desktop.stays_open();
    assert!(desktop.bus.start_again());
    let login = Login::start(&desktop.bus);
    let mut held = login.is_asked();
    login.prepares_for_sleep(true);
    held.lets_go();
    assert!(!desktop.agent.is_open());
}
