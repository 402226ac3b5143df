//! Chromium's debugging protocol over its own socket: for the service worker, which WebDriver
//! cannot see.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

/// A connection to the browser.
#[derive(Debug)]
pub(super) struct Cdp {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    next: u64,
    events: Vec<Value>,
}

impl Cdp {
    /// Connects to the browser that runs on `profile`.
    pub(super) async fn connect(profile: &Path) -> Result<Self> {
        let file = profile.join("DevToolsActivePort");
        let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let (port, path) = text
            .split_once('\n')
            .context("DevToolsActivePort has two lines")?;
        let url = format!("ws://127.0.0.1:{}{}", port.trim(), path.trim());
        let (socket, _) = connect_async(&url)
            .await
            .context("Chromium's debugging socket")?;
        Ok(Self {
            socket,
            next: 1,
            events: Vec::new(),
        })
    }

    /// One command; `session` names an attached target.
    pub(super) async fn call(
        &mut self,
        session: Option<&str>,
        method: &str,
        params: Value,
    ) -> Result<Value> {
        let id = self.next;
        self.next += 1;
        let mut message = json!({"id": id, "method": method, "params": params});
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        self.socket.send(Message::text(message.to_string())).await?;
        while let Some(frame) = self.socket.next().await {
            let Message::Text(text) = frame? else {
                continue;
            };
            let mut answer: Value = serde_json::from_str(text.as_str())?;
            if answer["id"] != id {
                self.events.push(answer);
                continue;
            }
            if let Some(error) = answer.get("error") {
                bail!("{method}: {error}");
            }
            return Ok(answer["result"].take());
        }
        bail!("{method}: Chromium closed the debugging socket")
    }

    /// Waits for an event by its name, which [`Self::take_events`] then gives.
    pub(super) async fn wait_for(&mut self, method: &str) -> Result<()> {
        while !self.events.iter().any(|event| event["method"] == method) {
            let frame = self.socket.next().await;
            let frame = frame.with_context(|| format!("no {method}: the socket was closed"))?;
            if let Message::Text(text) = frame? {
                self.events.push(serde_json::from_str(text.as_str())?);
            }
        }
        Ok(())
    }

    /// Events that came since the last call.
    pub(super) fn take_events(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.events)
    }
}
