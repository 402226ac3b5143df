//! The log: on standard error, JSON unless somebody is looking.

use std::io::{IsTerminal as _, stderr};

use tracing_subscriber::{EnvFilter, filter::ParseError};

/// Starts the process's log.
///
/// # Errors
/// [`ParseError`] where the filter is none.
pub fn start(filter: &str) -> Result<(), ParseError> {
    let filter = EnvFilter::try_new(filter)?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr);
    if stderr().is_terminal() {
        log.with_target(false).init();
    } else {
        log.json().flatten_event(true).with_ansi(false).init();
    }
    Ok(())
}
