//! A WebSocket to a node.

use futures_util::{SinkExt as _, StreamExt as _};
use gloo::net::websocket::{Message, WebSocketError, futures::WebSocket};

use crate::BrowserError;

/// An open WebSocket; dropping it closes it.
pub struct Socket(WebSocket);

/// How a WebSocket ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// Close code (RFC 6455 § 7.4); 1006 where the connection broke or never was.
    pub code: u16,
}

/// No close frame came.
const BROKEN: Closed = Closed { code: 1006 };

impl Socket {
    /// Begins to connect.
    ///
    /// # Errors
    /// [`BrowserError::Failed`]: no URL of a WebSocket.
    pub fn open(url: &str) -> Result<Self, BrowserError> {
        let failed = |_| BrowserError::Failed { call: "WebSocket" };
        WebSocket::open(url).map(Self).map_err(failed)
    }

    /// Sends a text, once it is open.
    ///
    /// # Errors
    /// [`Closed`]
    pub async fn say(&mut self, text: &str) -> Result<(), Closed> {
        self.0
            .send(Message::Text(text.to_owned()))
            .await
            .map_err(ended)
    }

    /// The next text. What is none ends it.
    ///
    /// # Errors
    /// [`Closed`]
    pub async fn hear(&mut self) -> Result<String, Closed> {
        match self.0.next().await {
            Some(Ok(Message::Text(text))) => Ok(text),
            Some(Ok(Message::Bytes(_))) | None => Err(BROKEN),
            Some(Err(error)) => Err(ended(error)),
        }
    }
}

fn ended(error: WebSocketError) -> Closed {
    match error {
        WebSocketError::ConnectionClose(event) => Closed { code: event.code },
        _ => BROKEN,
    }
}
