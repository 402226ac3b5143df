//! The change feed: where it is heard, what is said first, and when to try again.
//!
//! The engine opens no connection that stays: the caller does, and hands over what it hears.

use proto::{
    api::feed::{FEED_MESSAGE_MAX_BYTES, FeedNews},
    bridge::popup::NodeState,
    codec,
};
use zeroize::Zeroizing;

use crate::{Engine, error::EngineError, node::NodeError, platform::Platform};

/// Upper bound of the first pause, milliseconds.
const PAUSE_FIRST_MS: u32 = 1_000;
/// Upper bound of any pause, milliseconds.
const PAUSE_MAX_MS: u32 = 5 * 60 * 1_000;

/// A feed to be opened.
pub struct Feed {
    /// URL of a WebSocket: `wss:`, or `ws:` on this computer.
    pub url: String,
    /// First message; holds the session's token.
    pub hello: Zeroizing<String>,
}

impl<P: Platform> Engine<P> {
    /// The feed of this account.
    ///
    /// # Errors
    /// [`EngineError::Locked`], [`EngineError::NoAccount`], [`EngineError::Node`] where the session is over.
    pub fn feed(&self) -> Result<Feed, EngineError> {
        Ok(self.node()?.feed()?)
    }

    /// Whether a message of the feed tells of something that is not here yet.
    ///
    /// # Errors
    /// [`NodeError::Misbehaved`]: it is none; [`EngineError::Locked`], [`EngineError::NoAccount`].
    pub fn is_news(&self, message: &str) -> Result<bool, EngineError> {
        let news: FeedNews =
            codec::decode(message, FEED_MESSAGE_MAX_BYTES).map_err(|_| NodeError::Misbehaved)?;
        self.with_open(|open| Ok(news.latest > open.since))
    }

    /// The feed was closed because its session is over: whether it goes on with a renewed one. Else
    /// nothing is sent any more until the user has signed in again.
    pub async fn session_goes_on(&self) -> bool {
        drop(self.ask_node(async |node| node.sessions().await).await);
        self.node_state() != NodeState::SignedOut
    }
}

/// Pauses between attempts: twice as long after each failure, at most five minutes, and each cut to a part of it by
/// chance, so that the clients of a node that comes back do not come all at once ("full jitter", Brooker 2015).
#[derive(Debug, Clone, Copy, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// An attempt went well.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// An attempt failed: how long to wait, milliseconds; `chance` is any of all 32-bit numbers.
    pub fn pause(&mut self, chance: u32) -> u32 {
        let most = PAUSE_FIRST_MS
            .saturating_mul(1 << self.failures.min(20))
            .min(PAUSE_MAX_MS);
        self.failures = self.failures.saturating_add(1);
        let part = (u64::from(most) * u64::from(chance)) >> 32;
        u32::try_from(part).unwrap_or(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_five_minutes_and_vary() {
        let mut backoff = Backoff::default();
        let most: Vec<_> = (0..11).map(|_| backoff.pause(u32::MAX)).collect();
        assert_eq!(
            most,
            [
                999, 1_999, 3_999, 7_999, 15_999, 31_999, 63_999, 127_999, 255_999, 299_999,
                299_999
            ]
        );
        assert_eq!(backoff.pause(0), 0);
        assert_eq!(backoff.pause(1 << 31), PAUSE_MAX_MS / 2);
        backoff.reset();
        assert_eq!(backoff.pause(u32::MAX), 999);
        for _ in 0..100 {
            assert!(backoff.pause(u32::MAX) < PAUSE_MAX_MS);
        }
    }
}
