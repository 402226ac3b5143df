//! The one place that asks the machine for the time.

use std::{
    sync::OnceLock,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use proto::ids::UnixMillis;

/// Milliseconds since 1970.
pub fn now() -> UnixMillis {
    UnixMillis(millis())
}

/// The same, as engines of proofs of work want it.
pub fn millis() -> u64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "the host's clock is the machine's"
    )]
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

/// Milliseconds of a clock that only measures, from the first time that it is asked.
pub fn measured_millis() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    #[expect(
        clippy::disallowed_methods,
        reason = "the host's clock is the machine's"
    )]
    let start = START.get_or_init(Instant::now);
    start.elapsed().as_secs_f64() * 1000.0
}

/// Waits.
pub fn pause(length: Duration) {
    #[expect(
        clippy::disallowed_methods,
        reason = "threads of the host wait for the machine"
    )]
    std::thread::sleep(length);
}
