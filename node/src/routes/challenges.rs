//! `POST /challenges`, and what a route does with a solved one.

use std::sync::Arc;

use axum::extract::State;
use proto::{
    address::Address,
    api::challenge::{Challenge, ChallengeRequest, ProofOfWork, Purpose},
    error::{ErrorCode, WireError},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App, challenge, error::ApiError, extract::Json, metrics::CHALLENGES, store::SpentChallenge,
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(make))
}

/// A challenge: good for fifteen minutes, one purpose, one address and one use.
#[utoipa::path(
    post,
    path = "/challenges",
    tag = "account",
    request_body = ChallengeRequest,
    responses(
        (status = 200, body = Challenge),
        (
            status = "4XX",
            description = "`AddressInvalid`, `DomainNotServed`, `RegistrationClosed`",
            body = WireError
        )
    )
)]
async fn make(
    State(app): State<Arc<App>>,
    Json(ask): Json<ChallengeRequest>,
) -> Result<axum::Json<Challenge>, ApiError> {
    app.check_served(&ask.address).await?;
    let difficulty = match ask.purpose {
        Purpose::Account => {
            check_open(&app, &ask.address).await?;
            app.config.account_difficulty
        }
        Purpose::Login | Purpose::Recovery => app.config.login_difficulty,
    };
    let (key, random) = (&app.challenge_key, &*app.random);
    let made = challenge::make(
        key,
        random,
        app.now(),
        ask.purpose,
        &ask.address,
        difficulty,
    )?;
    Ok(axum::Json(made))
}

/// Refuses new accounts where the node or the domain takes none.
pub(super) async fn check_open(app: &App, address: &Address) -> Result<(), ApiError> {
    // That one's rights are no prize for who comes first: it is made by a code of the operator's.
    let is_administrator = app.config.admin.as_ref() == Some(address);
    if !is_administrator && app.takes_accounts(address.domain()).await? {
        Ok(())
    } else {
        Err(ErrorCode::RegistrationClosed.into())
    }
}

/// Checks a solved challenge and counts the result. It is still to be spent.
pub(super) fn check(
    app: &App,
    purpose: Purpose,
    address: &Address,
    solved: &ProofOfWork,
) -> Result<SpentChallenge, ApiError> {
    let checked = challenge::check(&app.challenge_key, app.now(), purpose, address, solved);
    let checked = checked.map_err(ApiError::from);
    let result = checked
        .as_ref()
        .map_or_else(|error| error.code().name(), |_| "Verified");
    metrics::counter!(CHALLENGES, "result" => result).increment(1);
    checked
}

/// Spends a checked challenge: from now on it is used, whatever becomes of the request.
pub(super) async fn spend(app: &App, checked: SpentChallenge) -> Result<(), ApiError> {
    let spent = app.store.spend(checked).await.map_err(ApiError::from);
    if let Err(error) = &spent {
        metrics::counter!(CHALLENGES, "result" => error.code().name()).increment(1);
    }
    spent
}
