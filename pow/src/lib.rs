//! Proof of work pow5-64b: definition, verification and solvers.
//!
//! | to do | use |
//! | --- | --- |
//! | hash a header | [`hash`], [`trace`] for what lies between |
//! | turn a difficulty into a target | [`Target::from_difficulty`] |
//! | verify a solution | [`verify`]: one hash, no allocation |
//! | solve a challenge | [`Job`], [`Search::step`] with an [`Engine`], of which [`fastest`] is one |
//! | solve several, with several engines | [`Desk`] |
//! | know what this machine has | [`engines`]; `gpu::adapters` with the feature `gpu` |
//! | use several threads, natively | [`Runner`] |
//! | tell a user how far it is | [`Progress`] |
//!
//! Nothing here knows a clock or a random source, but for [`Runner`], which has threads and a clock,
//! and `gpu`, which has devices and is given a clock. A search goes in pieces that the caller asks
//! for; who stops asking has cancelled it.
//!
//! How the engines are made, and why they are fast: `README.md` beside this crate's manifest.
//!
//! **Invariant:** every engine finds the same solution in the same span of positions; a solution
//! is hashed again by [`Search`] before it is handed out.

mod compress;
#[cfg(test)]
mod contract;
mod desk;
mod engine;
#[cfg(feature = "gpu")]
pub mod gpu;
mod hash;
mod header;
mod kernel;
mod lanes;
mod progress;
pub mod reference;
#[cfg(target_arch = "x86_64")]
mod row;
#[cfg(not(target_arch = "wasm32"))]
mod runner;
mod search;
mod selfcheck;
mod target;
#[cfg(any(test, feature = "vectors"))]
pub mod vectors;

pub use desk::{Answer, Desk, JobId, Order, Piece};
pub use engine::{Broken, Engine, Portable, engines, fastest};
pub use hash::{HASH_BYTES, Trace, hash, trace};
pub use header::{CHALLENGE_BYTES, HEADER_BYTES, Header, HeaderError, NONCE_BYTES};
pub use progress::Progress;
#[cfg(not(target_arch = "wasm32"))]
pub use runner::{Engines, Event, Runner};
pub use search::{Job, Search, Solution, Span, Step};
pub use selfcheck::is_right;
pub use target::{Target, TargetError};

/// A header's hash is not below the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the hash is not below the target")]
pub struct Unsolved;

/// Checks a solved header: exactly one [`hash`], no allocation.
///
/// Says nothing of where header and target come from; that is the challenge's signature.
///
/// # Errors
/// [`Unsolved`] where the hash is equal to the target or above it.
pub fn verify(solved: &Header, target: &Target) -> Result<(), Unsolved> {
    if target.is_met_by(&hash(solved)) {
        Ok(())
    } else {
        Err(Unsolved)
    }
}
