use std::sync::atomic::AtomicU32;

use super::*;
use crate::{engines, verify};

const THREADS: [NonZeroUsize; 3] = {
    let one = NonZeroUsize::MIN;
    [one, one.saturating_add(1), one.saturating_add(6)]
};

fn job(difficulty: u64) -> Job {
    let target = Target::from_difficulty(NonZeroU64::MIN.saturating_add(difficulty - 1));
    Job::new(Header::new([0x5a; HEADER_BYTES]), target)
}

fn start(search: Search, threads: NonZeroUsize, engines: impl Fn() -> Engines) -> Runner {
    Runner::start(search, threads, engines).expect("threads")
}

/// Right in the test that begins, then does as it is told.
struct After<F>(F);

impl<F: FnMut(Span) -> Option<u64>> Engine for After<F> {
    fn name(&self) -> &'static str {
        "after"
    }

    fn scan(&mut self, job: &Job, span: Span) -> Option<u64> {
        if job.header_at(0).challenge() == [0x3c; 32] {
            Portable.scan(job, span)
        } else {
            (self.0)(span)
        }
    }
}

#[test]
fn any_number_of_threads_finds_a_solution() {
    for threads in THREADS {
        let runner = start(Search::new(job(20_000)), threads, engines);
        let Outcome::Found(solution) = runner.wait() else {
            panic!("no solution with {threads}")
        };
        assert_eq!(verify(&solution.header, job(20_000).target()), Ok(()));
        assert_eq!(job(20_000).header_at(solution.position), solution.header);
    }
}

#[test]
fn every_position_is_tried_once() {
    for threads in THREADS {
        let search = Search::within(job(u64::MAX), 0..3 * u64::from(SPAN_TRIES) + 17);
        let (seen, tries) = (Arc::new(Mutex::new(Vec::new())), search.clone());
        let runner = start(search, threads, || {
            let seen = Arc::clone(&seen);
            let see = move |span: Span| {
                lock(&seen).extend(span.positions());
                None
            };
            vec![Box::new(After(see))]
        });
        assert_eq!(runner.wait(), Outcome::Exhausted);
        let mut seen = lock(&seen).clone();
        seen.sort_unstable();
        assert!(
            seen.into_iter()
                .eq(tries.clone().take(u32::MAX).expect("some").positions())
        );
    }
}

#[test]
fn cancel_ends_each_thread_with_its_span() {
    for threads in THREADS {
        let scans = Arc::new(AtomicU32::new(0));
        let runner = start(Search::new(job(u64::MAX)), threads, || {
            let scans = Arc::clone(&scans);
            let count = move |_| {
                scans.fetch_add(1, Ordering::SeqCst);
                None
            };
            vec![Box::new(After(count))]
        });
        while scans.load(Ordering::SeqCst) < 20 {
            std::thread::yield_now();
        }
        assert_eq!(runner.outcome(), None);
        runner.cancel();
        let before = scans.load(Ordering::SeqCst);
        assert!(runner.tries() >= u64::from(before - 1) * u64::from(SPAN_TRIES));
        assert_eq!(runner.wait(), Outcome::Cancelled);
        let after = scans.load(Ordering::SeqCst) - before;
        assert!(after as usize <= threads.get(), "{after} scans more");
    }
}

#[test]
fn engine_that_lies_is_set_aside_and_another_goes_on() {
    let lies: [fn(Span) -> Option<u64>; 3] = [
        |span| Some(span.first),
        |span| Some(span.positions().end),
        // Solves the job, but lies in no span of the search.
        |_| {
            Portable.scan(
                &job(300),
                Span {
                    first: 1 << 40,
                    count: 40_000,
                },
            )
        },
    ];
    for lie in lies {
        let search = Search::within(job(300), 0..40_000);
        let expected = Portable.scan(
            &job(300),
            Span {
                first: 0,
                count: 40_000,
            },
        );
        let runner = start(search, NonZeroUsize::MIN, || {
            vec![Box::new(After(lie)), Box::new(Portable)]
        });
        while runner.outcome().is_none() {
            std::thread::yield_now();
        }
        assert_eq!(runner.set_aside(), ["after"]);
        let Outcome::Found(solution) = runner.wait() else {
            panic!("no solution")
        };
        // Also that of the span in which the lie was told.
        assert_eq!(Some(solution.position), expected);
    }
}

#[test]
fn engine_that_overlooks_solutions_does_not_begin() {
    struct Blind;
    impl Engine for Blind {
        fn name(&self) -> &'static str {
            "blind"
        }
        fn scan(&mut self, _: &Job, _: Span) -> Option<u64> {
            None
        }
    }
    assert!(engines().into_iter().all(|mut it| is_right(it.as_mut())));
    let blind = || -> Engines { vec![Box::new(Blind)] };
    let runner = start(Search::within(job(1), 0..10_000), THREADS[1], blind);
    while runner.outcome().is_none() {
        std::thread::yield_now();
    }
    assert_eq!(runner.set_aside(), ["blind", "blind"]);
    assert_eq!(runner.tries(), 0);
    assert_eq!(runner.wait(), Outcome::NoEngine);
}
