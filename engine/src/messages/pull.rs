//! Reading the node's log of messages and correspondents.

use std::collections::{BTreeMap, btree_map::Entry};

use proto::{
    address::Address,
    api::{
        feed::FeedCursor,
        message::{Correspondent, Delivery, KeyStanding, Message, MessagePage, Standing, Way},
    },
    bytes::Hex,
    ids::{MessageId, Position, UnixMillis},
};

use super::{
    model::{Contact, Kept, Last, Mail, MailMeta, Outgoing, Passed, Stage, Stored},
    sealing,
    store::{contact_key, mail_meta, message_key, outgoing_key},
};
use crate::{
    Engine,
    error::EngineError,
    node::NodeError,
    platform::{Change, Platform, Store},
};

/// Pages in one run at most: more than any account holds, so that a node cannot keep a device busy for ever.
const PAGES_MAX: u32 = 10_000;
/// How old a message must be for another device than the sender's to work for it, milliseconds.
const OTHERS_WORK_AFTER_MS: u64 = 10 * 60 * 1000;

/// What a page changes.
struct Taken {
    contacts: BTreeMap<Address, Contact>,
    messages: Vec<(u64, MessageId, Stored)>,
    outgoing: Vec<(MessageId, Option<Outgoing>)>,
    /// Conversations of which messages up to a position are gone.
    cleared: Vec<(Contact, Position)>,
    meta: MailMeta,
    /// Whether there is something among it that the user is to be told of.
    arrived: bool,
}

impl<P: Platform> Engine<P> {
    /// Reads what is new of messages. Returns whether anything was.
    ///
    /// # Errors
    /// [`EngineError::Node`], [`EngineError::Locked`], [`EngineError::Store`].
    pub async fn pull_messages(&self) -> Result<bool, EngineError> {
        self.ensure_open().await?;
        let _messaging = self.messaging().await;
        let epoch = self.state().epoch;
        let mut changed = false;
        let is_first = self.with_open(|open| Ok(open.mail.meta.cursor.is_none()))?;
        for _ in 0..PAGES_MAX {
            let cursor = self.with_open(|open| Ok(open.mail.meta.cursor.clone()))?;
            let page = self
                .ask_node(async |node| node.messages(cursor.as_ref()).await)
                .await?;
            let more = page.read_to < page.latest;
            let since = self.with_open(|open| {
                let mail = &open.mail.meta;
                let goes_on = cursor.is_some() && !page.snapshot;
                Ok(if goes_on { mail.position } else { Position(0) })
            })?;
            check_page(&page, since)?;
            let has_news = !page.messages.is_empty() || !page.correspondents.is_empty();
            self.learn_keys_of(&page).await?;
            if !self
                .take_page(epoch, page, cursor.as_ref(), is_first)
                .await?
            {
                continue;
            }
            changed |= has_news;
            if !more {
                return Ok(changed);
            }
        }
        Err(NodeError::Misbehaved.into())
    }

    /// Asks for the account's keys where a message is for one that is not known here: another device has made it.
    async fn learn_keys_of(&self, page: &MessagePage) -> Result<(), EngineError> {
        let account = self.account()?;
        let is_unknown = |message: &Message| {
            let own = sealing::own_key(message);
            account.keys.iter().all(|key| key.public_key != *own)
        };
        if page.messages.iter().any(is_unknown) {
            // They are kept as they are, and read once it is open.
            let _ = self.learn_keys().await;
        }
        Ok(())
    }

    /// `asked`: the cursor that the page was asked with. `is_first`: the log is read from its start, where
    /// nothing of it is news. Returns whether the page was taken.
    async fn take_page(
        &self,
        epoch: u64,
        page: MessagePage,
        asked: Option<&FeedCursor>,
        is_first: bool,
    ) -> Result<bool, EngineError> {
        let _writing = self.writing_in(epoch).await?;
        // A key was opened meanwhile, and the log is to be read from its start: this page would undo that.
        if self.with_open(|open| Ok(open.mail.meta.cursor.as_ref() != asked))? {
            return Ok(false);
        }
        let known = self.known_of(&page).await?;
        let taken = self.read_page(page, &known)?;
        let mut changes = Vec::new();
        for (contact, position) in &taken.cleared {
            for (id, stored) in self.stored_messages(contact).await? {
                if stored.position <= *position {
                    changes.push(Change::Remove {
                        key: message_key(contact.number, id),
                    });
                }
            }
        }
        for (contact, id, stored) in &taken.messages {
            changes.push(self.mail_change(&message_key(*contact, *id), stored)?);
        }
        for contact in taken.contacts.values() {
            changes.push(self.mail_change(&contact_key(contact.number), contact)?);
        }
        for (id, outgoing) in &taken.outgoing {
            let key = outgoing_key(*id);
            changes.push(match outgoing {
                Some(outgoing) => self.mail_change(&key, outgoing)?,
                None => Change::Remove { key },
            });
        }
        changes.push(mail_meta(&taken.meta)?);
        self.commit_mail(changes).await?;
        self.with_open(|open| {
            let mail = &mut open.mail;
            mail.meta = taken.meta;
            mail.arrived |= taken.arrived && !is_first;
            for contact in taken.contacts.into_values() {
                mail.take_contact(contact);
            }
            for (id, outgoing) in taken.outgoing {
                match outgoing {
                    Some(outgoing) => mail.outbox.insert(id, outgoing),
                    None => mail.outbox.remove(&id),
                };
            }
            Ok(true)
        })
    }

    /// The messages of a page that are here already.
    async fn known_of(
        &self,
        page: &MessagePage,
    ) -> Result<BTreeMap<MessageId, Stored>, EngineError> {
        let named: Vec<(MessageId, String)> = self.with_open(|open| {
            let key = |message: &Message| {
                let contact = open.mail.contacts.get(&message.address)?;
                Some((message.id, message_key(contact.number, message.id)))
            };
            Ok(page.messages.iter().filter_map(key).collect())
        })?;
        let keys: Vec<String> = named.iter().map(|(_, key)| key.clone()).collect();
        let values = self.platform().store().read_many(&keys).await?;
        let mut known = BTreeMap::new();
        for ((id, key), sealed) in named.into_iter().zip(values) {
            if let Some(sealed) = sealed
                && let Some(stored) = self.open_message_record(&key, &sealed)?
            {
                known.insert(id, stored);
            }
        }
        Ok(known)
    }

    fn read_page(
        &self,
        page: MessagePage,
        known: &BTreeMap<MessageId, Stored>,
    ) -> Result<Taken, EngineError> {
        let now = self.platform().now();
        self.with_open(|open| {
            let mut meta = open.mail.meta.clone();
            meta.position = page.read_to;
            meta.cursor = page.cursor;
            meta.keys = open.keyring.numbers();
            let mut reader = Reader {
                is_anew: page.snapshot,
                has_unread_request: open.mail.has_unread_request(),
                mail: &open.mail,
                taken: Taken {
                    contacts: BTreeMap::new(),
                    messages: Vec::new(),
                    outgoing: Vec::new(),
                    cleared: Vec::new(),
                    meta,
                    arrived: false,
                },
            };
            for correspondent in &page.correspondents {
                reader.correspondent(correspondent);
            }
            for message in page.messages {
                let content = sealing::open(&open.keyring, &message);
                reader.message(message, content, known, now);
            }
            Ok(reader.taken)
        })
    }
}

struct Reader<'a> {
    /// Whether the page is of another database than the ones before.
    is_anew: bool,
    /// Whether the user was told of a request, and has not looked.
    has_unread_request: bool,
    mail: &'a Mail,
    taken: Taken,
}

impl Reader<'_> {
    /// A contact that the page changes, as the page has left it so far.
    fn contact(&mut self, address: &Address, standing: Standing, at: UnixMillis) -> &mut Contact {
        match self.taken.contacts.entry(address.clone()) {
            Entry::Occupied(found) => found.into_mut(),
            Entry::Vacant(new) => {
                let known = self.mail.contacts.get(address).cloned();
                let meta = &mut self.taken.meta;
                let contact = known.unwrap_or_else(|| {
                    let number = meta.next;
                    meta.next += 1;
                    Contact::new(number, address, standing, at)
                });
                new.insert(contact)
            }
        }
    }

    fn correspondent(&mut self, told: &Correspondent) {
        let is_anew = self.is_anew;
        let contact = self.contact(&told.address, told.standing, told.changed_at);
        contact.standing = told.standing;
        if told.standing == Standing::Blocked {
            contact.unread = 0;
        }
        // In another database positions begin anew.
        if is_anew {
            contact.cleared = Position(0);
        }
        if told.cleared > contact.cleared {
            contact.cleared = told.cleared;
            contact.at = told.changed_at;
            contact.unread = 0;
            contact.last = None;
            contact.under_way.clear();
            let cleared = (contact.clone(), told.cleared);
            self.taken.cleared.push(cleared);
        }
    }

    fn message(
        &mut self,
        message: Message,
        content: Kept,
        known: &BTreeMap<MessageId, Stored>,
        now: UnixMillis,
    ) {
        let (id, at) = (message.id, message.written_at);
        let before = known.get(&id);
        let is_sent = matches!(message.way, Way::Sent { .. });
        let was_told = self.has_unread_request;
        let mut arrived = false;
        let contact = self.contact(&message.address, Standing::Accepted, at);
        // What was opened once stays open: a suite may forget its keys.
        let content = match before {
            Some(before) if matches!(content, Kept::Locked {} | Kept::Unreadable {}) => {
                before.content.clone()
            }
            _ => content,
        };
        let way = match message.way {
            Way::Received { key } => {
                if key == KeyStanding::Active {
                    contact.see_key(message.sender_key);
                }
                let is_new = before.is_none() && contact.standing != Standing::Blocked;
                contact.unread = contact.unread.saturating_add(is_new.into());
                // Strangers are told of once, until the user has looked.
                arrived = is_new && (contact.standing == Standing::Accepted || !was_told);
                let sealed_by = message.sender_key;
                Passed::Received { key, sealed_by }
            }
            Way::Sent { delivery, reason } => {
                note_delivery(contact, id, delivery, before);
                if contact.key.is_none() {
                    contact.see_key(Hex(message.recipient_key.0));
                }
                Passed::Sent { delivery, reason }
            }
        };
        contact.take_last(Last::of(id, at, is_sent, &content));
        let number = contact.number;
        if let Passed::Sent { delivery, .. } = &way {
            let is_own = before.is_some_and(|before| before.is_own);
            self.outbox(id, *delivery, &message.address, &content, (at, is_own), now);
        }
        let stored = Stored {
            position: message.position,
            at,
            content,
            way,
            saved: before.and_then(|before| before.saved),
            is_own: before.is_some_and(|before| before.is_own),
        };
        self.taken.messages.push((number, id, stored));
        self.taken.arrived |= arrived;
    }

    /// What the news of a sent message means for what waits here.
    fn outbox(
        &mut self,
        id: MessageId,
        delivery: Delivery,
        address: &Address,
        content: &Kept,
        (at, is_own): (UnixMillis, bool),
        now: UnixMillis,
    ) {
        let waits = self.mail.outbox.get(&id);
        // What a node says of another message under this id is not believed of ours.
        if waits.is_some_and(|it| it.address != *address || it.content != *content) {
            return;
        }
        if delivery != Delivery::WorkWanted {
            // The node has it, and needs nothing: its answer to us may have been lost.
            if waits.is_some() {
                self.taken.outgoing.push((id, None));
            }
            return;
        }
        if waits.is_some_and(|waits| waits.renews) {
            return;
        }
        // The device that sent it is the first to work for it again.
        let due_at = if waits.is_some() || is_own {
            now
        } else {
            at.plus(OTHERS_WORK_AFTER_MS).max(now)
        };
        let outgoing = Outgoing {
            address: address.clone(),
            content: content.clone(),
            written_at: at,
            stage: Stage::Fresh,
            tries: 0,
            due_at,
            problem: None,
            renews: true,
            kept: None,
            refusals: 0,
        };
        self.taken.outgoing.push((id, Some(outgoing)));
    }
}

/// # Errors
/// [`NodeError::Misbehaved`] where a page does not lead on, or has what does not belong into it.
fn check_page(page: &MessagePage, since: Position) -> Result<(), NodeError> {
    let within = |position: Position| since < position && position <= page.read_to;
    let positions = page.messages.iter().map(|it| it.position);
    let mut all = positions.chain(page.correspondents.iter().map(|it| it.position));
    let leads_on = page.cursor.is_some()
        && page.read_to <= page.latest
        && (page.read_to > since || page.read_to == page.latest);
    let cleared = page.correspondents.iter().map(|it| it.cleared);
    let is_past = cleared.max().is_none_or(|cleared| cleared <= page.latest);
    if leads_on && is_past && all.all(within) {
        Ok(())
    } else {
        Err(NodeError::Misbehaved)
    }
}

fn note_delivery(
    contact: &mut Contact,
    id: MessageId,
    delivery: Delivery,
    before: Option<&Stored>,
) {
    let was_failed = before.is_some_and(|before| {
        let delivery = Delivery::Failed;
        matches!(&before.way, Passed::Sent { delivery: known, .. } if *known == delivery)
    });
    match delivery {
        Delivery::Delivered => {
            contact.under_way.remove(&id);
        }
        // Told once.
        Delivery::Failed if was_failed => {}
        Delivery::Failed | Delivery::UnderWay | Delivery::WorkWanted => {
            contact.under_way.insert(id, delivery);
        }
    }
}
