//! `serverInfo`.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use proto::federation::{Rpc, RpcError, ServerInfo};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt as _},
    routes,
};

use super::rpc::{Failure, input, output};
use crate::app::App;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(server_info).map(|methods| methods.fallback(server_info)))
}

/// The server's own domain. Needs no input.
#[utoipa::path(
    post,
    path = "/api/serverInfo",
    tag = "keypears",
    responses(
        (status = 200, body = Rpc<ServerInfo>),
        (status = "4XX", description = "oRPC error", body = Rpc<RpcError>)
    )
)]
async fn server_info(State(app): State<Arc<App>>, request: Request) -> Result<Response, Failure> {
    input(request).await?;
    Ok(output(ServerInfo {
        domain: app.config.domains.first().cloned().unwrap_or_default(),
    }))
}
