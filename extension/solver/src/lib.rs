//! Proof of work in the extension: what the solver document decides, and the worker on the processor.
//!
//! ```text
//! background ⇄ offscreen.js ── Crew ──▶ orders: start, end, scan, tell
//!                   ▲                       │
//!                   └── what came of it ────┴─▶ solver-worker.js ─┬─ Processor (this module)
//!                                                                 └─ Graphics  (module `gpu`)
//! ```
//!
//! [`Crew`] has neither clock nor worker: it is told what happens and answers what is to be done, so
//! that all of it is tested without a browser. No secret comes in here: header and target are public.

mod choice;
mod crew;
mod port;
mod processor;

pub use self::{port::Document, processor::Processor};
