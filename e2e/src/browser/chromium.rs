//! Chromium through chromedriver.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use fantoccini::wd::Capabilities;
use serde_json::{Value, json};
use tokio::sync::MutexGuard;

use super::{At, Browser, Cdp, Setup, extension::Unpacked};
use crate::{
    patience::{SOON, until},
    place,
    process::Process,
};

/// What every run wants: no first-run pages, no background traffic, the practice hosts here.
const FLAGS: &[&str] = &[
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-search-engine-choice-screen",
    // The extension is the only thing that fills here; http pages stay http.
    "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,DisableLoadExtensionCommandLineSwitch",
    "--host-resolver-rules=MAP *.test 127.0.0.1",
    // Its driver ends it in a way that it takes for a crash.
    "--hide-crash-restore-bubble",
    "--window-size=1280,900",
    // The screen without a display: room for the popup under the toolbar button.
    "--screen-info={1600x1200}",
];

pub(super) fn program() -> Result<PathBuf> {
    let names = [
        "chromium",
        "chromium-browser",
        "google-chrome-for-testing",
        "google-chrome",
    ];
    place::program("PEARVAULT_CHROMIUM", &names)
}

pub(super) fn driver_program() -> Result<PathBuf> {
    place::program("PEARVAULT_CHROMEDRIVER", &["chromedriver"])
}

pub(super) async fn start_driver(
    log: &Path,
    variables: &[super::Variable],
) -> Result<(Process, u16)> {
    super::driver_port(
        driver_program()?,
        &["--port=0"],
        "started successfully on port ",
        (log, variables),
    )
    .await
}

pub(super) fn capabilities(
    extension: Option<&Unpacked>,
    profile: &Path,
    setup: &Setup,
) -> Result<Capabilities> {
    let mut flags: Vec<String> = FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
    flags.push(format!("--user-data-dir={}", profile.display()));
    // What the camera sees is a file; nobody is asked for a real one.
    flags.push("--use-fake-device-for-media-stream".to_owned());
    let sight = super::camera_file(profile);
    flags.push(format!(
        "--use-file-for-fake-video-capture={}",
        sight.display()
    ));
    if let Some(extension) = extension {
        flags.push(format!("--load-extension={}", extension.folder.display()));
    }
    if setup.graphics {
        flags.push("--enable-unsafe-webgpu".to_owned());
    }
    if !setup.visible {
        flags.extend(["--headless=new".to_owned(), "--disable-gpu".to_owned()]);
    }
    if rustix::process::geteuid().is_root() {
        // Chromium's sandbox refuses to run as root; test machines often are.
        flags.push("--no-sandbox".to_owned());
    }
    let capabilities = json!({
        "browserName": "chrome",
        "acceptInsecureCerts": true,
        "goog:loggingPrefs": {"browser": "ALL"},
        "goog:chromeOptions": {
            "binary": program()?,
            "args": flags,
            "prefs": {
                "credentials_enable_service": false,
                "profile.password_manager_enabled": false,
                "profile.password_manager_leak_detection": false,
            },
        },
    });
    as_capabilities(capabilities)
}

pub(super) fn as_capabilities(value: Value) -> Result<Capabilities> {
    match value {
        Value::Object(map) => Ok(map),
        other => bail!("capabilities are an object, not {other}"),
    }
}

/// Waits for the extension's service worker; its address tells the extension's id.
pub(super) async fn extension_origin(browser: &Browser) -> Result<String> {
    until("the extension's service worker", SOON, async || {
        let targets = browser.cdp("Target.getTargets", json!({})).await?;
        let all = targets["targetInfos"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        Ok(all.iter().find_map(|target| {
            let url = target["url"].as_str()?.strip_suffix("/sw.js")?;
            url.starts_with("chrome-extension://")
                .then(|| url.to_owned())
        }))
    })
    .await
}

pub(super) async fn kill_worker(browser: &Browser) -> Result<()> {
    // Popups connect again at once, and so start the next worker: a mark tells it from this one.
    let marked = "globalThis.markedForDeath === true";
    until("the service worker's mark", SOON, async || {
        if worker_runs(browser).await? {
            evaluate_in_worker(browser, "globalThis.markedForDeath = true").await?;
        }
        Ok(Some(()))
    })
    .await?;
    browser.cdp("ServiceWorker.enable", json!({})).await?;
    browser
        .cdp("ServiceWorker.stopAllWorkers", json!({}))
        .await?;
    until("the service worker's end", SOON, async || {
        let ended = !worker_runs(browser).await?
            || evaluate_in_worker(browser, marked).await? == Value::Bool(false);
        Ok(ended.then_some(()))
    })
    .await
}

pub(super) async fn worker_runs(browser: &Browser) -> Result<bool> {
    let mut cdp = socket(browser).await?;
    Ok(worker_target(browser, connected(&mut cdp)?)
        .await?
        .is_some())
}

/// Chromium gives no way to press a browser-wide key without a display: the event that the key
/// causes is sent to the listeners of the worker instead, with the tab in front.
pub(super) async fn dispatch_command(browser: &Browser, name: &str) -> Result<()> {
    let script = format!(
        "chrome.tabs.query({{active: true, lastFocusedWindow: true}})
           .then(([tab]) => chrome.commands.onCommand.dispatch({}, tab))",
        json!(name)
    );
    evaluate_in_worker(browser, &script).await.map(drop)
}

/// No protocol reaches Chromium's context menu, which is drawn by the system: the event of a press
/// is sent to the listeners of the worker instead, with the tab in front. That the entry is there is
/// asked before: what is not cannot be updated.
pub(super) async fn choose_in_context_menu(
    browser: &Browser,
    entry: &str,
    at: At<'_>,
) -> Result<()> {
    let entry = json!(entry);
    let subject = match at {
        At::Page => json!({"editable": true}),
        At::Selection(text) => json!({"editable": false, "selectionText": text}),
        At::Link(url) => json!({"editable": false, "linkUrl": url}),
    };
    let script = format!(
        "chrome.contextMenus.update({entry}, {{}})
           .then(() => chrome.tabs.query({{active: true, lastFocusedWindow: true}}))
           .then(([tab]) => chrome.contextMenus.onClicked.dispatch(
               {{menuItemId: {entry}, frameId: 0, pageUrl: tab.url, ...{subject}}}, tab))"
    );
    evaluate_in_worker(browser, &script).await.map(drop)
}

/// The screen is the system's: the event of its being locked is sent to the listeners of the worker.
pub(super) async fn lock_screen(browser: &Browser) -> Result<()> {
    let script = "chrome.idle.onStateChanged.dispatch('locked')";
    evaluate_in_worker(browser, script).await.map(drop)
}

/// Notifications are the system's: the event of a click is sent to the listeners of the worker.
pub(super) async fn click_notification(browser: &Browser, id: &str) -> Result<()> {
    let script = format!("chrome.notifications.onClicked.dispatch({})", json!(id));
    evaluate_in_worker(browser, &script).await.map(drop)
}

pub(super) async fn console(browser: &Browser) -> String {
    let mut lines = Vec::new();
    if let Ok(log) = browser.post("se/log", json!({"type": "browser"})).await {
        for entry in log.as_array().into_iter().flatten() {
            lines.push(format!(
                "{} {}",
                entry["level"].as_str().unwrap_or_default(),
                entry["message"].as_str().unwrap_or_default()
            ));
        }
    }
    match worker_console(browser).await {
        Ok(worker) => lines.extend(worker),
        Err(error) => lines.push(format!("(no console of the worker: {error:#})")),
    }
    lines.join("\n")
}

/// What the running worker wrote: the browser keeps it and tells it again when asked.
async fn worker_console(browser: &Browser) -> Result<Vec<String>> {
    let mut guard = socket(browser).await?;
    let cdp = connected(&mut guard)?;
    let Some(target) = worker_target(browser, cdp).await? else {
        return Ok(vec!["(the worker is not running)".to_owned()]);
    };
    let session = attach(cdp, &target).await?;
    cdp.take_events();
    cdp.call(Some(&session), "Runtime.enable", json!({}))
        .await?;
    cdp.call(Some(&session), "Log.enable", json!({})).await?;
    // An answer that comes after everything that the two above made the browser tell.
    cdp.call(
        Some(&session),
        "Runtime.evaluate",
        json!({"expression": "0"}),
    )
    .await?;
    let events = cdp.take_events();
    cdp.call(
        None,
        "Target.detachFromTarget",
        json!({"sessionId": session}),
    )
    .await?;
    let wanted = [
        "Runtime.consoleAPICalled",
        "Runtime.exceptionThrown",
        "Log.entryAdded",
    ];
    Ok(events
        .iter()
        .filter(|event| {
            event["method"]
                .as_str()
                .is_some_and(|m| wanted.contains(&m))
        })
        .map(|event| format!("worker {}", event["params"]))
        .collect())
}

/// Runs an expression in the service worker, as a user's act.
pub(super) async fn evaluate_in_worker(browser: &Browser, expression: &str) -> Result<Value> {
    let mut guard = socket(browser).await?;
    let cdp = connected(&mut guard)?;
    let target = worker_target(browser, cdp)
        .await?
        .context("the service worker is not running")?;
    let session = attach(cdp, &target).await?;
    let params = json!({"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true});
    let answer = cdp.call(Some(&session), "Runtime.evaluate", params).await?;
    cdp.call(
        None,
        "Target.detachFromTarget",
        json!({"sessionId": session}),
    )
    .await?;
    if let Some(thrown) = answer.get("exceptionDetails") {
        bail!("in the worker: {thrown}");
    }
    Ok(answer["result"]["value"].clone())
}

/// Opens the popup under the toolbar button; returns the debugging session of its page.
pub(super) async fn open_toolbar_popup(browser: &Browser) -> Result<String> {
    evaluate_in_worker(browser, "chrome.action.openPopup()").await?;
    let url = format!("{}/popup.html", browser.origin());
    until("the popup under the toolbar button", SOON, async || {
        let mut guard = socket(browser).await?;
        let cdp = connected(&mut guard)?;
        let targets = cdp.call(None, "Target.getTargets", json!({})).await?;
        let all = targets["targetInfos"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let Some(popup) = all
            .iter()
            .find(|t| t["url"].as_str().is_some_and(|u| u.starts_with(&url)))
        else {
            return Ok(None);
        };
        let target = popup["targetId"]
            .as_str()
            .context("a target without an id")?
            .to_owned();
        attach(cdp, &target).await.map(Some)
    })
    .await
}

/// How many elements of the toolbar popup a selector finds, and the popup's inner size.
pub(super) async fn look_into_toolbar_popup(
    browser: &Browser,
    session: &str,
    selector: &str,
) -> Result<Value> {
    let selector = json!(selector);
    let expression =
        format!("[document.querySelectorAll({selector}).length, innerWidth, innerHeight]");
    let mut guard = socket(browser).await?;
    let params = json!({"expression": expression, "returnByValue": true});
    let answer = connected(&mut guard)?
        .call(Some(session), "Runtime.evaluate", params)
        .await?;
    Ok(answer["result"]["value"].clone())
}

/// Presses Enter in a page that was attached to.
pub(super) async fn press_enter(browser: &Browser, session: &str) -> Result<()> {
    let mut guard = socket(browser).await?;
    let cdp = connected(&mut guard)?;
    for kind in ["keyDown", "keyUp"] {
        let params = json!({"type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": if kind == "keyDown" { "\r" } else { "" }});
        cdp.call(Some(session), "Input.dispatchKeyEvent", params)
            .await?;
    }
    Ok(())
}

/// Starts to record what pages' threads do.
pub(super) async fn start_trace(browser: &Browser) -> Result<()> {
    let mut guard = socket(browser).await?;
    let cdp = connected(&mut guard)?;
    cdp.take_events();
    let config = json!({"includedCategories": ["devtools.timeline"]});
    let params = json!({"transferMode": "ReportEvents", "traceConfig": config});
    cdp.call(None, "Tracing.start", params).await.map(drop)
}

/// Ends the record; its events.
pub(super) async fn end_trace(browser: &Browser) -> Result<Vec<Value>> {
    let mut guard = socket(browser).await?;
    let cdp = connected(&mut guard)?;
    cdp.call(None, "Tracing.end", json!({})).await?;
    cdp.wait_for("Tracing.tracingComplete").await?;
    let mut events = Vec::new();
    for mut message in cdp.take_events() {
        if let Value::Array(part) = message["params"]["value"].take() {
            events.extend(part);
        }
    }
    Ok(events)
}

async fn attach(cdp: &mut Cdp, target: &str) -> Result<String> {
    let params = json!({"targetId": target, "flatten": true});
    let answer = cdp.call(None, "Target.attachToTarget", params).await?;
    answer["sessionId"]
        .as_str()
        .map(str::to_owned)
        .context("no session for the worker")
}

async fn worker_target(browser: &Browser, cdp: &mut Cdp) -> Result<Option<String>> {
    let url = format!("{}/sw.js", browser.origin());
    let targets = cdp.call(None, "Target.getTargets", json!({})).await?;
    let all = targets["targetInfos"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let worker = all
        .iter()
        .find(|t| t["type"] == "service_worker" && t["url"] == url.as_str());
    Ok(worker
        .and_then(|t| t["targetId"].as_str())
        .map(str::to_owned))
}

async fn socket(browser: &Browser) -> Result<MutexGuard<'_, Option<Cdp>>> {
    let mut guard = browser.debugging.lock().await;
    if guard.is_none() {
        let connecting = Cdp::connect(browser.profile());
        *guard = Some(tokio::time::timeout(Duration::from_secs(10), connecting).await??);
    }
    Ok(guard)
}

fn connected<'a>(guard: &'a mut MutexGuard<'_, Option<Cdp>>) -> Result<&'a mut Cdp> {
    guard.as_mut().context("no debugging socket")
}
