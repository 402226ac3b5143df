//! The change feed of an account: that there is news, and up to where. What the news is, is pulled by `GET /vault`.

use serde::{Deserialize, Serialize};

use super::account::SessionTokenHex;
use crate::ids::Revision;

/// First message of a client on the WebSocket, within [`FEED_HELLO_MS`]. Browsers cannot send a header with it, and a token
/// in the URL would end in logs.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeedHello {
    /// The session.
    pub token: SessionTokenHex,
}

/// A message of the node: at once after the hello, with every write, and unchanged every [`FEED_BEAT_MS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeedNews {
    /// Position of the account's newest write.
    pub latest: Revision,
}

/// Time for the hello, milliseconds.
pub const FEED_HELLO_MS: u64 = 10_000;
/// Between two messages of the node, milliseconds. A browser keeps its service worker alive for 30 s after each.
pub const FEED_BEAT_MS: u32 = 20_000;
/// Most bytes of a message in either direction.
pub const FEED_MESSAGE_MAX_BYTES: usize = 1024;

/// Close codes of the WebSocket, of the range for applications (RFC 6455 § 7.4.2).
pub mod close {
    /// The session is over or never was one: who gets it must log in, and not try again.
    pub const SESSION_INVALID: u16 = 4401;
    /// No hello came, or none that can be read.
    pub const NO_HELLO: u16 = 4400;
    /// The node has as many feeds as it may have.
    pub const BUSY: u16 = 4503;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{bytes::Hex, codec};

    #[test]
    fn messages_are_as_documented() -> Result<(), Box<dyn std::error::Error>> {
        let hello = FeedHello {
            token: SessionTokenHex(Hex([0xab; 32])),
        };
        let text = serde_json::to_string(&hello)?;
        assert_eq!(text, format!(r#"{{"token":"{}"}}"#, "ab".repeat(32)));
        assert!(text.len() <= FEED_MESSAGE_MAX_BYTES);
        let news: FeedNews =
            codec::decode(r#"{"latest":7}"#, 64).map_err(|error| error.code.message())?;
        assert_eq!(news.latest, Revision(7));
        Ok(())
    }
}
