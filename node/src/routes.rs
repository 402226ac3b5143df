//! Every route, one file for each group.

mod accounts;
mod blake3;
mod challenges;
mod codes;
mod correspondents;
mod domains;
mod feed;
mod info;
mod keys;
mod manifests;
mod messages;
mod operations;
mod password;
mod prices;
mod recovery;
mod renewal;
mod sessions;
mod vault;
mod well_known;

use std::sync::Arc;

use axum::{Router, http::HeaderValue, response::Redirect, routing::get};
use proto::{
    api::PREFIX,
    error::{ErrorCode, WireError},
};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{Http, HttpAuthScheme, SecurityScheme},
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::SwaggerUi;

use crate::{app::App, error::ApiError, federation};

/// Where the interactive description lies.
const DOCS: &str = "/api/docs";

/// What the interactive description needs: its own files, and styles in its elements.
const DOCS_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; frame-ancestors 'none'";

/// Routes and answers for what is none.
pub(crate) fn all() -> Router<Arc<App>> {
    let (router, description) = described().split_for_parts();
    let docs = Router::from(SwaggerUi::new(DOCS).url("/api/openapi.json", description)).layer(
        SetResponseHeaderLayer::if_not_present(
            axum::http::header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(DOCS_POLICY),
        ),
    );
    router
        .merge(docs)
        // Who opens the node in a browser wants to know what it is.
        .route("/", get(async || Redirect::to(DOCS)))
        .fallback(async || ApiError::new(ErrorCode::NotFound))
        .method_not_allowed_fallback(async || ApiError::new(ErrorCode::MethodNotAllowed))
}

/// Routes with their description: what is not described is not served.
pub(crate) fn described() -> OpenApiRouter<Arc<App>> {
    let v1 = OpenApiRouter::new()
        .merge(info::routes())
        .merge(challenges::routes())
        .merge(accounts::routes())
        .merge(sessions::routes())
        .merge(renewal::routes())
        .merge(keys::routes())
        .merge(manifests::routes())
        .merge(password::routes())
        .merge(recovery::routes())
        .merge(vault::routes())
        .merge(feed::routes())
        .merge(messages::routes())
        .merge(prices::routes())
        .merge(correspondents::routes())
        .merge(domains::routes())
        .merge(codes::routes());
    OpenApiRouter::with_openapi(Description::openapi())
        .nest(PREFIX, v1)
        .merge(federation::routes())
        .merge(blake3::routes())
        .merge(well_known::routes())
        .merge(operations::routes())
}

/// The head of the description.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Pearvault node",
        description = "Accounts, sealed keys and encrypted vaults of a domain.\n\n\
            Every refusal is a `WireError`; its `code` is a number that never changes its meaning. \
            Any route may answer `MalformedRequest`, `InvalidField`, `TooLarge`, \
            `MethodNotAllowed`, `UnsupportedMediaType`, `RateLimited`, `Busy`, `TimedOut` or \
            `Internal`; an unknown path answers `NotFound`. Further codes are named at each route."
    ),
    components(schemas(WireError)),
    modifiers(&Bearer),
    tags(
        (name = "node", description = "What the node is"),
        (name = "account", description = "Accounts, keys and sessions"),
        (name = "vault", description = "Encrypted items"),
        (name = "domains", description = "Domains that the account administers"),
        (name = "messages", description = "Messages under the account's address"),
        (name = "keypears", description = "What KeyPears servers and clients ask"),
        (name = "operations", description = "For those who run the node")
    )
)]
struct Description;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        description
            .components
            .get_or_insert_default()
            .add_security_scheme("session", bearer);
    }
}
