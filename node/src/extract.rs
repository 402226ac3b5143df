//! What a handler takes from a request, each refusal as this node words it.

use std::{str::FromStr, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{HeaderMap, header, request::Parts},
};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use proto::{
    address::Address,
    api::{account::SessionTokenHex, domain::DomainName},
    bytes::Hex,
    codec,
    error::ErrorCode,
    limits::API_BODY_MAX_BYTES,
};
use serde::de::DeserializeOwned;
use wasm_core::renewal;

use crate::{
    app::App,
    error::ApiError,
    store::{Session, StoreError, TokenHash},
};

/// A use of a session is written down when the last one written is this old, milliseconds.
const TOUCH_AFTER_MS: u64 = 60 * 1000;

/// A body: JSON, announced as JSON, of at most [`API_BODY_MAX_BYTES`], strict.
pub(crate) struct Json<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ErrorCode::UnsupportedMediaType.into());
        }
        let body = collect(request.into_body(), API_BODY_MAX_BYTES).await?;
        let text =
            std::str::from_utf8(&body).map_err(|_| ApiError::new(ErrorCode::MalformedRequest))?;
        codec::decode(text, API_BODY_MAX_BYTES)
            .map(Self)
            .map_err(|error| {
                if error.code == ErrorCode::InvalidField
                    && let Some(rule) = broken_address(text)
                {
                    return rule;
                }
                error.into()
            })
    }
}

/// Whether a body is announced as JSON.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(value)) = headers
        .get(header::CONTENT_TYPE)
        .map(|value| value.to_str())
    else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// A whole body of at most `max` bytes.
pub(crate) async fn collect(body: Body, max: usize) -> Result<Bytes, ApiError> {
    match Limited::new(body, max).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(ApiError::new(ErrorCode::TooLarge).with("max", max))
        }
        // The connection broke off or the framing is wrong.
        Err(_) => Err(ErrorCode::MalformedRequest.into()),
    }
}

/// Where the field that does not fit is the address, its own code says more.
fn broken_address(text: &str) -> Option<ApiError> {
    let body: serde_json::Value = serde_json::from_str(text).ok()?;
    let rule = body.get("address")?.as_str()?.parse::<Address>().err()?;
    Some(rule.into())
}

/// The one parameter of a path.
pub(crate) struct PathParameter<T>(pub(crate) T);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for PathParameter<T>
where
    ApiError: FromPathError<T>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| ApiError::new(ErrorCode::MalformedRequest))?;
        text.parse().map(Self).map_err(ApiError::from_path)
    }
}

/// How a parameter that cannot be read is refused.
pub(crate) trait FromPathError<T: FromStr> {
    /// The refusal.
    fn from_path(error: T::Err) -> Self;
}

impl FromPathError<Address> for ApiError {
    fn from_path(error: proto::address::AddressError) -> Self {
        error.into()
    }
}

impl FromPathError<DomainName> for ApiError {
    fn from_path(error: proto::address::AddressError) -> Self {
        error.into()
    }
}

macro_rules! id_in_path {
    ($($name:ident),*) => {$(
        impl FromPathError<proto::ids::$name> for ApiError {
            fn from_path(_: proto::ids::IdError) -> Self {
                Self::new(ErrorCode::InvalidField).with("field", "path")
            }
        }
    )*};
}
id_in_path!(ItemId, MessageId, SessionId);

/// The query string.
pub(crate) struct QueryString<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for QueryString<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        let invalid = |_| ApiError::new(ErrorCode::InvalidField).with("field", "query");
        query.map(|Query(value)| Self(value)).map_err(invalid)
    }
}

/// The session that a request shows, alive; its use is noted.
pub(crate) struct SignedIn(pub(crate) Session);

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let invalid = || ApiError::new(ErrorCode::SessionInvalid);
        let token = bearer(&parts.headers).ok_or_else(invalid)?;
        let session = alive_session(app, token_hash(&token), TOUCH_AFTER_MS).await?;
        session.map(Self).ok_or_else(invalid)
    }
}

/// The token that a request shows, of a session that somebody still has to look for.
pub(crate) struct Token(pub(crate) TokenHash);

impl<S: Send + Sync> FromRequestParts<S> for Token {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let token = bearer(&parts.headers).ok_or(ErrorCode::SessionInvalid)?;
        Ok(Self(token_hash(&token)))
    }
}

/// The session of a token unless it is over; its use is noted where the last one noted is `touch_after_ms` old.
pub(crate) async fn alive_session(
    app: &App,
    token: TokenHash,
    touch_after_ms: u64,
) -> Result<Option<Session>, StoreError> {
    let now = app.now();
    let Some(session) = app.store.session_by_token(&token, now).await? else {
        return Ok(None);
    };
    if now >= session.last_used_at.plus(touch_after_ms) {
        app.store.touch_session(session.id, now).await?;
    }
    Ok(Some(session))
}

/// What the store knows a token by.
pub(crate) fn token_hash(token: &SessionTokenHex) -> TokenHash {
    TokenHash(renewal::token_hash(token))
}

/// What the store knows the token by that follows one, see [`renewal::next_token`].
pub(crate) fn next_token(shown: TokenHash, seed: &Hex<32>) -> TokenHash {
    token_hash(&renewal::next_token(&shown.0, seed))
}

fn bearer(headers: &HeaderMap) -> Option<SessionTokenHex> {
    let (scheme, token) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    Hex::parse(token).ok().map(SessionTokenHex)
}
