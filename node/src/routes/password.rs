//! `PUT /account/password`, and the password once more for what a stolen session must not do alone.

use std::sync::Arc;

use axum::extract::State;
use governor::clock::{Clock as _, DefaultClock};
use proto::{
    api::{
        account::{LoginKeyHex, SessionTokenHex},
        recovery::{ChangePasswordRequest, PasswordChanged, PasswordProof, RecoveryLoginKeyHex},
    },
    bytes::Hex,
    error::{ErrorCode, WireError},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use wasm_core::{
    kdf::server::{StoredLoginHash, login_key},
    recovery::RecoveryHash,
    secret::RecoveryLoginKey,
};

use super::keys::{checked_keys, sealed_keys};
use crate::{
    app::App,
    error::ApiError,
    extract::{Json, SignedIn, Token, token_hash},
    store::{PasswordChange, Proven, Session},
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(change))
}

/// Sets a password and replaces the key pairs that were sealed anew; the others stay as they are.
/// The session gets another token and all others end, unless the password stays the same and proves
/// itself. Ten tries an hour.
#[utoipa::path(
    put,
    path = "/account/password",
    tag = "account",
    security(("session" = [])),
    request_body = ChangePasswordRequest,
    responses(
        (status = 200, body = PasswordChanged),
        (
            status = "4XX",
            description = "`SessionInvalid`, `CredentialsWrong`, `RecoveryWrong`, `RateLimited`, \
                `InvalidField` (a key pair is not the account's)",
            body = WireError
        )
    )
)]
async fn change(
    State(app): State<Arc<App>>,
    Token(shown): Token,
    SignedIn(session): SignedIn,
    Json(ask): Json<ChangePasswordRequest>,
) -> Result<axum::Json<PasswordChanged>, ApiError> {
    let keys = checked_keys(&ask.keys)?;
    let recovery_keys = checked_keys(&ask.recovery_keys)?;
    let proven = match &ask.proof {
        PasswordProof::LoginKey(shown) => Proven::Password(confirm(&app, &session, shown).await?),
        PasswordProof::RecoveryLoginKey(shown) => {
            Proven::Words(confirm_words(&app, &session, shown).await?)
        }
    };
    let place = app.kdf.reserve()?;
    let login_hash = place
        .hash(login_key(&ask.login_key), session.account)
        .await?;
    let mut token = SessionTokenHex(Hex([0; 32]));
    app.random.fill(&mut token.0.0)?;
    let change = PasswordChange {
        account: session.account,
        proven,
        login_hash,
        keys,
        recovery_keys,
        session: session.id,
        shown,
        token: token_hash(&token),
    };
    let is_another = app.store.change_password(change).await?;
    app.news.session_ended(session.account);
    Ok(axum::Json(PasswordChanged {
        keys: sealed_keys(app.store.keys(session.account).await?),
        token: is_another.then_some(token),
    }))
}

/// Makes sure that whoever asks knows the password of the session's account. Ten tries an hour for
/// each session, right or wrong: so one that was stolen neither tries passwords nor locks its owner
/// out, and another session costs a login. Returns what the password is known by.
pub(super) async fn confirm(
    app: &App,
    session: &Session,
    shown: &LoginKeyHex,
) -> Result<StoredLoginHash, ApiError> {
    let place = app.kdf.reserve()?;
    count(app, session)?;
    let account = app.store.account(session.account).await?;
    let account = account.ok_or(ApiError::new(ErrorCode::SessionInvalid))?;
    let hash = place.hash(login_key(shown), account.id).await?;
    if hash.matches(&account.login_hash) {
        Ok(hash)
    } else {
        Err(ErrorCode::CredentialsWrong.into())
    }
}

/// The same with the recovery words.
async fn confirm_words(
    app: &App,
    session: &Session,
    shown: &RecoveryLoginKeyHex,
) -> Result<RecoveryHash, ApiError> {
    count(app, session)?;
    let hash = RecoveryHash::of(&RecoveryLoginKey::from_wire(shown));
    let set = app.store.recovery(session.account).await?;
    if set.is_some_and(|set| hash.matches(&set.login_hash)) {
        Ok(hash)
    } else {
        Err(ErrorCode::RecoveryWrong.into())
    }
}

/// Counts a try of a session.
fn count(app: &App, session: &Session) -> Result<(), ApiError> {
    app.confirmations.check_key(&session.id).map_err(|until| {
        let wait = until.wait_time_from(DefaultClock::default().now());
        ApiError::new(ErrorCode::RateLimited).with("retryAfter", wait.as_secs() + 1)
    })
}
