//! What goes over a port: one JSON text for every frame.
//!
//! First exchange: `Hello {versions}` → `Welcome {version}`. Then requests `{v, id, body}`, each
//! answered by one `{id, ok}` or `{id, err}`, and events `{event}` at any time.

use serde::{Deserialize, Serialize};

use crate::error::WireError;

/// The version of the bridge that this build speaks.
pub const BRIDGE_VERSION: u32 = 1;

/// First frame of the side that connects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// Versions it speaks.
    pub versions: Vec<u32>,
    /// A content script's number, the same for as long as its document lives: its port may be
    /// opened more than once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<u64>,
}

/// First frame back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Welcome {
    /// The version chosen.
    pub version: u32,
}

/// A request; `body` is the port's enum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestFrame<T> {
    /// Version of the bridge.
    pub v: u32,
    /// Chosen by the asker, unique on its port.
    pub id: u64,
    /// What is asked.
    pub body: T,
}

/// What the background sends: the greeting, an answer, or an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ServerFrame<T, E> {
    /// The greeting.
    Welcome(Welcome),
    /// An answer that is what was asked for.
    Ok(OkFrame<T>),
    /// An answer that is an error.
    Err(ErrFrame),
    /// News.
    Event(EventFrame<E>),
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OkFrame<T> {
    /// Of the request.
    pub id: u64,
    /// The response.
    pub ok: T,
}

/// An error for an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrFrame {
    /// Of the request.
    pub id: u64,
    /// What went wrong.
    pub err: WireError,
}

/// News.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventFrame<E> {
    /// The event.
    pub event: E,
}

/// The version both sides speak, if there is one.
pub fn common_version(hello: &Hello) -> Option<u32> {
    hello
        .versions
        .contains(&BRIDGE_VERSION)
        .then_some(BRIDGE_VERSION)
}
