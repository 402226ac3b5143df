//! `GET /keys`, `POST /keys`.

use std::sync::Arc;

use axum::extract::State;
use proto::{
    api::account::{AddKeyRequest, KeyForWords, KeyList, SealedKeyPair},
    bytes::{Base64, Hex},
    error::{ErrorCode, WireError},
    ids::AccountId,
    limits::{KEYS_MAX, SEALED_PRIVATE_KEY_BYTES},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use wasm_core::{keys::PublicKey, recovery::RecoveryHash};

use super::password;
use crate::{
    app::App,
    error::ApiError,
    extract::{Json, SignedIn},
    store::{self, NewKey, Proven, StoredKey},
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
    Ok(axum::Json(key_list(&app, session.account).await?))
}

/// Adds a key pair, which becomes the active one; for who knows the password: people write to the
/// active key. What the recovery words are to open of it comes with it, or neither comes. Sending the
/// newest one again changes nothing. Ten tries an hour.
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
                newest), `RecoveryOutdated` (the words were replaced), `QuotaExceeded`",
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
    let for_words = ask.for_words.map(checked_for_words).transpose()?;
    let password = password::confirm(&app, &session, &ask.login_key).await?;
    let new = NewKey {
        account: session.account,
        key,
        proven: Proven::Password(password),
        for_words,
        created_at: app.now(),
    };
    app.store.add_key(new).await?;
    Ok(axum::Json(key_list(&app, session.account).await?))
}

/// The key pairs of an account, and when each was added.
pub(super) async fn key_list(app: &App, account: AccountId) -> Result<KeyList, ApiError> {
    Ok(KeyList {
        keys: sealed_keys(app.store.keys(account).await?),
        added: app.store.keys_added(account).await?,
    })
}

fn checked_for_words(sealed: KeyForWords) -> Result<store::KeyForWords, ApiError> {
    if sealed.sealed_private_key.0.len() != SEALED_PRIVATE_KEY_BYTES {
        let invalid = ApiError::new(ErrorCode::InvalidField);
        return Err(invalid.with("field", "forWords.sealedPrivateKey"));
    }
    Ok(store::KeyForWords {
        words: RecoveryHash::from_bytes(sealed.login_hash.0),
        sealed_private_key: sealed.sealed_private_key.0,
    })
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
