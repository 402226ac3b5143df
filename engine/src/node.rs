//! A node, as the engine talks to it: one method for every route that the engine uses.

use proto::{
    address::Address,
    api::{
        account::SessionTokenHex,
        challenge::Challenge,
        feed::{FeedCursor, FeedHello},
    },
    error::{ErrorCode, ErrorKind, WireError},
    ids::{Difficulty, Position},
};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use crate::{
    feed::{Carrier, Feed},
    platform::{HttpRequest, HttpResponse, Method, Transport, TransportError},
};

pub(crate) use self::discovery::find;
pub use self::discovery::{ApiUrl, ServerError};

mod account;
mod discovery;
mod domains;
mod messages;
mod vault;

/// Items in one page of the vault: even if each is as large as it may be, a page stays below
/// [`PAGE_MAX_BYTES`].
pub(crate) const PAGE_ITEMS: u32 = 100;
/// Messages in one page.
const MESSAGES: u32 = 200;
/// A page of the vault, or of messages, bytes of JSON.
const PAGE_MAX_BYTES: usize = 16 * 1024 * 1024;
/// Any other answer, bytes of JSON: a hundred key pairs or sessions fit well.
const ANSWER_MAX_BYTES: usize = 256 * 1024;
/// Room for the JSON of a request with a secret in it, so that it never moves and leaves a copy.
const SECRET_BODY_BYTES: usize = 64 * 1024;

/// Longest time for which a challenge may be good, milliseconds; ours are for fifteen minutes.
const CHALLENGE_MAX_MS: u64 = 24 * 60 * 60 * 1000;

/// A node did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NodeError {
    /// Its vault is not the one that the account's devices have signed.
    #[error("the server shows another vault than was signed")]
    Altered,
    /// The answer is none of this protocol.
    #[error("the server misbehaved")]
    Misbehaved,
    /// Its vault was signed with a key that is not open here.
    #[error("the vault was signed with a key that is not open here")]
    KeyMissing,
    /// Its vault was signed with an older key of the account that is locked here.
    #[error("the vault was signed with an older key that is locked here")]
    KeyOlder,
    /// By its clock or by ours, what it gave is already over or lasts for days.
    #[error("the clocks differ")]
    ClockDiffers,
    /// Its vault is older than what this device has seen, or another line of it.
    #[error("the server shows an older state of the vault")]
    RolledBack,
    /// Whether its vault is the one that was signed cannot be told.
    #[error("what the server shows cannot be compared with what was signed")]
    Unproven,
    /// It refused, and said why.
    #[error("the server refused: {0}")]
    Refused(Box<WireError>),
    /// No answer, or none for now.
    #[error("the server cannot be reached")]
    Unreachable,
}

impl NodeError {
    /// The code on the wire.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Altered => ErrorCode::VaultAltered,
            Self::KeyMissing => ErrorCode::VaultKeyMissing,
            Self::KeyOlder => ErrorCode::VaultKeyOlder,
            Self::RolledBack => ErrorCode::VaultRolledBack,
            Self::Unproven => ErrorCode::VaultUnproven,
            Self::Misbehaved => ErrorCode::NodeMisbehaved,
            Self::ClockDiffers => ErrorCode::ClockWrong,
            Self::Refused(error) => error.code,
            Self::Unreachable => ErrorCode::NodeUnreachable,
        }
    }

    /// Whether the node refused with this code.
    pub(crate) fn is(&self, code: ErrorCode) -> bool {
        matches!(self, Self::Refused(error) if error.code == code)
    }
}

impl From<TransportError> for NodeError {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::TooLarge => Self::Misbehaved,
            TransportError::Unreachable => Self::Unreachable,
        }
    }
}

/// A node at its API's URL, with or without a session.
pub(crate) struct Node<'a, T> {
    transport: &'a T,
    api: ApiUrl,
    token: Option<SessionTokenHex>,
}

impl<'a, T: Transport> Node<'a, T> {
    pub(crate) fn new(transport: &'a T, api: ApiUrl) -> Self {
        Self {
            transport,
            api,
            token: None,
        }
    }

    pub(crate) fn with_session(transport: &'a T, api: ApiUrl, token: SessionTokenHex) -> Self {
        Self {
            transport,
            api,
            token: Some(token),
        }
    }

    /// What it shows.
    pub(crate) fn token(&self) -> Option<SessionTokenHex> {
        self.token.clone()
    }

    /// The feed of this session over a carrier, from a place on.
    pub(crate) fn feed(
        &self,
        carrier: Carrier,
        cursor: Option<FeedCursor>,
        messages: Option<Position>,
    ) -> Result<Feed, NodeError> {
        let token = self.token.clone().ok_or(NodeError::Misbehaved)?;
        let api = self.api.as_str();
        let path = match carrier {
            Carrier::WebSocket => {
                // APIs of nodes are `https:` or `http:`.
                let rest = api.strip_prefix("http").ok_or(NodeError::Misbehaved)?;
                return Ok(Feed {
                    url: format!("ws{rest}/vault/feed"),
                    secret: encode(&FeedHello { token, cursor })?,
                });
            }
            Carrier::Events => "events",
            Carrier::Poll => "poll",
        };
        let cursor = cursor.map(|cursor| format!("cursor={}", cursor.as_str()));
        let messages = messages.map(|position| format!("messages={position}"));
        let query: Vec<String> = [cursor, messages].into_iter().flatten().collect();
        let mark = if query.is_empty() { "" } else { "?" };
        Ok(Feed {
            url: format!("{api}/vault/feed/{path}{mark}{}", query.join("&")),
            secret: Zeroizing::new(token.0.to_string()),
        })
    }

    async fn post<A: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<A, NodeError> {
        self.ask(Method::Post, path, Some(encode(body)?), ANSWER_MAX_BYTES)
            .await
    }

    async fn ask<A: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<Zeroizing<String>>,
        max_bytes: usize,
    ) -> Result<A, NodeError> {
        let url = format!("{}{path}", self.api.as_str());
        let bearer = self
            .token
            .as_ref()
            .map(|token| Zeroizing::new(token.0.to_string()));
        let request = HttpRequest {
            method,
            url,
            bearer,
            body,
            max_bytes,
        };
        decode(&self.transport.send(request).await?)
    }
}

/// An address in a path: letters, digits, `.-_+@`, as they stand but for `+`, which careless servers read as a blank.
fn segment(address: &Address) -> String {
    address.as_str().replace('+', "%2B")
}

/// An answer without content.
#[derive(serde::Deserialize)]
struct Done {}

fn encode(body: &impl Serialize) -> Result<Zeroizing<String>, NodeError> {
    let mut bytes = Vec::with_capacity(SECRET_BODY_BYTES);
    // Cannot fail: every request is a plain struct, and a `Vec` takes what it is given.
    serde_json::to_writer(&mut bytes, body).map_err(|_| NodeError::Misbehaved)?;
    String::from_utf8(bytes)
        .map(Zeroizing::new)
        .map_err(|_| NodeError::Misbehaved)
}

fn decode<A: DeserializeOwned>(response: &HttpResponse) -> Result<A, NodeError> {
    if (200..300).contains(&response.status) {
        return serde_json::from_slice(&response.body).map_err(|_| NodeError::Misbehaved);
    }
    match serde_json::from_slice::<WireError>(&response.body) {
        // Not now: the same as not there.
        Ok(error) if error.kind == ErrorKind::Retry => Err(NodeError::Unreachable),
        // What the error says is ours to say: a node's own words are not shown as Pearvault's.
        Ok(error) => {
            let told = WireError {
                params: error.params,
                ..WireError::new(error.code)
            };
            Err(NodeError::Refused(Box::new(told)))
        }
        // A proxy before a node that is down, or that has had enough of us.
        Err(_) if response.status >= 500 || response.status == 429 => Err(NodeError::Unreachable),
        Err(_) => Err(NodeError::Misbehaved),
    }
}

/// Whether target and difficulty of a challenge are of one size: what the user is told to expect
/// comes of the one, and the work of the other.
fn costs_what_it_says(challenge: &Challenge) -> bool {
    costs(&challenge.target.0, challenge.difficulty)
}

#[expect(clippy::cast_precision_loss, reason = "a rough comparison")]
fn costs(target: &[u8; 32], difficulty: Difficulty) -> bool {
    let bytes = target.iter().rev();
    let chance = bytes.fold(0.0, |chance, byte| (chance + f64::from(*byte)) / 256.0);
    let tries = chance * difficulty.0 as f64;
    (0.9..=1.1).contains(&tries)
}

#[cfg(test)]
mod tests {
    use proto::api::vault::WriteAccepted;

    use super::*;

    fn outcome(status: u16, body: &str) -> Result<WriteAccepted, NodeError> {
        decode(&HttpResponse {
            status,
            body: Zeroizing::new(body.as_bytes().to_vec()),
        })
    }

    #[test]
    fn answers_are_told_apart() {
        assert!(outcome(200, r#"{"version":1,"revision":2,"new":true}"#).is_ok());
        let refused = outcome(
            409,
            r#"{"code":230,"kind":"refused","message":"<b>","params":{"version":"7"}}"#,
        );
        let Err(NodeError::Refused(error)) = refused else {
            unreachable!("it refuses")
        };
        assert_eq!(error.code, ErrorCode::VersionConflict);
        assert_eq!(error.message, ErrorCode::VersionConflict.message());
        assert_eq!(error.params["version"], "7");
        for (status, body, want) in [
            (200, "<html>", NodeError::Misbehaved),
            (200, "{}", NodeError::Misbehaved),
            (302, "", NodeError::Misbehaved),
            (404, "not here", NodeError::Misbehaved),
            (
                409,
                r#"{"code":9999,"kind":"refused","message":""}"#,
                NodeError::Misbehaved,
            ),
            (502, "<html>", NodeError::Unreachable),
            (429, "", NodeError::Unreachable),
            (
                503,
                r#"{"code":109,"kind":"retry","message":""}"#,
                NodeError::Unreachable,
            ),
        ] {
            assert_eq!(outcome(status, body), Err(want), "{status} {body}");
        }
    }
}
