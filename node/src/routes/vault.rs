//! `GET /vault`, `PUT /vault/{item}`, `DELETE /vault/{item}`, `GET /vault/{item}/versions`.

use std::sync::Arc;

use axum::extract::State;
use proto::{
    api::vault::{
        DeleteItemRequest, ItemVersions, SealedItem, VaultContent, VaultPage, WriteAccepted,
        WriteItemRequest,
    },
    error::{ErrorCode, WireError},
    ids::{ItemId, ItemVersion, Revision},
    limits::{
        ITEM_OVERVIEW_MAX_BYTES, ITEM_SECRETS_MAX_BYTES, ITEM_VERSION_MAX, TOMBSTONE_BYTES,
        VAULT_MAX_ITEMS, VAULT_PAGE_MAX_ITEMS, VERSIONS_PAGE_MAX,
    },
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    cursor::Cursor,
    error::ApiError,
    extract::{Json, PathParameter, QueryString, SignedIn},
    metrics::ITEMS_WRITTEN,
    store::{ItemWrite, VaultQuota},
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(page))
        .routes(routes!(write, delete))
        .routes(routes!(versions))
}

/// Query of `GET /vault`.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PageQuery {
    /// Where to begin, as an earlier answer said; without it, at the start.
    cursor: Option<String>,
    /// Revision after which to begin, in place of the cursor's, where the client knows a later one
    /// from the answers to its own writes.
    since: Option<u64>,
    /// Most items to answer with, 1 to 500, which is the default.
    limit: Option<u32>,
}

/// What was written after a place in the log: each item's newest version, oldest first.
///
/// A page ends after `limit` items or about 4 MiB; `hasMore` tells whether to ask again from its
/// `cursor` on. Where the cursor that came is of another database, or beyond the end of this log, the
/// answer is the first page of all there is, and says so by `snapshot`.
#[utoipa::path(
    get,
    path = "/vault",
    tag = "vault",
    security(("session" = [])),
    params(PageQuery),
    responses(
        (status = 200, body = VaultPage),
        (status = "4XX", description = "`SessionInvalid`, `CursorInvalid`", body = WireError)
    )
)]
async fn page(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
    QueryString(query): QueryString<PageQuery>,
) -> Result<axum::Json<VaultPage>, ApiError> {
    let limit = query.limit.unwrap_or(VAULT_PAGE_MAX_ITEMS);
    if !(1..=VAULT_PAGE_MAX_ITEMS).contains(&limit) {
        let invalid = ApiError::new(ErrorCode::InvalidField).with("field", "limit");
        return Err(invalid.with("max", VAULT_PAGE_MAX_ITEMS));
    }
    let from = Cursor::parse_any(query.cursor.as_deref())?;
    let database = app.store.database();
    let begin = match (query.since, from) {
        (Some(since), _) => Revision(since),
        (None, Some(from)) => from.place,
        (None, None) => Revision(0),
    };
    let read = async |since| app.store.vault_page(session.account, since, limit).await;
    let mut page = read(begin).await?;
    if from.is_some_and(|from| !from.is_in(database, page.latest)) {
        page = read(Revision(0)).await?;
        page.snapshot = true;
    }
    let last = page.records.last().map(|record| record.revision);
    let revision = last.filter(|_| page.has_more).unwrap_or(page.latest);
    let end = Cursor {
        database,
        place: revision,
    };
    page.cursor = Some(end.seal()?);
    // Read after the page: one that describes more than the page has is compared later.
    page.manifest = app.store.newest_manifest(session.account).await?;
    Ok(axum::Json(page))
}

/// Writes a version of an item. It is on disk when the answer comes. The same request again has
/// the same answer and is no second write.
#[utoipa::path(
    put,
    path = "/vault/{item}",
    tag = "vault",
    security(("session" = [])),
    params(("item" = ItemId, Path, description = "Which")),
    request_body = WriteItemRequest,
    responses(
        (status = 200, body = WriteAccepted),
        (
            status = "4XX",
            description = "`SessionInvalid`, `VersionConflict` (`params.version` has the newest), \
                `QuotaExceeded`",
            body = WireError
        )
    )
)]
async fn write(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
    PathParameter(item): PathParameter<ItemId>,
    Json(ask): Json<WriteItemRequest>,
) -> Result<axum::Json<WriteAccepted>, ApiError> {
    check_sizes(&ask.content)?;
    let (account, written_at) = (session.account, app.now());
    let content = VaultContent::Item(ask.content);
    store(
        &app,
        ItemWrite {
            account,
            item,
            update: ask.update,
            version: ask.version,
            content,
            written_at,
        },
    )
    .await
}

/// Query of `GET /vault/{item}/versions`.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct VersionsQuery {
    /// Version before which to begin; without it, with the newest.
    before: Option<u64>,
    /// Most versions to answer with, 1 to 50, which is the default.
    limit: Option<u32>,
}

/// Versions of an item, the newest first: for a year after the next one was written, at most 100 of an item;
/// of a deleted item for 30 days after its deletion; and of an account no more bytes than of its items.
///
/// A page ends after `limit` versions or about 4 MiB; `hasMore` tells whether to ask again `before` its last one.
#[utoipa::path(
    get,
    path = "/vault/{item}/versions",
    tag = "vault",
    security(("session" = [])),
    params(("item" = ItemId, Path, description = "Which"), VersionsQuery),
    responses(
        (status = 200, body = ItemVersions),
        (status = "4XX", description = "`SessionInvalid`", body = WireError)
    )
)]
async fn versions(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
    PathParameter(item): PathParameter<ItemId>,
    QueryString(query): QueryString<VersionsQuery>,
) -> Result<axum::Json<ItemVersions>, ApiError> {
    let limit = query.limit.unwrap_or(VERSIONS_PAGE_MAX);
    if !(1..=VERSIONS_PAGE_MAX).contains(&limit) {
        let invalid = ApiError::new(ErrorCode::InvalidField).with("field", "limit");
        return Err(invalid.with("max", VERSIONS_PAGE_MAX));
    }
    let before = ItemVersion(query.before.unwrap_or(ITEM_VERSION_MAX + 1));
    let versions = app
        .store
        .item_versions(session.account, item, before, limit)
        .await?;
    Ok(axum::Json(versions))
}

/// Deletes an item: a tombstone stays, so that other devices learn of it. A later version may
/// bring the item back.
#[utoipa::path(
    delete,
    path = "/vault/{item}",
    tag = "vault",
    security(("session" = [])),
    params(("item" = ItemId, Path, description = "Which")),
    request_body = DeleteItemRequest,
    responses(
        (status = 200, body = WriteAccepted),
        (
            status = "4XX",
            description = "`SessionInvalid`, `NotFound`, `VersionConflict` (`params.version` has \
                the newest)",
            body = WireError
        )
    )
)]
async fn delete(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
    PathParameter(item): PathParameter<ItemId>,
    Json(ask): Json<DeleteItemRequest>,
) -> Result<axum::Json<WriteAccepted>, ApiError> {
    if ask.tombstone.sealed.0.len() != TOMBSTONE_BYTES {
        return Err(ApiError::new(ErrorCode::InvalidField).with("field", "tombstone.sealed"));
    }
    let (account, written_at) = (session.account, app.now());
    store(
        &app,
        ItemWrite {
            account,
            item,
            update: ask.update,
            version: ask.version,
            content: VaultContent::Tombstone(ask.tombstone),
            written_at,
        },
    )
    .await
}

async fn store(app: &App, write: ItemWrite) -> Result<axum::Json<WriteAccepted>, ApiError> {
    let quota = VaultQuota {
        items: u64::from(VAULT_MAX_ITEMS),
        bytes: app.config.vault_max_bytes,
    };
    let account = write.account;
    let accepted = app.store.write_item(write, quota).await?;
    app.news.tell(account, accepted.revision);
    metrics::counter!(ITEMS_WRITTEN).increment(1);
    Ok(axum::Json(accepted))
}

fn check_sizes(content: &SealedItem) -> Result<(), ApiError> {
    for (field, bytes, max) in [
        (
            "content.overview",
            &content.overview,
            ITEM_OVERVIEW_MAX_BYTES,
        ),
        ("content.secrets", &content.secrets, ITEM_SECRETS_MAX_BYTES),
    ] {
        if bytes.0.len() > max {
            return Err(ApiError::new(ErrorCode::TooLarge)
                .with("field", field)
                .with("max", max));
        }
    }
    Ok(())
}
