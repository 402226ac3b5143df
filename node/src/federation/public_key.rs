//! `getPublicKey`.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use proto::{
    address::Address,
    bytes::Hex,
    federation::{PublicKeyRequest, PublicKeyResponse, Rpc, RpcError},
};
use serde_json::Value;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt as _},
    routes,
};

use super::rpc::{Failure, input, output};
use crate::{app::App, error::ApiError};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(public_key).map(|methods| methods.fallback(public_key)))
}

/// The active key of an address of this node; `null` for an unknown name, another domain and what
/// is no address.
#[utoipa::path(
    post,
    path = "/api/getPublicKey",
    tag = "keypears",
    request_body = Rpc<PublicKeyRequest>,
    responses(
        (status = 200, body = Rpc<PublicKeyResponse>),
        (status = "4XX", description = "oRPC error", body = Rpc<RpcError>)
    )
)]
async fn public_key(State(app): State<Arc<App>>, request: Request) -> Result<Response, Failure> {
    let input = input(request).await?;
    let Some(Value::Object(fields)) = &input else {
        return Err(Failure::invalid(&[], "object", input.as_ref()));
    };
    let Some(Value::String(text)) = fields.get("address") else {
        return Err(Failure::invalid(
            &["address"],
            "string",
            fields.get("address"),
        ));
    };
    let found = match text.parse::<Address>() {
        Ok(address) if app.finds(&address).await.map_err(ApiError::from)? => app
            .store
            .active_public_key(&address)
            .await
            .map_err(ApiError::from)?,
        _ => None,
    };
    Ok(output(PublicKeyResponse {
        public_key: found.map(Hex),
    }))
}
