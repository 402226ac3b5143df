//! Messages, their delivery, and the work that pays for them.

use std::collections::BTreeMap;

use proto::{
    address::Address,
    api::message::{KeyStanding, Standing, Suite},
    bytes::Hex,
    ids::{AccountId, MessageId, UnixMillis},
};

/// What a message counts beside its ciphertext, bytes: its row, its indexes, its delivery.
pub(crate) const MESSAGE_ROW_BYTES: u64 = 256;

/// A message as its sender has sealed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// How.
    pub suite: Suite,
    /// Ciphertext.
    pub content: Vec<u8>,
    /// P-256, compressed SEC1.
    pub sender_key: [u8; 33],
    /// P-256, compressed SEC1.
    pub recipient_key: [u8; 33],
}

/// A message that was pulled for an account.
#[derive(Debug, Clone)]
pub struct NewReceived {
    /// Whose.
    pub account: AccountId,
    /// What this node calls it.
    pub message: MessageId,
    /// Who wrote.
    pub from: Address,
    /// What.
    pub sealed: Sealed,
    /// What the sender's domain says of the key.
    pub key: KeyStanding,
    /// The challenge that paid for it, where one did.
    pub challenge: Option<[u8; 32]>,
    /// When it came.
    pub at: UnixMillis,
}

/// A message that an account sends.
#[derive(Debug, Clone)]
pub struct NewSent {
    /// Whose.
    pub account: AccountId,
    /// What its client calls it.
    pub message: MessageId,
    /// To whom.
    pub to: Address,
    /// What.
    pub sealed: Sealed,
    /// What the recipient's server pulls it with.
    pub token: PullToken,
    /// What pays for it.
    pub work: Work,
    /// When it was sent.
    pub at: UnixMillis,
    /// When it is given up.
    pub ends_at: UnixMillis,
}

/// What a message is pulled with: 32 random bytes, sent as hex.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PullToken(pub [u8; 32]);

impl std::fmt::Debug for PullToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PullToken")
    }
}

/// A solved challenge of the recipient's server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// The header with the nonce that solves it.
    pub solved_header: [u8; 64],
    /// What the hash lies below.
    pub target: [u8; 32],
    /// When it ends.
    pub expires_at: UnixMillis,
    /// The MAC of the server that made it.
    pub signature: [u8; 32],
}

/// On which terms somebody may write to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The recipient.
    pub account: AccountId,
    /// How the recipient stands to the sender; `None`: has never heard of it.
    pub standing: Option<Standing>,
    /// Average tries that the recipient wants for a first message; `None`: what the node wants.
    pub first_difficulty: Option<u64>,
    /// The same for later ones.
    pub later_difficulty: Option<u64>,
    /// The recipient's keys, the newest last.
    pub keys: Vec<[u8; 33]>,
}

/// A solved challenge of this node that is shown for a message.
#[derive(Debug, Clone, Copy)]
pub struct ShownWork {
    /// Second half of its header.
    pub challenge: [u8; 32],
    /// SHA-256 of the token's hex digits: the one message that it pays for.
    pub token_hash: [u8; 32],
    /// When it ends.
    pub expires_at: UnixMillis,
}

/// How far the work of a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkState {
    /// The message is to be pulled, for the so many-th time.
    Pull(u32),
    /// It is here already.
    Done,
}

/// Messages that a domain has not taken so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldUp {
    /// Which.
    pub domain: String,
    /// How many.
    pub messages: u64,
    /// When the oldest of them was written.
    pub since: UnixMillis,
    /// Why one of them is not there.
    pub reason: String,
}

/// How many deliveries are taken at a time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// In all.
    pub free: u32,
    /// Under way to one domain at once, at most: one that is slow must not hold up all others.
    pub of_a_domain: u32,
    /// The same of one account: its messages must not be all that is under way.
    pub of_an_account: u32,
    /// Under way by now, to each domain.
    pub under_way: BTreeMap<String, u32>,
    /// Under way by now, of each account.
    pub by_account: BTreeMap<AccountId, u32>,
}

impl Places {
    /// Domains to which no more go now.
    pub(in crate::store) fn full(&self) -> Vec<String> {
        let full = self.under_way.iter();
        let full = full.filter(|(_, number)| **number >= self.of_a_domain);
        full.map(|(domain, _)| domain.clone()).collect()
    }

    /// Accounts of which no more go now, each as hex.
    pub(in crate::store) fn busy(&self) -> Vec<String> {
        let busy = self.by_account.iter();
        let busy = busy.filter(|(_, number)| **number >= self.of_an_account);
        busy.map(|(account, _)| Hex(*account.as_bytes()).to_string())
            .collect()
    }

    /// Those of what is due that have a place.
    pub(in crate::store) fn taken(mut self, mut due: Vec<DueDelivery>) -> Vec<DueDelivery> {
        due.retain(|delivery| {
            let domain = delivery.recipient.domain().to_owned();
            let to = self.under_way.entry(domain).or_default();
            let of = self.by_account.entry(delivery.account).or_default();
            let has_place = *to < self.of_a_domain && *of < self.of_an_account;
            if has_place {
                *to += 1;
                *of += 1;
            }
            has_place
        });
        due
    }
}

/// A message on its way to its recipient's server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueDelivery {
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub message: MessageId,
    /// Address of the account.
    pub sender: Address,
    /// To whom.
    pub recipient: Address,
    /// What it is pulled with.
    pub token: PullToken,
    /// What pays for it; `None`: nothing does, and its time is over.
    pub work: Option<Work>,
    /// How often it was tried before.
    pub tries: u32,
    /// How many works were sent for it.
    pub works: u32,
    /// When it is given up.
    pub ends_at: UnixMillis,
}

/// What became of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The recipient's server has it.
    Delivered,
    /// It will be tried again.
    Again {
        /// When.
        due_at: UnixMillis,
        /// Why it is not there.
        reason: String,
    },
    /// A device has to do other work for it first.
    WorkWanted {
        /// Why.
        reason: String,
    },
    /// It is given up.
    Failed {
        /// Why.
        reason: String,
    },
}
