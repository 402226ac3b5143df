//! The structure of the tree: sizes, names, leftovers, imports, manifests, dependencies.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use super::{imports, manifests};
use crate::{
    Browser, build,
    workspace::{self, Package},
};

/// Most lines of a source file, its tests aside.
const SOURCE_LINES: usize = 800;
/// Most lines of code of a loader: a script that starts a WASM module and hands things to it.
const LOADER_LINES: usize = 20;
/// Most lines of code of any other script outside `content`: what no WASM module can do.
const SCRIPT_LINES: usize = 100;
/// Most bytes of the content script that runs in every page.
const WATCH_BYTES: usize = 2048;

/// Prints every fault; an error when there is one.
pub(super) fn run(packages: &[Package]) -> Result<()> {
    let problems = problems(&workspace::root(), packages)?;
    for problem in &problems {
        eprintln!("{problem}");
    }
    if !problems.is_empty() {
        bail!("{} faults in the structure", problems.len());
    }
    Ok(())
}

fn problems(root: &Path, packages: &[Package]) -> Result<Vec<String>> {
    let mut problems = imports::problems(packages);
    for browser in Browser::ALL {
        problems.extend(manifests::problems(
            browser.name(),
            &build::merged_manifest(browser)?,
        ));
    }
    for package in packages {
        for file in files(&package.folder)? {
            let name = file
                .strip_prefix(root)
                .unwrap_or(&file)
                .display()
                .to_string();
            match file.extension().and_then(|it| it.to_str()) {
                Some("rs") => problems.extend(source_problems(&name, &read(&file)?)),
                Some("toml") if file.ends_with("Cargo.toml") => {
                    problems.extend(crate_manifest_problems(&name, &read(&file)?));
                }
                _ => {}
            }
        }
    }
    problems.extend(workspace_manifest_problems(&read(
        &root.join("Cargo.toml"),
    )?));
    for folder in ["extension/assets", "extension/popup/assets"] {
        for file in files(&root.join(folder))? {
            if file.extension().is_some_and(|it| it == "js") {
                let name = file
                    .strip_prefix(root)
                    .unwrap_or(&file)
                    .display()
                    .to_string();
                problems.extend(script_problem(&name, &read(&file)?));
            }
        }
    }
    let watch = root.join("extension/content/watch.js");
    let bytes = crate::build::without_comments(&read(&watch)?).len();
    if bytes > WATCH_BYTES {
        problems.push(format!(
            "extension/content/watch.js: {bytes} bytes; it runs in every page, so {WATCH_BYTES} at most"
        ));
    }
    problems.sort();
    Ok(problems)
}

/// Faults of one Rust file. Patterns are put together here so that they do not find themselves.
fn source_problems(name: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if name.ends_with("/mod.rs") {
        problems.push(format!("{name}: `name.rs` beside `name/`, no `mod.rs`"));
    }
    let of_tests = name.ends_with("tests.rs") || name.contains("/tests/");
    let own = text
        .lines()
        .position(|line| line.trim_start().starts_with("#[cfg(test)]"));
    let lines = own.unwrap_or_else(|| text.lines().count());
    if lines > SOURCE_LINES && !of_tests {
        problems.push(format!(
            "{name}: {lines} lines; {SOURCE_LINES} at most without tests"
        ));
    }
    let leftovers = [
        (concat!("todo", "!("), "unfinished"),
        (concat!("unimplemented", "!("), "unfinished"),
        (
            concat!("#[", "allow("),
            "`#[expect]` says when it is no longer needed",
        ),
        (
            concat!("#![", "allow("),
            "`#![expect]` says when it is no longer needed",
        ),
        (concat!("#[", "ignore"), "a test that never runs is none"),
    ];
    for (number, line) in text.lines().enumerate() {
        for (pattern, why) in leftovers {
            if line.contains(pattern) {
                problems.push(format!("{name}:{}: {pattern}: {why}", number + 1));
            }
        }
    }
    problems
}

/// A crate takes every dependency from the workspace, where its version and reason stand.
fn crate_manifest_problems(name: &str, text: &str) -> Vec<String> {
    let dependencies = dependency_lines(text, |section| section.ends_with("dependencies"));
    let strangers = dependencies.filter(|(_, line)| {
        let from_workspace =
            line.contains(".workspace = true") || line.contains("workspace = true");
        !from_workspace && line.contains('=')
    });
    strangers
        .map(|(number, line)| format!("{name}:{number}: not from the workspace: {line}"))
        .collect()
}

/// Every line of foreign dependencies says what it is for.
fn workspace_manifest_problems(text: &str) -> Vec<String> {
    dependency_lines(text, |section| section == "workspace.dependencies")
        .filter(|(_, line)| !line.contains("path = ") && !line.contains(" # "))
        .map(|(number, line)| {
            format!("Cargo.toml:{number}: a dependency without its reason: {line}")
        })
        .collect()
}

/// Lines of one entry each, with their numbers, in sections that `is_wanted`.
fn dependency_lines(
    text: &str,
    is_wanted: impl Fn(&str) -> bool,
) -> impl Iterator<Item = (usize, &str)> {
    let mut wanted = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        if let Some(section) = line.strip_prefix('[') {
            wanted = is_wanted(section.trim_end_matches(']'));
            return false;
        }
        wanted && !line.trim().is_empty() && !line.starts_with('#') && !line.starts_with(' ')
    })
}

/// JavaScript by hand stays small: understanding is Rust.
fn script_problem(name: &str, text: &str) -> Option<String> {
    let loader = text.contains("from \"./wasm/");
    let limit = if loader { LOADER_LINES } else { SCRIPT_LINES };
    let lines = code_lines(text);
    let kind = if loader { "loader" } else { "script" };
    (lines > limit).then(|| format!("{name}: {lines} lines of code; a {kind} has at most {limit}"))
}

/// Lines of JavaScript that are neither empty nor comments.
fn code_lines(text: &str) -> usize {
    let mut in_comment = false;
    let is_code = |line: &&str| {
        let line = line.trim();
        let starts = line.starts_with("/*");
        let comment = in_comment || starts || line.starts_with("//");
        in_comment = (in_comment || starts) && !line.contains("*/");
        !comment && !line.is_empty()
    };
    text.lines().filter(is_code).count()
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| file.display().to_string())
}

/// Every file below `folder`, build output aside.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() {
            if !matches!(name.as_str(), "target" | "node_modules") && !name.starts_with('.') {
                found.extend(files(&path)?);
            }
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Metadata;

    #[test]
    fn the_tree_is_tidy() -> Result<()> {
        let problems = problems(&workspace::root(), &Metadata::load()?.packages())?;
        assert_eq!(problems, [""; 0]);
        Ok(())
    }

    #[test]
    fn long_files_are_noticed_but_tests_do_not_count() {
        let long = "x\n".repeat(SOURCE_LINES + 1);
        assert_eq!(source_problems("a/src/b.rs", &long).len(), 1);
        assert_eq!(source_problems("a/src/b/tests.rs", &long), [""; 0]);
        let tested = format!("x\n#[cfg(test)]\nmod tests {{\n{long}}}\n");
        assert_eq!(source_problems("a/src/b.rs", &tested), [""; 0]);
    }

    #[test]
    fn leftovers_are_noticed() {
        for line in [
            concat!("    todo", "!()"),
            concat!("#[", "allow(dead_code)]"),
        ] {
            assert_eq!(source_problems("a/src/b.rs", line).len(), 1, "{line}");
        }
        assert_eq!(source_problems("a/src/b/mod.rs", "").len(), 1);
    }

    #[test]
    fn dependencies_need_a_reason_and_one_place() {
        let good =
            "[workspace.dependencies]\na = \"1\" # why\nb = { path = \"b\" }\n[x]\nc = \"1\"\n";
        assert_eq!(workspace_manifest_problems(good), [""; 0]);
        assert_eq!(
            workspace_manifest_problems("[workspace.dependencies]\na = \"1\"\n").len(),
            1
        );
        let good = "[dependencies]\na.workspace = true\nb = { workspace = true }\n";
        assert_eq!(crate_manifest_problems("x", good), [""; 0]);
        let bad = "[target.'cfg(unix)'.dependencies]\na = \"1\"\n";
        assert_eq!(crate_manifest_problems("x", bad).len(), 1);
    }

    #[test]
    fn loaders_are_smaller_than_other_scripts() {
        let lines = "x();\n".repeat(LOADER_LINES);
        assert_eq!(script_problem("a.js", &lines), None);
        let loader = format!("import init from \"./wasm/a.js\";\n{lines}");
        assert!(script_problem("a.js", &loader).is_some());
        assert!(script_problem("a.js", &"x();\n".repeat(SCRIPT_LINES + 1)).is_some());
    }

    #[test]
    fn comments_of_loaders_do_not_count() {
        assert_eq!(code_lines("// a\n\n/* b\n c */\nx();\n/** d */\ny();\n"), 2);
    }
}
