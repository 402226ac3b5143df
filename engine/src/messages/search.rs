//! Looking for words in all messages that are on this device. They are sealed in the store, each by itself: a search opens one
//! after the other and keeps none of them open.

use std::cmp::Reverse;

use proto::{
    bridge::popup::{FoundMessage, FoundMessages},
    ids::MessageId,
    limits::{FOUND_MESSAGES_MAX, MESSAGE_SEARCH_MAX_MS},
    vault::SecretText,
};

use super::model::{Contact, Kept, Passed};
use crate::{
    Engine,
    error::EngineError,
    platform::{Platform, Store},
    search::fold::fold,
};

/// Characters of a message that are shown around what was found.
const AROUND_CHARS: usize = 120;
/// Of these before it.
const BEFORE_CHARS: usize = 30;
/// Records that are opened between two looks at the clock.
const STRIDE: usize = 128;

impl<P: Platform> Engine<P> {
    /// The messages that have all words of a query, the newest first; those that wait to be sent too. A search that takes too
    /// long ends with what it has: it begins with the conversations that were used last.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::NoAccount`], [`EngineError::Store`].
    pub async fn search_messages(&self, query: &str) -> Result<FoundMessages, EngineError> {
        self.ensure_open().await?;
        let query = fold(query);
        let words: Vec<&str> = query.split_whitespace().collect();
        let mut results = FoundMessages {
            found: Vec::new(),
            is_complete: true,
        };
        if words.is_empty() {
            return Ok(results);
        }
        let until = self.platform().now().plus(MESSAGE_SEARCH_MAX_MS);
        let mut contacts: Vec<Contact> =
            self.with_open(|open| Ok(open.mail.contacts.values().cloned().collect()))?;
        contacts.sort_by_key(|it| Reverse(it.last.as_ref().map_or(it.at, |last| last.at)));
        results.found = self.search_waiting(&words)?;
        for contact in contacts {
            let rows = self.message_rows(&contact).await?;
            // Their ids begin with the time: the newest stand last.
            for (number, (id, key, sealed)) in rows.iter().rev().enumerate() {
                if number % STRIDE == 0 && self.platform().now() >= until {
                    results.is_complete = false;
                    break;
                }
                let Some(stored) = self.open_message_record(key, sealed)? else {
                    continue;
                };
                if let Some(text) = found_in(&stored.content, &words) {
                    let is_sent = matches!(stored.way, Passed::Sent { .. });
                    let address = contact.address.clone();
                    results.found.push(FoundMessage {
                        address,
                        id: *id,
                        at: stored.at,
                        is_sent,
                        text,
                    });
                }
            }
            if !results.is_complete {
                break;
            }
        }
        results.found.sort_by_key(|it| Reverse((it.at, it.id)));
        if results.found.len() > FOUND_MESSAGES_MAX {
            results.found.truncate(FOUND_MESSAGES_MAX);
            results.is_complete = false;
        }
        Ok(results)
    }

    fn search_waiting(&self, words: &[&str]) -> Result<Vec<FoundMessage>, EngineError> {
        self.with_open(|open| {
            let waiting = open.mail.outbox.iter().filter(|(_, it)| !it.renews);
            let found = waiting.filter_map(|(id, outgoing)| {
                Some(FoundMessage {
                    address: outgoing.address.clone(),
                    id: *id,
                    at: outgoing.written_at,
                    is_sent: true,
                    text: found_in(&outgoing.content, words)?,
                })
            });
            Ok(found.collect())
        })
    }

    /// The records of a conversation, still sealed, with their ids and keys.
    async fn message_rows(
        &self,
        contact: &Contact,
    ) -> Result<Vec<(MessageId, String, Vec<u8>)>, EngineError> {
        let prefix = super::store::messages_of(contact.number);
        let rows = self.platform().store().read_prefix(&prefix).await?;
        let with_id = rows.into_iter().filter_map(|(key, sealed)| {
            let id = crate::records::suffix(&prefix, &key).parse().ok()?;
            Some((id, key, sealed))
        });
        Ok(with_id.collect())
    }
}

/// What is shown of a message that has all the words, which are folded; `None` where one is missing. Of what was shared only
/// the name is looked at: the rest is a secret.
fn found_in(content: &Kept, words: &[&str]) -> Option<SecretText> {
    let text = match content {
        // EXPOSE: it is looked through, and a part of it shown where it is found.
        Kept::Text { text } => text.expose_secret(),
        // EXPOSE: its name is looked through and shown, as the list shows it.
        Kept::Secret { secret } => secret.name.expose_secret(),
        Kept::Locked {} | Kept::Unreadable {} => return None,
    };
    let folded = zeroize::Zeroizing::new(fold(text));
    if !words.iter().all(|word| folded.contains(word)) {
        return None;
    }
    Some(SecretText::new(around(text, words.first()?)))
}

/// The part of a text that shows a word, at most [`AROUND_CHARS`] characters, and a mark at each end where there is more.
fn around(text: &str, word: &str) -> String {
    // Folding changes lengths: the place is looked for in the text as it is.
    let parts = text.split_inclusive(char::is_whitespace);
    let mut before = 0;
    for part in parts {
        if fold(part).contains(word) {
            break;
        }
        before += part.chars().count();
    }
    let length = text.chars().count();
    // Found over a blank that folding has made: from the beginning then.
    let before = if before < length { before } else { 0 };
    let skipped = before.saturating_sub(BEFORE_CHARS);
    let shown: String = text.chars().skip(skipped).take(AROUND_CHARS).collect();
    let begin = if skipped > 0 { "…" } else { "" };
    let end = if length > skipped + AROUND_CHARS {
        "…"
    } else {
        ""
    };
    format!("{begin}{shown}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_has_the_word_in_it() {
        let long = format!("{}The Pear is ripe. {}", "a ".repeat(400), "b ".repeat(400));
        let shown = around(&long, "pear");
        assert!(shown.contains("The Pear is ripe."), "{shown}");
        assert!(shown.starts_with('…') && shown.ends_with('…'), "{shown}");
        assert!(shown.chars().count() <= AROUND_CHARS + 2);
        assert_eq!(around("Übermorgen", "ubermorgen"), "Übermorgen");
        assert_eq!(around("", "x"), "");
    }
}
