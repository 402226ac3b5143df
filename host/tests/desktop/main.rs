//! The agent among the programs of a desktop, each of them real and started here: a D-Bus with a login
//! manager that the test plays, an X server.
//!
//! Where a program is not installed, its tests say so and are left out.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod account;
mod agent;
mod bus;
mod clipboard;
mod keyring;
mod locks;
