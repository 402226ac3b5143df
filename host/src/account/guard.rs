//! Keeps the agent's memory off the disk and away from other programs, as far as the system lets it.
//!
//! | | Linux | other Unix | Windows |
//! | --- | --- | --- | --- |
//! | no core dump | yes, also where a program collects them | the file; Apple's crash reports hold no memory | no: the user turns the dumps of Windows Error Reporting off |
//! | nobody of the same user may look in | yes | no: a debugger is let in | no |
//! | never swapped out | where the limit of locked memory is none | no: macOS encrypts what it swaps | no: as BitLocker encrypts the disk |
//!
//! What is missing there needs calls that Rust has only as unsafe code, which this crate forbids.
//! Beside this, what SQLCipher allocates is locked piece by piece as far as the limit reaches, and wiped.

/// What held. All is `false` where the system has no such thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Guard {
    /// No file of a crash has this process's memory in it.
    pub core_dumps_off: bool,
    /// Other programs of the same user can neither attach to it nor read its memory.
    pub closed_to_others: bool,
    /// None of its memory goes to the swap.
    pub memory_locked: bool,
}

/// Does what the system lets it do, for the whole process and for good. First of all that an agent does:
/// what is in memory by then may have been written out.
pub fn raise() -> Guard {
    Guard {
        core_dumps_off: turn_core_dumps_off(),
        closed_to_others: close_to_others(),
        memory_locked: lock_memory(),
    }
}

#[cfg(unix)]
fn turn_core_dumps_off() -> bool {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none).is_ok()
}

#[cfg(not(unix))]
fn turn_core_dumps_off() -> bool {
    false
}

/// The limit of a core dump does not bind a program that collects them; this does.
#[cfg(target_os = "linux")]
fn close_to_others() -> bool {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    set_dumpable_behavior(DumpableBehavior::NotDumpable).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn close_to_others() -> bool {
    false
}

/// Below a limit, memory that is locked as it comes would one day not come: the process would die of it,
/// most of all where a graphics processor's driver maps its own.
#[cfg(target_os = "linux")]
fn lock_memory() -> bool {
    use rustix::{
        mm::{MlockAllFlags, mlockall},
        process::{Resource, Rlimit, getrlimit, setrlimit},
    };
    let limit = getrlimit(Resource::Memlock);
    if limit.maximum.is_some() {
        return false;
    }
    let none = Rlimit {
        current: None,
        maximum: None,
    };
    if limit.current.is_some() && setrlimit(Resource::Memlock, none).is_err() {
        return false;
    }
    // As it is used: stacks and mappings are mostly room.
    let flags = MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT;
    mlockall(flags).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn lock_memory() -> bool {
    false
}
