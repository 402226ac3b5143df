//! No other code can open a password: the permit that opens secrets is granted in one place.

use std::{error::Error, fs, path::Path};

/// Every `.rs` file under a folder, but for build outputs.
fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            sources(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

#[test]
fn permit_is_granted_in_the_release_gate_only() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    sources(&root, &mut files)?;
    assert!(
        files.len() > 50,
        "the sources of the workspace are there to be read"
    );
    // Written apart, so that this file is none of its own findings.
    let needle = concat!("Permit", "::grant");
    let mut calls = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file)?;
        // What a crate's own unit tests do is in nobody's hands but theirs; comments call nothing.
        let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
        let own_tests = file.components().any(|part| part.as_os_str() == "tests")
            || file.file_name().is_some_and(|name| name == "tests.rs")
            || file
                .components()
                .any(|part| part.as_os_str() == "vectors" || part.as_os_str() == "examples");
        if own_tests {
            continue;
        }
        for line in shipped
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
        {
            if line.contains(needle) {
                calls.push(file.strip_prefix(&root)?.to_path_buf());
            }
        }
    }
    assert_eq!(calls, [Path::new("engine/src/release.rs")]);
    Ok(())
}

#[test]
fn permit_is_named_nowhere_else() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    sources(&root, &mut files)?;
    // Under another name it could be granted without being found.
    let import = concat!("wasm_core::vault::", "Permit");
    for file in files {
        let text = fs::read_to_string(&file)?;
        let file = file.strip_prefix(&root)?;
        let own = ["engine/src/release.rs", "engine/tests/one_gate.rs"];
        if file.starts_with("wasm-core") || own.iter().any(|own| file == Path::new(own)) {
            continue;
        }
        let word = |line: &str| {
            line.split(|c: char| !c.is_alphanumeric())
                .any(|word| word == concat!("Per", "mit"))
        };
        let named = text.contains("wasm_core") && text.lines().any(word);
        assert!(!named && !text.contains(import), "{}", file.display());
    }
    Ok(())
}

#[test]
fn permit_has_no_other_maker() -> Result<(), Box<dyn Error>> {
    let vault = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wasm-core/src/vault.rs");
    let text = fs::read_to_string(vault)?;
    assert_eq!(
        text.matches("pub struct Permit(())").count(),
        1,
        "its field is private"
    );
    assert_eq!(
        text.matches("Self(())").count(),
        1,
        "and filled by one function"
    );
    Ok(())
}
