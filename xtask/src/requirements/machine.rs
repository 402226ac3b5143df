//! The machine that xtask runs on, and what may be installed there.

use std::{
    io::{BufRead as _, IsTerminal as _, Write as _},
    path::{Path, PathBuf},
};

use super::steps::Step;
use crate::process;

/// How packages of the system are installed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packages {
    /// Debian itself.
    Debian,
    /// Ubuntu and its kin: browsers are snaps there.
    Ubuntu,
    /// Fedora and its kin.
    Fedora,
    /// Arch and its kin.
    Arch,
    /// macOS.
    Homebrew,
    /// None that we know.
    Unknown,
}

/// Whether xtask may change the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consent {
    /// Yes: asked for by flag or environment, or root on Debian.
    Given,
    /// There is somebody to ask.
    Ask,
    /// No.
    Withheld,
}

/// What probes and steps need to know of the machine.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) packages: Packages,
    pub(crate) root: bool,
    pub(crate) consent: Consent,
    /// Where our own tools go, shared by all clones of this user.
    pub(crate) tools: PathBuf,
}

impl Machine {
    /// Looks at the machine.
    pub(super) fn look(yes: bool) -> Self {
        let root = process::probe("id", &["-u"]).as_deref() == Some("0");
        let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
        let packages = packages(&release, process::find(&["brew"]).is_some());
        let wish = std::env::var("PEARVAULT_INSTALL").ok();
        let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        let someone = terminal && std::env::var_os("CI").is_none();
        let consent = consent(
            yes,
            wish.as_deref(),
            root && packages == Packages::Debian,
            someone,
        );
        Self {
            packages,
            root,
            consent,
            tools: tools_folder(),
        }
    }

    /// Whether `step` may be taken; asks where there is somebody to ask.
    pub(super) fn may(&self, step: &Step) -> bool {
        if !step.can_be_taken(self) {
            return false;
        }
        match self.consent {
            Consent::Given => true,
            Consent::Withheld => false,
            Consent::Ask => ask(&format!("Run `{}`?", step.line(self))),
        }
    }

    /// A binary among our own tools.
    pub(super) fn tool(&self, name: &str) -> Option<PathBuf> {
        let file = self
            .tools
            .join("bin")
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        file.is_file().then_some(file)
    }
}

/// Which package manager an `os-release` file speaks of.
fn packages(os_release: &str, homebrew: bool) -> Packages {
    let field = |key: &str| {
        os_release
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
            .unwrap_or_default()
            .trim_matches('"')
            .to_owned()
    };
    let names = format!("{} {}", field("ID"), field("ID_LIKE"));
    let is = |name: &str| names.split_whitespace().any(|word| word == name);
    match () {
        () if is("ubuntu") => Packages::Ubuntu,
        () if is("debian") => Packages::Debian,
        () if is("fedora") => Packages::Fedora,
        () if is("arch") => Packages::Arch,
        () if homebrew => Packages::Homebrew,
        () => Packages::Unknown,
    }
}

/// Whether the machine may be changed. `trusted` is root on Debian, `someone` sits at a terminal.
fn consent(yes: bool, wish: Option<&str>, trusted: bool, someone: bool) -> Consent {
    match wish {
        Some("no" | "0" | "false") => Consent::Withheld,
        Some("yes" | "1" | "true") => Consent::Given,
        _ if yes || trusted => Consent::Given,
        _ if someone => Consent::Ask,
        _ => Consent::Withheld,
    }
}

fn ask(question: &str) -> bool {
    eprint!("{question} [Y/n] ");
    let mut answer = String::new();
    let asked = std::io::stderr().flush().is_ok();
    let read = asked
        && std::io::stdin()
            .lock()
            .read_line(&mut answer)
            .is_ok_and(|read| read > 0);
    read && matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes")
}

fn tools_folder() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| {
            // The specification tells readers to ignore relative paths.
            path.is_absolute()
        });
    let home = std::env::home_dir().unwrap_or_else(|| Path::new(".").to_owned());
    cache
        .unwrap_or_else(|| home.join(".cache"))
        .join("pearvault")
        .join("tools")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distributions_are_told_apart() {
        let check = |text: &str, homebrew, expect| {
            assert_eq!(packages(text, homebrew), expect, "{text}");
        };
        check("NAME=x\nID=debian\n", false, Packages::Debian);
        check("ID=ubuntu\nID_LIKE=debian\n", false, Packages::Ubuntu);
        check(
            "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n",
            false,
            Packages::Ubuntu,
        );
        check(
            "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n",
            false,
            Packages::Fedora,
        );
        check("ID=manjaro\nID_LIKE=arch\n", false, Packages::Arch);
        check("", true, Packages::Homebrew);
        check("", false, Packages::Unknown);
    }

    #[test]
    fn nothing_is_installed_without_consent() {
        assert_eq!(consent(false, None, false, false), Consent::Withheld);
        assert_eq!(consent(false, None, false, true), Consent::Ask);
        assert_eq!(consent(false, None, true, false), Consent::Given);
        assert_eq!(consent(true, None, false, false), Consent::Given);
        assert_eq!(consent(false, Some("yes"), false, false), Consent::Given);
    }

    #[test]
    fn a_no_in_the_environment_beats_everything() {
        assert_eq!(consent(true, Some("no"), true, true), Consent::Withheld);
    }
}
