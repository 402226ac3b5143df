//! What the verbs need from the machine, and how it gets there.
//!
//! Each requirement is a *probe* that either finds the thing or says what is [`Missing`], with the
//! ways to get it in the order in which they are worth trying. Probes split into a part that looks
//! at the machine and a pure part that decides, so that the decisions are tested. Nothing is
//! installed unless [`Machine::may`] says so; otherwise the exact commands are printed.

mod browsers;
mod machine;
mod steps;
mod tools;
mod wasm_std;

use anyhow::{Result, bail};

pub(crate) use browsers::DrivenBrowser;
pub(crate) use machine::Machine;
pub(crate) use tools::WASM_BINDGEN;
pub(crate) use wasm_std::{TARGET, WasmStd};

use crate::{Browser, requirements::steps::Step};

/// The machine, and leave to change it.
#[derive(Debug)]
pub(crate) struct Requirements {
    machine: Machine,
}

/// Something that the machine lacks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Missing {
    /// What, in the user's terms.
    what: String,
    /// Ways to get it, best first; each is all of its steps.
    ways: Vec<Vec<Step>>,
}

/// How a machine stands to one requirement.
#[derive(Debug)]
pub(crate) struct Requirement {
    pub(crate) name: &'static str,
    /// The verbs that use it.
    pub(crate) used_by: &'static str,
    /// Whether these do without it.
    pub(crate) is_optional: bool,
    /// What meets it, or what is missing and what installs that.
    pub(crate) state: Result<String, (String, String)>,
}

/// What a probe comes back with.
type Probe<T> = Result<T, Missing>;

impl Requirements {
    /// Looks at the machine; `yes` stands for the user's consent to install.
    pub(crate) fn new(yes: bool) -> Self {
        Self {
            machine: Machine::look(yes),
        }
    }

    /// A standard library for wasm32.
    pub(crate) fn wasm_std(&self) -> Result<WasmStd> {
        self.satisfy(wasm_std::probe)
    }

    /// A browser together with its `WebDriver` server.
    pub(crate) fn browser(&self, browser: Browser) -> Result<DrivenBrowser> {
        self.satisfy(|machine| browsers::probe(machine, browser))
    }

    /// The runner of `wasm-bindgen-test`, of the very version of our `wasm-bindgen`.
    pub(crate) fn test_runner(&self) -> Result<std::path::PathBuf> {
        self.satisfy(tools::test_runner)
    }

    /// `cargo-fuzz`.
    pub(crate) fn fuzzer(&self) -> Result<std::path::PathBuf> {
        self.satisfy(tools::fuzzer)
    }

    /// `cargo-deny`; none where it is away and nothing may be installed.
    pub(crate) fn deny(&self) -> Option<std::path::PathBuf> {
        self.satisfy(tools::deny).ok()
    }

    /// Node.js, which runs wasm tests and the content script's tests.
    pub(crate) fn node_js(&self) -> Result<std::path::PathBuf> {
        self.satisfy(tools::node_js)
    }

    /// A graphics device, be it one in software; none where it is away and nothing may be installed.
    pub(crate) fn graphics(&self) -> Option<std::path::PathBuf> {
        self.satisfy(tools::graphics).ok()
    }

    /// The folder with the programs of `PostgreSQL`; none where it is away and nothing may be installed.
    pub(crate) fn postgres(&self) -> Option<std::path::PathBuf> {
        self.satisfy(tools::postgres).ok()
    }

    /// The programs of a desktop; none where one is away and nothing may be installed.
    pub(crate) fn desktop(&self) -> Option<std::path::PathBuf> {
        self.satisfy(tools::desktop).ok()
    }

    /// The server of NATS; none where it is away and nothing may be installed.
    pub(crate) fn nats(&self) -> Option<std::path::PathBuf> {
        self.satisfy(tools::nats).ok()
    }

    /// The TypeScript compiler, which only reads our JavaScript; none where npm is away or nothing
    /// may be installed.
    pub(crate) fn type_checker(&self) -> Option<std::path::PathBuf> {
        self.satisfy(tools::type_checker).ok()
    }

    /// A `wasm-opt` that is new enough to be trusted, or why there is none.
    pub(crate) fn wasm_opt(&self) -> Result<std::path::PathBuf, String> {
        tools::wasm_opt(&self.machine)
    }

    /// Each requirement: met by what, or what is missing. Installs nothing.
    pub(crate) fn report(&self) -> Vec<Requirement> {
        let machine = &self.machine;
        let path = |found: std::path::PathBuf| found.display().to_string();
        let browser = |browser| {
            self.describe(browsers::probe(machine, browser), |found: DrivenBrowser| {
                format!("{} with {}", found.binary.display(), found.driver.display())
            })
        };
        let line = |name, used_by, is_optional, state| Requirement {
            name,
            used_by,
            is_optional,
            state,
        };
        let needed = |name, used_by, state| line(name, used_by, false, state);
        let optional = |name, used_by, state| line(name, used_by, true, state);
        vec![
            needed(
                "wasm32 std",
                "all in browsers",
                self.describe(wasm_std::probe(machine), |found| found.to_string()),
            ),
            needed(
                "C build",
                "all of the native host",
                self.describe(tools::c_build(machine), path),
            ),
            needed("Chromium", "run, test, bench", browser(Browser::Chromium)),
            needed("Firefox", "test, run --firefox", browser(Browser::Firefox)),
            needed(
                "wasm test runner",
                "test --wasm",
                self.describe(tools::test_runner(machine), path),
            ),
            needed(
                "Node.js",
                "test, check",
                self.describe(tools::node_js(machine), path),
            ),
            optional(
                "Vulkan",
                "test --e2e",
                self.describe(tools::graphics(machine), path),
            ),
            optional(
                "PostgreSQL",
                "test --native",
                self.describe(tools::postgres(machine), path),
            ),
            optional(
                "NATS",
                "test --native",
                self.describe(tools::nats(machine), path),
            ),
            optional(
                "a desktop",
                "test",
                self.describe(tools::desktop(machine), path),
            ),
            optional(
                "TypeScript",
                "check",
                self.describe(tools::type_checker(machine), path),
            ),
            optional(
                "cargo-deny",
                "check",
                self.describe(tools::deny(machine), path),
            ),
            optional(
                "wasm-opt",
                "build --release",
                tools::wasm_opt(machine)
                    .map(path)
                    .map_err(|why| (why, tools::install_wasm_opt(machine))),
            ),
        ]
    }

    /// What meets a requirement, or what is missing and the commands that help first.
    fn describe<T>(
        &self,
        probe: Probe<T>,
        show: impl Fn(T) -> String,
    ) -> Result<String, (String, String)> {
        probe.map(show).map_err(|missing| {
            let way = missing.ways.first().into_iter().flatten();
            let lines: Vec<_> = way.map(|step| step.line(&self.machine)).collect();
            (missing.what, lines.join(" && "))
        })
    }

    /// Probes, and where something is missing takes one way after the other until it is there.
    fn satisfy<T>(&self, probe: impl Fn(&Machine) -> Probe<T>) -> Result<T> {
        let missing = match probe(&self.machine) {
            Ok(found) => return Ok(found),
            Err(missing) => missing,
        };
        eprintln!("Missing: {}.", missing.what);
        for way in &missing.ways {
            if !way.iter().all(|step| self.machine.may(step)) {
                continue;
            }
            if let Err(error) = way.iter().try_for_each(|step| step.take(&self.machine)) {
                eprintln!("That way is closed here: {error:#}");
                continue;
            }
            if let Ok(found) = probe(&self.machine) {
                return Ok(found);
            }
        }
        bail!(
            "{}",
            probe(&self.machine)
                .err()
                .unwrap_or(missing)
                .instructions(&self.machine)
        )
    }
}

impl Missing {
    /// The commands that help, as one would type them.
    fn instructions(&self, machine: &Machine) -> String {
        use std::fmt::Write as _;
        let mut text = format!("{} is missing. ", self.what);
        let mut way_lead = "What helps:";
        for way in &self.ways {
            text.push_str(way_lead);
            for step in way {
                let _ = write!(text, "\n    {}", step.line(machine));
            }
            way_lead = "\nor:";
        }
        text.push_str("\nand run this command again (PEARVAULT_INSTALL=yes lets it do so itself).");
        text
    }
}
