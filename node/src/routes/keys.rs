//! `GET /keys`, `POST /keys`.

use std::sync::Arc;

use axum::extract::State;
use proto::{
    api::account::{AddKeyRequest, KeyList, SealedKeyPair},
    bytes::{Base64, Hex},
    error::{ErrorCode, WireError},
    limits::{KEYS_MAX, SEALED_PRIVATE_KEY_BYTES},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use wasm_core::keys::PublicKey;

use super::password;
use crate::{
    app::App,
    error::ApiError,
    extract::{Json, SignedIn},
    store::{NewKey, Proven, StoredKey},
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list, add))
}

/// The key pairs of the account; the last one is active.
#[utoipa::path(
    get,
    path = "/keys",
    tag = "account",
    security(("session" = [])),
    responses(
        (status = 200, body = KeyList),
        (status = "4XX", description = "`SessionInvalid`", body = WireError)
    )
)]
async fn list(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
) -> Result<axum::Json<KeyList>, ApiError> {
    Ok(axum::Json(KeyList {
        keys: sealed_keys(app.store.keys(session.account).await?),
    }))
}

/// Adds a key pair, which becomes the active one; for who knows the password: people write to the
/// active key. Sending the newest one again changes nothing. Ten tries an hour.
#[utoipa::path(
    post,
    path = "/keys",
    tag = "account",
    security(("session" = [])),
    request_body = AddKeyRequest,
    responses(
        (status = 200, body = KeyList),
        (
            status = "4XX",
            description = "`SessionInvalid`, `CredentialsWrong`, `RateLimited`, \
                `VersionConflict` (the number is not the next one; `params.version` has the \
                newest), `QuotaExceeded`",
            body = WireError
        )
    )
)]
async fn add(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
    Json(ask): Json<AddKeyRequest>,
) -> Result<axum::Json<KeyList>, ApiError> {
    let key = checked_key(&ask.key)?;
    let password = password::confirm(&app, &session, &ask.login_key).await?;
    let new = NewKey {
        account: session.account,
        key,
        proven: Proven::Password(password),
        created_at: app.now(),
    };
    app.store.add_key(new).await?;
    Ok(axum::Json(KeyList {
        keys: sealed_keys(app.store.keys(session.account).await?),
    }))
}

/// A key pair as the store has it: its public half is on the curve, its private half has the one
/// length that a sealed key has.
pub(super) fn checked_key(key: &SealedKeyPair) -> Result<StoredKey, ApiError> {
    let invalid = |field| ApiError::new(ErrorCode::InvalidField).with("field", field);
    let public = PublicKey::parse(&key.public_key.0).map_err(|_| invalid("key.publicKey"))?;
    if key.sealed_private_key.0.len() != SEALED_PRIVATE_KEY_BYTES {
        return Err(invalid("key.sealedPrivateKey"));
    }
    Ok(StoredKey {
        number: key.number,
        public_key: *public.as_bytes(),
        sealed_private_key: key.sealed_private_key.0.clone(),
    })
}

/// Several of them, in the order of their numbers, each once.
pub(super) fn checked_keys(keys: &[SealedKeyPair]) -> Result<Vec<StoredKey>, ApiError> {
    let ordered = keys.is_sorted_by(|one, next| one.number < next.number);
    if !ordered || keys.len() > KEYS_MAX {
        return Err(ApiError::new(ErrorCode::InvalidField).with("field", "keys"));
    }
    keys.iter().map(checked_key).collect()
}

/// The other way.
pub(super) fn sealed_keys(keys: Vec<StoredKey>) -> Vec<SealedKeyPair> {
    keys.into_iter()
        .map(|key| SealedKeyPair {
            number: key.number,
            public_key: Hex(key.public_key),
            sealed_private_key: Base64(key.sealed_private_key),
        })
        .collect()
}
