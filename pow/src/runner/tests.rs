use std::{
    sync::{
        OnceLock,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::*;
use crate::{
    engine::{Broken, Portable, engines},
    header::HEADER_BYTES,
    search::{Job, Span},
    verify,
};

const THREADS: [NonZeroUsize; 3] = {
    let one = NonZeroUsize::MIN;
    [one, one.saturating_add(1), one.saturating_add(6)]
};
/// So long a test waits for what must come.
const PATIENCE: Duration = Duration::from_mins(1);

fn order(byte: u8, difficulty: u64) -> Order<()> {
    Order {
        challenge: Header::new([byte; HEADER_BYTES]),
        target: Target::from_difficulty(difficulty.try_into().expect("not zero")),
        purpose: (),
        expires_at: u64::MAX,
    }
}

fn start(threads: NonZeroUsize, engines: impl Fn(usize) -> Engines) -> Runner<()> {
    Runner::start(0, threads, clock, engines).expect("threads")
}

fn next(runner: &Runner<()>) -> Event {
    runner.events.recv_timeout(PATIENCE).expect("news")
}

#[expect(clippy::disallowed_methods, reason = "the clock of these tests")]
fn clock() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START
        .get_or_init(Instant::now)
        .elapsed()
        .as_millis()
        .try_into()
        .expect("in time")
}

fn wait(what: &str, done: impl Fn() -> bool) {
    let start = clock();
    while !done() {
        assert!(
            u128::from(clock() - start) < PATIENCE.as_millis(),
            "{what} does not come"
        );
        std::thread::yield_now();
    }
}

/// Right in the test that begins, then does as it is told.
struct After<F>(F);

impl<F: FnMut(&Job, Span) -> Result<Option<u64>, Broken>> Engine for After<F> {
    fn name(&self) -> &'static str {
        "after"
    }

    fn span_tries(&self) -> u32 {
        1_000
    }

    fn scan(&mut self, job: &Job, span: Span) -> Result<Option<u64>, Broken> {
        if job.header_at(0).challenge() == [0x3c; 32] {
            Portable.scan(job, span)
        } else {
            (self.0)(job, span)
        }
    }
}

#[test]
fn any_number_of_threads_solves_any_number_of_jobs() {
    for threads in THREADS {
        let runner = start(threads, |_| engines());
        let mut left: Vec<_> = (1..4)
            .map(|byte| (runner.order(order(byte, 20_000)), byte))
            .collect();
        while !left.is_empty() {
            let Event::Found(id, solution) = next(&runner) else {
                panic!("no solution with {threads}")
            };
            let at = left
                .iter()
                .position(|(it, _)| *it == id)
                .expect("solved once");
            let (_, byte) = left.swap_remove(at);
            assert_eq!(solution.header.challenge(), [byte; 32]);
            assert_eq!(
                verify(&solution.header, &order(byte, 20_000).target),
                Ok(())
            );
        }
        assert_eq!(runner.try_next(), None);
    }
}

#[test]
fn cancel_ends_each_thread_with_its_piece() {
    for threads in THREADS {
        let scans = Arc::new(AtomicU32::new(0));
        let runner = start(threads, |_| {
            let scans = Arc::clone(&scans);
            let count = move |_: &Job, _| {
                scans.fetch_add(1, Ordering::SeqCst);
                Ok(None)
            };
            vec![Box::new(After(count))]
        });
        let id = runner.order(order(1, u64::MAX));
        wait("work", || scans.load(Ordering::SeqCst) >= 20);
        assert!(runner.cancel(id));
        let before = scans.load(Ordering::SeqCst);
        // Threads are ended by dropping.
        drop(runner);
        let after = scans.load(Ordering::SeqCst) - before;
        assert!(after as usize <= threads.get(), "{after} scans more");
    }
}

#[test]
fn engine_that_lies_or_breaks_is_set_aside_and_another_goes_on() {
    type Fault = fn(&Job, Span) -> Result<Option<u64>, Broken>;
    let faults: [Fault; 5] = [
        |_, span| Ok(Some(span.first)),
        |_, span| Ok(Some(span.positions().end)),
        // Solves the job, but lies in no piece of the search.
        |job, _| {
            Portable.scan(
                job,
                Span {
                    first: 1 << 40,
                    count: 40_000,
                },
            )
        },
        |_, _| Err(Broken("it burns".to_owned())),
        |_, _| panic!("as a driver does"),
    ];
    for fault in faults {
        let runner = start(NonZeroUsize::MIN, |_| {
            vec![Box::new(After(fault)), Box::new(Portable)]
        });
        let id = runner.order(order(1, 300));
        let Event::Found(found, solution) = next(&runner) else {
            panic!("no solution")
        };
        assert_eq!(found, id);
        assert_eq!(runner.set_aside(), ["after"]);
        // Also the piece in which the lie was told was searched.
        let order = order(1, 300);
        let lowest = Portable.scan(
            &Job::new(order.challenge, order.target),
            Span {
                first: 0,
                count: 40_000,
            },
        );
        assert_eq!(Ok(Some(solution.position)), lowest);
    }
}

#[test]
fn engine_that_overlooks_solutions_does_not_begin() {
    struct Blind;
    impl Engine for Blind {
        fn name(&self) -> &'static str {
            "blind"
        }
        fn span_tries(&self) -> u32 {
            1
        }
        fn scan(&mut self, _: &Job, _: Span) -> Result<Option<u64>, Broken> {
            Ok(None)
        }
    }
    assert!(engines().into_iter().all(|mut it| is_right(it.as_mut())));
    let runner = start(THREADS[1], |_| vec![Box::new(Blind)]);
    let id = runner.order(order(1, 1));
    assert_eq!(next(&runner), Event::NoEngine);
    assert_eq!(runner.set_aside(), ["blind", "blind"]);
    assert_eq!(runner.progress(id).expect("waits").tries(), 0);
}

#[test]
fn expired_job_is_told_of_once_and_goes_on_when_renewed() {
    let scans = Arc::new(AtomicU64::new(0));
    let runner = start(THREADS[1], |_| {
        let scans = Arc::clone(&scans);
        let count = move |_: &Job, span: Span| {
            scans.fetch_add(u64::from(span.count), Ordering::SeqCst);
            Ok(None)
        };
        vec![Box::new(After(count))]
    });
    let id = runner.order(Order {
        expires_at: clock(),
        ..order(1, u64::MAX)
    });
    assert_eq!(next(&runner), Event::Expired(id));
    assert_eq!(runner.try_next(), None);
    assert_eq!(scans.load(Ordering::SeqCst), 0);
    let new = order(2, u64::MAX);
    assert!(runner.renew(id, new.challenge, new.target, u64::MAX));
    wait("work", || {
        runner
            .progress(id)
            .is_some_and(|progress| progress.tries() > 10_000)
    });
    assert!(!runner.is_too_slow(id));
}
