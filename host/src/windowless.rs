//! The program `pearvault-hostw`: the same, for browsers on Windows, where a program that belongs to a
//! console opens a window of it.

#![cfg_attr(windows, windows_subsystem = "windows")]

use std::{alloc::System, process::ExitCode};

use zeroizing_alloc::ZeroAlloc;

/// As in `main.rs`.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    host::cli::main()
}
