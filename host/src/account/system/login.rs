//! systemd's login manager, or elogind: sleep, and the own session.

use std::collections::HashMap;

use zbus::{
    Connection, Message, Proxy,
    fdo::DBusProxy,
    proxy::{Builder, CacheProperties},
    zvariant::{OwnedFd, OwnedObjectPath, OwnedValue},
};

use super::{News, owners::Owners, rule};

/// Its name.
pub(super) const NAME: &str = "org.freedesktop.login1";
const PATH: &str = "/org/freedesktop/login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const SESSION: &str = "org.freedesktop.login1.Session";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// The login manager, and what it keeps for us.
pub(super) struct Login {
    manager: Proxy<'static>,
    /// The session of this process, else that of its user's screen.
    session: Option<OwnedObjectPath>,
    /// As long as it is open, the computer does not fall asleep.
    holds: Option<OwnedFd>,
}

impl Login {
    /// On a bus, which tells of it from now on.
    ///
    /// # Errors
    /// Where the bus is gone.
    pub(super) async fn of(connection: &Connection, daemon: &DBusProxy<'_>) -> zbus::Result<Self> {
        daemon
            .add_match_rule(rule(NAME, PATH, MANAGER, "PrepareForSleep")?)
            .await?;
        // What it is like is asked when it is wanted.
        let manager = Builder::new(connection)
            .destination(NAME)?
            .path(PATH)?
            .interface(MANAGER)?
            .cache_properties(CacheProperties::No)
            .build()
            .await?;
        Ok(Self {
            manager,
            session: None,
            holds: None,
        })
    }

    /// Asks for the session, and to be waited for. Where there is none, or no login manager, the rest is heard.
    pub(super) async fn greet(&mut self, daemon: &DBusProxy<'_>) {
        // The session of the caller; of one outside of sessions, that of its user's screen.
        let path = self.manager.call("GetSession", &("auto",)).await;
        let path: Option<OwnedObjectPath> = path.ok();
        if let Some(path) = path
            && self.session.as_ref() != Some(&path)
        {
            let lock = rule(NAME, &path, SESSION, "Lock");
            let hint = rule(NAME, &path, PROPERTIES, "PropertiesChanged");
            for rule in [lock, hint].into_iter().flatten() {
                // Where the bus is gone that is heard next.
                let _ = daemon.add_match_rule(rule).await;
            }
            self.session = Some(path);
        }
        // Whoever was there before has taken with it what it kept.
        self.let_sleep();
        self.hold_sleep().await;
    }

    /// Is waited for when the computer is to sleep, where the login manager lets us.
    pub(super) async fn hold_sleep(&mut self) {
        if self.holds.is_none() {
            let why = ("sleep", "Pearvault", "Closes the vault", "delay");
            self.holds = self.manager.call("Inhibit", &why).await.ok();
        }
    }

    /// Whatever was to be done before it sleeps is done.
    pub(super) fn let_sleep(&mut self) {
        self.holds = None;
    }

    /// What a signal says.
    pub(super) fn says(&self, owners: &Owners, message: &Message) -> Option<News> {
        let header = message.header();
        if !owners.has(NAME, &header) {
            return None;
        }
        let (path, member) = (header.path()?.as_str(), header.member()?.as_str());
        let is_ours = self
            .session
            .as_ref()
            .is_some_and(|ours| ours.as_str() == path);
        match (header.interface()?.as_str(), member) {
            (MANAGER, "PrepareForSleep") if path == PATH => {
                let begins = message.body().deserialize::<bool>().ok()?;
                Some(if begins { News::Sleeps } else { News::Wakes })
            }
            (SESSION, "Lock") if is_ours => Some(News::Locks),
            (PROPERTIES, "PropertiesChanged") if is_ours => is_locked(message),
            _ => None,
        }
    }
}

/// Whether it says that the screen is locked by now.
fn is_locked(message: &Message) -> Option<News> {
    let body = message.body();
    let (interface, changed, _): (String, HashMap<String, OwnedValue>, Vec<String>) =
        body.deserialize().ok()?;
    let hint = changed.get("LockedHint").map(bool::try_from);
    let is_locked = interface == SESSION && matches!(hint, Some(Ok(true)));
    is_locked.then_some(News::Locks)
}
