//! In which order the messages of conversations were written, so that a page of a long one reads no more than it shows.

use std::{collections::BTreeMap, rc::Rc};

use proto::ids::{MessageId, UnixMillis};

use super::{
    model::{Contact, Stored},
    store::{message_key, message_of},
};
use crate::{
    Engine,
    error::EngineError,
    platform::{Change, Platform, Store as _},
};

/// Messages of a conversation that one commit moves within an order that is known.
const MOVES_MAX: u32 = 64;

/// When a message was written, and which one it is: conversations are in this order.
pub(super) type Place = (UnixMillis, MessageId);

/// The places of conversations that were looked at since the vault was opened, by the contact's number.
#[derive(Default)]
pub(super) struct Orders {
    known: BTreeMap<u64, Vec<Place>>,
    /// Another one after each change to messages, and in each vault that is opened: what was read before is not kept then.
    state: Rc<()>,
}

impl Orders {
    fn remove(&mut self, contact: u64, id: MessageId) {
        if let Some(places) = self.known.get_mut(&contact) {
            places.retain(|(_, known)| *known != id);
        }
    }

    /// Forgets those of whom many messages move: to read them anew is less than to move each of them.
    fn forget_busy(&mut self, moves: &[Moved]) {
        let mut counts = BTreeMap::new();
        for moved in moves {
            *counts.entry(moved.contact).or_insert(0) += 1;
        }
        let is_quiet = |contact: &u64| counts.get(contact).is_none_or(|count| *count <= MOVES_MAX);
        self.known.retain(|contact, _| is_quiet(contact));
    }

    fn put(&mut self, contact: u64, place: Place) {
        self.remove(contact, place.1);
        if let Some(places) = self.known.get_mut(&contact) {
            let at = places.partition_point(|known| *known < place);
            places.insert(at, place);
        }
    }
}

impl<P: Platform> Engine<P> {
    /// Where the messages of a conversation stand, the oldest first. They are read once, and followed from then on.
    pub(super) async fn order_of(&self, contact: &Contact) -> Result<Vec<Place>, EngineError> {
        let number = contact.number;
        let look = || {
            self.with_open(|open| {
                let orders = &open.mail.orders;
                Ok((orders.known.get(&number).cloned(), Rc::clone(&orders.state)))
            })
        };
        let (known, before) = look()?;
        if let Some(places) = known {
            return Ok(places);
        }
        let stored = self.stored_messages(contact).await?;
        let places: Vec<Place> = stored.iter().map(|(id, it)| (it.at, *id)).collect();
        let (_, after) = look()?;
        if Rc::ptr_eq(&after, &before) {
            self.with_open(|open| {
                open.mail.orders.known.insert(number, places.clone());
                Ok(())
            })?;
        }
        Ok(places)
    }

    /// Some messages of a conversation; those that are not there any more are left out.
    pub(super) async fn stored_at(
        &self,
        contact: &Contact,
        places: &[Place],
    ) -> Result<BTreeMap<MessageId, Stored>, EngineError> {
        let key = |(_, id): &Place| message_key(contact.number, *id);
        let keys: Vec<String> = places.iter().map(key).collect();
        let values = self.platform().store().read_many(&keys).await?;
        let mut stored = BTreeMap::new();
        for (((_, id), key), sealed) in places.iter().zip(&keys).zip(values) {
            if let Some(sealed) = sealed
                && let Some(message) = self.open_message_record(key, &sealed)?
            {
                stored.insert(*id, message);
            }
        }
        Ok(stored)
    }

    /// What a commit to come does to the orders that are known now.
    pub(super) fn moves_of(&self, changes: &[Change]) -> Result<Vec<Moved>, EngineError> {
        let mut moves = Vec::new();
        for change in changes {
            let (key, value) = match change {
                Change::Put { key, value } => (key, Some(value)),
                Change::Remove { key } => (key, None),
                Change::Clear => continue,
            };
            let Some((contact, id)) = message_of(key) else {
                continue;
            };
            let is_known = self.with_open(|open| Ok(open.mail.orders.known.contains_key(&contact)));
            let to = match value {
                Some(value) if is_known? => match self.open_message_record(key, value)? {
                    Some(stored) => To::Place((stored.at, id)),
                    None => To::Unknown,
                },
                Some(_) => To::Unknown,
                None => To::Nowhere,
            };
            moves.push(Moved { contact, id, to });
        }
        Ok(moves)
    }

    /// Takes what was committed into the orders that are known. A vault that was locked meanwhile knows none.
    pub(super) fn take_moves(&self, moves: Vec<Moved>) {
        if moves.is_empty() {
            return;
        }
        let _ = self.with_open(|open| {
            let orders = &mut open.mail.orders;
            orders.state = Rc::default();
            orders.forget_busy(&moves);
            for Moved { contact, id, to } in moves {
                match to {
                    To::Place(place) => orders.put(contact, place),
                    To::Nowhere => orders.remove(contact, id),
                    // It may have been read while this was committed.
                    To::Unknown => drop(orders.known.remove(&contact)),
                }
            }
            Ok(())
        });
    }
}

/// A message that a commit moves.
pub(super) struct Moved {
    contact: u64,
    id: MessageId,
    to: To,
}

enum To {
    Place(Place),
    Nowhere,
    /// Nobody knew the order when the commit began.
    Unknown,
}
