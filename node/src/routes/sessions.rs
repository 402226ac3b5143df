//! `POST /sessions`, `GET /sessions`, `DELETE /sessions/{id}`, `PUT /sessions/{id}/name`.

use std::sync::Arc;

use axum::extract::State;
use proto::{
    address::Address,
    api::{
        account::{SealedKeyPair, SessionOpened, SessionTokenHex},
        challenge::Purpose,
        session::{
            Device, EndOthersRequest, LoginRequest, NameDeviceRequest, OthersEnded, SessionList,
            SessionView,
        },
    },
    bytes::Hex,
    error::{ErrorCode, WireError},
    ids::{AccountId, SessionId},
    limits::{DEVICE_DESCRIPTION_MAX_CHARS, SEALED_DEVICE_NAME_BYTES, SESSION_MAX_MS},
};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};
use wasm_core::kdf::server::{StoredLoginHash, login_key};

use super::{
    challenges::{check, spend},
    keys::sealed_keys,
};
use crate::{
    app::App,
    error::ApiError,
    extract::{Json, PathParameter, SignedIn, Token, next_token, token_hash},
    store::{KeptSession, NewSession, Proven},
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(open, list))
        .routes(routes!(end_current))
        .routes(routes!(end_others))
        .routes(routes!(end))
        .routes(routes!(name))
}

/// Opens a session. An unknown address and a wrong password have one answer and take one time.
#[utoipa::path(
    post,
    path = "/sessions",
    tag = "account",
    request_body = LoginRequest,
    responses(
        (status = 200, body = SessionOpened),
        (
            status = "4XX",
            description = "`AddressInvalid`, `DomainNotServed`, `CredentialsWrong`, \
                `ChallengeExpired`, `ChallengeForeign`, `ChallengeForged`, `ChallengeSpent`, \
                `ChallengeUnsolved`",
            body = WireError
        )
    )
)]
async fn open(
    State(app): State<Arc<App>>,
    Json(ask): Json<LoginRequest>,
) -> Result<axum::Json<SessionOpened>, ApiError> {
    app.check_served(&ask.address).await?;
    let paid = check(&app, Purpose::Login, &ask.address, &ask.pow)?;
    check_device(&ask.device)?;
    let place = app.kdf.reserve()?;
    // Before the password is looked at: each try costs its own work, also a wrong one.
    spend(&app, paid).await?;
    // An unknown address is hashed like a known one, for an account that stands in for it.
    let account = app.store.account_by_address(&ask.address).await?;
    let id = account
        .as_ref()
        .map_or_else(|| app.decoy_key.account(&ask.address), |a| a.id);
    let stored = account
        .as_ref()
        .map_or(StoredLoginHash::from_bytes([0; 32]), |a| a.login_hash);
    let hash = place.hash(login_key(&ask.login_key), id).await?;
    let right = hash.matches(&stored);
    if account.is_none() || !right {
        return Err(ErrorCode::CredentialsWrong.into());
    }
    let opened = OpenedSession::make(&app, id, &ask.device, Some(Proven::Password(hash)))?;
    let is_new_device = app.store.open_session(opened.stored()).await?;
    // The older session of this device is over.
    app.news.session_ended(id);
    let keys = sealed_keys(app.store.keys(id).await?);
    Ok(axum::Json(opened.answer(is_new_device, keys, &ask.address)))
}

/// The sessions of the account: those that are good, and those that have ended by age and may be
/// renewed.
#[utoipa::path(
    get,
    path = "/sessions",
    tag = "account",
    security(("session" = [])),
    responses(
        (status = 200, body = SessionList),
        (status = "4XX", description = "`SessionInvalid`", body = WireError)
    )
)]
async fn list(
    State(app): State<Arc<App>>,
    SignedIn(current): SignedIn,
) -> Result<axum::Json<SessionList>, ApiError> {
    let sessions = app.store.sessions(current.account, app.now()).await?;
    let view = |session: crate::store::Session| SessionView {
        current: session.id == current.id,
        id: session.id,
        device: session.device,
        description: session.description,
        name: session.name,
        created_at: session.created_at,
        last_used_at: session.last_used_at,
    };
    Ok(axum::Json(SessionList {
        sessions: sessions.into_iter().map(view).collect(),
    }))
}

/// Ends the session that asks.
#[utoipa::path(
    delete,
    path = "/sessions/current",
    tag = "account",
    security(("session" = [])),
    responses(
        (status = 200, description = "Ended", body = Object),
        (status = "4XX", description = "`SessionInvalid`", body = WireError)
    )
)]
async fn end_current(
    State(app): State<Arc<App>>,
    SignedIn(current): SignedIn,
) -> Result<axum::Json<serde_json::Value>, ApiError> {
    app.store.end_session(current.account, current.id).await?;
    app.news.session_ended(current.account);
    Ok(axum::Json(json!({})))
}

/// Ends all sessions of the account but the one that asks, which gets another token: copies of it end too.
#[utoipa::path(
    post,
    path = "/sessions/end-others",
    tag = "account",
    security(("session" = [])),
    request_body = EndOthersRequest,
    responses(
        (status = 200, body = OthersEnded),
        (status = "4XX", description = "`SessionInvalid`", body = WireError)
    )
)]
async fn end_others(
    State(app): State<Arc<App>>,
    Token(shown): Token,
    SignedIn(current): SignedIn,
    Json(ask): Json<EndOthersRequest>,
) -> Result<axum::Json<OthersEnded>, ApiError> {
    let kept = KeptSession {
        account: current.account,
        id: current.id,
        shown,
        token: next_token(shown, &ask.token_seed),
    };
    let ended = app.store.end_other_sessions(kept).await?;
    app.news.session_ended(current.account);
    Ok(axum::Json(OthersEnded {
        ended: u32::try_from(ended).unwrap_or(u32::MAX),
    }))
}

/// Ends one session of the account.
#[utoipa::path(
    delete,
    path = "/sessions/{id}",
    tag = "account",
    security(("session" = [])),
    params(("id" = SessionId, Path, description = "Which")),
    responses(
        (status = 200, description = "Ended", body = Object),
        (status = "4XX", description = "`SessionInvalid`, `NotFound`", body = WireError)
    )
)]
async fn end(
    State(app): State<Arc<App>>,
    SignedIn(current): SignedIn,
    PathParameter(id): PathParameter<SessionId>,
) -> Result<axum::Json<serde_json::Value>, ApiError> {
    if app.store.end_session(current.account, id).await? {
        app.news.session_ended(current.account);
        Ok(axum::Json(json!({})))
    } else {
        Err(ErrorCode::NotFound.into())
    }
}

/// Keeps what the user calls a device of the account. The node cannot read it.
#[utoipa::path(
    put,
    path = "/sessions/{id}/name",
    tag = "account",
    security(("session" = [])),
    params(("id" = SessionId, Path, description = "Which")),
    request_body = NameDeviceRequest,
    responses(
        (status = 200, description = "It is on disk", body = Object),
        (
            status = "4XX",
            description = "`SessionInvalid`, `NotFound`, `InvalidField`",
            body = WireError
        )
    )
)]
async fn name(
    State(app): State<Arc<App>>,
    SignedIn(current): SignedIn,
    PathParameter(id): PathParameter<SessionId>,
    Json(ask): Json<NameDeviceRequest>,
) -> Result<axum::Json<serde_json::Value>, ApiError> {
    let sealed = ask.name.as_ref().map(|name| name.sealed.0.len());
    if sealed.is_some_and(|bytes| bytes != SEALED_DEVICE_NAME_BYTES) {
        return Err(ApiError::new(ErrorCode::InvalidField).with("field", "name.sealed"));
    }
    if app
        .store
        .name_session(current.account, id, ask.name)
        .await?
    {
        Ok(axum::Json(json!({})))
    } else {
        Err(ErrorCode::NotFound.into())
    }
}

/// A session that is about to be opened, with the only copy of its token.
pub(super) struct OpenedSession {
    token: SessionTokenHex,
    session: NewSession,
}

impl OpenedSession {
    pub(super) fn make(
        app: &App,
        account: AccountId,
        device: &Device,
        proven: Option<Proven>,
    ) -> Result<Self, ApiError> {
        check_device(device)?;
        let now = app.now();
        let mut token = SessionTokenHex(Hex([0; 32]));
        app.random.fill(&mut token.0.0)?;
        let session = NewSession {
            id: SessionId::make(now, app.random.bytes()?),
            account,
            device: device.id,
            description: device.description.clone(),
            token: token_hash(&token),
            created_at: now,
            proven,
        };
        Ok(Self { token, session })
    }

    /// What the store keeps of it.
    pub(super) fn stored(&self) -> NewSession {
        self.session.clone()
    }

    /// What its owner is told, once.
    pub(super) fn answer(
        self,
        is_new_device: bool,
        keys: Vec<SealedKeyPair>,
        address: &Address,
    ) -> SessionOpened {
        SessionOpened {
            account: self.session.account,
            session: self.session.id,
            token: self.token,
            expires_at: self.session.created_at.plus(SESSION_MAX_MS),
            is_new_device,
            keys,
            warnings: address.warnings(),
        }
    }
}

pub(super) fn check_device(device: &Device) -> Result<(), ApiError> {
    let field = "device.description";
    if device.description.chars().count() > DEVICE_DESCRIPTION_MAX_CHARS {
        let max = DEVICE_DESCRIPTION_MAX_CHARS;
        return Err(ApiError::new(ErrorCode::TooLarge)
            .with("field", field)
            .with("max", max));
    }
    if device.description.chars().any(char::is_control) {
        return Err(ApiError::new(ErrorCode::InvalidField).with("field", field));
    }
    Ok(())
}
