//! What Chromium records of the extension's scripts in a page.

use std::time::Duration;

use anyhow::Result;
use serde_json::Value;
use tokio::time::sleep;

use super::lab::content_scripts;
use crate::browser::Browser;

/// Records in which a script runs: at its first evaluation, and at every call by the browser.
const RUNS: [&str; 2] = ["EvaluateScript", "FunctionCall"];

/// One run of a script of ours, microseconds.
#[derive(Debug, Clone, Copy)]
struct Run {
    thread: i64,
    start: f64,
    end: f64,
    /// On the processor.
    taken: f64,
}

/// Milliseconds of processor time that the extension's content scripts take during `time` after a page was
/// asked for.
pub(super) async fn milliseconds(browser: &Browser, url: &str, time: Duration) -> Result<f64> {
    browser.start_trace().await?;
    browser.client.goto(url).await?;
    sleep(time).await;
    let events = browser.end_trace().await?;
    // Not the worker, whose scripts are recorded too.
    let folder = browser.extension_folder()?;
    let scripts: Vec<_> = content_scripts(folder)?
        .iter()
        .filter_map(|script| script.strip_prefix(folder).ok())
        .map(|script| format!("{}/{}", browser.origin(), script.display()))
        .collect();
    Ok(taken(&events, &scripts))
}

fn taken(events: &[Value], scripts: &[String]) -> f64 {
    let mut runs: Vec<_> = events
        .iter()
        .filter_map(|event| Run::of(event, scripts))
        .collect();
    // An outer run before the ones within it.
    runs.sort_by(|one, other| {
        let thread = one.thread.cmp(&other.thread);
        thread
            .then(one.start.total_cmp(&other.start))
            .then(other.end.total_cmp(&one.end))
    });
    let mut outer: Option<Run> = None;
    let mut sum = 0.0;
    for run in runs {
        if outer.is_some_and(|it| it.thread == run.thread && run.end <= it.end) {
            continue;
        }
        sum += run.taken;
        outer = Some(run);
    }
    sum / 1000.0
}

impl Run {
    /// `None` for records of anything else.
    fn of(event: &Value, scripts: &[String]) -> Option<Self> {
        let script = event.pointer("/args/data/url")?.as_str()?;
        if !RUNS.contains(&event["name"].as_str()?) || !scripts.iter().any(|it| it == script) {
            return None;
        }
        let start = event["ts"].as_f64()?;
        Some(Self {
            thread: event["pid"].as_i64()? << 32 | event["tid"].as_i64()?,
            start,
            end: start + event["dur"].as_f64()?,
            taken: event["tdur"].as_f64()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn runs_within_runs_count_once() {
        let event = |name: &str, url: &str, ts: u32, dur: u32| {
            json!({"name": name, "pid": 1, "tid": 2, "ts": ts, "dur": dur, "tdur": dur,
                "args": {"data": {"url": url}}})
        };
        let events = [
            event("FunctionCall", "our://x/watch.js", 1200, 300),
            event("EvaluateScript", "our://x/watch.js", 1000, 1000),
            event("FunctionCall", "our://x/watch.js", 5000, 500),
            event("FunctionCall", "https://page.test/a.js", 6000, 9000),
            event("FunctionCall", "our://x/sw.js", 6000, 9000),
            event("v8.compile", "our://x/watch.js", 7000, 9000),
            json!({"name": "FunctionCall", "args": {}}),
        ];
        assert!((taken(&events, &["our://x/watch.js".to_owned()]) - 1.5).abs() < 1e-9);
    }
}
