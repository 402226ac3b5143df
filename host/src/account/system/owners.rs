//! Who has the names that are listened to, by the bus's own word.

use std::collections::BTreeMap;

use zbus::{
    MatchRule, Message,
    fdo::DBusProxy,
    message::{self, Header},
    names::{UniqueName, WellKnownName},
};

/// The bus itself; nobody else can send under this name.
const DAEMON: &str = "org.freedesktop.DBus";
const DAEMON_PATH: &str = "/org/freedesktop/DBus";
const CHANGED: &str = "NameOwnerChanged";

/// Names and their owners' addresses (`:1.7`).
#[derive(Debug, Default)]
pub(super) struct Owners(BTreeMap<&'static str, Option<String>>);

impl Owners {
    /// Follows a name from now on. Nobody is started for it.
    ///
    /// # Errors
    /// Where the bus is gone.
    pub(super) async fn watch(
        &mut self,
        daemon: &DBusProxy<'_>,
        name: &'static str,
    ) -> zbus::Result<()> {
        if self.0.contains_key(name) {
            return Ok(());
        }
        let changes = MatchRule::builder()
            .msg_type(message::Type::Signal)
            .sender(DAEMON)?
            .path(DAEMON_PATH)?
            .interface(DAEMON)?
            .member(CHANGED)?
            .arg(0, name)?
            .build();
        // The rule first: a change after the answer is not missed.
        daemon.add_match_rule(changes).await?;
        let owner = daemon.get_name_owner(WellKnownName::try_from(name)?.into());
        let owner = owner.await.ok().map(|owner| owner.to_string());
        self.0.insert(name, owner);
        Ok(())
    }

    /// Takes a change of an owner in; whether somebody has a name now that another had before, or nobody.
    pub(super) fn take(&mut self, message: &Message) -> bool {
        let header = message.header();
        let is_word_of_the_bus = header.sender().is_some_and(|it| it.as_str() == DAEMON)
            && header.interface().is_some_and(|it| it.as_str() == DAEMON)
            && header.member().is_some_and(|it| it.as_str() == CHANGED);
        if !is_word_of_the_bus {
            return false;
        }
        let Ok((name, _, new)) = message.body().deserialize::<(String, String, String)>() else {
            return false;
        };
        let Some(owner) = self.0.get_mut(name.as_str()) else {
            return false;
        };
        *owner = (!new.is_empty()).then_some(new);
        owner.is_some()
    }

    /// Whether it was sent by who has that name.
    pub(super) fn has(&self, name: &str, header: &Header<'_>) -> bool {
        let owner = self.0.get(name).and_then(Option::as_deref);
        let sender = header.sender().map(UniqueName::as_str);
        owner.is_some() && owner == sender
    }
}
