//! The manifest: one base for both browsers, and what each of them adds.

use std::fs;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::{Browser, workspace};

/// The manifest of `browser`, with the version of the workspace.
pub(crate) fn merged(browser: Browser) -> Result<Value> {
    let mut manifest = read("base")?;
    merge(&mut manifest, read(browser.name())?);
    manifest["version"] = Value::from(numeric_version(env!("CARGO_PKG_VERSION")));
    Ok(manifest)
}

/// Files of the extension that a manifest names; the browser refuses the whole extension when one
/// of them is not there.
pub(super) fn named_files(manifest: &Value) -> Vec<String> {
    let mut files = Vec::new();
    let mut add = |value: &Value| match value {
        Value::String(path) => files.push(path.split('#').next().unwrap_or_default().to_owned()),
        Value::Array(list) => {
            files.extend(list.iter().filter_map(Value::as_str).map(str::to_owned));
        }
        Value::Object(map) => {
            files.extend(map.values().filter_map(Value::as_str).map(str::to_owned));
        }
        _ => {}
    };
    add(&manifest["background"]["service_worker"]);
    add(&manifest["background"]["scripts"]);
    add(&manifest["action"]["default_popup"]);
    add(&manifest["action"]["default_icon"]);
    add(&manifest["options_ui"]["page"]);
    add(&manifest["icons"]);
    for script in manifest["content_scripts"].as_array().into_iter().flatten() {
        add(&script["js"]);
        add(&script["css"]);
    }
    files.sort();
    files.dedup();
    files
}

fn read(name: &str) -> Result<Value> {
    let file = workspace::root()
        .join("manifest")
        .join(format!("{name}.json"));
    let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    serde_json::from_str(&text).with_context(|| file.display().to_string())
}

/// Objects are merged, lists joined, `null` takes away, all else is replaced.
fn merge(base: &mut Value, over: Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                match base.get_mut(&key) {
                    _ if value.is_null() => {
                        base.remove(&key);
                    }
                    Some(old) => merge(old, value),
                    None => {
                        base.insert(key, value);
                    }
                }
            }
        }
        (Value::Array(base), Value::Array(over)) => base.extend(over),
        (base, over) => *base = over,
    }
}

/// Browsers take up to four numbers only: what follows a hyphen or plus is left out.
fn numeric_version(version: &str) -> &str {
    version.split(['-', '+']).next().unwrap_or(version)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn merging_joins_replaces_and_removes() {
        let mut base = json!({"a": {"x": 1, "y": 2}, "list": [1], "gone": true, "kept": 0});
        merge(
            &mut base,
            json!({"a": {"y": 3, "z": 4}, "list": [2], "gone": null}),
        );
        let expect = json!({"a": {"x": 1, "y": 3, "z": 4}, "list": [1, 2], "kept": 0});
        assert_eq!(base, expect);
    }

    #[test]
    fn versions_are_numbers_only() {
        assert_eq!(numeric_version("0.1.0"), "0.1.0");
        assert_eq!(numeric_version("1.2.3-beta.1"), "1.2.3");
        assert_eq!(numeric_version("1.2.3+build"), "1.2.3");
    }

    #[test]
    fn pages_can_see_nothing_of_the_extension() -> Result<()> {
        for browser in Browser::ALL {
            assert!(merged(browser)?.get("web_accessible_resources").is_none());
        }
        Ok(())
    }

    #[test]
    fn only_chromium_asks_for_an_offscreen_document() -> Result<()> {
        let has = |browser| -> Result<bool> {
            let manifest = merged(browser)?;
            let permissions = manifest["permissions"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            Ok(permissions.contains(&json!("offscreen")))
        };
        assert!(has(Browser::Chromium)?);
        assert!(!has(Browser::Firefox)?);
        Ok(())
    }

    #[test]
    fn files_are_found_in_every_place_that_names_them() {
        let manifest = json!({
            "background": {"service_worker": "sw.js", "scripts": ["sw.js"]},
            "action": {"default_popup": "popup.html", "default_icon": {"16": "i.png"}},
            "options_ui": {"page": "popup.html#/settings"},
            "content_scripts": [{"js": ["content/watch.js"]}],
        });
        let expect = ["content/watch.js", "i.png", "popup.html", "sw.js"];
        assert_eq!(named_files(&manifest), expect);
    }

    #[test]
    fn the_key_gives_chromiums_documented_id() -> Result<()> {
        let manifest = merged(Browser::Chromium)?;
        let key = manifest["key"].as_str().context("no key")?;
        let der = decode_base64(key);
        // The first 16 bytes of the key's SHA-256, each half a letter from a to p.
        let id: String = Sha256::digest(der)
            .iter()
            .take(16)
            .flat_map(|byte| [byte >> 4, byte & 15])
            .map(|half| char::from(b'a' + half))
            .collect();
        let page = include_str!("../../../docs/BUILDING.md");
        assert!(page.contains(&id), "docs/BUILDING.md does not name {id}");
        Ok(())
    }

    /// Enough base64 for a key without line breaks.
    fn decode_base64(text: &str) -> Vec<u8> {
        let value = |c: u8| match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            _ => 63,
        };
        let digits: Vec<u8> = text.bytes().filter(|c| *c != b'=').map(value).collect();
        let bits = digits
            .iter()
            .flat_map(|digit| (0..6).rev().map(move |bit| (digit >> bit) & 1));
        let bits: Vec<u8> = bits.collect();
        bits.chunks_exact(8)
            .map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | bit))
            .collect()
    }
}
