//! A real browser with the extension in it, driven over WebDriver.

mod cdp;
mod chromium;
mod command;
mod extension;
mod firefox;

use std::{
    ffi::OsString,
    fmt,
    path::{Path, PathBuf},
    process::Command,
    str::FromStr,
    sync::PoisonError,
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow};
use fantoccini::{Client, ClientBuilder, wd::WindowHandle};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Mutex;

use self::{cdp::Cdp, command::Raw, extension::Unpacked};
use crate::{
    patience::{SOON, until},
    process::{Foreign, Process, is_gone},
};

/// Which browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Chromium, or another browser of its family.
    Chromium,
    /// Firefox.
    Firefox,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
        })
    }
}

impl FromStr for Kind {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "chromium" => Ok(Self::Chromium),
            "firefox" => Ok(Self::Firefox),
            other => Err(anyhow!("`{other}` is neither chromium nor firefox")),
        }
    }
}

/// Colour scheme that the system asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Dark text on light ground.
    Light,
    /// Light text on dark ground.
    Dark,
}

/// What a context menu was opened at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At<'a> {
    /// The page.
    Page,
    /// This text, which is selected.
    Selection(&'a str),
    /// A link to this.
    Link(&'a str),
}

/// Which extension a browser has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extension {
    /// The one that was built.
    Built,
    /// An unpacked one in this folder.
    Folder(PathBuf),
    /// None: what others are compared with.
    Absent,
}

impl Extension {
    /// The folder of the one that was built for a browser.
    ///
    /// # Errors
    /// None was.
    pub fn built(kind: Kind) -> Result<PathBuf> {
        Ok(Unpacked::find(kind)?.folder)
    }

    /// One that has an optional permission from the start, copied into `folder` where that is needed:
    /// nobody without a display answers Chromium's question for it. Firefox grants it under the press.
    ///
    /// # Errors
    /// None was built, or it cannot be copied.
    pub fn allowed(kind: Kind, permission: &str, folder: &Path) -> Result<Self> {
        if kind == Kind::Firefox {
            return Ok(Self::Built);
        }
        extension::copy(&Self::built(kind)?, folder)?;
        extension::allow(folder, permission)?;
        Ok(Self::Folder(folder.to_owned()))
    }
}

/// How a browser is started.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Which.
    pub kind: Kind,
    /// What is loaded into it.
    pub extension: Extension,
    /// Whether somebody sees it.
    pub visible: bool,
    /// A profile that stays; `None` takes a new one that is thrown away.
    pub profile: Option<PathBuf>,
    /// Where the driver's log goes.
    pub logs: PathBuf,
    /// A name for that log.
    pub name: String,
    /// Whether there is a graphics device for WebGPU, one in software.
    pub graphics: bool,
    /// Of who sits there, where they are not those of who runs this.
    pub variables: Vec<Variable>,
}

/// A variable of the environment, and its value.
pub type Variable = (&'static str, OsString);

/// What Chromium's camera sees, as a film of JPEG pictures.
fn camera_file(profile: &Path) -> PathBuf {
    profile.join("camera.mjpeg")
}

/// A running browser, as a rule with the extension loaded. Dropping it ends it and its driver.
#[derive(Debug)]
pub struct Browser {
    /// The WebDriver session.
    pub client: Client,
    kind: Kind,
    origin: String,
    extension: Option<Unpacked>,
    profile: PathBuf,
    debugging: Mutex<Option<Cdp>>,
    // In this order: the browser ends before its driver, the profile goes last.
    process: std::sync::Mutex<Foreign>,
    driver: Process,
    _temporary: Option<TempDir>,
}

impl Browser {
    /// Puts a JPEG picture before the camera, and lets the extension's pages use it, or not. In Firefox they see a pattern, always.
    ///
    /// # Errors
    /// The file cannot be written; the browser does not take the permission.
    pub async fn show_camera(&self, picture: &[u8], allowed: bool) -> Result<()> {
        if self.kind == Kind::Firefox {
            return Ok(());
        }
        std::fs::write(camera_file(&self.profile), picture)?;
        let setting = if allowed { "granted" } else { "denied" };
        let permission = json!({
            "permission": {"name": "camera"},
            "setting": setting,
            "origin": self.origin,
        });
        self.cdp("Browser.setPermission", permission).await?;
        Ok(())
    }

    /// Starts a driver and a browser and loads the extension, if there is to be one.
    pub async fn start(setup: &Setup) -> Result<Self> {
        let extension = match &setup.extension {
            Extension::Built => Some(Unpacked::find(setup.kind)?),
            Extension::Folder(folder) => Some(Unpacked::read(folder)?),
            Extension::Absent => None,
        };
        let temporary = match setup.profile {
            Some(_) => None,
            None => Some(
                tempfile::Builder::new()
                    .prefix("pearvault-e2e-")
                    .tempdir()?,
            ),
        };
        let profile = match (&setup.profile, &temporary) {
            (Some(path), _) => path.clone(),
            (None, Some(folder)) => folder.path().to_owned(),
            (None, None) => return Err(anyhow!("no profile folder")),
        };
        std::fs::create_dir_all(&profile)?;
        let log = setup.logs.join(format!("{}-driver.log", setup.name));
        let (driver, port) = match setup.kind {
            Kind::Chromium => chromium::start_driver(&log, &setup.variables).await?,
            Kind::Firefox => firefox::start_driver(&log, &setup.variables).await?,
        };
        let capabilities = match setup.kind {
            Kind::Chromium => chromium::capabilities(extension.as_ref(), &profile, setup)?,
            Kind::Firefox => firefox::capabilities(extension.as_ref(), &profile, setup)?,
        };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .with_context(|| format!("cannot start {}", setup.kind))?;
        let id = match setup.kind {
            Kind::Chromium => "goog:processID",
            Kind::Firefox => "moz:processID",
        };
        let pid = client
            .capabilities()
            .and_then(|all| all.get(id))
            .and_then(Value::as_i64);
        let mut browser = Self {
            client,
            kind: setup.kind,
            origin: String::new(),
            extension,
            profile,
            debugging: Mutex::new(None),
            process: std::sync::Mutex::new(Foreign::new(pid.and_then(|id| i32::try_from(id).ok()))),
            driver,
            _temporary: temporary,
        };
        if let Some(extension) = &browser.extension {
            browser.origin = match setup.kind {
                Kind::Chromium => chromium::extension_origin(&browser).await?,
                Kind::Firefox => firefox::install(&browser, extension).await?,
            };
        }
        Ok(browser)
    }

    /// Ends the session in order. Dropping does the same with less ceremony.
    pub async fn close(self) {
        // A session that hangs must not hold the run: dropping kills it.
        let closing = tokio::time::timeout(Duration::from_secs(10), self.client.clone().close());
        if matches!(closing.await, Ok(Ok(())))
            && let Ok(mut process) = self.process.lock()
        {
            process.ended();
        }
    }

    /// Kills it with SIGKILL, and waits for its end.
    ///
    /// # Errors
    /// Its process is not known, or it lives on.
    pub async fn kill(&self) -> Result<()> {
        let id = self.process()?;
        {
            let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
            process.kill();
        }
        until("the browser's end", SOON, async || {
            Ok(is_gone(id).then_some(()))
        })
        .await
    }

    /// Which browser it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Origin of the extension's pages, as `chrome-extension://ID`; empty where there is none.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Process that the driver started.
    pub(crate) fn process(&self) -> Result<i32> {
        let process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        process
            .id()
            .context("the driver did not tell its browser's process")
    }

    /// Folder of the extension.
    pub(crate) fn extension_folder(&self) -> Result<&Path> {
        Ok(&self.extension()?.folder)
    }

    /// What the driver wrote so far.
    pub fn driver_output(&self) -> String {
        self.driver.output()
    }

    /// Opens a new window and switches to it. Handles belong to top-level pages.
    pub async fn new_window(&self) -> Result<WindowHandle> {
        let handle = self.client.new_window(false).await?.handle;
        self.client.switch_to_window(handle.clone()).await?;
        Ok(handle)
    }

    /// Gives the present window's page this inner size in CSS pixels, for screenshots that look
    /// alike everywhere. Firefox cannot go below about 450 pixels of width.
    pub async fn set_page_size(&self, width: u32, height: u32) -> Result<()> {
        match self.kind {
            Kind::Chromium => {
                let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 0, "mobile": false});
                self.cdp("Emulation.setDeviceMetricsOverride", metrics)
                    .await?;
            }
            Kind::Firefox => firefox::set_page_size(self, width, height).await?,
        }
        Ok(())
    }

    /// Makes the present window's page see a colour scheme.
    pub async fn set_scheme(&self, scheme: Scheme) -> Result<()> {
        match self.kind {
            Kind::Chromium => {
                let value = if scheme == Scheme::Dark {
                    "dark"
                } else {
                    "light"
                };
                let media = json!({"features": [{"name": "prefers-color-scheme", "value": value}]});
                self.cdp("Emulation.setEmulatedMedia", media).await?;
            }
            Kind::Firefox => firefox::set_scheme(self, scheme).await?,
        }
        Ok(())
    }

    /// Lets the present window's page look as the printer gets it, or as the screen does again.
    /// Chromium only.
    pub async fn look_printed(&self, printed: bool) -> Result<()> {
        let media = json!({"media": if printed { "print" } else { "" }});
        self.cdp("Emulation.setEmulatedMedia", media).await?;
        Ok(())
    }

    /// Ends the extension's service worker or event page, as the browser itself does when it
    /// wants memory.
    pub async fn kill_worker(&self) -> Result<()> {
        match self.kind {
            Kind::Chromium => chromium::kill_worker(self).await,
            Kind::Firefox => firefox::kill_worker(self, self.extension()?).await,
        }
    }

    /// Whether the service worker or event page runs.
    pub async fn worker_runs(&self) -> Result<bool> {
        match self.kind {
            Kind::Chromium => chromium::worker_runs(self).await,
            Kind::Firefox => firefox::worker_runs(self, self.extension()?).await,
        }
    }

    /// Loads another extension, out of a folder, beside ours.
    ///
    /// # Errors
    /// Also in Chromium, whose driver loads none while it runs.
    pub async fn install_beside(&self, folder: &Path) -> Result<()> {
        anyhow::ensure!(
            self.kind == Kind::Firefox,
            "Chromium loads no extension while it runs"
        );
        firefox::load(self, folder).await
    }

    /// Does what the browser does when the user presses the shortcut of the command `name` while
    /// a web page is in front.
    pub async fn press_shortcut(&self, name: &str) -> Result<()> {
        match self.kind {
            Kind::Chromium => chromium::dispatch_command(self, name).await,
            Kind::Firefox => firefox::dispatch_command(self, self.extension()?, name).await,
        }
    }

    /// Does what the browser does when the system's screen is locked.
    ///
    /// # Errors
    /// In Firefox, which does not tell of it.
    pub async fn lock_screen(&self) -> Result<()> {
        anyhow::ensure!(self.kind == Kind::Chromium, "Firefox does not tell of it");
        chromium::lock_screen(self).await
    }

    /// Chooses an entry of the extension in the context menu, by its id. In Firefox it is the menu
    /// that is open; Chromium shows none without a display, and its entry is chosen for the tab in
    /// front, with that as what it was opened at.
    pub async fn choose_in_context_menu(&self, entry: &str, at: At<'_>) -> Result<()> {
        match self.kind {
            Kind::Chromium => chromium::choose_in_context_menu(self, entry, at).await,
            Kind::Firefox => firefox::choose_in_context_menu(self, entry).await,
        }
    }

    /// Does what the browser does when the user clicks a notification of the extension.
    ///
    /// # Errors
    /// Also in Firefox, which shows none without a display.
    pub async fn click_notification(&self, id: &str) -> Result<()> {
        anyhow::ensure!(
            self.kind == Kind::Chromium,
            "Firefox shows no notification without a display"
        );
        chromium::click_notification(self, id).await
    }

    /// Opens the real popup under the toolbar button of the window in front.
    pub async fn open_toolbar_popup(&self) -> Result<ToolbarPopup<'_>> {
        let session = match self.kind {
            Kind::Chromium => Some(chromium::open_toolbar_popup(self).await?),
            Kind::Firefox => {
                firefox::open_toolbar_popup(self, self.extension()?).await?;
                None
            }
        };
        Ok(ToolbarPopup {
            browser: self,
            session,
        })
    }

    /// What pages and worker wrote to their consoles since the last call, as far as the browser
    /// tells.
    pub async fn console(&self) -> String {
        match self.kind {
            Kind::Chromium => chromium::console(self).await,
            Kind::Firefox => firefox::console(self),
        }
    }

    /// Starts to record what the threads of pages do. Only Chromium.
    pub(crate) async fn start_trace(&self) -> Result<()> {
        chromium::start_trace(self).await
    }

    /// Ends the record; its events, as Chromium's trace format has them.
    pub(crate) async fn end_trace(&self) -> Result<Vec<Value>> {
        chromium::end_trace(self).await
    }

    /// One command of Chromium's debugging protocol for the present window.
    pub(crate) async fn cdp(&self, method: &str, params: Value) -> Result<Value> {
        let body = json!({"cmd": method, "params": params});
        self.post("goog/cdp/execute", body)
            .await
            .with_context(|| method.to_owned())
    }

    /// A WebDriver command that fantoccini has no name for.
    pub(crate) async fn post(&self, path: &'static str, body: Value) -> Result<Value> {
        Ok(self.client.issue_cmd(Raw::post(path, body)).await?)
    }

    fn extension(&self) -> Result<&Unpacked> {
        let loaded = self.extension.as_ref();
        loaded.context("this browser has no extension")
    }

    fn profile(&self) -> &Path {
        &self.profile
    }
}

/// Whether browser and driver are there.
///
/// # Errors
/// What is missing, and what to do.
pub fn check_programs(kind: Kind) -> Result<()> {
    let (browser, driver) = match kind {
        Kind::Chromium => (chromium::program(), chromium::driver_program()),
        Kind::Firefox => (firefox::program(), firefox::driver_program()),
    };
    browser.and(driver).map(drop)
}

/// The popup under the toolbar button, which no driver reaches: only what stories need of it.
#[derive(Debug)]
pub struct ToolbarPopup<'a> {
    browser: &'a Browser,
    /// Chromium's debugging session of its page.
    session: Option<String>,
}

impl ToolbarPopup<'_> {
    /// How many elements a selector finds; none before the page is there.
    pub async fn count(&self, selector: &str) -> Result<u64> {
        Ok(self.look(selector).await?[0].as_u64().unwrap_or(0))
    }

    /// Its inner width and height in CSS pixels.
    pub async fn size(&self) -> Result<(u64, u64)> {
        let seen = self.look("html").await?;
        Ok((seen[1].as_u64().unwrap_or(0), seen[2].as_u64().unwrap_or(0)))
    }

    /// Presses Enter in it.
    pub async fn press_enter(&self) -> Result<()> {
        match &self.session {
            Some(session) => chromium::press_enter(self.browser, session).await,
            None => firefox::press_enter(self.browser).await,
        }
    }

    async fn look(&self, selector: &str) -> Result<Value> {
        match &self.session {
            Some(session) => {
                chromium::look_into_toolbar_popup(self.browser, session, selector).await
            }
            None => firefox::look_into_toolbar_popup(self.browser, selector).await,
        }
    }
}

/// How often a driver is started before it is given up.
const DRIVER_STARTS: u32 = 5;

/// A free loopback port is chosen by the driver itself (`--port=0`); it prints which.
async fn driver_port(
    program: PathBuf,
    arguments: &[&str],
    mark: &str,
    (log, variables): (&Path, &[Variable]),
) -> Result<(Process, u16)> {
    // ChromeDriver takes a port that is free for IPv6 and gives up where somebody has it for IPv4.
    for _ in 1..DRIVER_STARTS {
        if let Ok(started) = start_driver(&program, arguments, mark, (log, variables)).await {
            return Ok(started);
        }
    }
    start_driver(&program, arguments, mark, (log, variables)).await
}

async fn start_driver(
    program: &Path,
    arguments: &[&str],
    mark: &str,
    (log, variables): (&Path, &[Variable]),
) -> Result<(Process, u16)> {
    let mut command = Command::new(program);
    command.args(arguments);
    // The browser has them from its driver, and a host from the browser.
    command.envs(variables.iter().cloned());
    let mut process = Process::start("the browser's driver", &mut command, log)?;
    let text = process.wait_for_line(mark, Duration::from_secs(30)).await?;
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let port = digits
        .parse()
        .with_context(|| format!("the driver's port is `{text}`"))?;
    Ok((process, port))
}
