//! Engines: what tries the positions of a job.

use crate::{
    hash::{bytes, hash_lanes},
    search::{Job, Span},
};

/// Something that hashes many headers.
///
/// An engine is free in how, and in how many at once; it neither knows time nor remembers jobs.
pub trait Engine {
    /// For logs and benches.
    fn name(&self) -> &'static str;

    /// Tries a span of positions and returns the **lowest** that solves the job.
    fn scan(&mut self, job: &Job, span: Span) -> Option<u64>;
}

/// The engine that runs everywhere: plain Rust, several headers side by side so that the compiler
/// can use vector registers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Portable;

/// Headers hashed side by side: two vectors of four, so that one is computed while the other waits.
const LANES: usize = 8;

impl Engine for Portable {
    fn name(&self) -> &'static str {
        "portable"
    }

    fn scan(&mut self, job: &Job, span: Span) -> Option<u64> {
        let mut positions = span.positions();
        while let Some(first) = positions.next() {
            let mut tried = [first; LANES];
            for slot in &mut tried[1..] {
                // Past the end of the span the first header is hashed again, for nothing.
                *slot = positions.next().unwrap_or(first);
            }
            let digests = hash_lanes(&tried.map(|position| job.header_at(position)));
            let solves = |lane: &usize| job.target().is_met_by(&bytes(&digests, *lane));
            if let Some(lane) = (0..LANES).find(solves) {
                return Some(tried[lane]);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::{header::Header, reference, target::Target};

    #[test]
    fn portable_engine_finds_what_the_definition_finds() {
        let target = Target::from_difficulty(NonZeroU64::MIN.saturating_add(99));
        for seed in 0..8 {
            let job = Job::new(Header::new([seed; 64]), target).for_worker(u32::from(seed));
            for span in [
                Span { first: 0, count: 0 },
                Span { first: 3, count: 5 },
                Span {
                    first: 1,
                    count: 300,
                },
            ] {
                assert_eq!(
                    Portable.scan(&job, span),
                    reference::scan(&job, span),
                    "{seed} {span:?}"
                );
            }
        }
    }
}
