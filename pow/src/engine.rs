//! Engines: what tries the positions of a job.

use crate::{
    hash::hash,
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

/// The engine that runs everywhere: the definition, one header after the other.
#[derive(Debug, Clone, Copy, Default)]
pub struct Portable;

impl Engine for Portable {
    fn name(&self) -> &'static str {
        "portable"
    }

    fn scan(&mut self, job: &Job, span: Span) -> Option<u64> {
        span.positions()
            .find(|position| job.target().is_met_by(&hash(&job.header_at(*position))))
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
