//! `pullMessage`.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use proto::{
    address::Address,
    bytes::{Hex, HexBytes},
    federation::{PullRequest, PulledMessage, Rpc, RpcError},
};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt as _},
    routes,
};
use wasm_core::kp1::token::pull_token_hash;

use super::{
    fields::Fields,
    refusal::Refusal,
    rpc::{Failure, input, output},
};
use crate::{app::App, error::ApiError, store::Sealed};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(pull).map(|methods| methods.fallback(pull)))
}

/// A message that is on its way, for whoever has its token; as often as it is asked for.
#[utoipa::path(
    post,
    path = "/api/pullMessage",
    tag = "keypears",
    request_body = Rpc<PullRequest>,
    responses(
        (status = 200, body = Rpc<PulledMessage>),
        (status = "4XX", description = "oRPC error", body = Rpc<RpcError>)
    )
)]
async fn pull(State(app): State<Arc<App>>, request: Request) -> Result<Response, Failure> {
    let input = input(request).await?;
    let mut fields = Fields::of(input.as_ref())?;
    let token = fields.text("token");
    fields.finish()?;
    let found = app.store.pulled(&pull_token_hash(token)).await;
    let found = found.map_err(ApiError::from)?;
    Ok(output(answer(found.ok_or(Refusal::TokenUnknown)?)))
}

/// A message as it is pulled.
pub(super) fn answer((sender, recipient, sealed): (Address, Address, Sealed)) -> PulledMessage {
    PulledMessage {
        sender_address: sender.to_string(),
        recipient_address: recipient.to_string(),
        encrypted_content: HexBytes(sealed.content),
        sender_pub_key: Hex(sealed.sender_key),
        recipient_pub_key: Hex(sealed.recipient_key),
    }
}
