//! Other processes, as the system tells of them.

use std::path::PathBuf;

#[cfg(not(target_os = "linux"))]
use sysinfo::{Pid, Process, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

/// The process that has started the one of that number, where the system tells.
#[cfg(target_os = "linux")]
pub fn parent_of(process: u32) -> Option<u32> {
    // The name in the second place may have blanks and brackets of its own.
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

/// Whether there is a process of that number.
#[cfg(target_os = "linux")]
pub fn is_running(process: u32) -> bool {
    let program = PathBuf::from(format!("/proc/{process}/exe"));
    program.symlink_metadata().is_ok()
}

/// The program of the process of that number, where the system tells.
#[cfg(target_os = "linux")]
pub fn program_of(process: u32) -> Option<PathBuf> {
    let program = std::fs::read_link(format!("/proc/{process}/exe")).ok()?;
    // A browser that was updated while it runs.
    let text = program.to_str()?;
    Some(PathBuf::from(
        text.strip_suffix(" (deleted)").unwrap_or(text),
    ))
}

/// The process that has started the one of that number, where the system tells.
#[cfg(not(target_os = "linux"))]
pub fn parent_of(process: u32) -> Option<u32> {
    told(process, |it| it.parent()).flatten().map(Pid::as_u32)
}

/// Whether there is a process of that number.
#[cfg(not(target_os = "linux"))]
pub fn is_running(process: u32) -> bool {
    told(process, |_| ()).is_some()
}

/// The program of the process of that number, where the system tells.
#[cfg(not(target_os = "linux"))]
pub fn program_of(process: u32) -> Option<PathBuf> {
    told(process, |it| it.exe().map(ToOwned::to_owned)).flatten()
}

/// What the system tells of a process; `None` where there is none.
#[cfg(not(target_os = "linux"))]
fn told<T>(process: u32, of: impl FnOnce(&Process) -> T) -> Option<T> {
    let process = Pid::from_u32(process);
    let mut system = System::new().ok()?;
    system.refresh_processes_specifics(
        ProcessesToUpdate::Some(&[process]),
        true,
        ProcessRefreshKind::nothing().with_exe(UpdateKind::Always),
    );
    system.process(process).map(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_tells_who_runs_what() {
        let own = std::process::id();
        assert_eq!(program_of(own), std::env::current_exe().ok());
        let parent = parent_of(own).unwrap();
        assert!(is_running(own) && is_running(parent));
        // Beyond what any system counts to.
        assert!(!is_running(u32::MAX - 1));
        assert_eq!(parent_of(u32::MAX - 1), None);
    }
}
