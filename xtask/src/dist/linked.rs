//! What a program of Linux links to, and so what it needs from the system that it is installed on.
//!
//! The host is not linked statically against musl, although that would run anywhere: a graphics
//! processor is reached through the Vulkan loader and its drivers, which are libraries of the system,
//! opened with `dlopen` while it runs. A static program has no `dlopen`, and one of musl could not
//! load libraries made for glibc.

use anyhow::{Context as _, Result, bail};
use object::{Object as _, read::ImportFlags};

/// Libraries of glibc (its loader has another name on each processor), with the package of Debian.
const GLIBC: [&str; 6] = [
    "libc.so.6",
    "libm.so.6",
    "libdl.so.2",
    "libpthread.so.0",
    "librt.so.1",
    "ld-linux",
];
/// What unwinds panics: of GCC, but nowhere is glibc without it.
const UNWINDER: &str = "libgcc_s.so.1";

/// Needs of a program, in the terms of Debian.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Needs {
    /// Oldest glibc, such as 2.34.
    pub(super) glibc: Version,
    /// Whether it needs `libgcc_s`.
    pub(super) unwinder: bool,
}

/// Major and minor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Version(u32, u32);

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

impl Needs {
    /// The field `Depends` of a Debian package.
    pub(super) fn depends(&self) -> String {
        let glibc = format!("libc6 (>= {})", self.glibc);
        if self.unwinder {
            format!("{glibc}, libgcc-s1 (>= 4.2)")
        } else {
            glibc
        }
    }
}

/// Reads them out of the program.
///
/// # Errors
/// Where it is no ELF file, links to anything that is not of glibc, or has symbols left in it.
pub(super) fn needs(program: &[u8]) -> Result<Needs> {
    let file = object::File::parse(program).context("the program is no ELF file")?;
    if file.symbols().next().is_some() || file.has_debug_symbols() {
        bail!("the program is not stripped");
    }
    let mut libraries = Vec::new();
    for library in file.import_libraries()? {
        libraries.push(String::from_utf8_lossy(library?.name()).into_owned());
    }
    let unwinder = unexpected(&libraries)?;
    let mut glibc = Version::default();
    for import in file.imports()? {
        if let ImportFlags::Elf {
            version: Some(version),
            ..
        } = import?.flags()
        {
            glibc = glibc.max(glibc_version(version).unwrap_or_default());
        }
    }
    if glibc == Version::default() {
        bail!("the program says of no glibc that it needs it");
    }
    Ok(Needs { glibc, unwinder })
}

/// Refuses what is not of glibc, and says whether the unwinder is among the rest.
fn unexpected(libraries: &[String]) -> Result<bool> {
    let is_known = |name: &String| name == UNWINDER || GLIBC.iter().any(|it| name.starts_with(it));
    if let Some(stranger) = libraries.iter().find(|name| !is_known(name)) {
        bail!("the program links to {stranger}, which not every system has");
    }
    Ok(libraries.iter().any(|name| name == UNWINDER))
}

/// Of a symbol's version such as `GLIBC_2.34`; `GLIBC_2.2.5` counts as 2.2.
fn glibc_version(symbol: &[u8]) -> Option<Version> {
    let text = std::str::from_utf8(symbol).ok()?;
    let mut numbers = text.strip_prefix("GLIBC_")?.split('.');
    let mut number = || numbers.next()?.parse().ok();
    Some(Version(number()?, number()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_glibc_are_numbers() {
        assert_eq!(glibc_version(b"GLIBC_2.2.5"), Some(Version(2, 2)));
        assert_eq!(glibc_version(b"GLIBC_2.34"), Some(Version(2, 34)));
        assert_eq!(glibc_version(b"GLIBC_PRIVATE"), None);
        assert_eq!(glibc_version(b"GCC_3.0"), None);
        assert!(Version(2, 9) < Version(2, 34));
    }

    #[test]
    fn libraries_besides_glibc_are_refused() {
        let check = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            unexpected(&names).ok()
        };
        let glibc = ["libm.so.6", "libc.so.6", "ld-linux-x86-64.so.2"];
        assert_eq!(check(&glibc), Some(false));
        assert_eq!(check(&["libgcc_s.so.1", "libc.so.6"]), Some(true));
        assert_eq!(check(&["libc.so.6", "libvulkan.so.1"]), None);
        assert_eq!(check(&["libssl.so.3"]), None);
    }

    #[test]
    fn this_very_program_is_not_stripped() -> Result<()> {
        let program = std::fs::read(std::env::current_exe()?)?;
        let refused = needs(&program).is_err_and(|error| error.to_string().contains("stripped"));
        assert!(refused || !cfg!(target_os = "linux"));
        Ok(())
    }

    #[test]
    fn needs_are_told_as_debian_tells_them() {
        let mut needs = Needs {
            glibc: Version(2, 34),
            unwinder: true,
        };
        assert_eq!(needs.depends(), "libc6 (>= 2.34), libgcc-s1 (>= 4.2)");
        needs.unwinder = false;
        assert_eq!(needs.depends(), "libc6 (>= 2.34)");
    }
}
