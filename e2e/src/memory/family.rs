//! Whose processes a browser's are.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context as _, Result};

/// Every process that descends from `root`, and every other whose command line names the folder `mark`: a browser's
/// reporter of crashes is nobody's child.
///
/// # Errors
/// A system without `/proc`.
pub fn family(root: i32, mark: &Path) -> Result<BTreeSet<i32>> {
    let (mut parents, mut family) = (BTreeMap::new(), BTreeSet::from([root]));
    let mark = mark.to_string_lossy();
    for entry in fs::read_dir("/proc").context("this system shows no processes")? {
        let name = entry?.file_name();
        let Some(process) = name.to_str().and_then(|name| name.parse::<i32>().ok()) else {
            continue;
        };
        parents.insert(process, parent_of(process).unwrap_or(0));
        if command_line(process).contains(&*mark) {
            family.insert(process);
        }
    }
    // Children of children, until no more come.
    loop {
        let known = family.len();
        let children = parents.iter().filter(|(_, parent)| family.contains(parent));
        let children: Vec<i32> = children.map(|(process, _)| *process).collect();
        family.extend(children);
        if family.len() == known {
            return Ok(family);
        }
    }
}

/// What a process is, by its command line: `chromium renderer (extension)`.
pub(super) fn role(process: i32) -> String {
    let line = command_line(process);
    let mut words = line.split('\0').flat_map(|word| word.split(' '));
    let program = words.next().unwrap_or_default();
    let program = program.rsplit('/').next().unwrap_or_default().to_owned();
    let all: Vec<&str> = words.collect();
    let value = |name: &str| all.iter().find_map(|word| word.strip_prefix(name));
    // Chromium names a kind, Firefox puts it last.
    let kind = value("--type=").or_else(|| {
        let at = all.iter().position(|word| *word == "-contentproc")?;
        all[at..].iter().rfind(|word| !word.is_empty()).copied()
    });
    let extension = if all.contains(&"--extension-process") {
        " (extension)"
    } else {
        ""
    };
    format!("{program} {}{extension}", kind.unwrap_or("main"))
}

fn command_line(process: i32) -> String {
    let line = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&line).into_owned()
}

fn parent_of(process: i32) -> Option<i32> {
    let status = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // After the name, which is in parentheses and may hold anything.
    let (_, rest) = status.rsplit_once(") ")?;
    rest.split(' ').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_belongs_to_its_parent_and_to_what_it_names() -> Result<()> {
        let own = i32::try_from(std::process::id())?;
        let parent = parent_of(own).context("no parent")?;
        let nowhere = Path::new("/no folder that anybody names");
        assert!(family(parent, nowhere)?.contains(&own));
        let own_family = family(own, nowhere)?;
        assert!(own_family.contains(&own) && !own_family.contains(&parent));
        assert!(!role(own).is_empty());
        Ok(())
    }
}
