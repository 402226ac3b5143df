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

/// What a clock on the wall of this device shows at `at`: the time of day of its time zone, as if it were UTC.
pub fn wall(at: UnixMillis) -> UnixMillis {
    #[expect(
        clippy::cast_precision_loss,
        reason = "exact for 200 000 years to come"
    )]
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at.0 as f64));
    // Minutes that UTC is ahead; not a number for a time that no calendar has.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "saturates, and is less than a day"
    )]
    let behind = date.get_timezone_offset() as i64 * 60_000;
    UnixMillis(at.0.saturating_add_signed(-behind))
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
