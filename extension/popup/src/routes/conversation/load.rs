//! What the background knows of a conversation, and that the user has looked at it.

use std::future::Future;

use leptos::{ev, prelude::*};
use proto::{
    bridge::popup::{
        Conversation, ConversationSummary, GetConversation, GetConversationAt, MarkRead,
        MessageView, SentState,
    },
    error::WireError,
    ids::MessageId,
};
use webext::time;

use super::Thread;
use crate::dom;

/// How often the progress of a proof of work is asked for, milliseconds.
const WORK_MS: u32 = 1_000;
/// Messages that may have come since the last look, before what was shown is given up.
const AMPLE: usize = 100;

/// What is on the page.
#[derive(Debug, Clone, Copy)]
struct Shown {
    oldest: Option<MessageId>,
    count: usize,
}

/// What was read of a conversation.
#[derive(Debug, PartialEq)]
struct Read {
    summary: ConversationSummary,
    messages: Vec<MessageView>,
    has_more: bool,
    has_newer: bool,
}

impl Thread {
    /// Loads with all news, and with each return to this window.
    pub(super) fn listen(self) {
        Effect::new(move || {
            self.app.message_news.track();
            self.load();
        });
        let returned = window_event_listener(ev::focus, move |_| self.load());
        on_cleanup(move || returned.remove());
        let works = Memo::new(move |_| self.messages.with(|all| all.iter().any(is_working)));
        Effect::new(move || {
            if !works.get() {
                return;
            }
            time::spawn(async move {
                while works.try_get_untracked() == Some(true) {
                    time::sleep(WORK_MS).await;
                    if works.try_get_untracked() == Some(true) {
                        self.load();
                    }
                }
            });
        });
    }

    /// Asks for all that is on the page, and for older ones where they were asked for.
    pub(super) fn load(self) {
        let Some(number) = self.newest.try_get_value().map(|it| it.wrapping_add(1)) else {
            return;
        };
        self.newest.set_value(number);
        let more = self.older.get_untracked();
        let shown = self.messages.with_untracked(|all| Shown {
            oldest: all.first().map(|message| message.id),
            count: all.len(),
        });
        let address = self.address();
        let app = self.app;
        let around = self.around.get_untracked();
        let page = move |before: Option<MessageId>| {
            let address = address.clone();
            async move {
                match (before, around) {
                    (None, Some(id)) => app.ask(GetConversationAt { address, id }).await,
                    (before, _) => app.ask(GetConversation { address, before }).await,
                }
            }
        };
        time::spawn(async move {
            let answer = read(page, shown, more).await;
            if self.newest.try_get_value() != Some(number) {
                return;
            }
            match answer {
                Ok(read) => self.take(read, more),
                Err(error) => {
                    self.older.set(false);
                    self.failure.set(Some(error));
                }
            }
        });
    }

    fn take(self, read: Read, more: bool) {
        self.failure.set(None);
        let is_first = self.summary.with_untracked(Option::is_none);
        if more {
            self.hold();
            self.older.set(false);
            self.pinned.set_value(false);
        } else if let Some(id) = self.around.get_untracked().filter(|_| is_first) {
            self.seek(id);
        } else {
            self.settle();
        }
        self.has_more.set(read.has_more);
        self.has_newer.set(read.has_newer);
        if self.messages.with_untracked(|all| *all != read.messages) {
            self.messages.set(read.messages);
        }
        let unread = read.summary.unread;
        if self
            .summary
            .with_untracked(|it| it.as_ref() != Some(&read.summary))
        {
            self.summary.set(Some(read.summary));
        }
        if more {
            dom::focus_if_lost("older");
        }
        // What is further down was not looked at yet.
        if unread > 0 && !read.has_newer {
            self.mark_read();
        }
    }

    /// Says that all was looked at, unless nobody looks.
    fn mark_read(self) {
        if document().hidden() || self.marking.get_value() {
            return;
        }
        self.marking.set_value(true);
        let address = self.address();
        time::spawn(async move {
            // What stays unread for now is marked with the next news.
            drop(self.app.ask(MarkRead { address }).await);
            self.marking.try_set_value(false);
        });
    }
}

/// Reads pages, the newest first, until what is shown is among them, and one more where `more` is.
async fn read<F>(
    page: impl Fn(Option<MessageId>) -> F,
    shown: Shown,
    more: bool,
) -> Result<Read, WireError>
where
    F: Future<Output = Result<Conversation, WireError>>,
{
    let first = page(None).await?;
    let mut read = Read {
        summary: first.summary,
        messages: first.messages,
        has_more: first.has_more,
        has_newer: first.has_newer,
    };
    let place = |messages: &[MessageView]| {
        let oldest = shown.oldest?;
        messages.iter().position(|it| it.id == oldest)
    };
    let mut extra = more;
    while read.has_more {
        // One that was withdrawn meanwhile is never met: as many as there were are enough.
        let reached = shown.oldest.is_none()
            || read.messages.len() > shown.count + AMPLE
            || place(&read.messages).is_some();
        if reached && !std::mem::take(&mut extra) {
            break;
        }
        let Some(before) = read.messages.first().map(|it| it.id) else {
            break;
        };
        let mut older = page(Some(before)).await?;
        read.has_more = older.has_more && !older.messages.is_empty();
        older.messages.append(&mut read.messages);
        read.messages = older.messages;
    }
    // What nobody asked for would come up above what is read.
    if !more && let Some(place) = place(&read.messages).filter(|place| *place > 0) {
        read.messages.drain(..place);
        read.has_more = true;
    }
    Ok(read)
}

fn is_working(message: &MessageView) -> bool {
    matches!(message.sent, Some(SentState::Working { .. }))
}

#[cfg(test)]
mod tests;
