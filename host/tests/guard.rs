//! What the guard says of a process holds; in one of its own, for it is for good.
#![cfg(target_os = "linux")]

use std::{error::Error, fs};

use host::account::guard;
use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

#[test]
fn core_dumps_are_off_and_what_is_said_of_memory_is_so() -> Result<(), Box<dyn Error>> {
    assert_eq!(dumpable_behavior()?, DumpableBehavior::Dumpable);
    let unlimited = getrlimit(Resource::Memlock).maximum.is_none();
    let guard = guard::raise();
    assert!(guard.core_dumps_off && guard.closed_to_others);
    let limit = getrlimit(Resource::Core);
    assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
    assert_eq!(dumpable_behavior()?, DumpableBehavior::NotDumpable);
    assert_eq!(guard.memory_locked, unlimited);
    let status = fs::read_to_string("/proc/self/status")?;
    let locked = status.lines().find_map(|line| {
        let kib = line.strip_prefix("VmLck:")?.trim().strip_suffix(" kB")?;
        kib.parse::<u64>().ok()
    });
    assert_eq!(locked.is_some_and(|kib| kib > 0), guard.memory_locked);
    // It goes on to run: threads, memory.
    let room = std::thread::spawn(|| vec![1_u8; 64 << 20].len()).join();
    assert_eq!(room.map_err(|_| "the thread died")?, 64 << 20);
    Ok(())
}
