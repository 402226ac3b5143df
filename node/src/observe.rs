//! Around every request: its number, its line in the log, its figures, its standard headers.
//!
//! Logged are method, route template, status, code and time. Never a path with its parameters, a
//! query string, a header, a body or a network address.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};
use proto::error::ErrorCode;
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::metrics::{REQUEST_SECONDS, REQUESTS, REQUESTS_OPEN};

/// Header that names a request in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Route of requests that have none.
const UNMATCHED: &str = "unmatched";

tokio::task_local! {
    static CURRENT: u64;
}

/// Number of the request that this task works on, as the log has it.
pub(crate) fn request_id() -> Option<String> {
    CURRENT.try_with(|id| format!("{id:x}")).ok()
}

/// The outermost layer.
pub(crate) async fn observe(request: Request, next: Next) -> Response {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    let started = Instant::now();
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route_text = route.as_ref().map_or(UNMATCHED, MatchedPath::as_str);
    let span = tracing::info_span!(
        "request",
        id = format_args!("{id:x}"),
        method,
        route = route_text
    );
    let open = Open::new();
    let mut response = CURRENT
        .scope(id, next.run(request).instrument(span.clone()))
        .await;
    drop(open);
    let (seconds, status) = (started.elapsed().as_secs_f64(), response.status());
    let code = response
        .extensions()
        .get::<ErrorCode>()
        .map(|code| code.name());
    span.in_scope(|| {
        tracing::info!(
            status = status.as_u16(),
            code,
            milliseconds = seconds * 1000.0,
            "answered"
        );
    });
    let route = route_text.to_owned();
    metrics::counter!(REQUESTS, "method" => method, "route" => route.clone(), "status" => status.as_str().to_owned())
        .increment(1);
    metrics::histogram!(REQUEST_SECONDS, "route" => route).record(seconds);
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&format!("{id:x}")) {
        headers.insert(REQUEST_ID, value);
    }
    for (name, value) in STANDARD {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Headers of every answer that does not say otherwise.
const STANDARD: [(HeaderName, &str); 4] = [
    (header::CACHE_CONTROL, "no-store"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

/// Counts a request as open, also where its client goes away.
struct Open;

impl Open {
    fn new() -> Self {
        metrics::gauge!(REQUESTS_OPEN).increment(1);
        Self
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        metrics::gauge!(REQUESTS_OPEN).decrement(1);
    }
}

/// The method as a label; whatever a client invents is one label only.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        _ => "other",
    }
}
