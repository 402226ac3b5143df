//! `GET /account/recovery`, `PUT /account/recovery`, `POST /recovery`.

use std::sync::Arc;

use axum::extract::State;
use proto::{
    api::{
        challenge::Purpose,
        recovery::{
            RecoverRequest, Recovered, RecoverySet, RecoveryStatus, SealedRecoveryKey,
            SetRecoveryRequest,
        },
    },
    bytes::{Base64, Hex},
    error::{ErrorCode, WireError},
    limits::{RECOVERY_NUMBER_MAX, SEALED_PRIVATE_KEY_BYTES},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use wasm_core::{recovery::RecoveryHash, secret::RecoveryLoginKey};

use super::{
    challenges::{check, spend},
    keys::{checked_keys, sealed_keys},
    password,
    sessions::{OpenedSession, check_device},
};
use crate::{
    app::App,
    error::ApiError,
    extract::{Json, SignedIn},
    store::{NewRecovery, Proven, Session, StoredRecovery},
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(status, set))
        .routes(routes!(recover))
}

/// Whether the account has recovery words, and what its devices need to seal more keys for them.
#[utoipa::path(
    get,
    path = "/account/recovery",
    tag = "account",
    security(("session" = [])),
    responses(
        (status = 200, body = RecoveryStatus),
        (status = "4XX", description = "`SessionInvalid`", body = WireError)
    )
)]
async fn status(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
) -> Result<axum::Json<RecoveryStatus>, ApiError> {
    Ok(axum::Json(status_of(&app, &session).await?))
}

/// Sets recovery words; older ones open nothing from then on. For who knows the password. Ten tries an hour.
#[utoipa::path(
    put,
    path = "/account/recovery",
    tag = "account",
    security(("session" = [])),
    request_body = SetRecoveryRequest,
    responses(
        (status = 200, body = RecoveryStatus),
        (
            status = "4XX",
            description = "`SessionInvalid`, `CredentialsWrong`, `RecoveryOutdated`, \
                `RateLimited`, `InvalidField` (a key pair is not the account's)",
            body = WireError
        )
    )
)]
async fn set(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
    Json(ask): Json<SetRecoveryRequest>,
) -> Result<axum::Json<RecoveryStatus>, ApiError> {
    let keys = checked_keys(&ask.keys)?;
    let sealed_key = ask.recovery_key.sealed.0.clone();
    // Words that open nothing would only seem to be a way back.
    let fields = [
        ("keys", !keys.is_empty()),
        (
            "recoveryKey.sealed",
            sealed_key.len() == SEALED_PRIVATE_KEY_BYTES,
        ),
        (
            "recoveryKey.number",
            ask.recovery_key.number <= RECOVERY_NUMBER_MAX,
        ),
    ];
    if let Some((field, _)) = fields.iter().find(|(_, fits)| !fits) {
        return Err(ApiError::new(ErrorCode::InvalidField).with("field", field));
    }
    let hash = password::confirm(&app, &session, &ask.login_key).await?;
    let recovery = StoredRecovery {
        account: session.account,
        login_hash: RecoveryHash::from_bytes(ask.recovery_key.login_hash.0),
        number: ask.recovery_key.number,
        key_number: ask.recovery_key.key_number,
        sealed_key,
        confirmed_at: app.now(),
    };
    app.store
        .set_recovery(NewRecovery {
            recovery,
            keys,
            proven: Some(Proven::Password(hash)),
        })
        .await?;
    Ok(axum::Json(status_of(&app, &session).await?))
}

/// Opens a session with recovery words, to set a new password. An unknown address, wrong words
/// and an account without words have one answer and take one time.
#[utoipa::path(
    post,
    path = "/recovery",
    tag = "account",
    request_body = RecoverRequest,
    responses(
        (status = 200, body = Recovered),
        (
            status = "4XX",
            description = "`AddressInvalid`, `DomainNotServed`, `RecoveryWrong`, \
                `ChallengeExpired`, `ChallengeForeign`, `ChallengeForged`, `ChallengeSpent`, \
                `ChallengeUnsolved`",
            body = WireError
        )
    )
)]
async fn recover(
    State(app): State<Arc<App>>,
    Json(ask): Json<RecoverRequest>,
) -> Result<axum::Json<Recovered>, ApiError> {
    app.check_served(&ask.address).await?;
    let paid = check(&app, Purpose::Recovery, &ask.address, &ask.pow)?;
    check_device(&ask.device)?;
    // Before the words are looked at: each try costs its own work, also a wrong one.
    spend(&app, paid).await?;
    let shown = RecoveryHash::of(&RecoveryLoginKey::from_wire(&ask.recovery_login_key));
    let set = app.store.recovery_by_address(&ask.address).await?;
    // What nobody can show: the hash of no key that is known.
    let stored = set
        .as_ref()
        .map_or(RecoveryHash::from_bytes([0; 32]), |set| set.login_hash);
    let right = shown.matches(&stored);
    let (Some(set), true) = (set, right) else {
        return Err(ErrorCode::RecoveryWrong.into());
    };
    let id = set.account;
    let opened = OpenedSession::make(&app, id, &ask.device, Some(Proven::Words(shown)))?;
    let is_new_device = app.store.open_session(opened.stored()).await?;
    // The older session of this device is over.
    app.news.session_ended(id);
    let keys = sealed_keys(app.store.keys(id).await?);
    let recovery_keys = sealed_keys(app.store.recovery_keys(id).await?);
    Ok(axum::Json(Recovered {
        opened: opened.answer(is_new_device, keys, &ask.address),
        recovery_keys,
    }))
}

async fn status_of(app: &App, session: &Session) -> Result<RecoveryStatus, ApiError> {
    let Some(set) = app.store.recovery(session.account).await? else {
        return Ok(RecoveryStatus { words: None });
    };
    let keys = app.store.recovery_keys(session.account).await?;
    Ok(RecoveryStatus {
        words: Some(RecoverySet {
            recovery_key: SealedRecoveryKey {
                login_hash: Hex(*set.login_hash.as_bytes()),
                number: set.number,
                key_number: set.key_number,
                sealed: Base64(set.sealed_key),
            },
            confirmed_at: set.confirmed_at,
            keys: keys.iter().map(|key| key.number).collect(),
        }),
    })
}
