//! Messages in words: when one was written, how it fares, what of a list stands where.

pub(crate) mod contact;
pub(crate) mod list;
pub(crate) mod secret;
pub(crate) mod sent;
pub(crate) mod when;

use proto::{
    api::message::Standing,
    bridge::popup::{ConversationSummary, MessageView},
    ids::{MessageId, UnixMillis},
    limits::MESSAGE_TEXT_MAX_BYTES,
};

/// Most lines of the field for it.
const LINES_MAX: usize = 5;

/// What stands below the messages of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Foot {
    /// A field to write in.
    Composer,
    /// They were blocked.
    Blocked,
    /// Their key is another: nothing is sent before the user has looked.
    KeyChanged,
    /// They wait for an answer, which is asked for above.
    Request,
}

impl Foot {
    /// What a conversation calls for.
    pub(crate) fn of(summary: &ConversationSummary) -> Self {
        match summary.standing {
            Standing::Blocked => Self::Blocked,
            Standing::Request => Self::Request,
            Standing::Accepted if summary.is_key_changed => Self::KeyChanged,
            Standing::Accepted => Self::Composer,
        }
    }
}

/// A line of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Line {
    /// The day of what follows.
    Day(String),
    /// A message.
    Message(MessageId),
}

/// The lines of a conversation: each day stands before its first message. `wall`: what the clock on
/// the wall shows at a time.
pub(crate) fn lines(
    messages: &[MessageView],
    now: UnixMillis,
    wall: impl Fn(UnixMillis) -> UnixMillis,
) -> Vec<Line> {
    let now = wall(now);
    let mut lines = Vec::with_capacity(messages.len() + 1);
    let mut last = None;
    for message in messages {
        let at = wall(message.at);
        let day = when::day_number(at);
        if last != Some(day) {
            lines.push(Line::Day(when::day(at, now)));
            last = Some(day);
        }
        lines.push(Line::Message(message.id));
    }
    lines
}

/// What is wrong with a text that is too long to be sent.
pub(crate) fn too_long(text: &str) -> Option<String> {
    let bytes = text.len();
    (bytes > MESSAGE_TEXT_MAX_BYTES).then(|| {
        format!(
            "Too long for one message: {} of at most {} bytes.",
            crate::format::count(bytes as u64),
            crate::format::count(MESSAGE_TEXT_MAX_BYTES as u64),
        )
    })
}

/// Whether a text says anything.
pub(crate) fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// Lines that the field shows for a text, where it does not measure it itself.
pub(crate) fn field_lines(text: &str) -> usize {
    (text.matches('\n').count() + 1).min(LINES_MAX)
}

#[cfg(test)]
pub(crate) mod tests {
    use proto::{
        address::{Address, AddressError},
        bridge::popup::MessageContent,
        vault::SecretText,
    };

    use super::*;

    const DAY: u64 = 86_400_000;

    pub(crate) fn summary(address: &str) -> Result<ConversationSummary, AddressError> {
        Ok(ConversationSummary {
            address: address.parse::<Address>()?,
            standing: Standing::Accepted,
            unread: 0,
            at: UnixMillis(0),
            preview: SecretText::new("Hello"),
            is_sent: false,
            waiting: 0,
            has_failed: false,
            is_key_changed: false,
            is_verified: false,
        })
    }

    fn message(at: u64) -> MessageView {
        MessageView {
            id: MessageId::make(UnixMillis(at), [0; 10]),
            at: UnixMillis(at),
            content: MessageContent::Locked {},
            sent: None,
            key: None,
            saved: None,
        }
    }

    #[test]
    fn each_day_stands_before_its_first_message() {
        let messages = [message(10 * DAY), message(10 * DAY + 5), message(11 * DAY)];
        let lines = lines(&messages, UnixMillis(11 * DAY + 9), |at| at);
        assert_eq!(
            lines,
            [
                Line::Day("Yesterday".to_owned()),
                Line::Message(messages[0].id),
                Line::Message(messages[1].id),
                Line::Day("Today".to_owned()),
                Line::Message(messages[2].id),
            ]
        );
    }

    #[test]
    fn days_are_those_of_the_clock_on_the_wall() {
        // An hour east of UTC the first of these is of the next day.
        let messages = [message(DAY - 1), message(DAY)];
        let east = |at: UnixMillis| at.plus(3_600_000);
        let lines = lines(&messages, UnixMillis(DAY), east);
        assert_eq!(lines.len(), 3, "{lines:?}");
    }

    #[test]
    fn nothing_is_written_to_whom_the_user_has_not_answered_or_looked_at()
    -> Result<(), AddressError> {
        let plain = summary("ada@example.com")?;
        let foot = |standing, is_key_changed| {
            Foot::of(&ConversationSummary {
                standing,
                is_key_changed,
                ..plain.clone()
            })
        };
        assert_eq!(foot(Standing::Accepted, false), Foot::Composer);
        assert_eq!(foot(Standing::Accepted, true), Foot::KeyChanged);
        assert_eq!(foot(Standing::Request, true), Foot::Request);
        assert_eq!(foot(Standing::Blocked, true), Foot::Blocked);
        Ok(())
    }

    #[test]
    fn texts_have_a_limit_of_bytes() {
        assert_eq!(too_long(&"a".repeat(20_000)), None);
        let told = too_long(&"ä".repeat(10_001));
        assert_eq!(
            told.as_deref(),
            Some("Too long for one message: 20,002 of at most 20,000 bytes.")
        );
        assert!(is_blank(" \n\t"));
        assert!(!is_blank(" a"));
    }

    #[test]
    fn the_field_grows_to_five_lines() {
        for (text, lines) in [("", 1), ("a", 1), ("a\nb", 2), ("\n\n\n\n\n\n\n", 5)] {
            assert_eq!(field_lines(text), lines, "{text:?}");
        }
    }
}
