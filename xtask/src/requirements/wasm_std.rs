//! A standard library for wasm32: the toolchain's own, or one built from source.
//!
//! The ordinary way is `rustup target add`. Where rustup cannot download, Debian's `rustc-web`
//! with `rust-web-src` builds std, linked by the `rust-lld` that every rustup toolchain brings
//! (Debian's own link to it may dangle). A toolchain with the component `rust-src` can do the same.

use std::{
    fmt,
    path::{Path, PathBuf},
    process::Command,
};

use super::{Machine, Missing, Probe, machine::Packages, steps::Step};
use crate::process;

/// The only target of the extension.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Where the standard library comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WasmStd {
    /// The active toolchain has it.
    Toolchain {
        /// Only where the toolchain brings no linker of its own.
        linker: Option<PathBuf>,
    },
    /// It is built along, by a compiler that has its source beside it.
    BuildStd {
        /// The compiler.
        rustc: PathBuf,
        /// `rust-lld` or `wasm-ld`.
        linker: PathBuf,
    },
}

/// A compiler found on the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Compiler {
    rustc: PathBuf,
    /// Major and minor version.
    version: (u32, u32),
    /// It has a compiled std for wasm32.
    has_target: bool,
    /// It has the source of std.
    has_source: bool,
}

/// What a look at the machine found.
#[derive(Debug, Default)]
struct Facts {
    /// The toolchain that cargo uses.
    active: Option<Compiler>,
    /// Debian's, of the package `rustc-web` or `rustc`.
    system: Option<Compiler>,
    /// A linker that the active toolchain brings.
    own_linker: Option<PathBuf>,
    /// Any other linker for wasm.
    other_linker: Option<PathBuf>,
    rustup: bool,
    /// What `PEARVAULT_WASM_STD` asks for.
    wish: Option<String>,
}

impl WasmStd {
    /// The compiler that it is used with.
    pub(crate) fn rustc(&self) -> &Path {
        match self {
            Self::Toolchain { .. } => Path::new("rustc"),
            Self::BuildStd { rustc, .. } => rustc,
        }
    }

    /// Makes a cargo command build for wasm32.
    pub(crate) fn apply(&self, cargo: &mut Command) {
        const LINKER: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER";
        cargo.args(["--target", TARGET]);
        match self {
            Self::Toolchain { linker: None } => {}
            Self::Toolchain {
                linker: Some(linker),
            } => {
                cargo.env(LINKER, linker);
            }
            Self::BuildStd { rustc, linker } => {
                // Bootstrap: `-Z` flags on a stable cargo, only to build std.
                cargo
                    .arg("-Zbuild-std=std,panic_abort")
                    .env("RUSTC", rustc)
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env(LINKER, linker);
            }
        }
    }
}

impl fmt::Display for WasmStd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Toolchain { .. } => write!(f, "of the active toolchain"),
            Self::BuildStd { rustc, linker } => {
                write!(
                    f,
                    "built by {}, linked by {}",
                    rustc.display(),
                    linker.display()
                )
            }
        }
    }
}

/// Looks at the machine and decides.
pub(super) fn probe(machine: &Machine) -> Probe<WasmStd> {
    decide(&look(), machine.packages)
}

/// The pure part: which way is open, or which ways could be opened.
fn decide(facts: &Facts, packages: Packages) -> Probe<WasmStd> {
    let linker = || {
        facts
            .own_linker
            .clone()
            .or_else(|| facts.other_linker.clone())
    };
    let wants = |way: &str| facts.wish.as_deref().is_none_or(|wish| wish == way);

    let has_target = facts
        .active
        .as_ref()
        .is_some_and(|active| active.has_target);
    if wants("toolchain") && has_target {
        if facts.own_linker.is_some() {
            return Ok(WasmStd::Toolchain { linker: None });
        }
        if let Some(linker) = linker() {
            return Ok(WasmStd::Toolchain {
                linker: Some(linker),
            });
        }
    }
    let builder = [&facts.active, &facts.system]
        .into_iter()
        .flatten()
        .find(|compiler| compiler.has_source && compiler.version >= oldest());
    if let (true, Some(builder), Some(linker)) = (wants("build-std"), builder, linker()) {
        return Ok(WasmStd::BuildStd {
            rustc: builder.rustc.clone(),
            linker,
        });
    }

    let mut ways = Vec::new();
    if facts.rustup && wants("toolchain") {
        ways.push(vec![Step::RustupTarget(TARGET)]);
    }
    if matches!(packages, Packages::Debian | Packages::Ubuntu) && wants("build-std") {
        let mut names = vec!["rustc-web", "rust-web-src"];
        if linker().is_none() {
            names.push("lld");
        }
        ways.push(vec![Step::System(names)]);
    }
    if ways.is_empty() {
        let words = "install Rust with rustup, then: rustup target add wasm32-unknown-unknown";
        ways.push(vec![Step::ByHand(words.to_owned())]);
    }
    Err(Missing {
        what: "a wasm32 standard library".to_owned(),
        ways,
    })
}

/// The workspace's `rust-version`.
fn oldest() -> (u32, u32) {
    parse_version(env!("CARGO_PKG_RUST_VERSION")).unwrap_or_default()
}

fn look() -> Facts {
    let active = compiler(Path::new("rustc"));
    let sysroot = process::probe("rustc", &["--print", "sysroot"]).map(PathBuf::from);
    let host = process::probe("rustc", &["-vV"]).and_then(|text| {
        text.lines()
            .find_map(|line| line.strip_prefix("host: ").map(str::to_owned))
    });
    let own_linker = sysroot.zip(host).and_then(|(sysroot, host)| {
        let name = format!("rust-lld{}", std::env::consts::EXE_SUFFIX);
        // `is_file` follows links, so one that dangles does not count.
        Some(
            sysroot
                .join("lib/rustlib")
                .join(host)
                .join("bin")
                .join(name),
        )
        .filter(|it| it.is_file())
    });
    let system = compiler(Path::new("/usr/bin/rustc")).filter(|_| cfg!(target_os = "linux"));
    Facts {
        active,
        system,
        own_linker,
        other_linker: process::find(&["wasm-ld", "rust-lld"]),
        rustup: process::find(&["rustup"]).is_some(),
        wish: std::env::var("PEARVAULT_WASM_STD").ok(),
    }
}

fn compiler(rustc: &Path) -> Option<Compiler> {
    let version = process::probe(rustc, &["--version"])?;
    let sysroot = PathBuf::from(process::probe(rustc, &["--print", "sysroot"])?);
    let library = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    let has_target = std::fs::read_dir(library).is_ok_and(|files| {
        files
            .flatten()
            .any(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
    });
    Some(Compiler {
        rustc: rustc.to_owned(),
        version: version.split_whitespace().nth(1).and_then(parse_version)?,
        has_target,
        has_source: sysroot
            .join("lib/rustlib/src/rust/library/std/Cargo.toml")
            .is_file(),
    })
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn active(has_target: bool) -> Compiler {
        Compiler {
            rustc: "rustc".into(),
            version: oldest(),
            has_target,
            has_source: false,
        }
    }

    fn debian(minor: u32) -> Compiler {
        Compiler {
            rustc: "/usr/bin/rustc".into(),
            version: (1, minor),
            has_target: false,
            has_source: true,
        }
    }

    fn lld() -> PathBuf {
        "/toolchain/rust-lld".into()
    }

    #[test]
    fn the_toolchains_own_std_comes_first() {
        let facts = Facts {
            active: Some(active(true)),
            system: Some(debian(99)),
            own_linker: Some(lld()),
            ..Facts::default()
        };
        assert_eq!(
            decide(&facts, Packages::Debian),
            Ok(WasmStd::Toolchain { linker: None })
        );
    }

    #[test]
    fn debians_compiler_builds_std_with_rustups_linker() {
        let facts = Facts {
            active: Some(active(false)),
            system: Some(debian(99)),
            own_linker: Some(lld()),
            rustup: true,
            ..Facts::default()
        };
        let expect = WasmStd::BuildStd {
            rustc: "/usr/bin/rustc".into(),
            linker: "/toolchain/rust-lld".into(),
        };
        assert_eq!(decide(&facts, Packages::Debian), Ok(expect));
    }

    #[test]
    fn rustup_is_tried_before_debians_packages() {
        let facts = Facts {
            active: Some(active(false)),
            own_linker: Some(lld()),
            rustup: true,
            ..Facts::default()
        };
        let missing = decide(&facts, Packages::Debian).unwrap_err();
        let expect = vec![
            vec![Step::RustupTarget(TARGET)],
            vec![Step::System(vec!["rustc-web", "rust-web-src"])],
        ];
        assert_eq!(missing.ways, expect);
    }

    #[test]
    fn a_compiler_older_than_the_workspace_does_not_count() {
        let facts = Facts {
            active: Some(active(false)),
            system: Some(debian(0)),
            own_linker: Some(lld()),
            ..Facts::default()
        };
        assert!(decide(&facts, Packages::Debian).is_err());
    }

    #[test]
    fn a_linker_is_asked_for_where_none_is() {
        let facts = Facts {
            active: Some(active(false)),
            system: Some(debian(99)),
            ..Facts::default()
        };
        let missing = decide(&facts, Packages::Debian).unwrap_err();
        assert_eq!(
            missing.ways,
            [[Step::System(vec!["rustc-web", "rust-web-src", "lld"])]]
        );
    }

    #[test]
    fn a_wish_for_one_way_closes_the_other() {
        let mut facts = Facts {
            active: Some(active(true)),
            system: Some(debian(99)),
            own_linker: Some(lld()),
            wish: Some("build-std".to_owned()),
            ..Facts::default()
        };
        assert!(matches!(
            decide(&facts, Packages::Debian),
            Ok(WasmStd::BuildStd { .. })
        ));
        facts.wish = Some("toolchain".to_owned());
        assert!(matches!(
            decide(&facts, Packages::Debian),
            Ok(WasmStd::Toolchain { .. })
        ));
    }

    #[test]
    fn elsewhere_a_person_is_told_what_to_do() {
        let missing = decide(&Facts::default(), Packages::Unknown).unwrap_err();
        assert!(matches!(missing.ways[0][0], Step::ByHand(_)));
    }
}
