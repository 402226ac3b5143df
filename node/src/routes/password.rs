//! `PUT /account/password`, and the password once more for what a stolen session must not do alone.

use std::sync::Arc;

use axum::extract::State;
use governor::clock::{Clock as _, DefaultClock};
use proto::{
    api::{
        account::{KeyList, LoginKeyHex},
        recovery::{ChangePasswordRequest, PasswordProof, RecoveryLoginKeyHex},
    },
    error::{ErrorCode, WireError},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use wasm_core::{
    kdf::server::{StoredLoginHash, login_key},
    recovery::RecoveryHash,
    secret::RecoveryLoginKey,
};

use super::keys::{checked_keys, key_list};
use crate::{
    app::App,
    error::ApiError,
    extract::{Json, SignedIn, Token, next_token},
    store::{PasswordChange, Proven, Session},
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(change))
}

/// Sets a password and replaces the key pairs that were sealed anew; the others stay as they are.
/// The session gets another token; all others end, unless the password stays the same and proves
/// itself. Ten tries an hour.
#[utoipa::path(
    put,
    path = "/account/password",
    tag = "account",
    security(("session" = [])),
    request_body = ChangePasswordRequest,
    responses(
        (status = 200, body = KeyList),
        (
            status = "4XX",
            description = "`SessionInvalid`, `CredentialsWrong`, `RecoveryWrong`, `RateLimited`, \
                `RecoveryOutdated`, `InvalidField` (a key pair is not the account's)",
            body = WireError
        )
    )
)]
async fn change(
    State(app): State<Arc<App>>,
    Token(shown): Token,
    SignedIn(session): SignedIn,
    Json(ask): Json<ChangePasswordRequest>,
) -> Result<axum::Json<KeyList>, ApiError> {
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
    let change = PasswordChange {
        account: session.account,
        proven,
        login_hash,
        keys,
        recovery_keys,
        words: ask
            .recovery_login_hash
            .map(|hash| RecoveryHash::from_bytes(hash.0)),
        session: session.id,
        shown,
        token: next_token(shown, &ask.token_seed),
    };
    app.store.change_password(change).await?;
    app.news.session_ended(session.account);
    Ok(axum::Json(key_list(&app, session.account).await?))
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
