//! Messages: conversations, what is said in them, keys of those who write.

use serde::{Deserialize, Serialize};

use super::WorkProgress;
use crate::{
    address::Address,
    api::message::{KeyStanding, Standing},
    bytes::Hex,
    error::WireError,
    ids::{Difficulty, ItemId, MessageId, UnixMillis},
    vault::SecretText,
};

payloads! {
    /// Keep a message that is being written; an empty text forgets it. Of two of one conversation the one that was changed
    /// last stays.
    KeepLetter {
        /// The one that was changed.
        letter: Letter,
    }

    /// A message that is being written.
    Letter {
        /// To whom.
        address: Address,
        /// As typed.
        text: SecretText,
        /// Under which id this very text was sent, where no answer came: sent again, it is the same message.
        sending: Option<MessageId>,
        /// When it was last changed.
        at: UnixMillis,
    }

    /// Read the messages that are being written.
    ListLetters {}

    /// The messages that are being written, one at most for each conversation.
    Letters {
        /// Those changed last come last; empty ones were sent or emptied a short time ago.
        letters: Vec<Letter>,
    }

    /// List all conversations.
    ListConversations {}

    /// All conversations.
    Conversations {
        /// The newest message first. Blocked ones are among them.
        conversations: Vec<ConversationSummary>,
    }

    /// A conversation in a list.
    ConversationSummary {
        /// With whom.
        address: Address,
        /// Whether they may write; a `request` waits for the user's answer.
        standing: Standing,
        /// Messages that came and were not looked at.
        unread: u32,
        /// When the newest message was written; of an empty one when it was begun or cleared.
        at: UnixMillis,
        /// How the newest message begins, at most 120 characters, the name of what was shared, or empty.
        preview: SecretText,
        /// Whether the newest message is the user's own.
        is_sent: bool,
        /// Messages of the user that are not at the recipient's server yet.
        waiting: u32,
        /// Whether one of the user's was given up.
        has_failed: bool,
        /// Whether their key is another than the one that was seen first: nothing is sent until the user has looked.
        is_key_changed: bool,
        /// Whether the user has compared the safety number.
        is_verified: bool,
    }

    /// One conversation.
    GetConversation {
        /// With whom; one that there is none with yet is empty.
        address: Address,
        /// Message before which to begin; without it, with the newest.
        #[serde(default)]
        before: Option<MessageId>,
    }

    /// Messages of a conversation.
    Conversation {
        /// As in the list.
        summary: ConversationSummary,
        /// At most 50, the oldest first.
        messages: Vec<MessageView>,
        /// Whether there are older ones.
        has_more: bool,
        /// Whether there are newer ones.
        has_newer: bool,
    }

    /// A conversation at one of its messages.
    GetConversationAt {
        /// With whom.
        address: Address,
        /// Which message; where it is not there any more, the newest.
        id: MessageId,
    }

    /// Look for words in all messages of this device.
    SearchMessages {
        /// Words that a message has to have, in any order; case and accents do not matter.
        query: String,
    }

    /// What was found.
    FoundMessages {
        /// The newest first, at most 50.
        found: Vec<FoundMessage>,
        /// Whether all was looked at, and all of it is told.
        is_complete: bool,
    }

    /// A message that was found.
    FoundMessage {
        /// With whom.
        address: Address,
        /// Which.
        id: MessageId,
        /// When it was written, by the user's node.
        at: UnixMillis,
        /// Whether it is the user's own.
        is_sent: bool,
        /// The part of it that has the first word, at most 120 characters; the name of what was shared.
        text: SecretText,
    }

    /// A message.
    MessageView {
        /// Which.
        id: MessageId,
        /// When it was written, by the user's node.
        at: UnixMillis,
        /// What it says.
        content: MessageContent,
        /// How the user's own fares; `None`: it came.
        sent: Option<SentState>,
        /// Of one that came: what its domain says of the key that sealed it; `other`, also of a key that the user has not agreed
        /// to: it may be forged.
        key: Option<KeyStanding>,
        /// The item that it was saved as.
        saved: Option<ItemId>,
    }

    /// Write to somebody.
    SendMessage {
        /// Made by whoever asks: the same once more changes nothing.
        id: MessageId,
        /// To whom.
        address: Address,
        /// Not empty; at most 20 000 bytes.
        text: SecretText,
    }

    /// Share an item with somebody.
    ShareItem {
        /// As of a text.
        id: MessageId,
        /// With whom.
        address: Address,
        /// What.
        item: ItemId,
    }

    /// Stop sending a message, or forget that it failed.
    WithdrawMessage {
        /// To whom.
        address: Address,
        /// Which.
        id: MessageId,
    }

    /// Everything of a conversation was looked at.
    MarkRead {
        /// With whom.
        address: Address,
    }

    /// Whether the page that asks this shows messages, and somebody may see it: until it says otherwise, or is closed.
    LookAtMessages {
        /// Whether it does.
        looks: bool,
    }

    /// Let somebody write, or take nothing from them any more.
    SetStanding {
        /// Whom.
        address: Address,
        /// `accepted` or `blocked`.
        standing: Standing,
    }

    /// Delete all messages of a conversation, here and on the node.
    ClearConversation {
        /// With whom.
        address: Address,
    }

    /// Make an item of what somebody shared; once.
    SaveMessage {
        /// Who.
        address: Address,
        /// Which message.
        id: MessageId,
    }

    /// One field of what was shared, to show or copy.
    RevealMessage {
        /// With or by whom.
        address: Address,
        /// Which message.
        id: MessageId,
        /// Name of the field.
        field: String,
    }

    /// Whether somebody has an address, and their key. The user's node asks theirs.
    GetContact {
        /// Whom.
        address: Address,
    }

    /// Somebody to write to.
    Contact {
        /// Who.
        address: Address,
        /// The key that was seen first, or that the user has taken since.
        key: Option<ContactKey>,
        /// Another key that their server names now.
        offered: Option<ContactKey>,
        /// Whether the account has a newer key that is not open here: the numbers are of an older one, and no other
        /// side shows them.
        is_own_locked: bool,
        /// Whether there is somebody of this address, by their server; `None`: it could not be asked.
        exists: Option<bool>,
        /// Why it could not be asked.
        problem: Option<WireError>,
    }

    /// A key of somebody.
    ContactKey {
        /// Compressed SEC1.
        key: Hex<33>,
        /// What both compare: 60 digits in twelve groups of five.
        safety_number: String,
        /// The same digits for the code that the other side scans: this account's 30, then theirs.
        safety_code: String,
        /// Whether the user has compared it.
        is_verified: bool,
    }

    /// Take a key for somebody's.
    TrustKey {
        /// Whose.
        address: Address,
        /// Which: that of `GetContact`.
        key: Hex<33>,
        /// The safety code that was compared, as it was shown: the number is of this key and of one's own at that time.
        compared: Option<String>,
    }

    /// What do messages to the account cost their senders? The node is asked.
    GetPrices {}

    /// Set what they cost from now on.
    SetPrices {
        /// Average tries of a first message.
        first: Difficulty,
        /// Of a later one.
        later: Difficulty,
    }

    /// What messages to the account cost their senders.
    PricesView {
        /// Average tries of a first message.
        first: Difficulty,
        /// Of a later one.
        later: Difficulty,
        /// The least that the node lets either be.
        least: Difficulty,
    }
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "snake_case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum MessageContent {
    /// A text.
    Text {
        /// What.
        text: SecretText,
    },
    /// Something out of a vault.
    Secret {
        /// What its owner calls it.
        name: SecretText,
        /// `login`, `text`, or something that is not known here.
        kind: String,
        /// Names of its fields.
        fields: Vec<String>,
    },
    /// It is sealed for a key that is not open here.
    Locked {},
    /// It does not open, or says nothing that is known here.
    Unreadable {},
}

/// How a message of the user fares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "state",
    rename_all = "snake_case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum SentState {
    /// On this device; it goes on by itself.
    Waiting {
        /// What stands in its way.
        reason: Option<WireError>,
    },
    /// Its proof of work is being done.
    Working {
        /// How far it is.
        progress: Option<WorkProgress>,
    },
    /// The user's server has it and tries to deliver it.
    UnderWay {
        /// Why it is not there yet.
        reason: Option<String>,
    },
    /// The recipient's server has it.
    Delivered {},
    /// It was given up.
    Failed {
        /// Why.
        reason: String,
    },
}
