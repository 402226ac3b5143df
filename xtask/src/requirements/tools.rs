//! Tools beside the browsers: the runner of wasm tests, Node.js, the TypeScript compiler, wasm-opt.

use std::path::{Path, PathBuf};

use super::{Machine, Missing, Probe, machine::Packages, steps::Step};
use crate::{postgres, process};

/// Of `wasm-bindgen` in the workspace; the runner refuses any other.
pub(crate) const WASM_BINDGEN: &str = "0.2.130";
/// Runs libFuzzer.
const CARGO_FUZZ: &str = "0.13.2";
/// Reads `deny.toml`.
const CARGO_DENY: &str = "0.20.2";
/// Reads JavaScript with the types of its comments; the last line of versions in JavaScript itself.
const TYPESCRIPT: &str = "typescript@5.9.3";
/// Oldest `node` with a test runner that we can read.
const NODE_MAJOR: u32 = 18;
/// Where the Vulkan loader looks for drivers.
const DRIVERS: [&str; 3] = [
    "/usr/share/vulkan/icd.d",
    "/etc/vulkan/icd.d",
    "/usr/local/share/vulkan/icd.d",
];
const C_BUILD: [&str; 3] = ["cc", "make", "perl"];
/// Programs of a desktop, and what Debian calls their packages.
const DESKTOP: [(&str, &str); 5] = [
    ("dbus-daemon", "dbus-daemon"),
    ("dbus-send", "dbus-bin"),
    ("gnome-keyring-daemon", "gnome-keyring"),
    ("Xvfb", "xvfb"),
    ("xclip", "xclip"),
];
/// Older ones than this break the output of wasm-bindgen without a word.
const WASM_OPT_MAJOR: u32 = 116;

/// The runner, from our tools folder or the search path.
pub(super) fn test_runner(machine: &Machine) -> Probe<PathBuf> {
    let name = "wasm-bindgen-test-runner";
    let found = [machine.tool(name), process::find(&[name])];
    let fits = |file: &PathBuf| {
        let version = process::probe(file, &["--version"]);
        version.is_some_and(|text| text.split_whitespace().last() == Some(WASM_BINDGEN))
    };
    found
        .into_iter()
        .flatten()
        .find(fits)
        .ok_or_else(|| Missing {
            what: format!("the runner of wasm tests ({name} {WASM_BINDGEN})"),
            // Its own lock file names crates that this rustc refuses.
            ways: vec![vec![Step::Crate {
                name: "wasm-bindgen-cli",
                version: WASM_BINDGEN,
                locked: false,
                debug: false,
            }]],
        })
}

/// `cargo-fuzz`, from our tools folder or the search path.
pub(super) fn fuzzer(machine: &Machine) -> Probe<PathBuf> {
    let step = Step::Crate {
        name: "cargo-fuzz",
        version: CARGO_FUZZ,
        locked: true,
        debug: false,
    };
    cargo_tool(machine, "cargo-fuzz", step)
}

/// `cargo-deny`, from our tools folder or the search path.
pub(super) fn deny(machine: &Machine) -> Probe<PathBuf> {
    let step = Step::Crate {
        name: "cargo-deny",
        version: CARGO_DENY,
        locked: true,
        debug: true,
    };
    cargo_tool(machine, "cargo-deny", step)
}

fn cargo_tool(machine: &Machine, name: &str, step: Step) -> Probe<PathBuf> {
    let found = machine.tool(name).or_else(|| process::find(&[name]));
    found.ok_or_else(|| Missing {
        what: name.to_owned(),
        ways: vec![vec![step]],
    })
}

/// Node.js, not too old.
pub(super) fn node_js(machine: &Machine) -> Probe<PathBuf> {
    let fits = |file: &PathBuf| {
        process::probe(file, &["--version"])
            .and_then(|text| first_number(&text))
            .is_some_and(|major| major >= NODE_MAJOR)
    };
    process::find(&["node", "nodejs"])
        .filter(fits)
        .ok_or_else(|| Missing {
            what: format!("Node.js {NODE_MAJOR} or later"),
            ways: vec![vec![match machine.packages {
                Packages::Homebrew => Step::System(vec!["node"]),
                Packages::Unknown => Step::ByHand("install Node.js (nodejs.org)".to_owned()),
                _ => Step::System(vec!["nodejs"]),
            }]],
        })
}

/// A graphics device, be it one in software: where drivers for Vulkan are told of. Other systems
/// than Linux bring theirs.
pub(super) fn graphics(machine: &Machine) -> Probe<PathBuf> {
    let folders = DRIVERS.map(PathBuf::from);
    let has_driver = |folder: &PathBuf| {
        let mut files = std::fs::read_dir(folder).into_iter().flatten().flatten();
        files.any(|file| file.path().extension().is_some_and(|it| it == "json"))
    };
    let missing = || Missing {
        what: "a Vulkan driver".to_owned(),
        ways: vec![vec![match machine.packages {
            Packages::Fedora => Step::System(vec!["mesa-vulkan-drivers", "vulkan-loader"]),
            Packages::Arch => Step::System(vec!["vulkan-swrast", "vulkan-icd-loader"]),
            Packages::Debian | Packages::Ubuntu => {
                Step::System(vec!["mesa-vulkan-drivers", "libvulkan1"])
            }
            _ => Step::ByHand(
                "install a Vulkan driver (mesa3d.org brings one in software)".to_owned(),
            ),
        }]],
    };
    if cfg!(target_os = "linux") {
        folders.into_iter().find(has_driver).ok_or_else(missing)
    } else {
        Ok(PathBuf::from("the system's"))
    }
}

/// The folder with the programs of `PostgreSQL`: tests of the node's second database.
pub(super) fn postgres(machine: &Machine) -> Probe<PathBuf> {
    postgres::binaries().ok_or_else(|| Missing {
        what: "PostgreSQL".to_owned(),
        ways: vec![vec![match machine.packages {
            Packages::Fedora => Step::System(vec!["postgresql-server"]),
            Packages::Homebrew => Step::System(vec!["postgresql@17"]),
            Packages::Unknown => Step::ByHand("install PostgreSQL (postgresql.org)".to_owned()),
            _ => Step::System(vec![postgres::PACKAGE]),
        }]],
    })
}

/// What the native host's database is built with: `SQLCipher` and its `OpenSSL` come as C.
pub(super) fn c_build(machine: &Machine) -> Probe<PathBuf> {
    let missing: Vec<&str> = C_BUILD
        .into_iter()
        .filter(|program| process::find(&[program]).is_none())
        .collect();
    if missing.is_empty() {
        return Ok(PathBuf::from("all there"));
    }
    Err(Missing {
        what: missing.join(", "),
        ways: vec![vec![match machine.packages {
            Packages::Debian | Packages::Ubuntu => Step::System(vec!["build-essential", "perl"]),
            _ => Step::ByHand(format!("install {}", missing.join(", "))),
        }]],
    })
}

/// What the native host meets on a desktop, for its tests: a D-Bus, a keyring, an X server and a program on it.
/// Only on Linux is any of it started there.
pub(super) fn desktop(machine: &Machine) -> Probe<PathBuf> {
    if !cfg!(target_os = "linux") {
        return Ok(PathBuf::from("the system's"));
    }
    let missing = DESKTOP
        .iter()
        .filter(|(program, _)| process::find(&[program]).is_none());
    let (programs, packages): (Vec<_>, Vec<_>) = missing.copied().unzip();
    if programs.is_empty() {
        return Ok(PathBuf::from("all there"));
    }
    Err(Missing {
        what: format!("programs of a desktop ({})", programs.join(", ")),
        ways: vec![vec![match machine.packages {
            Packages::Debian | Packages::Ubuntu => Step::System(packages),
            _ => Step::ByHand(format!("install {}", programs.join(", "))),
        }]],
    })
}

/// The server of NATS: tests of several nodes on one database.
pub(super) fn nats(machine: &Machine) -> Probe<PathBuf> {
    process::find(&["nats-server"]).ok_or_else(|| Missing {
        what: "the server of NATS".to_owned(),
        ways: vec![vec![match machine.packages {
            Packages::Unknown | Packages::Fedora => {
                Step::ByHand("install nats-server (nats.io)".to_owned())
            }
            _ => Step::System(vec!["nats-server"]),
        }]],
    })
}

/// The TypeScript compiler of our own tools folder.
pub(super) fn type_checker(machine: &Machine) -> Probe<PathBuf> {
    let compiler = machine.tools.join("node_modules/typescript/bin/tsc");
    compiler
        .is_file()
        .then_some(compiler)
        .ok_or_else(|| Missing {
            what: "the TypeScript compiler".to_owned(),
            ways: vec![vec![Step::Npm(vec![TYPESCRIPT])]],
        })
}

/// `wasm-opt` of Binaryen, or why it is not used.
pub(super) fn wasm_opt(machine: &Machine) -> Result<PathBuf, String> {
    let ours = machine.tools.join("node_modules/binaryen/bin/wasm-opt");
    let candidates = [
        Some(ours).filter(|file| file.is_file()),
        process::find(&["wasm-opt"]),
    ];
    let mut refused = None;
    for file in candidates.into_iter().flatten() {
        let version = process::probe(&file, &["--version"]).unwrap_or_default();
        match judge_wasm_opt(&version) {
            Ok(()) => return Ok(file),
            Err(reason) => refused = Some(format!("wasm-opt ({}: {reason})", show(&file))),
        }
    }
    Err(refused.unwrap_or_else(|| "wasm-opt, which is not installed".to_owned()))
}

/// What installs it.
pub(super) fn install_wasm_opt(machine: &Machine) -> String {
    Step::Npm(vec!["binaryen"]).line(machine)
}

fn judge_wasm_opt(version: &str) -> Result<(), String> {
    match first_number(version) {
        Some(major) if major >= WASM_OPT_MAJOR => Ok(()),
        Some(major) => Err(format!(
            "version {major} is refused, as those before {WASM_OPT_MAJOR} break the modules"
        )),
        None => Err("it does not tell its version".to_owned()),
    }
}

fn show(file: &Path) -> String {
    file.display().to_string()
}

/// The first run of digits.
pub(super) fn first_number(text: &str) -> Option<u32> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let digits = &text[start..];
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    digits[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_wasm_opt_is_refused() {
        assert!(judge_wasm_opt("wasm-opt version 108").is_err());
        assert!(judge_wasm_opt("wasm-opt version 115 (version_115)").is_err());
        assert!(judge_wasm_opt("").is_err());
        assert_eq!(judge_wasm_opt("wasm-opt version 116"), Ok(()));
        assert_eq!(judge_wasm_opt("wasm-opt version 132 (version_132)"), Ok(()));
    }

    #[test]
    fn versions_are_read_out_of_words() {
        let check = |text: &str, expect| assert_eq!(first_number(text), expect, "{text}");
        check("v20.20.2", Some(20));
        check("Chromium 156.0.8078.79 built on Debian", Some(156));
        check("Mozilla Firefox 153.7.0esr", Some(153));
        check("nothing", None);
    }

    #[test]
    fn the_runner_fits_the_workspaces_wasm_bindgen() {
        let manifest = include_str!("../../../Cargo.toml");
        let pinned = format!("wasm-bindgen = \"={WASM_BINDGEN}\"");
        let support = format!("wasm-bindgen-cli-support = \"={WASM_BINDGEN}\"");
        assert!(manifest.contains(&pinned));
        assert!(manifest.contains(&support));
    }
}
