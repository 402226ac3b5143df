//! `POST /api/blake3`, as the first KeyPears generation had it.

use std::sync::Arc;

use axum::{
    extract::{FromRequest as _, Request},
    http::StatusCode,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use proto::{
    bytes::Hex,
    error::{ErrorCode, WireError},
    federation::{Blake3Request, Blake3Response},
    limits::BLAKE3_DATA_MAX_BYTES,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, error::ApiError, extract::Json};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(blake3_hash))
}

/// BLAKE3 of base64 data of at most 10 240 bytes. Whatever is wrong with it answers 400.
#[utoipa::path(
    post,
    path = "/api/blake3",
    tag = "keypears",
    request_body = Blake3Request,
    responses(
        (status = 200, body = Blake3Response),
        (status = 400, description = "`InvalidField`, `TooLarge`", body = WireError)
    )
)]
async fn blake3_hash(request: Request) -> Result<axum::Json<Blake3Response>, ApiError> {
    let bad = |error: ApiError| error.with_status(StatusCode::BAD_REQUEST);
    let Json(ask) = Json::<Blake3Request>::from_request(request, &())
        .await
        .map_err(bad)?;
    let data = STANDARD
        .decode(&ask.data)
        .map_err(|_| bad(ApiError::new(ErrorCode::InvalidField).with("field", "data")))?;
    if data.len() > BLAKE3_DATA_MAX_BYTES {
        let too_large = ApiError::new(ErrorCode::TooLarge).with("field", "data");
        return Err(bad(too_large.with("max", BLAKE3_DATA_MAX_BYTES)));
    }
    Ok(axum::Json(Blake3Response {
        hash: Hex(*::blake3::hash(&data).as_bytes()),
    }))
}
