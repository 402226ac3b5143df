//! The native host: what a browser starts beside the extension, when its user has installed it.
//!
//! ```text
//! browser ─stdin/stdout─▶ relay ─local socket─▶ agent ─┬─ pairing   a code, once, seen in a terminal
//! browser ─stdin/stdout─▶ relay ─────────────────▶     ├─ pairs     own key, keys of paired extensions
//!         terminal: `pearvault-host pair` ───────▶     ├─ solving   proof of work on all of the machine
//!                                                      └─ clipboard what was copied, until its time is over
//! ```
//! Every browser starts a relay of its own, and all relays speak to one agent of that user, which the
//! first of them starts. The channel of [`wasm_core::channel`] is between extension and agent: a relay
//! carries what it cannot read.
//!
//! **Invariant:** the agent does nothing for an extension that the user has not paired, and nothing
//! before the channel stands.

#![forbid(unsafe_code)]

pub mod account;
pub mod agent;
pub mod caller;
pub mod cli;
pub mod clipboard;
pub mod clock;
pub mod frame;
pub mod install;
pub mod pairing;
pub mod pairs;
pub mod pipe;
pub mod place;
pub mod power;
pub mod process;
pub mod relay;
pub mod solving;
pub mod stdio;

/// Version of this program.
pub const PROGRAM: &str = env!("CARGO_PKG_VERSION");
