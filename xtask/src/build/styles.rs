//! One style sheet out of many: the popup asks for a single file before its first paint.
//!
//! A sheet that lists others, `@import "styles/base.css";` a line, gets their text in their place;
//! unbuilt it means the same to a browser, only slower.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

/// Puts every imported sheet into the one that imports it, and takes it from `files`.
///
/// # Errors
/// An import that names no file, imports again, or is written in another way.
pub(super) fn inline(files: &mut BTreeMap<PathBuf, Vec<u8>>) -> Result<()> {
    let sheets: Vec<PathBuf> = files
        .iter()
        .filter(|(path, text)| is_sheet(path) && imports(text))
        .map(|(path, _)| path.clone())
        .collect();
    for sheet in sheets {
        let text = String::from_utf8(files.remove(&sheet).unwrap_or_default())
            .with_context(|| sheet.display().to_string())?;
        let mut whole = Vec::new();
        for line in text.lines() {
            match imported(line) {
                Some(name) => {
                    let path = sheet.with_file_name("").join(name);
                    let part = files.remove(&path).with_context(|| {
                        format!("{} imports {name}, which is not there", sheet.display())
                    })?;
                    if imports(&part) {
                        bail!("{name} is imported and imports others itself");
                    }
                    whole.extend(part);
                }
                None if line.trim_start().starts_with("@import") => {
                    bail!("{}: `{line}` is not understood", sheet.display())
                }
                None => whole.extend(line.bytes().chain([b'\n'])),
            }
        }
        files.insert(sheet, whole);
    }
    Ok(())
}

fn is_sheet(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "css")
}

fn imports(text: &[u8]) -> bool {
    String::from_utf8_lossy(text)
        .lines()
        .any(|line| line.trim_start().starts_with("@import"))
}

/// The file of `@import "file";`.
fn imported(line: &str) -> Option<&str> {
    line.trim()
        .strip_prefix("@import \"")?
        .strip_suffix("\";")
        .filter(|name| !name.contains('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(list: &[(&str, &str)]) -> BTreeMap<PathBuf, Vec<u8>> {
        let owned = list
            .iter()
            .map(|(path, text)| ((*path).into(), (*text).into()));
        owned.collect()
    }

    #[test]
    fn imported_sheets_come_in_their_order_and_leave_the_folder() -> Result<()> {
        let mut all = files(&[
            (
                "ui/all.css",
                "@import \"b.css\";\n@import \"a.css\";\nc {}\n",
            ),
            ("ui/a.css", "a {}\n"),
            ("ui/b.css", "b {}\n"),
            ("other.css", "o {}\n"),
        ]);
        inline(&mut all)?;
        let expect = files(&[
            ("other.css", "o {}\n"),
            ("ui/all.css", "b {}\na {}\nc {}\n"),
        ]);
        assert_eq!(all, expect);
        Ok(())
    }

    #[test]
    fn an_import_that_would_do_nothing_is_refused() {
        for (line, why) in [
            ("@import \"gone.css\";", "no such file"),
            ("@import url(a.css);", "another way to write it"),
            ("@import \"nested.css\";", "it imports again"),
        ] {
            let mut all = files(&[
                ("all.css", line),
                ("a.css", ""),
                ("nested.css", "@import \"a.css\";"),
            ]);
            assert!(inline(&mut all).is_err(), "{why}");
        }
    }
}
