//! The log: on standard error, JSON unless somebody is looking.

use std::io::{IsTerminal as _, stderr};

use tracing_subscriber::{
    EnvFilter,
    filter::{LevelFilter, ParseError},
};

/// Whether a filter names levels. A word that is none, `verbose`, would be taken for a target, and everything else be silent.
pub(crate) fn is_filter(filter: &str) -> bool {
    let mut levels = filter.split(',').map(|part| {
        part.rsplit_once('=')
            .map_or(part, |(_, level)| level)
            .trim()
    });
    levels.all(|level| !level.is_empty() && level.parse::<LevelFilter>().is_ok())
        && EnvFilter::try_new(filter).is_ok()
}

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
