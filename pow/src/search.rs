//! A search in steps: positions are handed out, engines try them, solutions are checked.

use std::ops::Range;

use crate::{
    engine::{Broken, Engine},
    header::Header,
    target::Target,
    verify,
};

/// What to solve, and which worker's nonces to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job {
    challenge: Header,
    target: Target,
    worker: u32,
}

/// Neighbouring positions of one job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub first: u64,
    /// How many; `first + count` does not wrap.
    pub count: u32,
}

/// A header that meets its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Solution {
    /// The solved header.
    pub header: Header,
    /// Where it was found.
    pub position: u64,
}

/// What a step of a search came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// There it is; the search is over.
    Found(Solution),
    /// Nothing yet.
    Running,
    /// All positions were tried.
    Exhausted,
}

/// The state of a search: a job, the positions left, and the tries so far.
///
/// For an engine that answers at once there is [`Search::step`]. One that answers later (a GPU)
/// uses its halves: [`Search::take`] some positions, try them, [`Search::check`] what was found.
#[derive(Debug, Clone)]
pub struct Search {
    job: Job,
    left: Range<u64>,
    tries: u64,
}

impl Job {
    /// A challenge as its node gave it, for worker 0.
    pub fn new(challenge: Header, target: Target) -> Self {
        Self {
            challenge,
            target,
            worker: 0,
        }
    }

    /// The same for another worker: no two try the same nonce.
    #[must_use]
    pub fn for_worker(self, worker: u32) -> Self {
        Self { worker, ..self }
    }

    /// The challenge as its node gave it.
    pub fn challenge(&self) -> &Header {
        &self.challenge
    }

    /// Which worker's nonces are tried.
    pub fn worker(&self) -> u32 {
        self.worker
    }

    /// What a hash must lie below.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The header to hash at a position, see [`Header::at`].
    pub fn header_at(&self, position: u64) -> Header {
        self.challenge.at(self.worker, position)
    }

    /// Bytes 24..27 and 28..31 of that header, as big-endian numbers.
    #[cfg(feature = "gpu")]
    pub(crate) fn position_words(&self, position: u64) -> [u32; 2] {
        self.challenge.position_words(position)
    }

    /// Words 6 and 7 of that header, little-endian as BLAKE3 reads them; the others are the same
    /// at all positions.
    pub(crate) fn nonce_at(&self, position: u64) -> [u32; 2] {
        let [high, low] = self.challenge.position_words(position);
        [high.swap_bytes(), low.swap_bytes()]
    }
}

impl Span {
    /// Its positions in order.
    pub fn positions(self) -> Range<u64> {
        self.first..self.first + u64::from(self.count)
    }
}

impl Search {
    /// Begins at position 0 and ends after 2⁶⁴ − 1 tries, which is never.
    pub fn new(job: Job) -> Self {
        Self::within(job, 0..u64::MAX)
    }

    /// Tries these positions only, to go on where another search stopped or to bound it.
    pub fn within(job: Job, positions: Range<u64>) -> Self {
        Self {
            job,
            left: positions,
            tries: 0,
        }
    }

    /// At most `tries` more positions, with an engine that answers at once.
    ///
    /// # Errors
    /// [`Broken`] of the engine; the positions are left to another.
    pub fn step(
        &mut self,
        engine: &mut (impl Engine + ?Sized),
        tries: u32,
    ) -> Result<Step, Broken> {
        let Some(span) = self.take(tries) else {
            return Ok(Step::Exhausted);
        };
        let found = engine.scan(&self.job, span).inspect_err(|_| {
            self.tries -= u64::from(span.count);
            self.left.start = span.first;
        })?;
        Ok(match found.and_then(|position| self.check(position)) {
            Some(solution) => {
                // What lies behind the solution was not tried.
                self.tries -= span.positions().end - (solution.position + 1);
                self.left = solution.position + 1..self.left.end;
                Step::Found(solution)
            }
            None => Step::Running,
        })
    }

    /// Hands out the next positions, at most `tries`; `None` when there are no more. They count
    /// as tried.
    pub fn take(&mut self, tries: u32) -> Option<Span> {
        let rest = self.left.end.saturating_sub(self.left.start);
        let count = u32::try_from(rest).unwrap_or(u32::MAX).min(tries.max(1));
        if count == 0 {
            return None;
        }
        let span = Span {
            first: self.left.start,
            count,
        };
        self.left.start += u64::from(count);
        self.tries += u64::from(count);
        Some(span)
    }

    /// Whether there are positions left to hand out.
    pub fn has_more(&self) -> bool {
        !self.left.is_empty()
    }

    /// Hashes what an engine found once more; `None` where the engine was wrong.
    pub fn check(&self, position: u64) -> Option<Solution> {
        let header = self.job.header_at(position);
        verify(&header, &self.job.target)
            .ok()
            .map(|()| Solution { header, position })
    }

    /// What is being solved.
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// Positions tried so far.
    pub fn tries(&self) -> u64 {
        self.tries
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::engine::Portable;

    fn job(difficulty: u64) -> Job {
        let difficulty = NonZeroU64::new(difficulty).unwrap_or(NonZeroU64::MIN);
        Job::new(Header::new([0x5a; 64]), Target::from_difficulty(difficulty))
    }

    fn solve(mut search: Search, tries: u32) -> (Step, u64) {
        loop {
            let step = search.step(&mut Portable, tries).expect("never breaks");
            if step != Step::Running {
                return (step, search.tries());
            }
        }
    }

    #[test]
    fn steps_of_any_size_find_the_same_solution() {
        let (expected, tries) = solve(Search::new(job(300)), 1);
        let Step::Found(solution) = expected else {
            no_solution(expected)
        };
        assert_eq!(tries, solution.position + 1);
        assert_eq!(verify(&solution.header, job(300).target()), Ok(()));
        for size in [2, 3, 7, 8, 9, 100, 100_000] {
            assert_eq!(
                solve(Search::new(job(300)), size),
                (expected, tries),
                "{size}"
            );
        }
    }

    #[test]
    fn search_runs_on_past_two_to_the_thirty_second() {
        let from = u64::from(u32::MAX) - 3;
        let search = Search::within(job(1), from..u64::MAX);
        assert_eq!(
            search.job().header_at(from + 3).as_bytes()[24..32],
            [0x5a, 0x5a, 0x5a, 0x5a, 255, 255, 255, 255]
        );
        assert_eq!(
            search.job().header_at(from + 4).as_bytes()[24..32],
            [0x5a, 0x5a, 0x5a, 0x5b, 0, 0, 0, 0]
        );
        let (step, _) = solve(Search::within(job(2000), from..from + 40_000), 64);
        let Step::Found(solution) = step else {
            no_solution(step)
        };
        assert_eq!(verify(&solution.header, job(2000).target()), Ok(()));
        assert!(solution.position > u64::from(u32::MAX));
    }

    #[test]
    fn end_of_the_positions_is_reported() {
        assert_eq!(
            solve(Search::within(job(u64::MAX), 0..100), 64),
            (Step::Exhausted, 100)
        );
        let mut end = Search::within(job(u64::MAX), u64::MAX - 5..u64::MAX);
        assert_eq!(
            end.take(64),
            Some(Span {
                first: u64::MAX - 5,
                count: 5
            })
        );
        assert_eq!(end.take(64), None);
    }

    #[test]
    fn workers_try_different_nonces() {
        let job = job(1);
        let nonces: std::collections::HashSet<_> = (0..4)
            .flat_map(|worker| (0..64).map(move |p| job.for_worker(worker).header_at(p)))
            .collect();
        assert_eq!(nonces.len(), 4 * 64);
    }

    #[test]
    fn engine_that_lies_is_not_believed() {
        struct Liar;
        impl Engine for Liar {
            fn name(&self) -> &'static str {
                "liar"
            }
            fn span_tries(&self) -> u32 {
                8
            }
            fn scan(&mut self, _: &Job, span: Span) -> Result<Option<u64>, Broken> {
                Ok(Some(span.first))
            }
        }
        let mut search = Search::new(job(u64::MAX));
        assert_eq!(search.step(&mut Liar, 8), Ok(Step::Running));
        assert_eq!(search.tries(), 8);
    }

    fn no_solution(step: Step) -> ! {
        panic!("no solution: {step:?}")
    }
}
