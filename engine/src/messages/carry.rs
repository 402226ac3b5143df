//! Whose key is whose, for the engine that owns the account next: what the user has compared is compared.

use proto::bridge::account::CarriedContact;

use crate::{Engine, error::EngineError, platform::Platform};

use super::model::Mail;

/// Keys of somebody that are taken over.
const EARLIER_MAX: usize = 20;

impl Mail {
    /// Whether nothing waits to be sent.
    pub(crate) fn is_settled(&self) -> bool {
        self.outbox.is_empty()
    }
}

impl<P: Platform> Engine<P> {
    /// All that is known of others' keys.
    pub(crate) fn carried_contacts(&self) -> Result<Vec<CarriedContact>, EngineError> {
        self.with_open(|open| {
            let contacts = open.mail.contacts.values();
            let carried = contacts.map(|contact| CarriedContact {
                address: contact.address.clone(),
                standing: contact.standing,
                key: contact.key,
                verified_with: contact.verified_with.filter(|_| contact.is_verified),
                offered: contact.offered,
                earlier: contact.earlier.clone(),
            });
            Ok(carried.collect())
        })
    }

    /// Takes one over. Whoever calls this holds the right to write.
    pub(crate) async fn carry_contact(
        &self,
        carried: &CarriedContact,
        from_owner: bool,
    ) -> Result<(), EngineError> {
        let mut contact = self.contact_or_new(&carried.address, carried.standing)?;
        // What was compared here stays compared.
        if contact.is_verified && !from_owner {
            return Ok(());
        }
        // What was seen here first may be what a node has named meanwhile: the user knows better.
        let seen = contact.key.filter(|seen| Some(*seen) != carried.key);
        contact.key = carried.key.or(contact.key);
        contact.is_verified = carried.verified_with.is_some();
        contact.verified_with = carried.verified_with;
        contact.earlier = carried.earlier.iter().take(EARLIER_MAX).copied().collect();
        contact.offered = carried
            .offered
            .or(seen)
            .filter(|offered| !contact.earlier.contains(offered));
        self.keep_contact(contact).await
    }
}
