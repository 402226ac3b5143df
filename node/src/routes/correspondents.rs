//! Those with whom an account exchanges messages: their keys, and whether they may write.

use std::sync::Arc;

use axum::extract::State;
use proto::{
    address::Address,
    api::message::{AddressKey, MessageAccepted, StandRequest, Standing},
    bytes::Hex,
    error::{ErrorCode, WireError},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    error::ApiError,
    extract::{Json, PathParameter, SignedIn},
    federation::refusal::Fault,
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(key))
        .routes(routes!(stand))
        .routes(routes!(clear))
}

/// The active key of any address, by its own domain.
#[utoipa::path(
    get,
    path = "/addresses/{address}/key",
    tag = "messages",
    security(("session" = [])),
    params(("address" = Address, Path, description = "Of this domain or another")),
    responses(
        (status = 200, body = AddressKey),
        (
            status = "4XX",
            description = "`SessionInvalid`, `AddressInvalid`, `PeerUnreachable`, `PeerRefused`",
            body = WireError
        )
    )
)]
async fn key(
    State(app): State<Arc<App>>,
    SignedIn(_): SignedIn,
    PathParameter(address): PathParameter<Address>,
) -> Result<axum::Json<AddressKey>, ApiError> {
    app.check_open(&address).map_err(Fault::from)?;
    let found = if app.finds(&address).await? {
        app.store.active_public_key(&address).await?
    } else {
        app.peers.public_key(&address).await?
    };
    if let Some(key) = found
        && !app.serves(&address)
    {
        app.store.see_key(&address, key, app.now()).await?;
    }
    let public_key = found.map(Hex);
    Ok(axum::Json(AddressKey { public_key }))
}

/// Lets somebody write, or takes nothing from them any more.
#[utoipa::path(
    put,
    path = "/correspondents/{address}",
    tag = "messages",
    security(("session" = [])),
    params(("address" = Address, Path, description = "Who")),
    request_body = StandRequest,
    responses(
        (status = 200, body = MessageAccepted),
        (
            status = "4XX",
            description = "`SessionInvalid`, `AddressInvalid`, `InvalidField`",
            body = WireError
        )
    )
)]
async fn stand(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
    PathParameter(address): PathParameter<Address>,
    Json(ask): Json<StandRequest>,
) -> Result<axum::Json<MessageAccepted>, ApiError> {
    if ask.standing == Standing::Request {
        return Err(ApiError::new(ErrorCode::InvalidField).with("field", "standing"));
    }
    let (account, now) = (session.account, app.now());
    let stood = app.store.stand(account, &address, ask.standing, now);
    let position = stood.await?;
    app.news.tell_of_messages(account, position);
    Ok(axum::Json(MessageAccepted { position }))
}

/// Deletes all messages from and to somebody, those on their way with them. Whether they may write stays as it is.
#[utoipa::path(
    delete,
    path = "/correspondents/{address}/messages",
    tag = "messages",
    security(("session" = [])),
    params(("address" = Address, Path, description = "Who")),
    responses(
        (status = 200, body = MessageAccepted),
        (status = "4XX", description = "`SessionInvalid`, `AddressInvalid`", body = WireError)
    )
)]
async fn clear(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
    PathParameter(address): PathParameter<Address>,
) -> Result<axum::Json<MessageAccepted>, ApiError> {
    let (account, now) = (session.account, app.now());
    let position = app.store.clear(account, &address, now).await?;
    app.news.tell_of_messages(account, position);
    Ok(axum::Json(MessageAccepted { position }))
}
