//! Memory of a page's scripts, those of extensions among them.

use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::json;
use tokio::time::sleep;

use super::visitor::Visitor;
use crate::browser::{Browser, Kind};

/// Bytes that the JavaScript engine of one process holds, after a collection. Firefox tells it by
/// its memory reporters, of all processes at once.
const FIREFOX: &str = "const done = arguments[0];
    const pid = gBrowser.selectedBrowser.browsingContext.currentWindowGlobal.osPid;
    const manager = Cc['@mozilla.org/memory-reporter-manager;1'].getService(Ci.nsIMemoryReporterManager);
    Services.obs.notifyObservers(null, 'child-mmu-request');
    manager.minimizeMemoryUsage(() => {
        let bytes = 0;
        const count = (process, path, _kind, _units, amount) => {
            if (process.endsWith(`(pid ${pid})`) && path.startsWith('js-main-runtime/')) bytes += amount;
        };
        manager.getReports(count, null, () => done(bytes), null, false);
    });";

/// Collections before Chromium is asked, and the pause after each.
const COLLECTIONS: usize = 4;
const PAUSE: Duration = Duration::from_millis(100);

/// Megabytes that the scripts of a page hold in a new window, whose process has seen nothing else
/// (in Firefox: nothing but pages of this site), after a collection.
pub(super) async fn megabytes(visitor: &Visitor, url: &str) -> Result<f64> {
    let browser = &visitor.user.browser;
    browser.new_window().await?;
    browser.client.goto(url).await?;
    visitor.settle().await?;
    let bytes = match browser.kind() {
        Kind::Chromium => chromium(browser).await,
        Kind::Firefox => firefox(browser).await,
    };
    browser.client.close_window().await?;
    visitor.user.page().await?;
    Ok(bytes?.context("no figure for the heap")? / 1e6)
}

async fn chromium(browser: &Browser) -> Result<Option<f64>> {
    for _ in 0..COLLECTIONS {
        browser
            .cdp("HeapProfiler.collectGarbage", json!({}))
            .await?;
        // Finalizers let go of what the next one takes.
        sleep(PAUSE).await;
    }
    let usage = browser.cdp("Runtime.getHeapUsage", json!({})).await?;
    Ok(usage["usedSize"].as_f64())
}

async fn firefox(browser: &Browser) -> Result<Option<f64>> {
    let chrome = |context: &str| browser.post("moz/context", json!({"context": context}));
    chrome("chrome").await?;
    let answer = browser.client.execute_async(FIREFOX, Vec::new()).await;
    chrome("content").await?;
    Ok(answer?.as_f64().filter(|bytes| *bytes > 0.0))
}
