//! One command that installs something: how it reads, whether it can be taken, taking it.

use std::time::Duration;

use anyhow::Result;

use super::machine::{Machine, Packages};
use crate::process;

/// Longest wait for a download of rustup: it retries for minutes where nothing answers.
const RUSTUP_LIMIT: Duration = Duration::from_mins(3);

/// A command that installs something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Packages of the system, by the names that its manager knows them under.
    System(Vec<&'static str>),
    /// A binary crate, into our own tools folder.
    Crate {
        name: &'static str,
        version: &'static str,
        /// Whether the crate's own lock file is used; some do not build with it.
        locked: bool,
        /// Whether it is built unoptimised, in a third of the time: for what runs some seconds.
        debug: bool,
    },
    /// A target of the active rustup toolchain.
    RustupTarget(&'static str),
    /// Packages of npm with their versions, into our own tools folder.
    Npm(Vec<&'static str>),
    /// Words for a person.
    ByHand(String),
}

impl Step {
    /// Whether xtask could do it at all, consent aside.
    pub(super) fn can_be_taken(&self, machine: &Machine) -> bool {
        match self {
            Self::System(_) => {
                let apt = matches!(machine.packages, Packages::Debian | Packages::Ubuntu);
                apt && (machine.root || process::find(&["sudo"]).is_some())
            }
            Self::Crate { .. } => true,
            Self::RustupTarget(_) => process::find(&["rustup"]).is_some(),
            Self::Npm(_) => process::find(&["npm"]).is_some(),
            Self::ByHand(_) => false,
        }
    }

    /// The command as one would type it.
    pub(super) fn line(&self, machine: &Machine) -> String {
        let tools = machine.tools.display();
        match self {
            Self::System(names) => {
                let sudo = if machine.root { "" } else { "sudo " };
                let names = names.join(" ");
                match machine.packages {
                    Packages::Fedora => format!("{sudo}dnf install {names}"),
                    Packages::Arch => format!("{sudo}pacman -S {names}"),
                    Packages::Homebrew => format!("brew install {names}"),
                    _ => format!("{sudo}apt-get install {names}"),
                }
            }
            Self::Crate {
                name,
                version,
                locked,
                debug,
            } => {
                let locked = if *locked { " --locked" } else { "" };
                let debug = if *debug { " --debug" } else { "" };
                format!("cargo install {name} --version {version}{locked}{debug} --root {tools}")
            }
            Self::RustupTarget(target) => format!("rustup target add {target}"),
            Self::Npm(names) => format!("npm install --prefix {tools} {}", names.join(" ")),
            Self::ByHand(words) => words.clone(),
        }
    }

    /// Does it.
    pub(super) fn take(&self, machine: &Machine) -> Result<()> {
        match self {
            Self::System(names) => {
                let apt = || {
                    let mut apt = if machine.root {
                        process::command("apt-get")
                    } else {
                        let mut sudo = process::command("sudo");
                        sudo.arg("apt-get");
                        sudo
                    };
                    // Another installer may run at this moment: wait for it.
                    apt.env("DEBIAN_FRONTEND", "noninteractive").args([
                        "-q",
                        "-o",
                        "DPkg::Lock::Timeout=600",
                    ]);
                    apt
                };
                // Without lists nothing is found; with old ones it may still be.
                if let Err(error) = process::run(apt().arg("update")) {
                    eprintln!("{error:#}");
                }
                process::run(
                    apt()
                        .args(["install", "-y", "--no-install-recommends"])
                        .args(names),
                )
            }
            Self::Crate {
                name,
                version,
                locked,
                debug,
            } => {
                let mut cargo = process::cargo();
                cargo.args(["install", name, "--version", version, "--force"]);
                if *locked {
                    cargo.arg("--locked");
                }
                if *debug {
                    cargo.arg("--debug");
                }
                // A fixed folder of its own: a second try goes on where the first one stopped.
                cargo
                    .arg("--root")
                    .arg(&machine.tools)
                    .env("CARGO_TARGET_DIR", machine.tools.join("build"));
                process::run(&mut cargo)?;
                // What it was built from is large and of no more use.
                drop(std::fs::remove_dir_all(machine.tools.join("build")));
                Ok(())
            }
            Self::RustupTarget(target) => process::run_for(
                process::command("rustup").args(["target", "add", target]),
                RUSTUP_LIMIT,
            ),
            Self::Npm(names) => {
                let mut npm = process::command("npm");
                npm.args(["install", "--no-audit", "--no-fund", "--prefix"])
                    .arg(&machine.tools)
                    .args(names);
                process::run(&mut npm)
            }
            Self::ByHand(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::machine::Consent, *};

    fn machine(packages: Packages, root: bool) -> Machine {
        Machine {
            packages,
            root,
            consent: Consent::Given,
            tools: "/t".into(),
        }
    }

    #[test]
    fn commands_read_as_the_system_wants_them() {
        let check = |packages, root, expect: &str| {
            assert_eq!(
                Step::System(vec!["a", "b"]).line(&machine(packages, root)),
                expect
            );
        };
        check(Packages::Debian, true, "apt-get install a b");
        check(Packages::Ubuntu, false, "sudo apt-get install a b");
        check(Packages::Fedora, false, "sudo dnf install a b");
        check(Packages::Arch, true, "pacman -S a b");
        check(Packages::Homebrew, false, "brew install a b");
    }

    #[test]
    fn tools_go_into_our_own_folder() {
        let step = Step::Crate {
            name: "x",
            version: "1.2.3",
            locked: true,
            debug: true,
        };
        let expect = "cargo install x --version 1.2.3 --locked --debug --root /t";
        assert_eq!(step.line(&machine(Packages::Unknown, false)), expect);
    }

    #[test]
    fn other_systems_packages_are_left_to_the_user() {
        let step = Step::System(vec!["a"]);
        assert!(step.can_be_taken(&machine(Packages::Debian, true)));
        assert!(!step.can_be_taken(&machine(Packages::Fedora, true)));
        assert!(!Step::ByHand("x".into()).can_be_taken(&machine(Packages::Debian, true)));
    }
}
