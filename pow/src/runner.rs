//! A search on several threads, natively.
//!
//! Threads take spans from one [`Search`] until one of them has found a solution, or the caller
//! has enough. A span is so short that a cancel is heard within 100 ms by any engine of more than
//! 41 000 tries a second, a tenth of what the slowest does.
//!
//! An engine is believed nothing: before it works it must find in a known span what the definition
//! finds there, and what it finds is hashed again. One that is wrong is set aside, and the next of
//! that thread goes on with the same span.

use std::{
    io,
    num::{NonZeroU64, NonZeroUsize},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{Builder, JoinHandle},
};

use crate::{
    engine::{Engine, Portable},
    header::{HEADER_BYTES, Header},
    search::{Job, Search, Solution, Span},
    target::Target,
};

/// Tries between two looks at whether to go on.
const SPAN_TRIES: u32 = 4096;
/// Tries, and their difficulty, by which an engine is tested: some six solutions to find.
const TEST_TRIES: u32 = 199;
const TEST_DIFFICULTY: u64 = 32;

/// Engines of one thread, the one to use first.
pub type Engines = Vec<Box<dyn Engine + Send>>;

/// How a search on threads ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// [`Runner::cancel`] was called.
    Cancelled,
    /// All positions were tried.
    Exhausted,
    /// A solution, already verified. Of several not always the lowest.
    Found(Solution),
    /// Every engine of every thread was set aside.
    NoEngine,
}

/// A search at work on threads of its own; dropping it cancels and waits for them.
#[derive(Debug)]
pub struct Runner {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    search: Mutex<Search>,
    outcome: Mutex<Option<Outcome>>,
    ended: AtomicBool,
    working: AtomicUsize,
    /// A thread ended with an engine that was right.
    served: AtomicBool,
    set_aside: Mutex<Vec<&'static str>>,
}

impl Runner {
    /// Starts `threads` threads, for each of which `engines` is called once;
    /// [`engines`](crate::engines) itself will do.
    ///
    /// # Errors
    /// Where the operating system gives no thread.
    pub fn start(
        search: Search,
        threads: NonZeroUsize,
        engines: impl Fn() -> Engines,
    ) -> io::Result<Self> {
        let mut runner = Self {
            shared: Arc::new(Shared {
                search: Mutex::new(search),
                outcome: Mutex::new(None),
                ended: AtomicBool::new(false),
                working: AtomicUsize::new(threads.get()),
                served: AtomicBool::new(false),
                set_aside: Mutex::new(Vec::new()),
            }),
            threads: Vec::with_capacity(threads.get()),
        };
        for number in 0..threads.get() {
            let (shared, engines) = (Arc::clone(&runner.shared), engines());
            let thread = Builder::new().name(format!("pow-{number}"));
            // On an error the runner is dropped, which ends the threads that there are.
            runner
                .threads
                .push(thread.spawn(move || shared.work(engines))?);
        }
        Ok(runner)
    }

    /// Stops the search: the threads end with the span that they are at.
    pub fn cancel(&self) {
        self.shared.end(Outcome::Cancelled);
    }

    /// Waits for the end.
    pub fn wait(mut self) -> Outcome {
        self.join();
        self.outcome().unwrap_or(Outcome::NoEngine)
    }

    /// How it ended; `None` while it goes on.
    pub fn outcome(&self) -> Option<Outcome> {
        *lock(&self.shared.outcome)
    }

    /// Tries so far, those of the spans at work included.
    pub fn tries(&self) -> u64 {
        lock(&self.shared.search).tries()
    }

    /// Names of the engines that were wrong, one a thread and engine.
    pub fn set_aside(&self) -> Vec<&'static str> {
        lock(&self.shared.set_aside).clone()
    }

    fn join(&mut self) {
        for thread in self.threads.drain(..) {
            // A thread that panicked has told so itself; the others go on.
            let _ = thread.join();
        }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.cancel();
        self.join();
    }
}

impl Shared {
    fn work(&self, engines: Engines) {
        let mut left: Option<Span> = None;
        for mut engine in engines {
            if is_right(engine.as_mut()) && self.search_with(engine.as_mut(), &mut left) {
                self.served.store(true, Ordering::Release);
                break;
            }
            lock(&self.set_aside).push(engine.name());
        }
        // The last to leave tells the end, for the others may have found something meanwhile. A
        // span whose engines were all wrong is lost, which costs nothing but chance.
        if self.working.fetch_sub(1, Ordering::AcqRel) == 1 {
            let served = self.served.load(Ordering::Acquire);
            self.end(if served {
                Outcome::Exhausted
            } else {
                Outcome::NoEngine
            });
        }
    }

    /// Tries spans until the search has ended; `false` where the engine was wrong, in the span that
    /// is `left`.
    fn search_with(&self, engine: &mut dyn Engine, left: &mut Option<Span>) -> bool {
        let job = *lock(&self.search).job();
        while !self.ended.load(Ordering::Acquire) {
            let Some(span) = left.or_else(|| lock(&self.search).take(SPAN_TRIES)) else {
                return true;
            };
            *left = Some(span);
            if let Some(position) = engine.scan(&job, span) {
                let solution = lock(&self.search).check(position);
                match solution.filter(|_| span.positions().contains(&position)) {
                    Some(solution) => self.end(Outcome::Found(solution)),
                    None => return false,
                }
            }
            *left = None;
        }
        true
    }

    /// The first end counts.
    fn end(&self, outcome: Outcome) {
        lock(&self.outcome).get_or_insert(outcome);
        self.ended.store(true, Ordering::Release);
    }
}

/// Whether an engine finds all solutions of a known span.
fn is_right(engine: &mut dyn Engine) -> bool {
    let difficulty = NonZeroU64::MIN.saturating_add(TEST_DIFFICULTY - 1);
    let job = Job::new(
        Header::new([0x3c; HEADER_BYTES]),
        Target::from_difficulty(difficulty),
    );
    // Over the end of four nonce bytes.
    let (mut first, end) = ((1 << 32) - 100, (1 << 32) - 100 + u64::from(TEST_TRIES));
    loop {
        let count = u32::try_from(end - first).unwrap_or(0);
        let span = Span { first, count };
        let found = engine.scan(&job, span);
        if found != Portable.scan(&job, span) {
            return false;
        }
        match found {
            Some(position) => first = position + 1,
            None => return true,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind is whole at any time.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
