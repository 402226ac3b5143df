//! The program `pearvault-host`.

use std::{alloc::System, process::ExitCode};

use zeroizing_alloc::ZeroAlloc;

/// Wipes what is freed, so that a lock leaves nothing behind: decrypted items, answers and passwords pass through more texts and buffers than types of ours wipe.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    host::cli::main()
}
