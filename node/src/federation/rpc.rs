//! oRPC over HTTP, as KeyPears' servers were recorded: envelope, input faults, errors.

use axum::{
    Json,
    extract::Request,
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};
use proto::{
    error::ErrorCode,
    federation::{Rpc, RpcError, RpcErrorData, RpcIssue},
    limits::API_BODY_MAX_BYTES,
};
use serde::Serialize;
use serde_json::Value;

use crate::{
    error::ApiError,
    extract::{collect, is_json},
};

/// An answer of a procedure that is none.
#[derive(Debug)]
pub(super) struct Failure(Box<RpcError>);

impl Failure {
    fn new(status: StatusCode, code: &str, message: &str) -> Self {
        Self(Box::new(RpcError {
            defined: false,
            code: code.to_owned(),
            status: status.as_u16(),
            message: message.to_owned(),
            data: None,
        }))
    }

    /// `GET`, which calls no procedure.
    fn method() -> Self {
        let message = "Method Not Supported";
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "METHOD_NOT_SUPPORTED",
            message,
        )
    }

    /// A body that is no envelope.
    fn malformed() -> Self {
        let message = "Malformed request. Ensure the request body is properly formatted and the \
                       'Content-Type' header is set correctly.";
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
    }

    /// A refusal inside a procedure. The reference says `INTERNAL_SERVER_ERROR` to all of them; whoever asked shows its
    /// user our words, so there are some.
    pub(super) fn refused(status: StatusCode, code: &str, message: &str) -> Self {
        Self::new(status, code, message)
    }

    /// An input, or a field of one, of another type.
    pub(super) fn invalid(path: &[&str], expected: &str, received: Option<&Value>) -> Self {
        let received = type_of(received);
        Self::issues(vec![RpcIssue {
            expected: expected.to_owned(),
            code: "invalid_type".to_owned(),
            path: path.iter().map(|name| (*name).to_owned()).collect(),
            message: format!("Invalid input: expected {expected}, received {received}"),
        }])
    }

    /// An input with these faults.
    pub(super) fn issues(issues: Vec<RpcIssue>) -> Self {
        let message = "Input validation failed";
        let mut failure = Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message);
        failure.0.data = Some(RpcErrorData { issues });
        failure
    }
}

impl From<ApiError> for Failure {
    /// Inside a procedure all refusals are alike, as the reference has it.
    fn from(error: ApiError) -> Self {
        match error.code() {
            ErrorCode::TooLarge => {
                let message = "Payload Too Large";
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", message)
            }
            ErrorCode::MalformedRequest => Self::malformed(),
            _ => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "INTERNAL_SERVER_ERROR",
                "Internal server error",
            ),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(Rpc { json: *self.0 })).into_response()
    }
}

/// The input of a call, `None` where there is none. Unknown fields beside it are ignored.
///
/// `GET` and `HEAD` call nothing; every other method does, as the reference has it.
pub(super) async fn input(request: Request) -> Result<Option<Value>, Failure> {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Failure::method());
    }
    let announced = is_json(request.headers());
    let body = collect(request.into_body(), API_BODY_MAX_BYTES).await?;
    // What is not announced as JSON is no input at all.
    if !announced || body.is_empty() {
        return Ok(None);
    }
    match serde_json::from_slice(&body) {
        Ok(Value::Object(mut envelope)) => Ok(envelope.remove("json")),
        Ok(Value::Null) | Err(_) => Err(Failure::malformed()),
        Ok(_) => Ok(None),
    }
}

/// The output of a call.
pub(super) fn output<T: Serialize>(json: T) -> Response {
    Json(Rpc { json }).into_response()
}

/// A value's type in the words of the reference.
pub(super) fn type_of(value: Option<&Value>) -> &'static str {
    match value {
        None => "undefined",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "string",
        Some(Value::Array(_)) => "array",
        Some(Value::Object(_)) => "object",
    }
}
