//! `GET /vault/feed`, `GET /vault/feed/events`, `GET /vault/feed/poll`: one feed, three carriers.
//!
//! A browser behind a proxy that lets no WebSocket through hears the same over an answer that goes on
//! (server-sent events), or over answers that come late (long poll).

mod events;
mod hearing;
mod poll;
mod socket;

use std::sync::Arc;

use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(socket::feed))
        .routes(routes!(events::events))
        .routes(routes!(poll::poll))
}

/// Query of the two carriers over HTTP. The session is in the header, as everywhere.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FeedQuery {
    /// Where the client stands, as an earlier answer or message said.
    cursor: Option<String>,
}
