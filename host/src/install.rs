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
    manifest::install,
    paths::{Scope, config, manifest_paths},
};
use proto::bridge::host::{CHROMIUM_ID, FIREFOX_ID, HOST_NAME};
use serde::{Deserialize, Serialize};

use crate::caller::Family;

const DESCRIPTION: &str =
    "Pearvault: keys outside the browser, proof of work on all of the machine";

const PROFILE_ON_WINDOWS: &str = "Browsers on Windows look in the registry and not in a profile: name the browser with --browser.";

/// A browser of this machine, or a place where one would look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Browser {
    /// What the user calls it.
    pub name: String,
    /// How it starts hosts.
    pub family: Family,
    /// Where its manifest is, or would be.
    pub manifest: PathBuf,
    /// Where one for all users would be; the browser looks there where this user has none.
    for_all: Option<PathBuf>,
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
            for_all: place_for_all(key),
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
        for_all: None,
        found: true,
        limits: cfg!(windows).then_some(PROFILE_ON_WINDOWS),
        key: None,
    }
}

/// A manifest as a package of the system brings it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Packaged {
    /// What the user calls the browser.
    pub browser: String,
    /// How it starts hosts.
    pub family: Family,
    /// Where it looks, for all users.
    pub place: PathBuf,
    /// What is to be there.
    pub manifest: String,
}

/// The manifests of every browser that looks in a folder for all users, for a package that has the
/// host at `program`. Nothing is written.
///
/// # Errors
/// Where the path of the program is no text.
pub fn packaged(program: &Path) -> io::Result<Vec<Packaged>> {
    let packaged = |browser: Browser| {
        Ok(Packaged {
            manifest: browser.text(program)?,
            browser: browser.name,
            family: browser.family,
            place: browser.manifest,
        })
    };
    browsers(true).into_iter().map(packaged).collect()
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
            install(
                HOST_NAME,
                DESCRIPTION,
                program,
                &origins,
                &ids,
                &[key],
                scope,
            )?;
            #[cfg(windows)]
            self.lead_in_registry(key, scope)?;
            return Ok(());
        }
        let text = self.text(program)?;
        if let Some(folder) = self.manifest.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&self.manifest, text)
    }

    /// What a manifest that starts `program` says.
    fn text(&self, program: &Path) -> io::Result<String> {
        let allowed = match self.family {
            Family::Chromium => ("allowed_origins", origin()),
            Family::Firefox => ("allowed_extensions", FIREFOX_ID.to_owned()),
        };
        let no_text =
            || io::Error::new(io::ErrorKind::InvalidInput, "the program's path is no text");
        let program = program.to_str().ok_or_else(no_text)?;
        Ok(serde_json::to_string_pretty(&serde_json::json!({
            "name": HOST_NAME,
            "description": DESCRIPTION,
            "path": program,
            "type": "stdio",
            allowed.0: [allowed.1],
        }))?)
    }

    /// Takes the manifest away; nothing where there is none.
    ///
    /// # Errors
    /// As the file system, or on Windows the registry, has them.
    pub fn uninstall(&self, for_all: bool) -> io::Result<()> {
        #[cfg(windows)]
        if let Some(key) = &self.key {
            return self.uninstall_in_registry(key, for_all);
        }
        #[cfg(not(windows))]
        if let Some(key) = &self.key {
            return native_messaging::install::manifest::remove(HOST_NAME, &[key], scope(for_all));
        }
        match fs::remove_file(&self.manifest) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The entry has a path in the system's own form: the crate mixes in `/`, which Firefox does not take.
    #[cfg(windows)]
    fn lead_in_registry(&self, key: &str, scope: Scope) -> io::Result<()> {
        use native_messaging::install::{
            paths::winreg_key_path, winreg::write_manifest_path_to_reg,
        };
        let entry = winreg_key_path(key, scope, HOST_NAME)?;
        // Joining its parts anew leaves one kind of separator.
        let plain: PathBuf = self.manifest.components().collect();
        write_manifest_path_to_reg(scope, &entry, &plain)
    }

    /// Takes this browser's entry away; the manifest stays while another browser's entry leads to it.
    #[cfg(windows)]
    fn uninstall_in_registry(&self, key: &str, for_all: bool) -> io::Result<()> {
        use native_messaging::install::{paths::winreg_key_path, winreg::remove_manifest_reg};
        let entry = winreg_key_path(key, scope(for_all), HOST_NAME)?;
        match remove_manifest_reg(scope(for_all), &entry) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let is_wanted = config()
            .browsers
            .keys()
            .any(|key| in_registry(key).contains(&self.manifest));
        if is_wanted {
            return Ok(());
        }
        match fs::remove_file(&self.manifest) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Where it looks, the first that is there counts.
    fn places(&self) -> Vec<PathBuf> {
        #[cfg(windows)]
        if let Some(key) = &self.key {
            return in_registry(key);
        }
        let places = [Some(&self.manifest), self.for_all.as_ref()];
        places.into_iter().flatten().cloned().collect()
    }

    /// How it stands to `program`: by this user's manifest, or where there is none by that of all.
    pub fn standing(&self, program: &Path) -> Standing {
        let places = self.places();
        let Some(text) = places.iter().find_map(|it| fs::read_to_string(it).ok()) else {
            // The registry may lead to a manifest that is gone.
            let gone = places
                .into_iter()
                .next()
                .filter(|_| cfg!(windows) && self.key.is_some());
            return gone.map_or(Standing::Absent, |it| Standing::Other(Some(it)));
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

/// Where the registry leads a browser of the crate's table, this user's first.
#[cfg(windows)]
fn in_registry(key: &str) -> Vec<PathBuf> {
    use native_messaging::install::{paths::winreg_key_path, winreg::read_manifest_path_from_reg};
    let led = |scope| {
        let entry = winreg_key_path(key, scope, HOST_NAME).ok()?;
        read_manifest_path_from_reg(scope, &entry).ok()?
    };
    let scopes = [Scope::User, Scope::System];
    scopes.into_iter().filter_map(led).collect()
}

/// Where a browser of the crate's table looks for all users.
fn place_for_all(key: &str) -> Option<PathBuf> {
    let places = manifest_paths(key, Scope::System, HOST_NAME);
    places.ok()?.into_iter().next()
}

fn scope(for_all: bool) -> Scope {
    if for_all { Scope::System } else { Scope::User }
}

#[cfg(test)]
mod tests;
