//! How long to wait for what, and how.

use std::{error::Error, fmt, time::Duration};

use anyhow::Result;

use crate::clock::Deadline;

/// Pause between two looks.
pub const POLL: Duration = Duration::from_millis(40);
/// What a page or a screen may take to appear.
pub const SOON: Duration = Duration::from_secs(15);
/// What deriving keys and a proof of work at the tests' difficulty may take on a busy machine.
pub const WORK: Duration = Duration::from_mins(2);

/// Something did not come in time: it may be the product's fault, or the machine's.
#[derive(Debug)]
pub struct Vain(String);

impl fmt::Display for Vain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Vain {}

/// Looks again and again until `look` finds something; `what` is named when time is over,
/// together with the last error, in a [`Vain`].
pub async fn until<T>(
    what: &str,
    limit: Duration,
    mut look: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let deadline = Deadline::after(limit);
    loop {
        let last = match look().await {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => String::new(),
            // A page in the middle of a change answers with errors (stale element, no such
            // frame): only the last one counts.
            Err(error) => format!(": {error:#}"),
        };
        if deadline.is_over() {
            return Err(Vain(format!("waited {limit:?} in vain for {what}{last}")).into());
        }
        tokio::time::sleep(POLL).await;
    }
}
