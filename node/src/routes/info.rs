//! `GET /info`, `GET /addresses/{address}`.

use std::sync::Arc;

use axum::{Json, extract::State};
use proto::{
    address::Address,
    api::info::{AddressStatus, Availability, NodeInfo},
    error::{ErrorCode, WireError},
    ids::Difficulty,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::challenges::check_open;
use crate::{
    app::App, config::Registration, error::ApiError, extract::PathParameter, store::AddressState,
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(info))
        .routes(routes!(address))
}

/// What the node says of itself.
#[utoipa::path(get, path = "/info", tag = "node", responses((status = 200, body = NodeInfo)))]
async fn info(State(app): State<Arc<App>>) -> Json<NodeInfo> {
    Json(NodeInfo {
        software: "pearvault".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        domains: app.config.domains.clone(),
        api_domain: app.api_domain.clone(),
        registration_open: app.config.registration == Registration::Open,
        account_difficulty: Difficulty(app.config.account_difficulty.get()),
        login_difficulty: Difficulty(app.config.login_difficulty.get()),
    })
}

/// Whether an account can be made under an address.
///
/// That an address is taken is no secret: other servers must be able to look its key up.
#[utoipa::path(
    get,
    path = "/addresses/{address}",
    tag = "node",
    params(("address" = String, Path, description = "`name@domain`")),
    responses(
        (status = 200, body = AddressStatus),
        (status = "4XX", description = "`AddressInvalid`", body = WireError)
    )
)]
async fn address(
    State(app): State<Arc<App>>,
    PathParameter(address): PathParameter<Address>,
) -> Result<Json<AddressStatus>, ApiError> {
    let availability = if !app.keeps(&address).await? {
        Availability::ForeignDomain
    } else if app.store.address_state(&address).await? != AddressState::Free {
        Availability::Taken
    } else {
        match check_open(&app, &address).await {
            Ok(()) => Availability::Available,
            Err(error) if error.code() == ErrorCode::RegistrationClosed => Availability::Closed,
            Err(error) => return Err(error),
        }
    };
    Ok(Json(AddressStatus {
        availability,
        warnings: address.warnings(),
    }))
}
