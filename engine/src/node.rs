//! A node, as the engine talks to it: one method for every route that the engine uses.

use proto::{
    address::Address,
    api::{
        account::{
            AddKeyRequest, CreateAccountRequest, DeleteAccountRequest, KeyList, SessionOpened,
            SessionTokenHex,
        },
        challenge::{Challenge, ChallengeRequest, Purpose},
        domain::{
            ClaimDomainRequest, CodeGiven, CodePurpose, CodeStanding, DomainList, DomainName,
            DomainUsers, DomainView, GiveCodeRequest, RedeemCodeRequest, SetRegistrationRequest,
            ShowCodeRequest,
        },
        feed::{FeedCursor, FeedHello},
        info::{AddressStatus, NodeInfo},
        manifest::{ManifestPage, VaultManifest},
        message::{
            AddressKey, MessageAccepted, MessageChallenge, MessageChallengeRequest, MessagePage,
            MessagePrices, RenewWorkRequest, SendMessageRequest, SetPricesRequest, StandRequest,
            Standing,
        },
        recovery::{
            ChangePasswordRequest, RecoverRequest, Recovered, RecoveryStatus, SetRecoveryRequest,
        },
        session::{
            EndOthersRequest, LoginRequest, NameDeviceRequest, OthersEnded, RenewSessionRequest,
            RenewalChallenge, SessionList, SessionRenewed,
        },
        vault::{DeleteItemRequest, ItemVersions, VaultPage, WriteAccepted, WriteItemRequest},
    },
    error::{ErrorCode, ErrorKind, WireError},
    ids::{Difficulty, ItemId, ItemVersion, MessageId, Position, Revision, SessionId, UnixMillis},
};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use crate::{
    feed::{Carrier, Feed},
    platform::{HttpRequest, HttpResponse, Method, Transport, TransportError},
};

pub(crate) use self::discovery::find;
pub use self::discovery::{ApiUrl, ServerError};

mod discovery;

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

    pub(crate) async fn info(&self) -> Result<NodeInfo, NodeError> {
        self.ask(Method::Get, "/info", None, ANSWER_MAX_BYTES).await
    }

    pub(crate) async fn address(&self, address: &Address) -> Result<AddressStatus, NodeError> {
        let path = format!("/addresses/{}", segment(address));
        self.ask(Method::Get, &path, None, ANSWER_MAX_BYTES).await
    }

    pub(crate) async fn challenge(
        &self,
        purpose: Purpose,
        address: &Address,
        now: UnixMillis,
    ) -> Result<Challenge, NodeError> {
        let request = ChallengeRequest {
            purpose,
            address: address.clone(),
        };
        let challenge: Challenge = self.post("/challenges", &request).await?;
        if challenge.purpose != purpose || !costs_what_it_says(&challenge) {
            return Err(NodeError::Misbehaved);
        }
        if challenge.expires_at <= now || challenge.expires_at > now.plus(CHALLENGE_MAX_MS) {
            return Err(NodeError::ClockDiffers);
        }
        Ok(challenge)
    }

    pub(crate) async fn create_account(
        &self,
        request: &CreateAccountRequest,
    ) -> Result<SessionOpened, NodeError> {
        self.post("/accounts", request).await
    }

    pub(crate) async fn log_in(&self, request: &LoginRequest) -> Result<SessionOpened, NodeError> {
        self.post("/sessions", request).await
    }

    pub(crate) async fn delete_account(
        &self,
        request: &DeleteAccountRequest,
    ) -> Result<(), NodeError> {
        self.post("/account/delete", request)
            .await
            .map(|Done {}| ())
    }

    pub(crate) async fn keys(&self) -> Result<KeyList, NodeError> {
        self.ask(Method::Get, "/keys", None, ANSWER_MAX_BYTES).await
    }

    pub(crate) async fn add_key(&self, request: &AddKeyRequest) -> Result<KeyList, NodeError> {
        self.post("/keys", request).await
    }

    pub(crate) async fn prices(&self) -> Result<MessagePrices, NodeError> {
        let path = "/messages/prices";
        self.ask(Method::Get, path, None, ANSWER_MAX_BYTES).await
    }

    pub(crate) async fn set_prices(
        &self,
        request: &SetPricesRequest,
    ) -> Result<MessagePrices, NodeError> {
        let body = Some(encode(request)?);
        let path = "/messages/prices";
        self.ask(Method::Put, path, body, ANSWER_MAX_BYTES).await
    }

    /// What a one-time code is good for.
    pub(crate) async fn code(&self, request: &ShowCodeRequest) -> Result<CodeStanding, NodeError> {
        self.post("/codes", request).await
    }

    pub(crate) async fn redeem(
        &self,
        request: &RedeemCodeRequest,
    ) -> Result<SessionOpened, NodeError> {
        self.post("/codes/redeem", request).await
    }

    pub(crate) async fn domains(&self) -> Result<DomainList, NodeError> {
        self.ask(Method::Get, "/domains", None, ANSWER_MAX_BYTES)
            .await
    }

    pub(crate) async fn claim_domain(
        &self,
        request: &ClaimDomainRequest,
    ) -> Result<DomainView, NodeError> {
        self.post("/domains", request).await
    }

    pub(crate) async fn set_registration(
        &self,
        domain: &DomainName,
        request: &SetRegistrationRequest,
    ) -> Result<DomainView, NodeError> {
        let body = Some(encode(request)?);
        let path = format!("/domains/{domain}/registration");
        self.ask(Method::Put, &path, body, ANSWER_MAX_BYTES).await
    }

    /// Accounts of a domain after a text, by address.
    pub(crate) async fn domain_users(
        &self,
        domain: &DomainName,
        after: &str,
    ) -> Result<DomainUsers, NodeError> {
        let after = after.replace('+', "%2B");
        let path = format!("/domains/{domain}/users?after={after}");
        self.ask(Method::Get, &path, None, ANSWER_MAX_BYTES).await
    }

    pub(crate) async fn give_code(
        &self,
        domain: &DomainName,
        purpose: CodePurpose,
        request: &GiveCodeRequest,
    ) -> Result<CodeGiven, NodeError> {
        let kind = match purpose {
            CodePurpose::Account => "invitations",
            CodePurpose::Reset => "resets",
        };
        self.post(&format!("/domains/{domain}/{kind}"), request)
            .await
    }

    pub(crate) async fn recovery(&self) -> Result<RecoveryStatus, NodeError> {
        self.ask(Method::Get, "/account/recovery", None, ANSWER_MAX_BYTES)
            .await
    }

    pub(crate) async fn set_recovery(
        &self,
        request: &SetRecoveryRequest,
    ) -> Result<RecoveryStatus, NodeError> {
        let body = Some(encode(request)?);
        self.ask(Method::Put, "/account/recovery", body, ANSWER_MAX_BYTES)
            .await
    }

    pub(crate) async fn recover(&self, request: &RecoverRequest) -> Result<Recovered, NodeError> {
        self.post("/recovery", request).await
    }

    pub(crate) async fn change_password(
        &self,
        request: &ChangePasswordRequest,
    ) -> Result<KeyList, NodeError> {
        let body = Some(encode(request)?);
        self.ask(Method::Put, "/account/password", body, ANSWER_MAX_BYTES)
            .await
    }

    pub(crate) async fn sessions(&self) -> Result<SessionList, NodeError> {
        self.ask(Method::Get, "/sessions", None, ANSWER_MAX_BYTES)
            .await
    }

    pub(crate) async fn revoke_session(&self, id: &SessionId) -> Result<(), NodeError> {
        let path = format!("/sessions/{id}");
        self.ask(Method::Delete, &path, None, ANSWER_MAX_BYTES)
            .await
            .map(|Done {}| ())
    }

    pub(crate) async fn end_other_sessions(
        &self,
        request: &EndOthersRequest,
    ) -> Result<OthersEnded, NodeError> {
        self.post("/sessions/end-others", request).await
    }

    pub(crate) async fn name_session(
        &self,
        id: &SessionId,
        request: &NameDeviceRequest,
    ) -> Result<(), NodeError> {
        let body = Some(encode(request)?);
        let path = format!("/sessions/{id}/name");
        self.ask(Method::Put, &path, body, ANSWER_MAX_BYTES)
            .await
            .map(|Done {}| ())
    }

    pub(crate) async fn renewal_challenge(&self) -> Result<RenewalChallenge, NodeError> {
        let path = "/sessions/current/challenge";
        self.ask(Method::Post, path, None, ANSWER_MAX_BYTES).await
    }

    pub(crate) async fn renew_session(
        &self,
        request: &RenewSessionRequest,
    ) -> Result<SessionRenewed, NodeError> {
        self.post("/sessions/current/renewal", request).await
    }

    pub(crate) async fn vault(&self, since: Revision) -> Result<VaultPage, NodeError> {
        let path = format!("/vault?since={since}&limit={PAGE_ITEMS}");
        self.ask(Method::Get, &path, None, PAGE_MAX_BYTES).await
    }

    /// The same of the database that the cursor is of; of another one all there is, which the page
    /// says. Without `since` from the cursor's place on.
    pub(crate) async fn vault_from(
        &self,
        cursor: &FeedCursor,
        since: Option<Revision>,
    ) -> Result<VaultPage, NodeError> {
        let since = since.map(|since| format!("&since={since}"));
        let path = format!(
            "/vault?cursor={}{}&limit={PAGE_ITEMS}",
            cursor.as_str(),
            since.unwrap_or_default()
        );
        self.ask(Method::Get, &path, None, PAGE_MAX_BYTES).await
    }

    pub(crate) async fn write_item(
        &self,
        id: &ItemId,
        request: &WriteItemRequest,
    ) -> Result<WriteAccepted, NodeError> {
        let body = Some(encode(request)?);
        self.ask(Method::Put, &format!("/vault/{id}"), body, ANSWER_MAX_BYTES)
            .await
    }

    pub(crate) async fn delete_item(
        &self,
        id: &ItemId,
        request: &DeleteItemRequest,
    ) -> Result<WriteAccepted, NodeError> {
        let body = Some(encode(request)?);
        self.ask(
            Method::Delete,
            &format!("/vault/{id}"),
            body,
            ANSWER_MAX_BYTES,
        )
        .await
    }

    /// Versions of an item before one of them, the newest first.
    pub(crate) async fn versions(
        &self,
        id: &ItemId,
        before: ItemVersion,
        limit: u32,
    ) -> Result<ItemVersions, NodeError> {
        let path = format!("/vault/{id}/versions?before={before}&limit={limit}");
        self.ask(Method::Get, &path, None, PAGE_MAX_BYTES).await
    }

    /// What devices have signed of the vault, after a number.
    pub(crate) async fn manifests(&self, after: u64) -> Result<ManifestPage, NodeError> {
        let path = format!("/vault/manifests?after={after}");
        self.ask(Method::Get, &path, None, PAGE_MAX_BYTES).await
    }

    pub(crate) async fn add_manifest(&self, manifest: &VaultManifest) -> Result<(), NodeError> {
        let body = Some(encode(manifest)?);
        self.ask(Method::Put, "/vault/manifest", body, ANSWER_MAX_BYTES)
            .await
            .map(|Done {}| ())
    }

    /// What is new of messages, from a place of their log on.
    pub(crate) async fn messages(
        &self,
        cursor: Option<&FeedCursor>,
    ) -> Result<MessagePage, NodeError> {
        let from = cursor.map(|cursor| format!("cursor={}&", cursor.as_str()));
        let path = format!("/messages?{}limit={MESSAGES}", from.unwrap_or_default());
        self.ask(Method::Get, &path, None, PAGE_MAX_BYTES).await
    }

    /// A challenge of the recipient's server.
    pub(crate) async fn message_challenge(
        &self,
        wish: &MessageChallengeRequest,
        now: UnixMillis,
    ) -> Result<MessageChallenge, NodeError> {
        let challenge: MessageChallenge = self.post("/messages/challenge", wish).await?;
        if !costs(&challenge.target.0, challenge.difficulty) {
            return Err(NodeError::Misbehaved);
        }
        if challenge.expires_at <= now || challenge.expires_at > now.plus(CHALLENGE_MAX_MS) {
            return Err(NodeError::ClockDiffers);
        }
        Ok(challenge)
    }

    pub(crate) async fn send(
        &self,
        id: MessageId,
        request: &SendMessageRequest,
    ) -> Result<MessageAccepted, NodeError> {
        let body = Some(encode(request)?);
        let path = format!("/messages/{id}");
        self.ask(Method::Put, &path, body, ANSWER_MAX_BYTES).await
    }

    pub(crate) async fn renew_work(
        &self,
        id: MessageId,
        request: &RenewWorkRequest,
    ) -> Result<MessageAccepted, NodeError> {
        let body = Some(encode(request)?);
        let path = format!("/messages/{id}/work");
        self.ask(Method::Put, &path, body, ANSWER_MAX_BYTES).await
    }

    /// The active key of any address.
    pub(crate) async fn key_of(&self, address: &Address) -> Result<AddressKey, NodeError> {
        let path = format!("/addresses/{}/key", segment(address));
        self.ask(Method::Get, &path, None, ANSWER_MAX_BYTES).await
    }

    pub(crate) async fn stand(
        &self,
        address: &Address,
        standing: Standing,
    ) -> Result<MessageAccepted, NodeError> {
        let body = Some(encode(&StandRequest { standing })?);
        let path = format!("/correspondents/{}", segment(address));
        self.ask(Method::Put, &path, body, ANSWER_MAX_BYTES).await
    }

    pub(crate) async fn clear(&self, address: &Address) -> Result<MessageAccepted, NodeError> {
        let path = format!("/correspondents/{}/messages", segment(address));
        self.ask(Method::Delete, &path, None, ANSWER_MAX_BYTES)
            .await
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
