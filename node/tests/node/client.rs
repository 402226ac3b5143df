//! A small HTTP client and the client's half of the protocol, for tests and figures.

use std::{
    error::Error,
    hash::{DefaultHasher, Hash, Hasher as _},
};

use http_body_util::{BodyExt as _, Full};
use hyper::{HeaderMap, Request, body::Bytes};
use hyper_util::{
    client::legacy::{Client as HyperClient, connect::HttpConnector},
    rt::TokioExecutor,
};
use pow::{Header, Target};
use proto::{
    api::{
        account::{CreateAccountRequest, LoginKeyHex, SealedKeyPair, SessionOpened},
        challenge::{Challenge, ChallengeRequest, ProofOfWork, Purpose},
        session::{Device, LoginRequest},
        vault::{SealedItem, VaultContent, WriteAccepted, WriteItemRequest},
    },
    bytes::{Base64, Hex},
    error::{ErrorCode, WireError},
    ids::{DeviceId, ItemId, ItemVersion, KeyNumber, UnixMillis, UpdateId},
};
use serde::{Serialize, de::DeserializeOwned};

/// What every fact returns.
pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// A public key on the curve: its generator (SEC 2, § 2.4.2).
pub(crate) const PUBLIC_KEY: &str =
    "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";

/// A client of one node.
#[derive(Clone)]
pub(crate) struct Client {
    http: HyperClient<HttpConnector, Full<Bytes>>,
    base: String,
    token: Option<String>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Client {
    pub(crate) fn new(base: impl Into<String>) -> Self {
        let http = HyperClient::builder(TokioExecutor::new()).build_http();
        Self {
            http,
            base: base.into(),
            token: None,
        }
    }

    /// The same client with a session.
    #[must_use]
    pub(crate) fn signed_in(&self, opened: &SessionOpened) -> Self {
        self.with_token(&opened.token.0.to_string())
    }

    #[must_use]
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// Sends anything. A content type is sent where `content_type` names one.
    pub(crate) async fn raw(
        &self,
        method: &str,
        path: &str,
        content_type: Option<&str>,
        body: impl Into<Bytes>,
    ) -> Outcome<Answer> {
        self.send(method, path, content_type, &[], body).await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        content_type: Option<&str>,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Outcome<Answer> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base));
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self
            .http
            .request(request.body(Full::new(body.into()))?)
            .await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.into_body().collect().await?.to_bytes();
        Ok(Answer {
            status,
            headers,
            body,
        })
    }

    /// Sends JSON.
    pub(crate) async fn json(
        &self,
        method: &str,
        path: &str,
        body: &impl Serialize,
    ) -> Outcome<Answer> {
        self.raw(
            method,
            path,
            Some("application/json"),
            serde_json::to_vec(body)?,
        )
        .await
    }

    pub(crate) async fn get(&self, path: &str) -> Outcome<Answer> {
        self.raw("GET", path, None, "").await
    }

    /// A challenge with its solution.
    pub(crate) async fn solved(&self, purpose: Purpose, address: &str) -> Outcome<ProofOfWork> {
        let ask = ChallengeRequest {
            purpose,
            address: address.parse()?,
        };
        let challenge: Challenge = self.json("POST", "/api/v1/challenges", &ask).await?.ok()?;
        solve(&challenge)
    }

    /// Makes an account with real proof of work.
    pub(crate) async fn create(&self, address: &str) -> Outcome<SessionOpened> {
        let pow = self.solved(Purpose::Account, address).await?;
        self.json("POST", "/api/v1/accounts", &account(address, pow)?)
            .await?
            .ok()
    }

    /// Opens a session with real proof of work.
    pub(crate) async fn log_in(&self, address: &str, login_key: u8, device: u8) -> Outcome<Answer> {
        let pow = self.solved(Purpose::Login, address).await?;
        self.json(
            "POST",
            "/api/v1/sessions",
            &login(address, login_key, device, pow)?,
        )
        .await
    }

    /// Writes an item.
    pub(crate) async fn put(&self, item: ItemId, version: u64, bytes: &[u8]) -> Outcome<Answer> {
        let path = format!("/api/v1/vault/{item}");
        let update = update(&(item, version, bytes));
        let request = WriteItemRequest {
            update,
            ..write(version, bytes)
        };
        self.json("PUT", &path, &request).await
    }
}

impl Answer {
    /// The body of a 200.
    pub(crate) fn ok<T: DeserializeOwned>(&self) -> Outcome<T> {
        if self.status != 200 {
            return Err(format!("{} {}", self.status, self.text()).into());
        }
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// The code of a refusal, whose whole form is checked.
    pub(crate) fn refusal(&self) -> Outcome<(u16, ErrorCode)> {
        let error: WireError = serde_json::from_slice(&self.body)
            .map_err(|error| format!("{error}: {} {}", self.status, self.text()))?;
        if error.kind != error.code.kind() || error.message != error.code.message() {
            return Err(format!("kind or message of {error:?}").into());
        }
        if self.header("content-type") != "application/json" {
            return Err("a refusal that is not announced as JSON".into());
        }
        Ok((self.status, error.code))
    }

    /// A figure of a refusal.
    pub(crate) fn param(&self, name: &str) -> Outcome<String> {
        let error: WireError = serde_json::from_slice(&self.body)?;
        Ok(error
            .params
            .get(name)
            .ok_or_else(|| format!("no {name}: {error:?}"))?
            .clone())
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn accepted(&self) -> Outcome<WriteAccepted> {
        self.ok()
    }
}

/// Tries nonces until one solves it.
pub(crate) fn solve(challenge: &Challenge) -> Outcome<ProofOfWork> {
    let target = Target::new(challenge.target.0)?;
    let start = Header::new(challenge.header.0);
    let header = (0..1 << 30)
        .map(|position| start.at(0, position))
        .find(|header| pow::verify(header, &target).is_ok())
        .ok_or("no solution")?;
    Ok(ProofOfWork {
        solved_header: Hex(*header.as_bytes()),
        target: challenge.target,
        expires_at: challenge.expires_at,
        signature: challenge.signature,
    })
}

pub(crate) fn login_key(byte: u8) -> LoginKeyHex {
    LoginKeyHex(Hex([byte; 32]))
}

pub(crate) fn key(number: u32) -> Outcome<SealedKeyPair> {
    Ok(SealedKeyPair {
        number: KeyNumber(number),
        public_key: Hex::parse(PUBLIC_KEY)?,
        sealed_private_key: Base64(vec![u8::try_from(number)?; 61]),
    })
}

pub(crate) fn device(number: u8) -> Device {
    let id = DeviceId::make(UnixMillis(1), [number; 10]);
    Device {
        id,
        description: format!("Device {number}"),
    }
}

pub(crate) fn item(number: u16) -> ItemId {
    let mut random = [0; 10];
    random[..2].copy_from_slice(&number.to_be_bytes());
    ItemId::make(UnixMillis(1), random)
}

pub(crate) fn content(bytes: &[u8]) -> SealedItem {
    SealedItem {
        key_number: KeyNumber(1),
        overview: Base64(bytes.to_vec()),
        secrets: Base64(bytes.iter().rev().copied().collect()),
    }
}

/// The same as a node keeps it.
pub(crate) fn live(bytes: &[u8]) -> VaultContent {
    VaultContent::Item(content(bytes))
}

/// The id of a write that is told apart by `what`.
pub(crate) fn update(what: &impl Hash) -> UpdateId {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    let mut id = [7; 16];
    id[..8].copy_from_slice(&hasher.finish().to_be_bytes());
    UpdateId::from_bytes(id)
}

pub(crate) fn write(version: u64, bytes: &[u8]) -> WriteItemRequest {
    WriteItemRequest {
        update: update(&(version, bytes)),
        version: ItemVersion(version),
        content: content(bytes),
    }
}

/// The body that makes an account, with login key 1 and device 1.
pub(crate) fn account(address: &str, pow: ProofOfWork) -> Outcome<CreateAccountRequest> {
    Ok(CreateAccountRequest {
        address: address.parse()?,
        login_key: login_key(1),
        key: key(1)?,
        device: device(1),
        pow,
    })
}

pub(crate) fn login(
    address: &str,
    key: u8,
    device_number: u8,
    pow: ProofOfWork,
) -> Outcome<LoginRequest> {
    Ok(LoginRequest {
        address: address.parse()?,
        login_key: login_key(key),
        device: device(device_number),
        pow,
    })
}
