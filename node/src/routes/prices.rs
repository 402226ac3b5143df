//! What messages to an account cost their senders.

use std::{num::NonZeroU64, sync::Arc};

use axum::extract::State;
use proto::{
    api::message::{MessagePrices, SetPricesRequest},
    error::{ErrorCode, WireError},
    ids::Difficulty,
    limits::MESSAGE_PRICE_MAX,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    error::ApiError,
    extract::{Json, SignedIn},
    federation::pow_challenge::prices,
    store::{StoreError, Terms},
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(price, set_price))
}

/// What messages to the account cost their senders.
#[utoipa::path(
    get,
    path = "/messages/prices",
    tag = "messages",
    security(("session" = [])),
    responses(
        (status = 200, body = MessagePrices),
        (status = "4XX", description = "`SessionInvalid`", body = WireError)
    )
)]
async fn price(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
) -> Result<axum::Json<MessagePrices>, ApiError> {
    let own = &session.address;
    let terms = app.store.terms(own, own).await?;
    let terms = terms.ok_or(StoreError::AccountMissing)?;
    Ok(axum::Json(told(&app, &terms)))
}

/// Says what messages to the account cost from now on.
#[utoipa::path(
    put,
    path = "/messages/prices",
    tag = "messages",
    security(("session" = [])),
    request_body = SetPricesRequest,
    responses(
        (status = 200, body = MessagePrices),
        (
            status = "4XX",
            description = "`SessionInvalid`, `InvalidField` (`params.min` and `params.max` have the bounds)",
            body = WireError
        )
    )
)]
async fn set_price(
    State(app): State<Arc<App>>,
    session: SignedIn,
    Json(ask): Json<SetPricesRequest>,
) -> Result<axum::Json<MessagePrices>, ApiError> {
    let least = app.config.message_difficulty.get();
    for (field, wanted) in [("first", ask.first.0), ("later", ask.later.0)] {
        if !(least..=MESSAGE_PRICE_MAX.max(least)).contains(&wanted) {
            let invalid = ApiError::new(ErrorCode::InvalidField).with("field", field);
            let invalid = invalid.with("min", least).with("max", MESSAGE_PRICE_MAX);
            return Err(invalid);
        }
    }
    let account = session.0.account;
    let set = app.store.set_prices(account, ask.first.0, ask.later.0);
    set.await?;
    price(State(app), session).await
}

fn told(app: &App, terms: &Terms) -> MessagePrices {
    let of = |tries: NonZeroU64| Difficulty(tries.get());
    let (first, later) = prices(app, terms);
    MessagePrices {
        first: of(first),
        later: of(later),
        least: of(app.config.message_difficulty),
    }
}
