//! `GET /.well-known/keypears.json`: where the API of an address domain lies.

use std::sync::Arc;

use axum::{Json, extract::State};
use proto::{address::Address, federation::WellKnown};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(keypears))
}

/// Host of the API, and the administrator of the domain.
#[utoipa::path(
    get,
    path = "/.well-known/keypears.json",
    tag = "keypears",
    responses((status = 200, body = WellKnown))
)]
async fn keypears(State(app): State<Arc<App>>) -> Json<WellKnown> {
    Json(WellKnown {
        api_domain: app.api_domain.clone(),
        admin: app.config.admin.as_ref().map(Address::to_string),
        domain_pub_key_hash: None,
    })
}
