//! The extension for the browsers' stores.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::{Package, VERSION, archive::Tree, paths::Paths};
use crate::{Browser, build, requirements::Requirements};

/// What a name in the popup's module begins with: leptos brings it for modules that are split, and ends
/// it with the hash of the folder that cargo keeps its source in. Nothing looks for it here.
const MARKER: &[u8] = b"_WASM_SPLIT_MARKER_";
/// Digits of that hash.
const DIGITS: usize = 16;
/// Ends of files that nobody needs but who makes the extension.
const STRANGERS: [&str; 5] = [".map", ".d.ts", ".test.js", ".md", ".ts"];

/// Compiles all modules anew where something changed, and packs a zip for each store.
pub(super) fn make(
    target: std::path::PathBuf,
    requirements: &Requirements,
) -> Result<Vec<Package>> {
    let std = requirements.wasm_std()?;
    let paths = Paths::of(std.rustc(), target)?;
    let shipped = build::packaged(&std, paths.target(), &|cargo| paths.apply(cargo))?;
    println!("The extension: compiled by {}", paths.compiler);
    let mut packages = Vec::new();
    for build::Shipped { browser, files } in shipped {
        let mut tree = Tree::default();
        for (path, content) in files {
            let content = match path.as_str() {
                "manifest.json" => for_store(browser, &content)?,
                _ => without_folder(content),
            };
            refuse_stranger(&path, &content)?;
            paths.check(&path, &content)?;
            tree.file(path, content);
        }
        packages.push(Package {
            name: format!("pearvault-{}-{VERSION}.zip", browser.name()),
            content: tree.to_zip()?,
        });
    }
    Ok(packages)
}

/// The manifest without what a store refuses, or warns of.
///
/// - `key`: Chrome's and Edge's stores give a new item a key, and the id that follows from it; they
///   take no other, and none at all is right at every upload.
/// - the other family's background: Chromium takes `service_worker`, Firefox `scripts`.
fn for_store(browser: Browser, manifest: &[u8]) -> Result<Vec<u8>> {
    let mut manifest: Value = serde_json::from_slice(manifest).context("manifest.json")?;
    let all = manifest.as_object_mut().context("manifest.json")?;
    all.remove("key");
    let foreign = match browser {
        Browser::Chromium => "scripts",
        Browser::Firefox => "service_worker",
    };
    let background = all.get_mut("background").and_then(Value::as_object_mut);
    background
        .context("manifest.json has no background")?
        .remove(foreign);
    Ok(serde_json::to_vec_pretty(&manifest)?)
}

/// The same with zeros for the hash behind each [`MARKER`]: it is another one where cargo's downloads
/// lie elsewhere.
fn without_folder(mut content: Vec<u8>) -> Vec<u8> {
    let found = content.windows(MARKER.len()).enumerate();
    let starts: Vec<usize> = found
        .filter(|(_, window)| *window == MARKER)
        .map(|(start, _)| start + MARKER.len())
        .collect();
    for start in starts {
        let hash = content.get_mut(start..start + DIGITS);
        if let Some(hash) = hash.filter(|hash| hash.iter().all(u8::is_ascii_hexdigit)) {
            hash.fill(b'0');
        }
    }
    content
}

/// Maps, types and tests would be a mistake of the build.
fn refuse_stranger(path: &str, content: &[u8]) -> Result<()> {
    let names_map = content
        .windows(17)
        .any(|window| window == b"sourceMappingURL=");
    if names_map || STRANGERS.iter().any(|end| path.ends_with(end)) {
        bail!("{path} has no place in the extension");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_get_no_key_and_the_background_of_their_browser() -> Result<()> {
        for (browser, kept, gone) in [
            (Browser::Chromium, "service_worker", "scripts"),
            (Browser::Firefox, "scripts", "service_worker"),
        ] {
            let built = serde_json::to_vec(&build::merged_manifest(browser)?)?;
            let manifest: Value = serde_json::from_slice(&for_store(browser, &built)?)?;
            assert!(manifest.get("key").is_none());
            assert!(manifest["background"].get(kept).is_some());
            assert!(manifest["background"].get(gone).is_none());
            assert_eq!(manifest["background"]["type"], "module");
        }
        Ok(())
    }

    #[test]
    fn the_hash_of_a_folder_is_left_out_and_all_else_is_kept() {
        let check = |content: &str, expect: &str| {
            let left = without_folder(content.as_bytes().to_vec());
            assert_eq!(String::from_utf8_lossy(&left), expect);
        };
        check(
            "\0*_WASM_SPLIT_MARKER_732e786d2a082da8version\0a56c7ffe5314ddf2",
            "\0*_WASM_SPLIT_MARKER_0000000000000000version\0a56c7ffe5314ddf2",
        );
        check(
            "_WASM_SPLIT_MARKER_of no hash",
            "_WASM_SPLIT_MARKER_of no hash",
        );
        check("_WASM_SPLIT_MARKER_732e", "_WASM_SPLIT_MARKER_732e");
    }

    #[test]
    fn maps_and_tests_are_refused() {
        let check = |path: &str, content: &str| refuse_stranger(path, content.as_bytes()).is_ok();
        assert!(check("wasm/popup.js", "export default init;"));
        assert!(!check("wasm/popup.js", "//# sourceMappingURL=popup.js.map"));
        assert!(!check("wasm/popup.wasm.map", ""));
        assert!(!check("content/watch.test.js", ""));
    }
}
