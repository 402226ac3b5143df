//! The definition once more, line by line through the `blake3` crate: what the tests compare with
//! and the benches measure against. Nothing else uses it.

use crate::{
    hash::{ROWS, Trace},
    header::Header,
    search::{Job, Span},
    target::Target,
};

/// As [`crate::trace`].
pub fn trace(header: &Header) -> Trace {
    let a = blake3::hash(header.as_bytes());
    let mut chain = a;
    let mut rows = [0_u32; ROWS];
    for row in &mut rows {
        chain = blake3::hash(chain.as_bytes());
        *row = a
            .as_bytes()
            .iter()
            .zip(chain.as_bytes())
            .map(|(x, y)| u32::from(*x) * u32::from(*y))
            .sum();
    }
    let mut product = Vec::with_capacity(4 * ROWS);
    for row in rows {
        product.extend_from_slice(&row.to_be_bytes());
    }
    let work = blake3::hash(&product);
    let hash = blake3::hash(blake3::hash(work.as_bytes()).as_bytes());
    Trace {
        header_hash: *a.as_bytes(),
        rows,
        work: *work.as_bytes(),
        hash: *hash.as_bytes(),
    }
}

/// First position of the span that solves the job, found one header after the other.
pub fn scan(job: &Job, span: Span) -> Option<u64> {
    let target: &Target = job.target();
    span.positions()
        .find(|position| target.is_met_by(&trace(&job.header_at(*position)).hash))
}
