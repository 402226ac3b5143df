//! Proof of work in the extension: what the solver document needs, and the worker on the processor.
//!
//! ```text
//! offscreen.js ── Desk ── piece ──▶ solver-worker.js ── Processor (this module)
//!      ▲            ▲                        │        └─ Graphics  (module `gpu`)
//!      │            └──── position ◀─────────┘
//!      └─ choose: which kind of engine
//! ```
//!
//! Errors are thrown as texts. No secret comes in here: header and target are public.

mod choice;
mod desk;
mod processor;

pub use self::{choice::choose, desk::Desk, processor::Processor};
