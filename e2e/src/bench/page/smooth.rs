//! Whether a page's pictures come in time.

use std::time::Duration;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use tokio::time::sleep;

use crate::pages::user::User;

/// How long a page is watched.
const WATCHED: Duration = Duration::from_secs(3);
/// Milliseconds of one picture at 60 a second, what browsers without a display draw.
const FRAME: f64 = 1000.0 / 60.0;
/// What `sites/bench/frames.js` kept.
const SEEN: &str = "return globalThis.seen";

/// What was seen of one load.
#[derive(Debug, Clone, Copy)]
pub(super) struct Smoothness {
    /// Pictures left out, in percent of those that were due.
    pub(super) dropped: f64,
    /// Tasks of 50 ms and more; `None` where the browser does not tell (Firefox).
    pub(super) long_tasks: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    frames: Vec<f64>,
    long_tasks: Option<f64>,
}

/// Loads a page of `sites/bench` and watches it.
pub(super) async fn watch(user: &User, url: &str) -> Result<Smoothness> {
    user.visit(&format!("{url}?frames")).await?;
    sleep(WATCHED).await;
    let seen = user.browser.client.execute(SEEN, Vec::new()).await?;
    let seen: Seen = serde_json::from_value(seen).context("what frames.js kept")?;
    Ok(Smoothness {
        dropped: dropped(&seen.frames),
        long_tasks: seen.long_tasks,
    })
}

/// Percent of the pictures between the first and the last that are missing.
fn dropped(frames: &[f64]) -> f64 {
    let pauses = frames.windows(2).map(|pair| pair[1] - pair[0]);
    let due: f64 = pauses.map(|pause| (pause / FRAME).round().max(1.0)).sum();
    let drawn = f64::from(u32::try_from(frames.len().saturating_sub(1)).unwrap_or(u32::MAX));
    if due > 0.0 {
        (due - drawn) / due * 100.0
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_left_out_are_counted() {
        let check = |frames: &[f64], expect: f64| {
            assert!((dropped(frames) - expect).abs() < 1e-9, "{frames:?}");
        };
        check(&[], 0.0);
        check(&[0.0, 16.0, 34.0, 50.0], 0.0);
        // Two were due in the middle, one came.
        check(&[0.0, 16.7, 50.0, 66.7], 25.0);
    }
}
