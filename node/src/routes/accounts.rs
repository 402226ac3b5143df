//! `POST /accounts`, `POST /account/delete`.

use std::sync::Arc;

use axum::extract::State;
use proto::{
    api::{
        account::{CreateAccountRequest, DeleteAccountRequest, SessionOpened},
        challenge::Purpose,
    },
    error::{ErrorCode, WireError},
    ids::AccountId,
};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};
use wasm_core::kdf::server::login_key;

use super::{
    challenges::{check, check_open, spend},
    keys::checked_key,
    password,
    sessions::OpenedSession,
};
use crate::{
    app::App,
    error::ApiError,
    extract::{Json, SignedIn},
    store::{AddressState, Deletion, NewAccount, Proven},
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(delete))
}

/// Makes an account and opens its first session.
#[utoipa::path(
    post,
    path = "/accounts",
    tag = "account",
    request_body = CreateAccountRequest,
    responses(
        (status = 200, body = SessionOpened),
        (
            status = "4XX",
            description = "`AddressInvalid`, `AddressTaken`, `DomainNotServed`, \
                `RegistrationClosed`, `ChallengeExpired`, `ChallengeForeign`, `ChallengeForged`, \
                `ChallengeSpent`, `ChallengeUnsolved`",
            body = WireError
        )
    )
)]
async fn create(
    State(app): State<Arc<App>>,
    Json(ask): Json<CreateAccountRequest>,
) -> Result<axum::Json<SessionOpened>, ApiError> {
    app.check_served(&ask.address).await?;
    check_open(&app, &ask.address).await?;
    let paid = check(&app, Purpose::Account, &ask.address, &ask.pow)?;
    if ask.key.number.0 != 1 {
        return Err(ApiError::new(ErrorCode::InvalidField).with("field", "key.number"));
    }
    let key = checked_key(&ask.key)?;
    let now = app.now();
    let id = AccountId::make(now, app.random.bytes()?);
    let opened = OpenedSession::make(&app, id, &ask.device, None)?;
    // A name that is gone costs its seeker no proof of work.
    if app.store.address_state(&ask.address).await? != AddressState::Free {
        return Err(ErrorCode::AddressTaken.into());
    }
    let place = app.kdf.reserve()?;
    spend(&app, paid).await?;
    let login_hash = place.hash(login_key(&ask.login_key), id).await?;
    let session = opened.stored();
    let new = NewAccount {
        id,
        address: ask.address.clone(),
        login_hash,
        key,
        session,
        created_at: now,
    };
    app.store.create_account(new).await?;
    Ok(axum::Json(opened.answer(
        true,
        vec![ask.key.clone()],
        &ask.address,
    )))
}

/// Deletes the session's account: keys, items and sessions at once. Its address is never given
/// to anybody again. Ten tries an hour, together with `POST /keys`.
#[utoipa::path(
    post,
    path = "/account/delete",
    tag = "account",
    security(("session" = [])),
    request_body = DeleteAccountRequest,
    responses(
        (status = 200, description = "Deleted", body = Object),
        (
            status = "4XX",
            description = "`SessionInvalid`, `CredentialsWrong`, `RateLimited`",
            body = WireError
        )
    )
)]
async fn delete(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
    Json(ask): Json<DeleteAccountRequest>,
) -> Result<axum::Json<serde_json::Value>, ApiError> {
    let password = password::confirm(&app, &session, &ask.login_key).await?;
    let deletion = Deletion {
        account: session.account,
        proven: Proven::Password(password),
        at: app.now(),
    };
    app.store.delete_account(deletion).await?;
    app.news.session_ended(session.account);
    Ok(axum::Json(json!({})))
}
