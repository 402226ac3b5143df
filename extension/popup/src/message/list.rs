//! The list of conversations: what stands where, and in which words.

use proto::{
    address::Address,
    api::message::Standing,
    bridge::popup::{ConversationSummary, FoundMessage},
    ids::MessageId,
};

use crate::format;

/// A list of conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Shelf {
    /// Those that the user writes with; the others are a line each.
    All,
    /// Those that wait for the user's answer.
    Requests,
    /// Those from whom nothing is taken.
    Blocked,
}

impl Shelf {
    /// Its title.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::All => "Messages",
            Self::Requests => "Requests",
            Self::Blocked => "Blocked",
        }
    }

    /// Whose conversations it has.
    fn standing(self) -> Standing {
        match self {
            Self::All => Standing::Accepted,
            Self::Requests => Standing::Request,
            Self::Blocked => Standing::Blocked,
        }
    }
}

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Entry {
    /// Opens another list.
    Shelf(Shelf),
    /// Opens a conversation.
    With(Address),
    /// Opens one at a message that was found.
    At(Address, MessageId),
}

impl Entry {
    /// Its `id` on the page.
    pub(crate) fn id(&self) -> String {
        match self {
            Self::Shelf(shelf) => format!("shelf-{}", shelf.title().to_lowercase()),
            Self::With(address) => format!("with-{address}"),
            Self::At(_, id) => format!("at-{id}"),
        }
    }
}

/// The lines of a list. What is searched for is found wherever it lies: conversations by their address and newest message,
/// and below them all messages, which are `found`.
pub(crate) fn entries(
    all: &[ConversationSummary],
    shelf: Shelf,
    query: &str,
    found: &[FoundMessage],
) -> Vec<Entry> {
    let with = |summary: &ConversationSummary| Entry::With(summary.address.clone());
    if shelf == Shelf::All && !query.trim().is_empty() {
        let talks = all.iter().filter(|it| fits(it, query)).map(with);
        let at = |found: &FoundMessage| Entry::At(found.address.clone(), found.id);
        return talks.chain(found.iter().map(at)).collect();
    }
    let other = |other: Shelf| {
        (shelf == Shelf::All && count(all, other) > 0).then_some(Entry::Shelf(other))
    };
    let own = all.iter().filter(|it| it.standing == shelf.standing());
    other(Shelf::Requests)
        .into_iter()
        .chain(own.map(with))
        .chain(other(Shelf::Blocked))
        .collect()
}

/// How many conversations a list has.
pub(crate) fn count(all: &[ConversationSummary], shelf: Shelf) -> usize {
    let standing = shelf.standing();
    all.iter().filter(|it| it.standing == standing).count()
}

/// New answers in the order that is on the page, for as long as the pointer is on it: no line moves
/// from under it. What is new comes last.
pub(crate) fn arranged(
    shown: &[ConversationSummary],
    fresh: &[ConversationSummary],
) -> Vec<ConversationSummary> {
    let fresh_of = |old: &ConversationSummary| fresh.iter().find(|it| it.address == old.address);
    let is_new = |it: &&ConversationSummary| !shown.iter().any(|old| old.address == it.address);
    let kept = shown.iter().filter_map(fresh_of);
    kept.chain(fresh.iter().filter(is_new)).cloned().collect()
}

/// Whether a conversation has all words of a query.
fn fits(summary: &ConversationSummary, query: &str) -> bool {
    // EXPOSE: what is searched is on the page.
    let preview = summary.preview.expose_secret();
    let text = format!("{}\n{preview}", summary.address).to_lowercase();
    let query = query.to_lowercase();
    query.split_whitespace().all(|word| text.contains(word))
}

/// What the second line of a conversation says.
pub(crate) fn preview(summary: &ConversationSummary) -> String {
    // EXPOSE: the list shows how the newest message begins.
    match (summary.preview.expose_secret(), summary.is_sent) {
        ("", _) => "No messages".to_owned(),
        (text, true) => format!("You: {text}"),
        (text, false) => text.to_owned(),
    }
}

/// What the second line of a message that was found says.
pub(crate) fn found_text(found: &FoundMessage) -> String {
    // EXPOSE: the user looks for it.
    let text = found.text.expose_secret();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if found.is_sent {
        format!("You: {text}")
    } else {
        text
    }
}

/// What is to be known of a conversation before it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// The key is another.
    KeyChanged,
    /// A message was given up.
    Failed,
    /// A message is not sent yet.
    Waiting,
}

impl Mark {
    /// The gravest of a conversation.
    pub(crate) fn of(summary: &ConversationSummary) -> Option<Self> {
        if summary.is_key_changed {
            Some(Self::KeyChanged)
        } else if summary.has_failed {
            Some(Self::Failed)
        } else {
            (summary.waiting > 0).then_some(Self::Waiting)
        }
    }

    /// Its name for tests and styles.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::KeyChanged => "key-changed",
            Self::Failed => "failed",
            Self::Waiting => "waiting",
        }
    }

    /// In words.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::KeyChanged => "Their key has changed",
            Self::Failed => "A message was not delivered",
            Self::Waiting => "A message waits to be sent",
        }
    }
}

/// How many were not looked at, as short as a badge: `3`, `99+`.
pub(crate) fn badge(unread: u32) -> Option<String> {
    match unread {
        0 => None,
        1..100 => Some(unread.to_string()),
        _ => Some("99+".to_owned()),
    }
}

/// A line as it is read out. `when`: as it is shown.
pub(crate) fn spoken(summary: &ConversationSummary, when: &str) -> String {
    let unread =
        (summary.unread > 0).then(|| format!("{} unread", format::count(summary.unread.into())));
    let mark = Mark::of(summary).map(|mark| mark.text().to_owned());
    let verified = summary.is_verified.then(|| "compared".to_owned());
    let parts = [
        Some(summary.address.to_string()),
        verified,
        unread,
        mark,
        Some(preview(summary)),
        Some(when.to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
