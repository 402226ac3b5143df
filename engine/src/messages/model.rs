//! What is kept of messages, in memory and sealed in the store.

use std::collections::BTreeMap;

use proto::{
    address::Address,
    api::{
        feed::FeedCursor,
        message::{Delivery, KeyStanding, MessageChallenge, Standing, Suite},
    },
    bridge::popup::WorkProgress,
    bytes::{Base64, Hex},
    error::WireError,
    ids::{ItemId, KeyNumber, MessageId, Position, UnixMillis},
    kp1::SharedSecret,
    vault::SecretText,
};
use serde::{Deserialize, Serialize};

use super::order::Orders;

/// Characters of a message that a list shows.
const PREVIEW_MAX_CHARS: usize = 120;
/// Keys of somebody that are remembered beside the present one.
const EARLIER_KEYS_MAX: usize = 20;

/// All of it in memory, but for the messages themselves.
#[derive(Default)]
pub(crate) struct Mail {
    pub(super) meta: MailMeta,
    pub(super) contacts: BTreeMap<Address, Contact>,
    pub(super) outbox: BTreeMap<MessageId, Outgoing>,
    pub(super) progress: Option<(MessageId, WorkProgress)>,
    pub(super) orders: Orders,
    /// Where the node's log stands, as the feed has told last.
    heard: Option<Position>,
    /// Whether something came since it was last asked for that the user is to be told of.
    pub(super) arrived: bool,
}

/// How far the node's log was read.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct MailMeta {
    pub(super) cursor: Option<FeedCursor>,
    pub(super) position: Position,
    /// Keys that were open meanwhile: another one may open more.
    pub(super) keys: Vec<KeyNumber>,
    /// Number of the next contact.
    pub(super) next: u64,
}

/// Somebody.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Contact {
    /// By which the store knows them, so that it does not know the address.
    pub(super) number: u64,
    pub(super) address: Address,
    pub(super) standing: Standing,
    pub(super) cleared: Position,
    /// When they became one.
    pub(super) at: UnixMillis,
    /// The key that was seen first, or that the user has taken since.
    pub(super) key: Option<Hex<33>>,
    pub(super) is_verified: bool,
    /// The account's own key that it was compared with; of another one nothing is said by that.
    #[serde(default)]
    pub(super) verified_with: Option<Hex<33>>,
    /// Another key that their domain names.
    pub(super) offered: Option<Hex<33>>,
    /// Keys that were theirs.
    pub(super) earlier: Vec<Hex<33>>,
    pub(super) unread: u32,
    pub(super) last: Option<Last>,
    /// What was sent and is not delivered.
    pub(super) under_way: BTreeMap<MessageId, Delivery>,
}

/// The newest message of a conversation, as a list shows it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Last {
    pub(super) id: MessageId,
    pub(super) at: UnixMillis,
    pub(super) is_sent: bool,
    pub(super) preview: SecretText,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Kept {
    /// A text.
    Text { text: SecretText },
    /// Something out of a vault.
    Secret { secret: SharedSecret },
    /// Sealed for a key that is not open here: it is read from the log again once it is.
    Locked {},
    /// It does not open, or says nothing that is known here.
    Unreadable {},
}

/// A message that the node has.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Stored {
    pub(super) position: Position,
    pub(super) at: UnixMillis,
    pub(super) content: Kept,
    pub(super) way: Passed,
    pub(super) saved: Option<ItemId>,
    /// Whether this device has sent it.
    #[serde(default)]
    pub(super) is_own: bool,
}

/// Which way it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "way", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Passed {
    Received {
        key: KeyStanding,
        /// That sealed it.
        sealed_by: Hex<33>,
    },
    Sent {
        delivery: Delivery,
        reason: Option<String>,
    },
}

/// A message that the node has not yet, or that wants other work.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Outgoing {
    pub(super) address: Address,
    pub(super) content: Kept,
    pub(super) written_at: UnixMillis,
    pub(super) stage: Stage,
    pub(super) tries: u32,
    /// Not before.
    pub(super) due_at: UnixMillis,
    /// What stood in its way the last time.
    pub(super) problem: Option<WireError>,
    /// The node has the message; only its work is to be done again.
    pub(super) renews: bool,
    /// As it was sealed for an earlier challenge.
    #[serde(default)]
    pub(super) kept: Option<SealedOnce>,
    /// Refusals that nobody explained.
    #[serde(default)]
    pub(super) refusals: u32,
}

/// How far it is.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Stage {
    /// Nobody was asked yet.
    Fresh,
    /// There is a challenge to solve.
    Ordered {
        challenge: Box<MessageChallenge>,
        /// Sealed once: the same message again must be the same.
        sealed: Option<SealedOnce>,
    },
    /// It was given up.
    Failed { reason: String },
}

/// A sealed message.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct SealedOnce {
    pub(super) suite: Suite,
    pub(super) content: Base64,
    pub(super) sender_key: Hex<33>,
    pub(super) recipient_key: Hex<33>,
}

impl Mail {
    pub(super) fn take_contact(&mut self, contact: Contact) {
        self.meta.next = self.meta.next.max(contact.number + 1);
        self.contacts.insert(contact.address.clone(), contact);
    }

    /// Messages that came and were not looked at. Those of somebody who waits for an answer count as one, however many
    /// they are.
    pub(crate) fn unread(&self) -> u32 {
        let of = |contact: &Contact| match contact.standing {
            Standing::Accepted => contact.unread,
            Standing::Request => contact.unread.min(1),
            Standing::Blocked => 0,
        };
        self.contacts.values().map(of).fold(0, u32::saturating_add)
    }

    /// Whether a request was not looked at yet.
    pub(super) fn has_unread_request(&self) -> bool {
        let is_one =
            |contact: &Contact| contact.standing == Standing::Request && contact.unread > 0;
        self.contacts.values().any(is_one)
    }

    /// Takes note of where the node's log stands. Returns whether there is something to read.
    pub(crate) fn hear(&mut self, position: Position) -> bool {
        self.heard = Some(position);
        !self.is_read()
    }

    /// Whether all was read that the feed has told of.
    pub(super) fn is_read(&self) -> bool {
        // Of what is read with the first page nobody is told: that has to be before anything comes.
        self.meta.cursor.is_some() && self.heard == Some(self.meta.position)
    }

    /// Reads the log again from its start: what did not open may now.
    pub(crate) fn read_again(&mut self) {
        self.meta.cursor = None;
        self.meta.position = Position(0);
    }
}

impl Contact {
    pub(super) fn new(number: u64, address: &Address, standing: Standing, at: UnixMillis) -> Self {
        Self {
            number,
            address: address.clone(),
            standing,
            cleared: Position(0),
            at,
            key: None,
            is_verified: false,
            verified_with: None,
            offered: None,
            earlier: Vec::new(),
            unread: 0,
            last: None,
            under_way: BTreeMap::new(),
        }
    }

    /// A key that their domain names: the first one is believed, another one is offered to the user.
    pub(super) fn see_key(&mut self, seen: Hex<33>) {
        match self.key {
            None => self.key = Some(seen),
            // That another one was named is not undone by naming this one again: the user has to look.
            Some(key) if key == seen => {}
            Some(_) if self.earlier.contains(&seen) => {}
            Some(_) => self.offered = Some(seen),
        }
    }

    /// The user takes a key for theirs. `verified_with`: the account's own key that it was compared with.
    pub(super) fn trust(&mut self, key: Hex<33>, verified_with: Option<Hex<33>>) {
        if let Some(before) = self.key.replace(key)
            && before != key
        {
            self.earlier
                .retain(|known| *known != before && *known != key);
            self.earlier.insert(0, before);
            self.earlier.truncate(EARLIER_KEYS_MAX);
        }
        // The user has looked at all there are.
        self.offered = None;
        self.is_verified = verified_with.is_some();
        self.verified_with = verified_with;
    }

    /// Whether their key was compared with this one of the account's own.
    pub(super) fn is_verified_with(&self, own: Hex<33>) -> bool {
        self.is_verified && self.verified_with == Some(own)
    }

    /// Whether a key is theirs as far as the user has agreed to it.
    pub(super) fn owns(&self, key: Hex<33>) -> bool {
        self.key == Some(key) || self.earlier.contains(&key)
    }

    pub(super) fn forget_failed(&mut self) {
        self.under_way
            .retain(|_, delivery| *delivery != Delivery::Failed);
    }

    /// Takes the newest message of the conversation for its list.
    pub(super) fn take_last(&mut self, last: Last) {
        let newer = |known: &Last| (last.at, last.id) >= (known.at, known.id);
        if self.last.as_ref().is_none_or(newer) {
            self.last = Some(last);
        }
    }
}

impl Last {
    pub(super) fn of(id: MessageId, at: UnixMillis, is_sent: bool, content: &Kept) -> Self {
        let preview = match content {
            // EXPOSE: a part of it is kept as the whole is.
            Kept::Text { text } => text.expose_secret(),
            // EXPOSE: a part of it is kept as the whole is.
            Kept::Secret { secret } => secret.name.expose_secret(),
            Kept::Locked {} | Kept::Unreadable {} => "",
        };
        let preview: String = preview.chars().take(PREVIEW_MAX_CHARS).collect();
        Self {
            id,
            at,
            is_sent,
            preview: SecretText::new(preview),
        }
    }
}
