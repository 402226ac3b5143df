//! Browsers that the crate's table lacks, and what it does not say of those that it has.

use std::path::Path;

use proto::bridge::host::HOST_NAME;

use super::Browser;
use crate::caller::Family;

/// What packages that shut browsers in let through, in words.
#[cfg(target_os = "linux")]
const SNAP_CHROMIUM: &str = "Chromium from a snap starts no programs outside of it. Install Chromium, Chrome or Firefox as a package of your system to use the host.";
#[cfg(target_os = "linux")]
const SNAP_FIREFOX: &str =
    "Firefox from a snap asks before it starts the host: allow it in the window that appears.";
#[cfg(target_os = "linux")]
const FLATPAK_CHROMIUM: &str = "Browsers of the Chromium family from a flatpak start no programs outside of it. Install one as a package of your system to use the host.";
#[cfg(target_os = "linux")]
const FLATPAK_FIREFOX: &str = "Firefox from a flatpak asks before it starts the host: allow it in the window that appears. Where none appears, that version has no way out.";

/// A browser that shuts itself in, or that the crate does not know: name, family, folder of its user
/// below the home folder, whether its manifests are in another one, and what does not work.
struct Place {
    name: &'static str,
    family: Family,
    used: &'static str,
    manifests: &'static str,
    limits: Option<&'static str>,
}

#[cfg(target_os = "linux")]
const PLACES: [Place; 5] = [
    Place {
        name: "Zen",
        family: Family::Firefox,
        used: ".zen",
        // It looks where Firefox does.
        manifests: ".mozilla/native-messaging-hosts",
        limits: None,
    },
    Place {
        name: "Chromium (snap)",
        family: Family::Chromium,
        used: "snap/chromium/common/chromium",
        manifests: "snap/chromium/common/chromium/NativeMessagingHosts",
        limits: Some(SNAP_CHROMIUM),
    },
    Place {
        name: "Firefox (snap)",
        family: Family::Firefox,
        used: "snap/firefox/common/.mozilla",
        manifests: ".mozilla/native-messaging-hosts",
        limits: Some(SNAP_FIREFOX),
    },
    Place {
        name: "Chromium (flatpak)",
        family: Family::Chromium,
        used: ".var/app/org.chromium.Chromium",
        manifests: ".var/app/org.chromium.Chromium/config/chromium/NativeMessagingHosts",
        limits: Some(FLATPAK_CHROMIUM),
    },
    Place {
        name: "Firefox (flatpak)",
        family: Family::Firefox,
        used: ".var/app/org.mozilla.firefox",
        manifests: ".mozilla/native-messaging-hosts",
        limits: Some(FLATPAK_FIREFOX),
    },
];
#[cfg(target_os = "macos")]
const PLACES: [Place; 1] = [Place {
    name: "Zen",
    family: Family::Firefox,
    used: "Library/Application Support/zen",
    manifests: "Library/Application Support/Mozilla/NativeMessagingHosts",
    limits: None,
}];
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
const PLACES: [Place; 0] = [];

/// Those of this user; none has a place for all users.
pub(super) fn browsers(for_all: bool) -> Vec<Browser> {
    let home = directories::BaseDirs::new().map(|folders| folders.home_dir().to_owned());
    let Some(home) = home.filter(|_| !for_all) else {
        return Vec::new();
    };
    let browser = |place: &Place| Browser {
        name: place.name.to_owned(),
        family: place.family,
        manifest: home.join(place.manifests).join(format!("{HOST_NAME}.json")),
        // Kin of Firefox look where it does.
        for_all: match place.family {
            Family::Firefox => super::place_for_all("firefox"),
            Family::Chromium => None,
        },
        found: home.join(place.used).exists(),
        limits: place.limits,
        key: None,
    };
    PLACES.iter().map(browser).collect()
}

/// What people call a browser of the crate's table.
pub(super) fn title(key: &str) -> String {
    let words = key.split('_').map(|word| match word {
        "librewolf" => "LibreWolf".to_owned(),
        "for" => "for".to_owned(),
        word => {
            let mut letters = word.chars();
            let first = letters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(letters).collect()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Whether a browser of the table is on this machine: what its user's data are in is there.
#[cfg(windows)]
pub(super) fn is_found(key: &str, _manifest: &Path, _for_all: bool) -> bool {
    let Some(folders) = directories::BaseDirs::new() else {
        return false;
    };
    // Kin of Firefox look where it does.
    let roaming: &[&str] = match key {
        "firefox" => &["Mozilla\\Firefox", "zen"],
        "librewolf" => &["librewolf"],
        _ => &[],
    };
    let local: &[&str] = match key {
        "chrome" => &["Google\\Chrome"],
        "chrome_for_testing" => &["Google\\Chrome for Testing"],
        "chromium" => &["Chromium"],
        "edge" => &["Microsoft\\Edge"],
        "brave" => &["BraveSoftware\\Brave-Browser"],
        "vivaldi" => &["Vivaldi"],
        _ => &[],
    };
    let is_there = |root: &Path, used: &[&str]| used.iter().any(|used| root.join(used).exists());
    is_there(folders.config_dir(), roaming) || is_there(folders.data_local_dir(), local)
}

/// Whether a browser of the table is on this machine: its own folder is there, or its program is in
/// the path.
#[cfg(not(windows))]
pub(super) fn is_found(key: &str, manifest: &Path, for_all: bool) -> bool {
    let used = manifest.parent().and_then(Path::parent);
    let programs: &[&str] = match key {
        "chrome" => &["google-chrome", "google-chrome-stable"],
        "chromium" => &["chromium", "chromium-browser"],
        "edge" => &["microsoft-edge", "microsoft-edge-stable"],
        "brave" => &["brave-browser", "brave"],
        "vivaldi" => &["vivaldi", "vivaldi-stable"],
        "firefox" => &["firefox", "firefox-esr"],
        "librewolf" => &["librewolf"],
        _ => &[],
    };
    // All users' folders are not made by using a browser.
    !for_all && used.is_some_and(Path::exists) || programs.iter().any(|program| is_in_path(program))
}

#[cfg(not(windows))]
fn is_in_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
