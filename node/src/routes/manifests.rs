//! `GET /vault/manifests`, `PUT /vault/manifest`: what devices have signed of their vault.

use std::sync::Arc;

use axum::extract::State;
use proto::{
    api::manifest::{MANIFEST_PAGE_MAX, ManifestPage, VaultManifest},
    error::WireError,
};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    error::ApiError,
    extract::{Json, QueryString, SignedIn},
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(add))
}

/// Query of `GET /vault/manifests`.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Number after which to begin; 0, the default, for all.
    #[serde(default)]
    after: u64,
}

/// What the account's devices have signed of its vault, the oldest first, at most 100. The newest
/// 1 000 are kept.
#[utoipa::path(
    get,
    path = "/vault/manifests",
    tag = "vault",
    security(("session" = [])),
    params(ListQuery),
    responses(
        (status = 200, body = ManifestPage),
        (status = "4XX", description = "`SessionInvalid`", body = WireError)
    )
)]
async fn list(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
    QueryString(query): QueryString<ListQuery>,
) -> Result<axum::Json<ManifestPage>, ApiError> {
    let page = app
        .store
        .manifests(session.account, query.after, MANIFEST_PAGE_MAX)
        .await?;
    Ok(axum::Json(page))
}

/// Adds a link to the chain. The node keeps it as it is; devices check it. The newest one sent
/// again changes nothing.
#[utoipa::path(
    put,
    path = "/vault/manifest",
    tag = "vault",
    security(("session" = [])),
    request_body = VaultManifest,
    responses(
        (status = 200, description = "It is on disk"),
        (
            status = "4XX",
            description = "`SessionInvalid`, `VersionConflict` (the number is not the next one; \
                `params.version` has the newest)",
            body = WireError
        )
    )
)]
async fn add(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
    Json(manifest): Json<VaultManifest>,
) -> Result<axum::Json<serde_json::Value>, ApiError> {
    app.store.add_manifest(session.account, manifest).await?;
    Ok(axum::Json(json!({})))
}
