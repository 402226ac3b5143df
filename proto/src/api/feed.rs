//! The change feed of an account: that there is news, and up to where. What the news is, is pulled by `GET /vault`.
//!
//! One feed, three carriers: a WebSocket, server-sent events, a long poll. All say [`FeedNews`].

use std::fmt;

use serde::{Deserialize, Serialize};

use super::account::SessionTokenHex;
use crate::ids::{Position, Revision};

/// A place in an account's log, and which database it is of. Made by a node; opaque to everybody
/// else: a client keeps it and hands it back. 1 to [`FEED_CURSOR_MAX_CHARS`] characters of base64url,
/// so that it goes into a URL as it stands. It is no secret and proves nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeedCursor(String);

/// A text is no cursor of any node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 1 to 128 characters of base64url")]
pub struct FeedCursorError;

impl FeedCursor {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for FeedCursor {
    type Error = FeedCursorError;

    fn try_from(text: String) -> Result<Self, FeedCursorError> {
        let fits = (1..=FEED_CURSOR_MAX_CHARS).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        fits.then_some(Self(text)).ok_or(FeedCursorError)
    }
}

impl From<FeedCursor> for String {
    fn from(cursor: FeedCursor) -> Self {
        cursor.0
    }
}

impl fmt::Debug for FeedCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// First message of a client on the WebSocket, within [`FEED_HELLO_MS`]. Browsers cannot send a header with it, and a token
/// in the URL would end in logs.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeedHello {
    /// The session.
    pub token: SessionTokenHex,
    /// Where the client stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<FeedCursor>,
}

/// A message of the node: at once, with every write, and unchanged every [`FEED_BEAT_MS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeedNews {
    /// Position of the vault's newest write.
    pub latest: Revision,
    /// Position of the newest change of messages and correspondents.
    #[serde(default)]
    pub messages: Position,
    /// The same as a place to hand back.
    pub cursor: FeedCursor,
    /// Whether the cursor that the client came with is of another database, or of more than this one
    /// has: the log is to be read from its start.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub snapshot: bool,
}

/// Longest cursor, characters.
pub const FEED_CURSOR_MAX_CHARS: usize = 128;
/// Time for the hello, milliseconds.
pub const FEED_HELLO_MS: u64 = 10_000;
/// Between two messages of the node, milliseconds. A browser keeps its service worker alive for 30 s after each.
pub const FEED_BEAT_MS: u32 = 20_000;
/// How long a long poll waits for news at most, milliseconds: less than a request may take, and
/// less than proxies wait for an answer.
pub const FEED_POLL_MS: u32 = 25_000;
/// Most bytes of a message in either direction.
pub const FEED_MESSAGE_MAX_BYTES: usize = 1024;
/// Name of the server-sent event that ends the stream; its data is a
/// [`WireError`](crate::error::WireError). News have no name.
pub const FEED_END_EVENT: &str = "end";

/// Close codes of the WebSocket, of the range for applications (RFC 6455 § 7.4.2).
pub mod close {
    /// The session is over or never was one: who gets it must log in, and not try again.
    pub const SESSION_INVALID: u16 = 4401;
    /// No hello came, or none that can be read.
    pub const NO_HELLO: u16 = 4400;
    /// The cursor in the hello cannot be read.
    pub const CURSOR_INVALID: u16 = 4422;
    /// The node has as many feeds as it may have.
    pub const BUSY: u16 = 4503;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{bytes::Hex, codec};

    #[test]
    fn messages_are_as_documented() -> Result<(), Box<dyn std::error::Error>> {
        let mut hello = FeedHello {
            token: SessionTokenHex(Hex([0xab; 32])),
            cursor: None,
        };
        let text = serde_json::to_string(&hello)?;
        assert_eq!(text, format!(r#"{{"token":"{}"}}"#, "ab".repeat(32)));
        hello.cursor = Some("c".repeat(FEED_CURSOR_MAX_CHARS).try_into()?);
        assert!(serde_json::to_string(&hello)?.len() <= FEED_MESSAGE_MAX_BYTES);
        let news: FeedNews = codec::decode(r#"{"latest":7,"cursor":"a-_9"}"#, 64)
            .map_err(|error| error.code.message())?;
        assert_eq!((news.latest, news.snapshot), (Revision(7), false));
        assert_eq!(news.messages, Position(0), "of a node without messages");
        assert_eq!(news.cursor.as_str(), "a-_9");
        Ok(())
    }

    #[test]
    fn cursor_cannot_change_the_url_that_it_goes_into() {
        for bad in ["", "a&since=0", "a/b", "a b", "ä", "a%20", "a\n", "="] {
            assert_eq!(
                FeedCursor::try_from(bad.to_owned()),
                Err(FeedCursorError),
                "{bad}"
            );
        }
        let long = "a".repeat(FEED_CURSOR_MAX_CHARS + 1);
        assert_eq!(FeedCursor::try_from(long), Err(FeedCursorError));
    }
}
