//! Messages in the store, each record sealed and bound to its key.

use proto::{address::Address, api::message::Standing, ids::MessageId};
use serde::{Serialize, de::DeserializeOwned};
use wasm_core::seal::ObjectKind;
use zeroize::Zeroizing;

use super::model::{Contact, Mail, MailMeta, Outgoing, Stored};
use crate::{
    Engine,
    error::EngineError,
    keyring::{Keyring, OsRandom},
    platform::{Change, Platform, Store, StoreError},
    records::{decode, encode, suffix},
};

const META: &str = "mail/meta";
const CONTACTS: &str = "mail/contact/";
const OUTBOX: &str = "mail/out/";
const MESSAGES: &str = "mail/message/";

/// What lies in the store of messages, but for the messages themselves; still sealed.
#[derive(Default)]
pub(crate) struct StoredMail {
    meta: Option<Vec<u8>>,
    contacts: Vec<(String, Vec<u8>)>,
    outbox: Vec<(String, Vec<u8>)>,
}

impl StoredMail {
    pub(crate) async fn read(store: &impl Store) -> Result<Self, StoreError> {
        Ok(Self {
            meta: store.read(META).await?,
            contacts: store.read_prefix(CONTACTS).await?,
            outbox: store.read_prefix(OUTBOX).await?,
        })
    }

    /// Opens it. A record that does not open is left where it is: the log is read again, and brings it back.
    pub(crate) fn open(&self, keyring: &Keyring) -> Mail {
        let mut mail = Mail::default();
        let mut damaged = false;
        for (key, sealed) in &self.contacts {
            match open::<Contact>(keyring, key, sealed) {
                Some(contact) => mail.take_contact(contact),
                None => damaged = true,
            }
        }
        for (key, sealed) in &self.outbox {
            if let (Ok(id), Some(outgoing)) = (
                suffix(OUTBOX, key).parse(),
                open::<Outgoing>(keyring, key, sealed),
            ) {
                mail.outbox.insert(id, outgoing);
            }
        }
        let meta = self.meta.as_ref().and_then(|meta| decode(meta).ok());
        let next = mail.meta.next;
        mail.meta = meta.unwrap_or_default();
        mail.meta.next = mail.meta.next.max(next);
        if damaged || !keyring.has_only(&mail.meta.keys) {
            mail.read_again();
        }
        mail
    }
}

fn open<T: DeserializeOwned>(keyring: &Keyring, key: &str, sealed: &[u8]) -> Option<T> {
    let opened = keyring.open_local(ObjectKind::LocalRecord, key, sealed);
    decode(&opened.ok()?).ok()
}

/// A change that keeps how far the log was read.
pub(super) fn mail_meta(meta: &MailMeta) -> Result<Change, EngineError> {
    crate::records::put(META.to_owned(), meta)
}

pub(super) fn contact_key(number: u64) -> String {
    format!("{CONTACTS}{number:016x}")
}

pub(super) fn outgoing_key(id: MessageId) -> String {
    format!("{OUTBOX}{id}")
}

pub(super) fn message_key(contact: u64, id: MessageId) -> String {
    format!("{}{id}", messages_of(contact))
}

/// The contact and the message that a key is of, where it is a message's.
pub(super) fn message_of(key: &str) -> Option<(u64, MessageId)> {
    let (contact, id) = key.strip_prefix(MESSAGES)?.split_once('/')?;
    Some((u64::from_str_radix(contact, 16).ok()?, id.parse().ok()?))
}

pub(super) fn messages_of(contact: u64) -> String {
    format!("{MESSAGES}{contact:016x}/")
}

impl<P: Platform> Engine<P> {
    /// A change that seals a record under its key.
    pub(super) fn mail_change(
        &self,
        key: &str,
        record: &impl Serialize,
    ) -> Result<Change, EngineError> {
        let plain = Zeroizing::new(encode(record)?);
        let value = self.with_open(|open| {
            let mut random = OsRandom(self.platform());
            let keyring = &open.keyring;
            keyring.seal_local(ObjectKind::LocalRecord, key, &plain, &mut random)
        })?;
        Ok(Change::Put {
            key: key.to_owned(),
            value,
        })
    }

    /// The same where only a contact is new.
    pub(super) fn meta_change(&self, contact: &Contact) -> Result<Change, EngineError> {
        let mut meta = self.with_open(|open| Ok(open.mail.meta.clone()))?;
        meta.next = meta.next.max(contact.number + 1);
        mail_meta(&meta)
    }

    pub(super) async fn commit_mail(&self, changes: Vec<Change>) -> Result<(), EngineError> {
        let moves = self.moves_of(&changes)?;
        self.platform().store().commit(changes).await?;
        self.take_moves(moves);
        Ok(())
    }

    pub(super) fn contact_of(&self, address: &Address) -> Result<Option<Contact>, EngineError> {
        self.with_open(|open| Ok(open.mail.contacts.get(address).cloned()))
    }

    /// Somebody, as they are known or as they would be from now on.
    pub(super) fn contact_or_new(
        &self,
        address: &Address,
        standing: Standing,
    ) -> Result<Contact, EngineError> {
        let now = self.platform().now();
        self.with_open(|open| {
            let known = open.mail.contacts.get(address).cloned();
            let number = open.mail.meta.next;
            Ok(known.unwrap_or_else(|| Contact::new(number, address, standing, now)))
        })
    }

    /// Writes a contact. Whoever calls this holds the right to write.
    pub(super) async fn keep_contact(&self, contact: Contact) -> Result<(), EngineError> {
        let changes = vec![
            self.mail_change(&contact_key(contact.number), &contact)?,
            self.meta_change(&contact)?,
        ];
        self.commit_mail(changes).await?;
        self.with_open(|open| {
            open.mail.take_contact(contact);
            Ok(())
        })
    }

    /// Writes what waits. Whoever calls this holds the right to write.
    pub(super) async fn keep_waiting(
        &self,
        id: MessageId,
        outgoing: Outgoing,
    ) -> Result<(), EngineError> {
        let change = self.mail_change(&outgoing_key(id), &outgoing)?;
        self.commit_mail(vec![change]).await?;
        self.with_open(|open| {
            open.mail.outbox.insert(id, outgoing);
            Ok(())
        })
    }

    pub(super) fn open_message_record(
        &self,
        key: &str,
        sealed: &[u8],
    ) -> Result<Option<Stored>, EngineError> {
        self.with_open(|state| Ok(open(&state.keyring, key, sealed)))
    }

    /// One message of a conversation.
    pub(super) async fn stored_message(
        &self,
        contact: &Contact,
        id: MessageId,
    ) -> Result<Option<Stored>, EngineError> {
        let key = message_key(contact.number, id);
        match self.platform().store().read(&key).await? {
            Some(sealed) => self.open_message_record(&key, &sealed),
            None => Ok(None),
        }
    }

    pub(super) async fn has_message(
        &self,
        contact: &Contact,
        id: MessageId,
    ) -> Result<bool, EngineError> {
        let key = message_key(contact.number, id);
        Ok(self.platform().store().read(&key).await?.is_some())
    }

    /// All messages of a conversation that the node has, the oldest first.
    pub(super) async fn stored_messages(
        &self,
        contact: &Contact,
    ) -> Result<Vec<(MessageId, Stored)>, EngineError> {
        let prefix = messages_of(contact.number);
        let rows = self.platform().store().read_prefix(&prefix).await?;
        let mut all = Vec::with_capacity(rows.len());
        for (key, sealed) in &rows {
            let stored = self.open_message_record(key, sealed)?;
            if let (Ok(id), Some(stored)) = (suffix(&prefix, key).parse::<MessageId>(), stored) {
                all.push((id, stored));
            }
        }
        all.sort_by_key(|(id, stored)| (stored.at, *id));
        Ok(all)
    }

    /// Stops sending what waits for somebody. Whoever calls this holds the right to write.
    pub(super) async fn withdraw_all(&self, address: &Address) -> Result<(), EngineError> {
        let waiting = self.waiting_for(address)?;
        let keys = waiting.iter().map(|id| outgoing_key(*id));
        let changes = keys.map(|key| Change::Remove { key }).collect();
        self.commit_mail(changes).await?;
        self.with_open(|open| {
            open.mail.outbox.retain(|id, _| !waiting.contains(id));
            Ok(())
        })
    }

    fn waiting_for(&self, address: &Address) -> Result<Vec<MessageId>, EngineError> {
        self.with_open(|open| {
            let all = open.mail.outbox.iter();
            let theirs = all.filter(|(_, outgoing)| outgoing.address == *address);
            Ok(theirs.map(|(id, _)| *id).collect())
        })
    }

    /// Removes all messages of a conversation, those that wait too. Whoever calls this holds the right to write.
    pub(super) async fn forget_conversation(&self, address: &Address) -> Result<(), EngineError> {
        let Some(mut contact) = self.contact_of(address)? else {
            return Ok(());
        };
        let store = self.platform().store();
        let rows = store.read_prefix(&messages_of(contact.number)).await?;
        let waiting = self.waiting_for(address)?;
        contact.last = None;
        contact.unread = 0;
        contact.under_way.clear();
        contact.at = self.platform().now();
        let mut changes: Vec<Change> = rows
            .into_iter()
            .map(|(key, _)| Change::Remove { key })
            .collect();
        changes.extend(waiting.iter().map(|id| Change::Remove {
            key: outgoing_key(*id),
        }));
        changes.push(self.mail_change(&contact_key(contact.number), &contact)?);
        self.commit_mail(changes).await?;
        self.with_open(|open| {
            open.mail.outbox.retain(|id, _| !waiting.contains(id));
            open.mail.take_contact(contact);
            Ok(())
        })
    }
}
