//! Clock, timers, tasks.

use std::{future::Future, pin::pin};

use futures_util::future::{Either, select};
use gloo::timers::future::TimeoutFuture;
use proto::ids::UnixMillis;

use crate::BrowserError;

/// The wall clock.
pub fn now() -> UnixMillis {
    let millis = js_sys::Date::now();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates"
    )]
    UnixMillis(millis as u64)
}

/// Waits so many milliseconds.
pub async fn sleep(millis: u32) {
    TimeoutFuture::new(millis).await;
}

/// Runs a task on this thread, beside the others.
pub fn spawn(task: impl Future<Output = ()> + 'static) {
    wasm_bindgen_futures::spawn_local(task);
}

/// Waits for `future`, at most so many milliseconds.
///
/// # Errors
/// [`BrowserError::TimedOut`]; the future is dropped.
pub async fn within<T>(
    millis: u32,
    call: &'static str,
    future: impl Future<Output = T>,
) -> Result<T, BrowserError> {
    match select(pin!(future), TimeoutFuture::new(millis)).await {
        Either::Left((value, _)) => Ok(value),
        Either::Right(((), _)) => Err(BrowserError::TimedOut { call }),
    }
}
