//! For those who run the node: `/health`, `/api/health`, `/ready`, `/metrics`.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, State},
    http::{HeaderMap, header},
    response::IntoResponse,
};
use proto::error::{ErrorCode, WireError};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, config::MetricsAccess, error::ApiError, limit::is_local};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(api_health))
        .routes(routes!(ready))
        .routes(routes!(counted))
}

/// Whether the process answers.
#[utoipa::path(
    get,
    path = "/health",
    tag = "operations",
    responses((status = 200, description = "`OK`", body = String, content_type = "text/plain"))
)]
async fn health() -> &'static str {
    "OK"
}

/// The same, where the first KeyPears generation had it.
#[utoipa::path(
    get,
    path = "/api/health",
    tag = "keypears",
    responses((status = 200, description = "`OK`", body = String, content_type = "text/plain"))
)]
async fn api_health() -> &'static str {
    "OK"
}

/// Whether it takes requests: it can write and is not shutting down.
#[utoipa::path(
    get,
    path = "/ready",
    tag = "operations",
    responses(
        (status = 200, description = "`OK`", body = String, content_type = "text/plain"),
        (status = 503, description = "`Busy`", body = WireError)
    )
)]
async fn ready(State(app): State<Arc<App>>) -> Result<&'static str, ApiError> {
    let busy = || ApiError::new(ErrorCode::Busy).with("retryAfter", 1);
    if app.is_stopping() {
        return Err(busy());
    }
    app.store.ready().await.map_err(|_| busy())?;
    Ok("OK")
}

/// Figures for Prometheus, without anything personal. Only from the node's own machine, unless it
/// was told otherwise.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operations",
    responses(
        (status = 200, description = "Figures", body = String, content_type = "text/plain"),
        (status = 404, description = "`NotFound`: not for you", body = WireError)
    )
)]
async fn counted(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, ApiError> {
    let allowed = match app.config.metrics {
        MetricsAccess::Off => false,
        MetricsAccess::Loopback => is_local(peer, &headers),
        MetricsAccess::Public => true,
    };
    if !allowed {
        return Err(ErrorCode::NotFound.into());
    }
    let form = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, form)], app.metrics.render()))
}
