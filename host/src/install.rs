//! Registering the host with browsers: a manifest file each, where they look for it.
//!
//! Where that is, the crate `native_messaging` knows for most; what it does not know is in `own`.

mod own;

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use native_messaging::install::{
    manifest::{install, remove},
    paths::{Scope, config, manifest_paths},
};
use proto::bridge::host::{CHROMIUM_ID, FIREFOX_ID, HOST_NAME};
use serde::Deserialize;

use crate::caller::Family;

const DESCRIPTION: &str =
    "Pearvault: keys outside the browser, proof of work on all of the machine";

/// A browser of this machine, or a place where one would look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Browser {
    /// What the user calls it.
    pub name: String,
    /// How it starts hosts.
    pub family: Family,
    /// Where its manifest is, or would be.
    pub manifest: PathBuf,
    /// Whether the browser seems to be installed, or to have been used.
    pub found: bool,
    /// What does not work there, and what does; `None` where all does.
    pub limits: Option<&'static str>,
    /// Its name in the crate's table.
    key: Option<String>,
}

/// How a browser stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// No manifest.
    Absent,
    /// It starts this very program.
    Here,
    /// It starts another program, or another extension is let in.
    Other(Option<PathBuf>),
}

/// What a manifest says.
#[derive(Deserialize)]
struct Manifest {
    name: String,
    path: PathBuf,
    #[serde(default)]
    allowed_origins: Vec<String>,
    #[serde(default)]
    allowed_extensions: Vec<String>,
}

/// Every browser that this program knows on this system, for this user or for all.
pub fn browsers(for_all: bool) -> Vec<Browser> {
    let scope = scope(for_all);
    let mut keys: Vec<&String> = config().browsers.keys().collect();
    keys.sort();
    let known = keys.into_iter().filter_map(|key| {
        let manifest = manifest_paths(key, scope, HOST_NAME)
            .ok()?
            .into_iter()
            .next()?;
        let family = match config().browsers.get(key)?.family.as_str() {
            "firefox" => Family::Firefox,
            _ => Family::Chromium,
        };
        Some(Browser {
            name: own::title(key),
            family,
            found: own::is_found(key, &manifest, for_all),
            manifest,
            limits: None,
            key: Some(key.clone()),
        })
    });
    let mut all: Vec<Browser> = known.collect();
    all.extend(own::browsers(for_all));
    all
}

/// The browser whose profile is in a folder of its own (`--user-data-dir`), for browsers of the
/// Chromium family.
pub fn in_profile(folder: &Path) -> Browser {
    Browser {
        name: format!("the profile in {}", folder.display()),
        family: Family::Chromium,
        manifest: folder
            .join("NativeMessagingHosts")
            .join(format!("{HOST_NAME}.json")),
        found: true,
        limits: None,
        key: None,
    }
}

impl Browser {
    /// Whether a manifest in its place is its own: some look where another browser does.
    pub fn has_its_place(&self) -> bool {
        self.found || self.key.is_some()
    }

    /// Registers `program` with it.
    ///
    /// # Errors
    /// As the file system, or on Windows the registry, has them.
    pub fn install(&self, program: &Path, for_all: bool) -> io::Result<()> {
        if let Some(key) = &self.key {
            let (origins, ids) = ([origin()], [FIREFOX_ID.to_owned()]);
            let scope = scope(for_all);
            return install(
                HOST_NAME,
                DESCRIPTION,
                program,
                &origins,
                &ids,
                &[key],
                scope,
            );
        }
        let allowed = match self.family {
            Family::Chromium => ("allowed_origins", origin()),
            Family::Firefox => ("allowed_extensions", FIREFOX_ID.to_owned()),
        };
        let no_text =
            || io::Error::new(io::ErrorKind::InvalidInput, "the program's path is no text");
        let program = program.to_str().ok_or_else(no_text)?;
        let text = serde_json::to_string_pretty(&serde_json::json!({
            "name": HOST_NAME,
            "description": DESCRIPTION,
            "path": program,
            "type": "stdio",
            allowed.0: [allowed.1],
        }))?;
        if let Some(folder) = self.manifest.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&self.manifest, text)
    }

    /// Takes the manifest away; nothing where there is none.
    ///
    /// # Errors
    /// As the file system, or on Windows the registry, has them.
    pub fn uninstall(&self, for_all: bool) -> io::Result<()> {
        if let Some(key) = &self.key {
            return remove(HOST_NAME, &[key], scope(for_all));
        }
        match fs::remove_file(&self.manifest) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// How it stands to `program`.
    pub fn standing(&self, program: &Path) -> Standing {
        let Ok(text) = fs::read_to_string(&self.manifest) else {
            return Standing::Absent;
        };
        let Ok(manifest) = serde_json::from_str::<Manifest>(&text) else {
            return Standing::Other(None);
        };
        let lets_in = match self.family {
            Family::Chromium => manifest.allowed_origins == [origin()],
            Family::Firefox => manifest.allowed_extensions == [FIREFOX_ID],
        };
        if manifest.name == HOST_NAME && lets_in && manifest.path == program {
            Standing::Here
        } else {
            Standing::Other(Some(manifest.path))
        }
    }
}

/// Writes anew every manifest that starts a program which is not there any more. How many.
///
/// Run by the agent: whoever has moved the program has one browser that still finds it.
pub fn repair(program: &Path) -> usize {
    let gone = |browser: &&Browser| match browser.standing(program) {
        Standing::Other(Some(path)) => !path.exists(),
        _ => false,
    };
    let all = browsers(false);
    let repaired = all.iter().filter(gone);
    repaired
        .filter(|browser| browser.install(program, false).is_ok())
        .count()
}

/// Of several places that one name has, those of each.
pub fn by_name(browsers: Vec<Browser>) -> BTreeMap<String, Vec<Browser>> {
    let mut named: BTreeMap<String, Vec<Browser>> = BTreeMap::new();
    for browser in browsers {
        named.entry(browser.name.clone()).or_default().push(browser);
    }
    named
}

fn origin() -> String {
    format!("chrome-extension://{CHROMIUM_ID}/")
}

fn scope(for_all: bool) -> Scope {
    if for_all { Scope::System } else { Scope::User }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifest_starts_this_program_for_our_extension_and_for_no_other() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let program = folder.path().join("pearvault-host");
        for family in [Family::Chromium, Family::Firefox] {
            let browser = Browser {
                family,
                ..in_profile(&folder.path().join(format!("{family:?}")))
            };
            assert_eq!(browser.standing(&program), Standing::Absent);
            browser.install(&program, false)?;
            assert_eq!(browser.standing(&program), Standing::Here);
            let other = folder.path().join("other");
            assert_eq!(
                browser.standing(&other),
                Standing::Other(Some(program.clone()))
            );
            let text = fs::read_to_string(&browser.manifest)?;
            fs::write(
                &browser.manifest,
                text.replace("oihokj", "aaaaaa").replace("pearvault@", "x@"),
            )?;
            assert_eq!(
                browser.standing(&program),
                Standing::Other(Some(program.clone()))
            );
            fs::write(&browser.manifest, "{")?;
            assert_eq!(browser.standing(&program), Standing::Other(None));
            browser.uninstall(false)?;
            browser.uninstall(false)?;
            assert_eq!(browser.standing(&program), Standing::Absent);
        }
        Ok(())
    }

    #[test]
    fn browsers_of_the_issue_have_a_place() {
        let named = by_name(browsers(false));
        let expected = [
            "Brave",
            "Chrome",
            "Chromium",
            "Edge",
            "Firefox",
            "LibreWolf",
            "Vivaldi",
            "Zen",
        ];
        for name in expected {
            assert!(named.contains_key(name), "{name} in {:?}", named.keys());
        }
    }
}
