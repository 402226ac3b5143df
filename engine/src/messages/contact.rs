//! Whose key is whose: what was seen first is believed, and a change is for the user to look at.

use proto::{
    address::Address,
    api::message::Standing,
    bridge::popup::{Contact as ContactView, ContactKey},
    bytes::Hex,
    error::ErrorCode,
};
use wasm_core::{
    keys::PublicKey,
    safety::{Fingerprint, SafetyNumber},
};

use super::Contact;
use crate::{Engine, error::EngineError, node::NodeError, platform::Platform};

impl<P: Platform> Engine<P> {
    /// Somebody, by what is known here and by what their server says now.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::Store`]. That their server cannot be asked is said in the answer.
    pub async fn contact(&self, address: &Address) -> Result<ContactView, EngineError> {
        self.ensure_open().await?;
        let epoch = self.state().epoch;
        let asked = self.active_key(address).await;
        let (exists, problem) = match &asked {
            Ok(found) => (Some(found.is_some()), None),
            Err(EngineError::Node(error)) if !error.is(ErrorCode::SessionInvalid) => {
                (None, Some(EngineError::Node(error.clone()).into()))
            }
            Err(error) => return Err(error.clone()),
        };
        if let Ok(Some(seen)) = &asked {
            let _writing = self.writing_in(epoch).await?;
            if let Some(mut known) = self.contact_of(address)? {
                let before = (known.key, known.offered);
                known.see_key(*seen);
                if before != (known.key, known.offered) {
                    self.keep_contact(known).await?;
                }
            }
        }
        let contact = self.contact_of(address)?;
        let seen = asked.ok().flatten();
        self.told_contact(address, contact.as_ref(), seen, exists, problem)
    }

    /// Takes a key for somebody's. `compared`: the safety code that was compared with theirs, as it was shown.
    ///
    /// # Errors
    /// [`EngineError::ItemInvalid`] for one that neither was seen before nor is named by their server now;
    /// [`EngineError::OwnKeyLocked`] where it was compared with an older one than the account has;
    /// [`EngineError::NumberOutdated`] where it is no number of the keys of now;
    /// [`EngineError::Node`], [`EngineError::Locked`], [`EngineError::Store`].
    pub async fn trust_key(
        &self,
        address: &Address,
        key: Hex<33>,
        compared: Option<&str>,
    ) -> Result<ContactView, EngineError> {
        self.ensure_open().await?;
        if compared.is_some() && self.is_active_key_locked()? {
            return Err(EngineError::OwnKeyLocked);
        }
        let epoch = self.state().epoch;
        let known = self.contact_of(address)?;
        let was_seen = known
            .as_ref()
            .is_some_and(|known| known.key == Some(key) || known.offered == Some(key));
        if !was_seen && self.active_key(address).await? != Some(key) {
            return Err(EngineError::ItemInvalid { field: "key" });
        }
        {
            let _writing = self.writing_in(epoch).await?;
            let mut contact = self.contact_or_new(address, Standing::Accepted)?;
            let own = self.with_open(|open| Ok(open.keyring.signing_public()))?;
            if let Some(compared) = compared
                && Some(compared) != self.safety_code(address, key)?.as_deref()
            {
                return Err(EngineError::NumberOutdated);
            }
            contact.trust(key, compared.map(|_| own));
            self.keep_contact(contact).await?;
        }
        // What waited for it goes on.
        self.hurry_messages()?;
        let contact = self.contact_of(address)?;
        self.told_contact(address, contact.as_ref(), None, Some(true), None)
    }

    /// What a QR code has of one's own key and a key of somebody's; `None` for a key that is none.
    fn safety_code(&self, address: &Address, key: Hex<33>) -> Result<Option<String>, EngineError> {
        let account = self.account()?;
        let own = self.with_open(|open| {
            let (_, pair) = open.keyring.signing();
            Ok(Fingerprint::of(&account.address, pair.public()))
        })?;
        let theirs = PublicKey::parse(&key.0).ok();
        let theirs = theirs.map(|theirs| Fingerprint::of(address, &theirs));
        Ok(theirs.map(|theirs| format!("{}{}", own.as_str(), theirs.as_str())))
    }

    /// The key to seal for: their server's, if it is the one that is believed.
    pub(super) async fn believed_key(
        &self,
        epoch: u64,
        address: &Address,
    ) -> Result<Hex<33>, EngineError> {
        let found = self.active_key(address).await?;
        let seen = found.ok_or(EngineError::RecipientUnknown)?;
        let _writing = self.writing_in(epoch).await?;
        let mut contact = self.contact_or_new(address, Standing::Accepted)?;
        // Here or on another device, since it was written.
        if contact.standing == Standing::Blocked {
            return Err(EngineError::Blocked);
        }
        let before = (contact.key, contact.offered);
        contact.see_key(seen);
        // What their domain names as active is what it is to be sealed for, though it was theirs before.
        if contact.key != Some(seen) {
            contact.offered = Some(seen);
        }
        // Another one was named since the user has looked: it may be named again when this goes out.
        let is_theirs = contact.key == Some(seen) && contact.offered.is_none();
        if before != (contact.key, contact.offered) {
            self.keep_contact(contact).await?;
        }
        if is_theirs {
            Ok(seen)
        } else {
            Err(EngineError::KeyChanged)
        }
    }

    async fn active_key(&self, address: &Address) -> Result<Option<Hex<33>>, EngineError> {
        let answer = self
            .ask_node(async |node| node.key_of(address).await)
            .await?;
        // A key that is none is of a server that misbehaves.
        match answer.public_key {
            Some(key) if PublicKey::parse(&key.0).is_err() => Err(NodeError::Misbehaved.into()),
            found => Ok(found),
        }
    }

    fn told_contact(
        &self,
        address: &Address,
        contact: Option<&Contact>,
        seen: Option<Hex<33>>,
        exists: Option<bool>,
        problem: Option<proto::error::WireError>,
    ) -> Result<ContactView, EngineError> {
        let own = self.account()?.address.clone();
        let own_key = self.with_open(|open| Ok(*open.keyring.signing().1.public()))?;
        let own = Fingerprint::of(&own, &own_key);
        let tell = |key: Hex<33>, is_verified| {
            let theirs = PublicKey::parse(&key.0).ok()?;
            let theirs = Fingerprint::of(address, &theirs);
            Some(ContactKey {
                key,
                safety_number: SafetyNumber::of(&own, &theirs).to_string(),
                safety_code: format!("{}{}", own.as_str(), theirs.as_str()),
                is_verified,
            })
        };
        let believed = contact.and_then(|contact| contact.key).or(seen);
        Ok(ContactView {
            address: address.clone(),
            key: believed.and_then(|key| {
                let own = Hex(*own_key.as_bytes());
                let verified =
                    contact.is_some_and(|it| it.is_verified_with(own) && it.key == Some(key));
                tell(key, verified)
            }),
            offered: contact
                .and_then(|contact| contact.offered)
                .and_then(|key| tell(key, false)),
            is_own_locked: self.is_active_key_locked()?,
            exists,
            problem,
        })
    }
}
