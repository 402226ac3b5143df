//! Names of what is counted, and the text that Prometheus reads. No label is personal.

use std::sync::{Mutex, PoisonError};

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Requests by `method`, `route` (its template) and `status`.
pub(crate) const REQUESTS: &str = "pearvault_http_requests_total";
/// Time to an answer by `route`, seconds.
pub(crate) const REQUEST_SECONDS: &str = "pearvault_http_request_seconds";
/// Requests under way.
pub(crate) const REQUESTS_OPEN: &str = "pearvault_http_requests_open";
/// Open connections.
pub(crate) const CONNECTIONS: &str = "pearvault_connections";
/// Open feeds.
pub(crate) const FEEDS: &str = "pearvault_feeds";
/// Solved challenges that came, by `result`.
pub(crate) const CHALLENGES: &str = "pearvault_challenges_total";
/// Password checks that wait for a thread.
pub(crate) const KDF_WAITING: &str = "pearvault_kdf_waiting";
/// Writes that one transaction of the database held.
pub(crate) const WRITES_IN_TRANSACTION: &str = "pearvault_store_writes_in_transaction";
/// Vault items written, tombstones too.
pub(crate) const ITEMS_WRITTEN: &str = "pearvault_vault_writes_total";

/// Bounds of the latency histogram, seconds.
const SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];
/// Bounds of the histogram of transactions, writes.
const WRITES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// The process's recorder; the first call starts it.
///
/// # Errors
/// [`BuildError`] where the bounds of a histogram are none.
pub fn recorder() -> Result<PrometheusHandle, BuildError> {
    static HANDLE: Mutex<Option<PrometheusHandle>> = Mutex::new(None);
    let mut handle = HANDLE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = &*handle {
        return Ok(handle.clone());
    }
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(REQUEST_SECONDS.to_owned()), SECONDS)?
        .set_buckets_for_metric(Matcher::Full(WRITES_IN_TRANSACTION.to_owned()), WRITES)?
        .build_recorder();
    let made = recorder.handle();
    // Where the process counts elsewhere already, `/metrics` stays empty.
    if metrics::set_global_recorder(recorder).is_ok() {
        describe();
    }
    Ok(handle.insert(made).clone())
}

fn describe() {
    metrics::describe_counter!(REQUESTS, "Requests by method, route and status");
    metrics::describe_histogram!(REQUEST_SECONDS, metrics::Unit::Seconds, "Time to an answer");
    metrics::describe_gauge!(REQUESTS_OPEN, "Requests under way");
    metrics::describe_gauge!(CONNECTIONS, "Open connections");
    metrics::describe_gauge!(FEEDS, "Devices that wait for news");
    metrics::describe_counter!(CHALLENGES, "Solved challenges that came, by result");
    metrics::describe_gauge!(KDF_WAITING, "Password checks that wait for a thread");
    metrics::describe_histogram!(WRITES_IN_TRANSACTION, "Writes that one transaction held");
    metrics::describe_counter!(ITEMS_WRITTEN, "Vault items written, tombstones too");
}
