//! A known piece of work, which an engine must do rightly before it is believed anything.

use std::num::NonZeroU64;

use crate::{
    engine::{Engine, Portable},
    header::{HEADER_BYTES, Header},
    search::{Job, Span},
    target::Target,
};

/// Tries, and their difficulty: some six solutions to find.
const TRIES: u32 = 199;
const DIFFICULTY: u64 = 32;

/// A job and a span of it, over the end of four nonce bytes.
pub(crate) fn task() -> (Job, Span) {
    let difficulty = NonZeroU64::MIN.saturating_add(DIFFICULTY - 1);
    let header = Header::new([0x3c; HEADER_BYTES]);
    let job = Job::new(header, Target::from_difficulty(difficulty));
    let span = Span {
        first: (1 << 32) - 100,
        count: TRIES,
    };
    (job, span)
}

/// Whether an engine finds all solutions of a known span: some milliseconds.
pub fn is_right(engine: &mut dyn Engine) -> bool {
    let (job, mut span) = task();
    let end = span.positions().end;
    loop {
        let found = engine.scan(&job, span);
        if found != Portable.scan(&job, span) {
            return false;
        }
        let Ok(Some(position)) = found else {
            return true;
        };
        let first = position + 1;
        let count = u32::try_from(end - first).unwrap_or(0);
        span = Span { first, count };
    }
}
