//! `GET /vault/manifests`, `PUT /vault/manifest`: what devices have signed of their vault.

use std::sync::Arc;

use axum::extract::State;
use proto::{
    api::manifest::{MANIFEST_PAGE_MAX, ManifestPage, VaultManifest},
    error::{ErrorCode, WireError},
    ids::AccountId,
};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use wasm_core::{keys::PublicKey, manifest};

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

/// Adds a link to the chain: one that a key of the account has signed and that follows the newest,
/// so that a stolen session cannot break it. The newest one sent again changes nothing.
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
            description = "`SessionInvalid`, `InvalidField` (not signed by the account, or out of \
                line), `VersionConflict` (the number is not the next one; \
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
    check(&app, session.account, &manifest).await?;
    app.store.add_manifest(session.account, manifest).await?;
    Ok(axum::Json(json!({})))
}

/// Whether a link is signed by a key of the account, and made on the newest one that is here.
async fn check(app: &App, account: AccountId, link: &VaultManifest) -> Result<(), ApiError> {
    let invalid = |field| ApiError::new(ErrorCode::InvalidField).with("field", field);
    let owner = app.store.account(account).await?;
    let owner = owner.ok_or(ApiError::new(ErrorCode::SessionInvalid))?;
    let keys = app.store.keys(account).await?;
    let key = keys.iter().find(|key| key.number == link.key_number);
    let key = key.ok_or_else(|| invalid("keyNumber"))?;
    let key = PublicKey::parse(&key.public_key).map_err(|_| invalid("keyNumber"))?;
    manifest::verify(&owner.address, link, &key).map_err(|_| invalid("signature"))?;
    if link.revision > app.store.vault_latest(account).await? {
        return Err(invalid("revision"));
    }
    let newest = app.store.newest_manifest(account).await?;
    // Another one's number is a conflict, told by the store.
    if let Some(newest) = newest.filter(|newest| newest.number.checked_add(1) == Some(link.number))
    {
        if link.previous.0 != manifest::hash(&owner.address, &newest) {
            return Err(invalid("previous"));
        }
        if link.revision < newest.revision {
            return Err(invalid("revision"));
        }
    }
    Ok(())
}
