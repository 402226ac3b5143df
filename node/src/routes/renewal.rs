//! `POST /sessions/current/challenge`, `POST /sessions/current/renewal`: a session goes on without the password.
//!
//! Two things are shown: the session's token, also one that has ended by age, and a signature of the
//! account's active key. A session that anybody ended is deleted, and with it what its token could renew.

use std::sync::Arc;

use axum::extract::State;
use governor::clock::{Clock as _, DefaultClock};
use proto::{
    api::{
        account::SessionTokenHex,
        session::{RenewSessionRequest, RenewalChallenge, SessionRenewed},
    },
    bytes::Hex,
    error::{ErrorCode, WireError},
    limits::{RENEWAL_CHALLENGE_MS, SESSION_MAX_MS},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use wasm_core::{keys::PublicKey, renewal};

use crate::{
    app::App,
    error::ApiError,
    extract::{Json, Token, token_hash},
    store::{Renewal, Session, SpentChallenge, StoreError},
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(challenge))
        .routes(routes!(renew))
}

/// What the account's key has to sign to renew the session of a token, for five minutes and one use.
/// Any token gets one: the store is not asked.
#[utoipa::path(
    post,
    path = "/sessions/current/challenge",
    tag = "account",
    security(("session" = [])),
    responses(
        (status = 200, body = RenewalChallenge),
        (status = "4XX", description = "`SessionInvalid` (no token)", body = WireError)
    )
)]
async fn challenge(
    State(app): State<Arc<App>>,
    Token(token): Token,
) -> Result<axum::Json<RenewalChallenge>, ApiError> {
    let random = Hex(app.random.bytes()?);
    let expires_at = app.now().plus(RENEWAL_CHALLENGE_MS);
    let made = renewal::make_challenge(&app.challenge_key, &token.0, random, expires_at);
    Ok(axum::Json(made))
}

/// Gives a session another token and begins its time anew; the older token is over. Also for one
/// that has ended by age, within 90 days of its last use. An unknown token, one whose session was
/// ended, and a wrong signature have one answer. Ten renewals an hour.
#[utoipa::path(
    post,
    path = "/sessions/current/renewal",
    tag = "account",
    security(("session" = [])),
    request_body = RenewSessionRequest,
    responses(
        (status = 200, body = SessionRenewed),
        (
            status = "4XX",
            description = "`SessionInvalid`, `ChallengeExpired`, `ChallengeForged`, \
                `ChallengeSpent`, `RateLimited`",
            body = WireError
        )
    )
)]
async fn renew(
    State(app): State<Arc<App>>,
    Token(shown): Token,
    Json(ask): Json<RenewSessionRequest>,
) -> Result<axum::Json<SessionRenewed>, ApiError> {
    let now = app.now();
    let challenge = RenewalChallenge {
        challenge: ask.challenge,
        expires_at: ask.expires_at,
        mac: ask.mac,
    };
    if now >= challenge.expires_at {
        return Err(ErrorCode::ChallengeExpired.into());
    }
    renewal::check_challenge(&app.challenge_key, &shown.0, &challenge)
        .map_err(|_| ApiError::new(ErrorCode::ChallengeForged))?;
    let invalid = || ApiError::new(ErrorCode::SessionInvalid);
    let session = app.store.renewable_session(&shown, now).await?;
    let session = session.ok_or_else(invalid)?;
    let account = app.store.account(session.account).await?;
    let account = account.ok_or_else(invalid)?;
    let key = app.store.active_public_key(&account.address).await?;
    let key = key.ok_or_else(invalid)?;
    let signed = renewal::Renewal {
        address: &account.address,
        account: account.id,
        device: session.device,
        token_hash: &shown.0,
        challenge: &challenge,
    };
    PublicKey::parse(&key)
        .ok()
        .and_then(|key| signed.verify(&key, &ask.signature).ok())
        .ok_or_else(invalid)?;
    // After the signature: whoever has the token alone must not use its owner's tries up.
    count(&app, &session)?;
    let mut token = SessionTokenHex(Hex([0; 32]));
    app.random.fill(&mut token.0.0)?;
    let renewal = Renewal {
        id: session.id,
        account: session.account,
        shown,
        key,
        challenge: SpentChallenge {
            challenge: challenge.challenge.0,
            expires_at: challenge.expires_at,
        },
        token: token_hash(&token),
        at: now,
    };
    match app.store.renew_session(renewal).await {
        // Another key became the active one since it was looked at.
        Err(StoreError::ProofOutdated) => return Err(invalid()),
        renewed => renewed?,
    }
    // A feed of the older token ends.
    app.news.session_ended(session.account);
    Ok(axum::Json(SessionRenewed {
        token,
        expires_at: now.plus(SESSION_MAX_MS),
    }))
}

/// Counts a renewal of a session: ten an hour.
fn count(app: &App, session: &Session) -> Result<(), ApiError> {
    app.renewals.check_key(&session.id).map_err(|until| {
        let wait = until.wait_time_from(DefaultClock::default().now());
        ApiError::new(ErrorCode::RateLimited).with("retryAfter", wait.as_secs() + 1)
    })
}
