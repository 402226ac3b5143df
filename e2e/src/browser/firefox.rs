//! Firefox through geckodriver.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use fantoccini::wd::Capabilities;
use serde_json::{Value, json};

use super::{Browser, Scheme, Setup, chromium::as_capabilities, extension::Unpacked};
use crate::{
    patience::{SOON, until},
    place,
    process::Process,
    site,
};

/// The extension's host in every test profile.
const UUID: &str = "5f1d3c52-90ab-4c9e-8a6e-7ea5a5a10e2e";

pub(super) fn program() -> Result<PathBuf> {
    place::program("PEARVAULT_FIREFOX", &["firefox-esr", "firefox"])
}

pub(super) fn driver_program() -> Result<PathBuf> {
    place::program("PEARVAULT_GECKODRIVER", &["geckodriver"])
}

pub(super) async fn start_driver(
    log: &Path,
    variables: &[super::Variable],
) -> Result<(Process, u16)> {
    // System access: killing the event page and pressing the browser's own keys.
    let arguments = ["--port", "0", "--allow-system-access"];
    super::driver_port(
        driver_program()?,
        &arguments,
        "Listening on 127.0.0.1:",
        (log, variables),
    )
    .await
}

pub(super) fn capabilities(
    extension: Option<&Unpacked>,
    profile: &Path,
    setup: &Setup,
) -> Result<Capabilities> {
    let mut arguments = vec!["-profile".to_owned(), profile.display().to_string()];
    if !setup.visible {
        arguments.push("-headless".to_owned());
    }
    let uuids = match extension {
        Some(extension) => json!({extension.gecko_id()?: UUID}),
        None => json!({}),
    };
    let capabilities = json!({
        "browserName": "firefox",
        "acceptInsecureCerts": true,
        "moz:firefoxOptions": {
            "binary": program()?,
            "args": arguments,
            "prefs": {
                "network.dns.localDomains": site::HOSTS.join(","),
                "extensions.webextensions.uuids": uuids.to_string(),
                // A profile that is started again finds the extension's data.
                "extensions.webextensions.keepStorageOnUninstall": true,
                "extensions.webextensions.keepUuidOnUninstall": true,
                // The extension is the only thing that fills here; http pages stay http.
                "signon.rememberSignons": false,
                "signon.autofillForms": false,
                "dom.security.https_first": false,
                "dom.security.https_only_mode": false,
                // However often a story sends its question for a password away, it asks again.
                "prompts.authentication_dialog_abuse_limit": -1,
                // What the extension asks for under a press is granted: the question is the browser's own.
                "extensions.webextOptionalPermissionPrompts": false,
                "browser.aboutwelcome.enabled": false,
                "browser.shell.checkDefaultBrowser": false,
                "datareporting.policy.dataSubmissionEnabled": false,
                "devtools.console.stdout.content": true,
                // A pattern in place of a camera, and no question for it.
                "media.navigator.streams.fake": true,
                "media.navigator.permission.disabled": true,
                "dom.webgpu.enabled": setup.graphics,
                // Devices in software are on it.
                "gfx.webgpu.ignore-blocklist": setup.graphics,
            },
        },
    });
    as_capabilities(capabilities)
}

/// Loads the extension for this session; returns the origin of its pages.
pub(super) async fn install(browser: &Browser, extension: &Unpacked) -> Result<String> {
    load(browser, &extension.folder).await?;
    Ok(format!("moz-extension://{UUID}"))
}

/// Loads the extension in a folder for this session.
pub(super) async fn load(browser: &Browser, folder: &Path) -> Result<()> {
    let body = json!({"path": folder, "temporary": true});
    browser
        .post("moz/addon/install", body)
        .await
        .context("cannot load the extension")
        .map(drop)
}

pub(super) async fn set_page_size(browser: &Browser, width: u32, height: u32) -> Result<()> {
    // The window is larger than its page by the browser's own bars.
    let bars = browser
        .client
        .execute(
            "return [outerWidth - innerWidth, outerHeight - innerHeight]",
            Vec::new(),
        )
        .await?;
    let bar = |i: usize| {
        bars[i]
            .as_u64()
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(0)
    };
    browser
        .client
        .set_window_size(width + bar(0), height + bar(1))
        .await?;
    Ok(())
}

pub(super) async fn set_scheme(browser: &Browser, scheme: Scheme) -> Result<()> {
    // 0 dark, 1 light, for content as well as for the system.
    let (content, system) = if scheme == Scheme::Dark {
        (0, 1)
    } else {
        (1, 0)
    };
    let script = "Services.prefs.setIntPref('layout.css.prefers-color-scheme.content-override', arguments[0]);
        Services.prefs.setIntPref('ui.systemUsesDarkTheme', arguments[1]);";
    in_chrome(browser, script, vec![content.into(), system.into()])
        .await
        .map(drop)
}

pub(super) async fn kill_worker(browser: &Browser, extension: &Unpacked) -> Result<()> {
    let script = "const [id, done] = arguments;
        const extension = WebExtensionPolicy.getByID(id).extension;
        extension.terminateBackground({ignoreDevToolsAttached: true, disableResetIdleForTest: true})
          .then(() => done(true), e => done(String(e)));";
    let id = extension.gecko_id()?.to_owned();
    let answer = in_chrome_async(browser, script, vec![id.into()]).await?;
    // It has ended by now; a page that had a port may have started it again already.
    anyhow::ensure!(answer == true, "the event page did not end: {answer}");
    Ok(())
}

pub(super) async fn worker_runs(browser: &Browser, extension: &Unpacked) -> Result<bool> {
    let script = "return WebExtensionPolicy.getByID(arguments[0]).extension.backgroundState";
    let id = extension.gecko_id()?.to_owned();
    let state = in_chrome(browser, script, vec![id.into()]).await?;
    Ok(matches!(state.as_str(), Some("running" | "starting")))
}

/// Finds the key that the browser made for the command and lets the browser act as if pressed.
pub(super) async fn dispatch_command(
    browser: &Browser,
    extension: &Unpacked,
    name: &str,
) -> Result<()> {
    let script = "const [id, name, done] = arguments;
        const extension = WebExtensionPolicy.getByID(id).extension;
        const commands = extension.shortcuts;
        if (!commands) return done('no shortcuts');
        commands.onCommand
          ? (commands.onCommand(name), done(true))
          : (extension.emit('command', name), done(true));";
    let arguments = vec![extension.gecko_id()?.into(), name.into()];
    let answer = in_chrome_async(browser, script, arguments).await?;
    anyhow::ensure!(
        answer == true,
        "the shortcut could not be pressed: {answer}"
    );
    Ok(())
}

/// Chooses an entry of an extension in the page's context menu, which a press has opened.
pub(super) async fn choose_in_context_menu(browser: &Browser, entry: &str) -> Result<()> {
    let script = "const menu = Services.wm.getMostRecentWindow('navigator:browser').document
            .getElementById('contentAreaContextMenu');
        if (menu?.state !== 'open') return `the menu is ${menu?.state}`;
        const entry = menu.querySelector(`menuitem[id$='-menuitem-_${arguments[0]}']`);
        if (!entry || entry.hidden || entry.disabled) return 'there is no such entry';
        entry.doCommand();
        menu.hidePopup();
        return true;";
    until("the entry of the context menu", SOON, async || {
        let answer = in_chrome(browser, script, vec![entry.into()]).await?;
        anyhow::ensure!(answer == true, "{answer}");
        Ok(Some(()))
    })
    .await
}

/// Opens the popup of the toolbar button in the window in front.
pub(super) async fn open_toolbar_popup(browser: &Browser, extension: &Unpacked) -> Result<()> {
    let script = "const [id, done] = arguments;
        const extension = WebExtensionPolicy.getByID(id).extension;
        const { ExtensionParent } = ChromeUtils.importESModule('resource://gre/modules/ExtensionParent.sys.mjs');
        const action = ExtensionParent.apiManager.global.browserActionFor(extension);
        Promise.resolve(action.triggerAction(Services.wm.getMostRecentWindow('navigator:browser')))
            .then(() => done(true), (error) => done(String(error)));";
    let id = extension.gecko_id()?.to_owned();
    let answer = in_chrome_async(browser, script, vec![id.into()]).await?;
    anyhow::ensure!(answer == true, "the popup did not open: {answer}");
    Ok(())
}

/// How many elements of the toolbar popup a selector finds, and the popup's inner size; `null`
/// before it is there.
pub(super) async fn look_into_toolbar_popup(browser: &Browser, selector: &str) -> Result<Value> {
    let look = format!(
        "[content.document.querySelectorAll({}).length, content.innerWidth, content.innerHeight]",
        json!(selector)
    );
    in_toolbar_popup(browser, &look).await
}

/// Presses Enter in the toolbar popup.
pub(super) async fn press_enter(browser: &Browser) -> Result<()> {
    let press = "(() => {
        const keyboard = Cc['@mozilla.org/text-input-processor;1'].createInstance(Ci.nsITextInputProcessor);
        const key = new content.KeyboardEvent('', { key: 'Enter', code: 'Enter', keyCode: 13 });
        if (!keyboard.beginInputTransactionForTests(content)) return 'no keyboard';
        keyboard.keydown(key);
        keyboard.keyup(key);
        return true;
    })()";
    let answer = in_toolbar_popup(browser, press).await?;
    anyhow::ensure!(answer == true, "Enter could not be pressed: {answer}");
    Ok(())
}

/// Runs an expression beside the popup's page: the driver has no handle of it.
async fn in_toolbar_popup(browser: &Browser, expression: &str) -> Result<Value> {
    let script = "const [expression, done] = arguments;
        const popup = Services.wm.getMostRecentWindow('navigator:browser').document
            .querySelector('browser[webextension-view-type=popup]');
        if (!popup?.messageManager) return done(null);
        popup.messageManager.addMessageListener('pearvault-seen', function seen({ data }) {
            popup.messageManager.removeMessageListener('pearvault-seen', seen);
            done(data);
        });
        const frame = `sendAsyncMessage('pearvault-seen', ${expression})`;
        popup.messageManager.loadFrameScript('data:,' + encodeURIComponent(frame), false);";
    in_chrome_async(browser, script, vec![expression.into()]).await
}

/// Firefox writes consoles to its standard output, which the driver passes on.
pub(super) fn console(browser: &Browser) -> String {
    let output = browser.driver_output();
    let lines: Vec<_> = output
        .lines()
        .filter(|line| line.contains("console.") || line.contains("JavaScript error"))
        .collect();
    lines[lines.len().saturating_sub(200)..].join("\n")
}

/// Runs a script with the browser's own rights.
async fn in_chrome(browser: &Browser, script: &str, arguments: Vec<Value>) -> Result<Value> {
    browser
        .post("moz/context", json!({"context": "chrome"}))
        .await?;
    let answer = browser.client.execute(script, arguments).await;
    browser
        .post("moz/context", json!({"context": "content"}))
        .await?;
    Ok(answer?)
}

async fn in_chrome_async(browser: &Browser, script: &str, arguments: Vec<Value>) -> Result<Value> {
    browser
        .post("moz/context", json!({"context": "chrome"}))
        .await?;
    let answer = browser.client.execute_async(script, arguments).await;
    browser
        .post("moz/context", json!({"context": "content"}))
        .await?;
    Ok(answer?)
}
