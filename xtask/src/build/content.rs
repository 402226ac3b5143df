//! The scripts that run in pages: parts joined into one, comments left out.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

/// The list of parts, in their order.
pub(super) const PARTS: &str = "parts.json";
/// Where they lie.
const FOLDER: &str = "content/page";
/// What they become.
const JOINED: &str = "content/page.js";
/// The script that is always on.
const WATCH: &str = "content/watch.js";

/// Puts `content/page.js` in the place of its parts and takes the comments out of all scripts there.
pub(super) fn join(files: &mut BTreeMap<PathBuf, Vec<u8>>) -> Result<()> {
    let folder = Path::new(FOLDER);
    let list = files.get(&folder.join(PARTS));
    let list = list.with_context(|| format!("extension/{FOLDER} has no {PARTS}"))?;
    let names: Vec<String> = serde_json::from_slice(list).context(PARTS)?;
    let mut body = String::new();
    for name in &names {
        let path = folder.join(format!("{name}.js"));
        let part = files
            .remove(&path)
            .with_context(|| format!("{PARTS} names {name}, which is not there"))?;
        body.push_str(&without_comments(std::str::from_utf8(&part)?));
    }
    files.remove(&folder.join(PARTS));
    if let Some(stranger) = files.keys().find(|path| path.starts_with(folder)) {
        anyhow::bail!("{PARTS} does not name {}", stranger.display());
    }
    // One scope of their own: the next injection must not meet the names of the last.
    let joined = format!("(() => {{\n{body}}})();\n");
    files.insert(JOINED.into(), joined.into_bytes());
    if let Some(watch) = files.get_mut(Path::new(WATCH)) {
        *watch = without_comments(std::str::from_utf8(watch)?).into_bytes();
    }
    Ok(())
}

/// Leaves out empty lines, indentation, and comments that have lines of their own.
pub(crate) fn without_comments(script: &str) -> String {
    let mut kept = String::with_capacity(script.len());
    let mut within = false;
    for line in script.lines().map(str::trim) {
        let begins = line.starts_with("/*");
        // A comment before code on one line is a type: the code counts.
        let code = if begins || within {
            line.split_once("*/").map_or("", |(_, rest)| rest.trim())
        } else {
            line
        };
        within = (begins || within) && !line.contains("*/");
        if !code.is_empty() && !code.starts_with("//") {
            kept.push_str(code);
            kept.push('\n');
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_left_out_and_code_is_kept() {
        let script = "// head\n/**\n * doc\n */\nconst a = 1; // why\n  /** one */\n  /** @type {X} */ (b).c();\n\n";
        assert_eq!(without_comments(script), "const a = 1; // why\n(b).c();\n");
    }

    #[test]
    fn parts_are_joined_in_their_order() -> Result<()> {
        let mut files = BTreeMap::new();
        let mut add = |name: &str, text: &str| {
            files.insert(PathBuf::from(name), text.as_bytes().to_vec());
        };
        add("content/page/parts.json", r#"["b", "a"]"#);
        add("content/page/a.js", "one();\n");
        add("content/page/b.js", "two();\n");
        join(&mut files)?;
        let joined = files.remove(Path::new(JOINED)).unwrap_or_default();
        assert_eq!(joined, b"(() => {\ntwo();\none();\n})();\n");
        assert!(files.is_empty());
        Ok(())
    }
}
