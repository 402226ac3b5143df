//! Browsers and their drivers, under the many names that systems give them.

use std::path::PathBuf;

use super::{Machine, Missing, Probe, machine::Packages, steps::Step, tools::first_number};
use crate::{Browser, process};

/// Speaks for Firefox to a `WebDriver` client.
const GECKODRIVER: &str = "0.37.1";
/// The oldest Firefox that knows every key of our manifest.
const FIREFOX_MAJOR: u32 = 140;
/// The oldest Chromium that takes a manifest for both browsers.
const CHROMIUM_MAJOR: u32 = 121;

/// A browser that can be driven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DrivenBrowser {
    pub(crate) browser: Browser,
    /// The browser itself.
    pub(crate) binary: PathBuf,
    /// `chromedriver` or `geckodriver`.
    pub(crate) driver: PathBuf,
}

impl DrivenBrowser {
    /// The variables under which the programs that drive it look for it.
    pub(crate) fn environment(&self) -> [(&'static str, &PathBuf); 2] {
        let [binary, driver] = variables(self.browser);
        [(binary, &self.binary), (driver, &self.driver)]
    }
}

/// A program found, with the first number of its version.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Program {
    file: PathBuf,
    major: Option<u32>,
}

/// Looks for browser and driver and decides.
pub(super) fn probe(machine: &Machine, browser: Browser) -> Probe<DrivenBrowser> {
    let [binary_variable, driver_variable] = variables(browser);
    for variable in [binary_variable, driver_variable] {
        if let Some(file) = named(variable).filter(|file| !file.is_file()) {
            let ways = vec![vec![Step::ByHand(format!(
                "unset {variable}, or correct it"
            ))]];
            let what = format!("the program {} that {variable} names", file.display());
            return Err(Missing { what, ways });
        }
    }
    let binary = named(binary_variable)
        .or_else(|| process::find(browser_names(browser)))
        .or_else(|| {
            fixed_places(browser)
                .iter()
                .map(PathBuf::from)
                .find(|file| file.is_file())
        });
    let driver = named(driver_variable).or_else(|| match browser {
        Browser::Chromium => process::find(&["chromedriver", "chromium.chromedriver"])
            .or_else(|| Some(PathBuf::from("/usr/lib/chromium-browser/chromedriver")))
            .filter(|file| file.is_file()),
        Browser::Firefox => machine
            .tool("geckodriver")
            .or_else(|| process::find(&["geckodriver"])),
    });
    decide(
        browser,
        binary.map(program),
        driver.map(program),
        machine.packages,
    )
}

/// The pure part.
fn decide(
    browser: Browser,
    binary: Option<Program>,
    driver: Option<Program>,
    packages: Packages,
) -> Probe<DrivenBrowser> {
    let missing = |what: String, way: Vec<Step>| {
        Err(Missing {
            what,
            ways: vec![way],
        })
    };
    let mut way = Vec::new();
    let mut lacks = Vec::new();
    let oldest = match browser {
        Browser::Chromium => CHROMIUM_MAJOR,
        Browser::Firefox => FIREFOX_MAJOR,
    };
    let recent = |found: &Program| found.major.is_none_or(|major| major >= oldest);
    let binary = binary.filter(recent);
    if binary.is_none() {
        lacks.push(format!("{} {oldest} or later", title(browser)));
        way.push(system_packages(browser, packages));
    }
    match (browser, &binary, &driver) {
        (_, _, None) => lacks.push(format!("the driver of {}", title(browser))),
        // One that is older or newer than its Chromium refuses to start a session.
        (Browser::Chromium, Some(binary), Some(driver)) if binary.major != driver.major => {
            let shown = |program: &Program| {
                let version = program
                    .major
                    .map_or_else(|| "?".to_owned(), |it| it.to_string());
                format!("{} (version {version})", program.file.display())
            };
            let what = format!(
                "a chromedriver of the same version as Chromium ({} does not fit {})",
                shown(driver),
                shown(binary)
            );
            return missing(what, vec![system_packages(browser, packages)]);
        }
        _ => {}
    }
    match (binary, driver) {
        (Some(binary), Some(driver)) => Ok(DrivenBrowser {
            browser,
            binary: binary.file,
            driver: driver.file,
        }),
        (_, driver) => {
            if driver.is_none() {
                match browser {
                    Browser::Firefox => way.push(Step::Crate {
                        name: "geckodriver",
                        version: GECKODRIVER,
                        locked: true,
                        debug: false,
                    }),
                    Browser::Chromium if way.is_empty() => {
                        way.push(system_packages(browser, packages));
                    }
                    Browser::Chromium => {}
                }
            }
            missing(lacks.join(" and "), way)
        }
    }
}

/// What installs the browser here, and in Chromium's case its driver with it.
fn system_packages(browser: Browser, packages: Packages) -> Step {
    match (browser, packages) {
        // Fonts: without any, every text is a row of boxes.
        (Browser::Chromium, Packages::Debian) => Step::System(vec![
            "chromium",
            "chromium-driver",
            "chromium-sandbox",
            "fonts-dejavu-core",
        ]),
        (Browser::Chromium, Packages::Ubuntu) => {
            Step::System(vec!["chromium-browser", "chromium-chromedriver"])
        }
        (Browser::Chromium, Packages::Fedora) => Step::System(vec!["chromium", "chromedriver"]),
        (Browser::Chromium, Packages::Arch) => Step::System(vec!["chromium"]),
        (Browser::Chromium, Packages::Homebrew) => {
            Step::System(vec!["--cask", "chromium", "chromedriver"])
        }
        (Browser::Firefox, Packages::Debian) => {
            Step::System(vec!["firefox-esr", "fonts-dejavu-core"])
        }
        (Browser::Firefox, Packages::Homebrew) => Step::System(vec!["--cask", "firefox"]),
        (Browser::Firefox, Packages::Ubuntu | Packages::Fedora | Packages::Arch) => {
            Step::System(vec!["firefox"])
        }
        (_, Packages::Unknown) => {
            let [binary, driver] = variables(browser);
            let name = title(browser);
            Step::ByHand(format!(
                "install {name} and its driver, or set {binary} and {driver}"
            ))
        }
    }
}

const fn variables(browser: Browser) -> [&'static str; 2] {
    match browser {
        Browser::Chromium => ["PEARVAULT_CHROMIUM", "PEARVAULT_CHROMEDRIVER"],
        Browser::Firefox => ["PEARVAULT_FIREFOX", "PEARVAULT_GECKODRIVER"],
    }
}

/// Names on the search path, best first: Google's own Chrome is last, as it loads no unpacked
/// extension from its command line any more.
const fn browser_names(browser: Browser) -> &'static [&'static str] {
    match browser {
        Browser::Chromium => &[
            "chromium",
            "chromium-browser",
            "google-chrome-for-testing",
            "chrome",
            "google-chrome-stable",
            "google-chrome",
        ],
        Browser::Firefox => &[
            "firefox-esr",
            "firefox",
            "firefox-developer-edition",
            "firefox-nightly",
        ],
    }
}

/// Where browsers are that no search path names.
const fn fixed_places(browser: Browser) -> &'static [&'static str] {
    match browser {
        Browser::Chromium => &[
            "/snap/bin/chromium",
            "/Applications/Chromium.app/Contents/MacOS/Chromium",
            "/Applications/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
        ],
        Browser::Firefox => &[
            "/snap/bin/firefox",
            "/Applications/Firefox.app/Contents/MacOS/firefox",
        ],
    }
}

const fn title(browser: Browser) -> &'static str {
    match browser {
        Browser::Chromium => "Chromium",
        Browser::Firefox => "Firefox",
    }
}

/// The program that an environment variable names, whether it is there or not: what a user asks for
/// is not silently replaced.
fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

fn program(file: PathBuf) -> Program {
    let major = process::probe(&file, &["--version"])
        .as_deref()
        .and_then(first_number);
    Program { file, major }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(file: &str, major: u32) -> Program {
        Program {
            file: file.into(),
            major: Some(major),
        }
    }

    fn ways(probe: Probe<DrivenBrowser>) -> Vec<Step> {
        probe.unwrap_err().ways.remove(0)
    }

    const GECKO: Step = Step::Crate {
        name: "geckodriver",
        version: GECKODRIVER,
        locked: true,
        debug: false,
    };

    #[test]
    fn a_browser_with_its_driver_is_taken() {
        let (binary, driver) = (Some(found("/c", 156)), Some(found("/d", 156)));
        let expect = DrivenBrowser {
            browser: Browser::Chromium,
            binary: "/c".into(),
            driver: "/d".into(),
        };
        assert_eq!(
            decide(Browser::Chromium, binary, driver, Packages::Debian),
            Ok(expect)
        );
    }

    #[test]
    fn a_driver_of_another_version_is_refused() {
        let probe = decide(
            Browser::Chromium,
            Some(found("/c", 156)),
            Some(found("/d", 150)),
            Packages::Debian,
        );
        let missing = probe.unwrap_err();
        assert!(
            missing.what.contains("150") && missing.what.contains("156"),
            "{}",
            missing.what
        );
    }

    #[test]
    fn geckodriver_need_not_share_firefoxs_version() {
        let probe = decide(
            Browser::Firefox,
            Some(found("/f", 153)),
            Some(found("/g", 0)),
            Packages::Debian,
        );
        assert!(probe.is_ok());
    }

    #[test]
    fn an_old_browser_counts_as_none() {
        let probe = decide(
            Browser::Firefox,
            Some(found("/f", 115)),
            Some(found("/g", 0)),
            Packages::Debian,
        );
        assert_eq!(
            ways(probe),
            [system_packages(Browser::Firefox, Packages::Debian)]
        );
    }

    #[test]
    fn only_what_is_missing_is_installed() {
        let probe = decide(
            Browser::Firefox,
            Some(found("/f", 153)),
            None,
            Packages::Debian,
        );
        assert_eq!(ways(probe), [GECKO]);
        let probe = decide(Browser::Firefox, None, None, Packages::Debian);
        assert_eq!(
            ways(probe),
            [system_packages(Browser::Firefox, Packages::Debian), GECKO]
        );
        let probe = decide(Browser::Chromium, None, None, Packages::Debian);
        assert_eq!(
            ways(probe),
            [system_packages(Browser::Chromium, Packages::Debian)]
        );
        let probe = decide(
            Browser::Chromium,
            Some(found("/c", 156)),
            None,
            Packages::Debian,
        );
        assert_eq!(
            ways(probe),
            [system_packages(Browser::Chromium, Packages::Debian)]
        );
    }

    #[test]
    fn unknown_systems_are_told_the_variables() {
        let step = ways(decide(Browser::Firefox, None, None, Packages::Unknown)).remove(0);
        let Step::ByHand(words) = step else {
            unreachable!("no manager is known there")
        };
        assert!(words.contains("PEARVAULT_FIREFOX") && words.contains("PEARVAULT_GECKODRIVER"));
    }
}
