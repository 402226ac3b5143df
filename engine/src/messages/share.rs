//! Items into messages, and messages into items.

use proto::{
    address::Address,
    bridge::popup::{Revealed, Saved},
    ids::{ItemId, MessageId},
    kp1::{SECRET_FIELDS_MAX, SharedSecret},
    limits::KP1_MESSAGE_MAX_BYTES,
    vault::{CustomField, ItemDraft, ItemSecrets, ItemUrl, SecretText, UrlMatch},
};

use super::{Kept, model::Stored, store::message_key};
use crate::{Engine, error::EngineError, platform::Platform, release, vault::CHOSEN};

/// Name of the field that says who has shared an item.
const ORIGIN: &str = "Shared by";
/// Bytes that a seal adds.
const SEAL_BYTES: usize = 28;
/// Characters of a field's name that an item keeps.
const FIELD_NAME_MAX_CHARS: usize = 100;

impl<P: Platform> Engine<P> {
    /// Keeps an item's content to be sent to somebody; as [`Self::send_message`].
    ///
    /// # Errors
    /// As [`Self::send_message`] and [`Self::item`]; [`EngineError::TooLarge`] where it does not fit into a message.
    pub async fn share_item(
        &self,
        id: MessageId,
        to: &Address,
        item: ItemId,
    ) -> Result<(), EngineError> {
        let record = self.record(item).await?;
        let secret = self.with_open(|open| release::share(open.hold(item, &record)?, CHOSEN))?;
        check(&secret)?;
        self.keep_outgoing(id, to, Kept::Secret { secret }).await
    }

    /// One field of what was shared, for the user's eyes or clipboard.
    ///
    /// # Errors
    /// [`EngineError::ItemMissing`], [`EngineError::Locked`], [`EngineError::Store`].
    pub async fn reveal_message(
        &self,
        address: &Address,
        id: MessageId,
        field: &str,
    ) -> Result<Revealed, EngineError> {
        let secret = self.shared(address, id).await?.0;
        let value = secret.fields.get(field).cloned();
        Ok(Revealed {
            value: value.ok_or(EngineError::ItemMissing)?,
            expires_at: None,
            period_seconds: None,
        })
    }

    /// Makes an item of what somebody shared, with where it came from. Once: later it says which item that is.
    ///
    /// # Errors
    /// [`EngineError::ItemMissing`]; those of [`Self::save`].
    pub async fn save_message(
        &self,
        address: &Address,
        id: MessageId,
    ) -> Result<Saved, EngineError> {
        let (secret, stored) = self.shared(address, id).await?;
        if let Some(item) = stored.as_ref().and_then(|stored| stored.saved)
            && let Ok(record) = self.record(item).await
            && record.content.is_some()
        {
            return Ok(Saved {
                id: item,
                version: record.version,
            });
        }
        let epoch = self.state().epoch;
        let saved = self.save(draft(&secret, address)).await?;
        let _writing = self.writing_in(epoch).await?;
        if let (Some(contact), Some(mut stored)) = (self.contact_of(address)?, stored) {
            stored.saved = Some(saved.id);
            let change = self.mail_change(&message_key(contact.number, id), &stored)?;
            self.commit_mail(vec![change]).await?;
        }
        Ok(saved)
    }

    /// What was shared by a message, here or still in the outbox.
    async fn shared(
        &self,
        address: &Address,
        id: MessageId,
    ) -> Result<(SharedSecret, Option<Stored>), EngineError> {
        self.ensure_open().await?;
        let waiting = self.with_open(|open| Ok(open.mail.outbox.get(&id).cloned()))?;
        if let Some(Kept::Secret { secret }) = waiting.map(|outgoing| outgoing.content) {
            return Ok((secret, None));
        }
        let contact = self.contact_of(address)?.ok_or(EngineError::ItemMissing)?;
        let stored = self.stored_message(&contact, id).await?;
        match stored {
            Some(Stored {
                content: Kept::Secret { ref secret },
                ..
            }) => Ok((secret.clone(), stored)),
            _ => Err(EngineError::ItemMissing),
        }
    }
}

/// # Errors
/// [`EngineError::TooLarge`]: nobody could read it.
fn check(secret: &SharedSecret) -> Result<(), EngineError> {
    let written = proto::kp1::Content::Secret(secret.clone()).write();
    let max = SECRET_FIELDS_MAX;
    if secret.fields.iter().len() > max {
        return Err(EngineError::TooLarge { max });
    }
    let max = KP1_MESSAGE_MAX_BYTES - SEAL_BYTES;
    match written {
        Ok(json) if json.len() <= max => Ok(()),
        _ => Err(EngineError::TooLarge { max }),
    }
}

/// What was shared, as a new item.
fn draft(secret: &SharedSecret, from: &Address) -> ItemDraft {
    let mut rest = Rest(
        secret
            .fields
            .iter()
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .collect(),
    );
    let (subtitle, urls, mut secrets) = known(&secret.secret_type, &mut rest);
    let origin = format!("{ORIGIN} {from}");
    match &mut secrets {
        ItemSecrets::Login { fields, .. } | ItemSecrets::Identity { fields, .. } => {
            fields.extend(rest.0.into_iter().map(|(name, value)| CustomField {
                // Who has shared it is for us to say.
                name: match name.chars().take(FIELD_NAME_MAX_CHARS).collect::<String>() {
                    name if name.trim().eq_ignore_ascii_case(ORIGIN) => format!("{name} (theirs)"),
                    name => name,
                },
                value,
                concealed: true,
            }));
            fields.push(CustomField {
                name: ORIGIN.to_owned(),
                value: SecretText::new(from.as_str()),
                concealed: false,
            });
        }
        ItemSecrets::Card { notes: text, .. } | ItemSecrets::Note { text } => {
            let mut lines = vec![];
            // EXPOSE: it is written into the notes of the item.
            lines.extend((!text.is_empty()).then(|| text.expose_secret().to_owned()));
            for (name, value) in &rest.0 {
                // EXPOSE: as above.
                lines.push(format!("{name}: {}", value.expose_secret()));
            }
            lines.push(origin);
            *text = SecretText::new(lines.join("\n"));
        }
    }
    ItemDraft {
        edits: None,
        // EXPOSE: a title is no secret in the vault.
        title: secret.name.expose_secret().to_owned(),
        // EXPOSE: nor is a user name.
        subtitle: subtitle.expose_secret().to_owned(),
        urls,
        secrets,
    }
}

/// The fields that an item of this kind has a place for: its subtitle, its addresses, its secrets.
fn known(kind: &str, rest: &mut Rest) -> (SecretText, Vec<ItemUrl>, ItemSecrets) {
    let mut urls = Vec::new();
    let (subtitle, secrets) = match kind {
        "login" => {
            let mut domains = vec![rest.take("domain")];
            domains.extend((2..=20).map(|number| rest.take(&format!("domain {number}"))));
            for domain in domains {
                // EXPOSE: an address of a login is no secret in the vault.
                let domain = domain.expose_secret().trim().to_owned();
                if !domain.is_empty() {
                    let url = if domain.contains("://") {
                        domain
                    } else {
                        format!("https://{domain}")
                    };
                    let matching = UrlMatch::default();
                    urls.push(ItemUrl { url, matching });
                }
            }
            let mut username = rest.take("username");
            if username.is_empty() {
                username = rest.take("email");
            }
            let secrets = ItemSecrets::Login {
                password: rest.take("password"),
                totp: rest.take("totp"),
                notes: rest.take("notes"),
                fields: Vec::new(),
            };
            (username, secrets)
        }
        "card" => {
            let holder = rest.take("holder");
            let secrets = ItemSecrets::Card {
                number: rest.take("number"),
                expiry: rest.take("expiry"),
                code: rest.take("code"),
                pin: rest.take("pin"),
                notes: rest.take("notes"),
            };
            (holder, secrets)
        }
        "identity" => {
            let name = rest.take("name");
            let secrets = ItemSecrets::Identity {
                email: rest.take("email"),
                phone: rest.take("phone"),
                organization: rest.take("organization"),
                address: rest.take("address"),
                city: rest.take("city"),
                region: rest.take("region"),
                postal_code: rest.take("postalCode"),
                country: rest.take("country"),
                notes: rest.take("notes"),
                fields: Vec::new(),
            };
            (name, secrets)
        }
        _ => {
            let text = rest.take("text");
            (SecretText::default(), ItemSecrets::Note { text })
        }
    };
    (subtitle, urls, secrets)
}

/// Fields that found no place yet.
struct Rest(Vec<(String, SecretText)>);

impl Rest {
    /// A field's value, which leaves the rest; empty where there is none.
    fn take(&mut self, name: &str) -> SecretText {
        let at = self.0.iter().position(|(known, _)| known == name);
        at.map(|at| self.0.remove(at).1).unwrap_or_default()
    }
}
