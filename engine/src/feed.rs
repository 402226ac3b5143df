//! The change feed: where it is heard, what is said first, and when to try again.
//!
//! The engine opens no connection that stays: the caller does, and hands over what it hears.

mod carriers;
mod events;
mod pause;

use proto::{
    api::feed::{FEED_MESSAGE_MAX_BYTES, FeedCursor, FeedNews},
    bridge::popup::NodeState,
    codec,
    ids::Position,
};
use zeroize::Zeroizing;

pub use self::{
    carriers::{Carrier, Carriers},
    events::{Events, Said},
    pause::{Backoff, Pace},
};
use crate::{Engine, error::EngineError, node::NodeError, platform::Platform};

/// A feed to be opened.
pub struct Feed {
    /// URL of a WebSocket: `wss:`, or `ws:` on this computer; of the other carriers `https:` or `http:`.
    pub url: String,
    /// Holds the session's token: the first message on a WebSocket, the value of
    /// `Authorization: Bearer …` else.
    pub secret: Zeroizing<String>,
}

/// A message of the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Whether it tells of something that is not here yet.
    pub is_news: bool,
    /// Where the node stands: the next long poll waits for something else.
    pub place: Place,
}

/// Where an account stands at its node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Of the vault.
    pub cursor: FeedCursor,
    /// Of messages.
    pub messages: Position,
}

impl<P: Platform> Engine<P> {
    /// The feed of this account over a carrier; `heard` is what the last message of this very feed had.
    /// A long poll without it is answered at once.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::NoAccount`], [`EngineError::Node`] where the session is over.
    pub fn feed(&self, carrier: Carrier, heard: Option<Place>) -> Result<Feed, EngineError> {
        let (heard, messages) = heard.map_or((None, None), |heard| {
            (Some(heard.cursor), Some(heard.messages))
        });
        let cursor = match (carrier, heard) {
            (Carrier::Poll, heard) => heard,
            (_, None) => self.with_open(|open| Ok(open.cursor.clone()))?,
            (_, heard) => heard,
        };
        Ok(self.node()?.feed(carrier, cursor, messages)?)
    }

    /// What a message of the feed says.
    ///
    /// # Errors
    /// [`NodeError::Misbehaved`]: it is none; [`EngineError::Locked`], [`EngineError::NoAccount`].
    pub fn hear(&self, message: &str) -> Result<Heard, EngineError> {
        let news: FeedNews =
            codec::decode(message, FEED_MESSAGE_MAX_BYTES).map_err(|_| NodeError::Misbehaved)?;
        self.with_open(|open| {
            let has_messages = open.mail.hear(news.messages);
            Ok(Heard {
                // Of another database everything is read again, however far it is.
                is_news: news.snapshot || news.latest > open.since || has_messages,
                place: Place {
                    cursor: news.cursor,
                    messages: news.messages,
                },
            })
        })
    }

    /// The feed was closed because its session is over: whether it goes on with a renewed one. Else
    /// nothing is sent any more until the user has signed in again.
    pub async fn session_goes_on(&self) -> bool {
        drop(self.ask_node(async |node| node.sessions().await).await);
        self.node_state() != NodeState::SignedOut
    }
}
