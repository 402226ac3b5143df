//! What the programs say without a browser.

use std::{collections::BTreeSet, process::Command};

#[test]
fn every_story_has_a_name_of_its_own() {
    let told = Command::new(env!("CARGO_BIN_EXE_stories"))
        .arg("--list")
        .output();
    let told = told.unwrap_or_else(|error| unreachable!("{error}"));
    assert!(told.status.success());
    let text = String::from_utf8_lossy(&told.stdout);
    let names: Vec<&str> = text.lines().collect();
    assert!(names.len() > 50, "{} stories", names.len());
    assert!(names.iter().all(|name| name.contains("::")));
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
}
