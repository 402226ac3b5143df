//! Processor time of browsers' processes.
//!
//! Linux counts it for each thread, in nanoseconds and exactly once the thread waits. So nothing is
//! attached to the page that is weighed, everything that its main thread does is counted (also what
//! the browser does there for an extension: another global object, messages, collecting garbage),
//! and it is one measure for all browsers. Chromium's own, `ThreadTime` of its debugging protocol,
//! is the same clock, but asking for it is itself work of the main thread; a trace slows what it
//! sees; clocks of the wall count other programs.
//!
//! A browser may move a page to another process at any load, so the main threads of all processes
//! for pages are taken together: those without a page do nothing.

use std::{collections::HashMap, fs};

use anyhow::{Context as _, Result};

/// Milliseconds that the main thread of a process has run.
pub(super) fn main_thread(process: i32) -> Result<f64> {
    // A process's main thread has its id.
    thread(&format!("/proc/{process}/task/{process}"))
}

/// Milliseconds that all present threads of a process have run.
pub(super) fn all_threads(process: i32) -> Result<f64> {
    let folder = format!("/proc/{process}/task");
    let threads = fs::read_dir(&folder).with_context(|| format!("there is no {folder}"))?;
    // One may end between the two looks.
    let times = threads
        .flatten()
        .filter_map(|it| thread(&it.path().display().to_string()).ok());
    Ok(times.sum())
}

/// A process's children, their children, and so on.
pub(super) fn descendants(process: i32) -> Result<Vec<i32>> {
    let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
    for entry in fs::read_dir("/proc").context("processor time is told by Linux's /proc")? {
        let name = entry?.file_name();
        let Some(id) = name.to_str().and_then(|it| it.parse().ok()) else {
            continue;
        };
        if let Some(parent) = parent(id) {
            children.entry(parent).or_default().push(id);
        }
    }
    let mut found = vec![process];
    let mut at = 0;
    while let Some(next) = found.get(at) {
        found.extend(children.remove(next).unwrap_or_default());
        at += 1;
    }
    found.remove(0);
    Ok(found)
}

/// What a browser's process is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Web pages.
    Pages,
    /// Extensions: their workers and their own pages.
    Extensions,
    /// Anything else.
    Other,
}

/// What a process of Chromium or Firefox is for.
pub(super) fn role(process: i32) -> Role {
    let read =
        |file: &str| fs::read_to_string(format!("/proc/{process}/{file}")).unwrap_or_default();
    role_by(&read("cmdline"), read("comm").trim())
}

/// Arguments of a command line end in NUL; processes that were forked without a new program often
/// have spaces instead.
fn role_by(command_line: &str, name: &str) -> Role {
    // Chromium tells it in a flag, Firefox in the process's name.
    let arguments: Vec<_> = command_line
        .split(['\0', ' '])
        .filter(|it| !it.is_empty())
        .collect();
    let has = |argument| arguments.contains(&argument);
    if has("--extension-process") || name == "WebExtensions" {
        return Role::Extensions;
    }
    let of_firefox = has("-contentproc") && arguments.last() == Some(&"tab");
    if of_firefox || has("--type=renderer") {
        Role::Pages
    } else {
        Role::Other
    }
}

/// The first number of `schedstat`: nanoseconds on a processor.
fn thread(folder: &str) -> Result<f64> {
    let file = format!("{folder}/schedstat");
    let text = fs::read_to_string(&file).with_context(|| format!("there is no {file}"))?;
    let nanoseconds = text.split(' ').next().unwrap_or_default();
    let nanoseconds: f64 = nanoseconds
        .parse()
        .with_context(|| format!("{file}: {text}"))?;
    Ok(nanoseconds / 1e6)
}

/// The fourth word of `stat`; the second is a name in brackets that may hold anything.
fn parent(process: i32) -> Option<i32> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, after_name) = text.rsplit_once(')')?;
    after_name.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_are_told_apart_by_what_they_are_for() {
        let check = |command_line: &str, name: &str, role: Role| {
            assert_eq!(role_by(command_line, name), role, "{command_line:?}");
        };
        check("chromium\0--type=renderer\0--a\0", "chromium", Role::Pages);
        let of_extensions = "chromium --type=renderer --extension-process --a\0";
        check(of_extensions, "chromium", Role::Extensions);
        check("chromium --type=gpu-process\0", "chromium", Role::Other);
        check(
            "firefox -contentproc 5 tab\0",
            "Isolated Web Co",
            Role::Pages,
        );
        check(
            "firefox -contentproc 5 tab\0",
            "WebExtensions",
            Role::Extensions,
        );
        check(
            "firefox -contentproc 1 socket\0",
            "Socket Process",
            Role::Other,
        );
    }
}
