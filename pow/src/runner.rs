//! Jobs worked on by threads, natively.
//!
//! Threads take pieces from one [`Desk`] for as long as there is work, and sleep while there is none.
//! A piece takes some tens of milliseconds, so that a cancel is heard within 100.
//!
//! An engine is believed nothing: before it works it must find in a known span what the definition
//! finds there, and what it finds is hashed again. One that is wrong is set aside, and the next of
//! that thread goes on with the same piece.

use std::{
    collections::BTreeSet,
    io,
    num::NonZeroUsize,
    panic::{self, AssertUnwindSafe},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc},
    thread::{Builder, JoinHandle},
};

use crate::{
    desk::{Answer, Desk, JobId, Order, Piece},
    engine::Engine,
    header::Header,
    progress::Progress,
    search::Solution,
    selfcheck::is_right,
    target::Target,
};

/// Engines of one thread, the one to use first.
pub type Engines = Vec<Box<dyn Engine + Send>>;

/// News of a [`Runner`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A job is solved, already verified, and forgotten. Of several solutions not always the lowest.
    Found(JobId, Solution),
    /// A job's challenge has expired: [`Runner::renew`] or [`Runner::cancel`] it. Told once.
    Expired(JobId),
    /// Every engine of every thread was set aside; nothing will be solved any more.
    NoEngine,
}

/// Threads at work; dropping it cancels all jobs and waits for them.
#[derive(Debug)]
pub struct Runner<P> {
    shared: Arc<Shared<P>>,
    threads: Vec<JoinHandle<()>>,
    events: mpsc::Receiver<Event>,
}

#[derive(Debug)]
struct Shared<P> {
    state: Mutex<State<P>>,
    work: Condvar,
    clock: fn() -> u64,
}

#[derive(Debug)]
struct State<P> {
    desk: Desk<P>,
    ended: bool,
    /// Expired jobs that the caller knows of.
    told: BTreeSet<JobId>,
    set_aside: Vec<String>,
    /// Threads that have an engine, or will look for one.
    working: usize,
    events: mpsc::Sender<Event>,
}

impl<P: Send + 'static> Runner<P> {
    /// Starts `threads` threads, for each of which `engines` is called once, with its number from 0.
    /// `worker` as in [`Desk::new`]; `clock` tells milliseconds, as [`Order::expires_at`] does.
    ///
    /// # Errors
    /// Where the operating system gives no thread.
    pub fn start(
        worker: u32,
        threads: NonZeroUsize,
        clock: fn() -> u64,
        engines: impl Fn(usize) -> Engines,
    ) -> io::Result<Self> {
        let (tell, events) = mpsc::channel();
        let state = State {
            desk: Desk::new(worker),
            ended: false,
            told: BTreeSet::new(),
            set_aside: Vec::new(),
            working: threads.get(),
            events: tell,
        };
        let shared = Shared {
            state: Mutex::new(state),
            work: Condvar::new(),
            clock,
        };
        let mut runner = Self {
            shared: Arc::new(shared),
            threads: Vec::with_capacity(threads.get()),
            events,
        };
        for number in 0..threads.get() {
            let (shared, engines) = (Arc::clone(&runner.shared), engines(number));
            let thread = Builder::new().name(format!("pow-{number}"));
            // On an error the runner is dropped, which ends the threads that there are.
            runner
                .threads
                .push(thread.spawn(move || shared.work(engines))?);
        }
        Ok(runner)
    }
}

impl<P> Runner<P> {
    /// Takes a job in.
    pub fn order(&self, order: Order<P>) -> JobId {
        let id = self.shared.lock().desk.order(order, self.shared.now());
        self.shared.work.notify_all();
        id
    }

    /// Goes on with another challenge; `false` where there is no such job.
    pub fn renew(&self, id: JobId, challenge: Header, target: Target, expires_at: u64) -> bool {
        let mut state = self.shared.lock();
        state.told.remove(&id);
        let known = state
            .desk
            .renew(id, challenge, target, expires_at, self.shared.now());
        drop(state);
        self.shared.work.notify_all();
        known
    }

    /// Forgets a job: no thread begins another piece of it. `false` where there is none.
    pub fn cancel(&self, id: JobId) -> bool {
        let mut state = self.shared.lock();
        state.told.remove(&id);
        state.desk.cancel(id)
    }

    /// How far a job is.
    pub fn progress(&self, id: JobId) -> Option<Progress> {
        self.shared.lock().desk.progress(id, self.shared.now())
    }

    /// Whether a job's challenge is likely to expire before it is solved, see
    /// [`Desk::is_too_slow`].
    pub fn is_too_slow(&self, id: JobId) -> bool {
        self.shared.lock().desk.is_too_slow(id, self.shared.now())
    }

    /// Waits for the next news.
    pub fn next(&self) -> Event {
        // Threads send for as long as the state is there, and this holds it.
        self.events.recv().unwrap_or(Event::NoEngine)
    }

    /// The next news, if there is any.
    pub fn try_next(&self) -> Option<Event> {
        self.events.try_recv().ok()
    }

    /// Names of the engines that were wrong or have failed, one a thread and engine.
    pub fn set_aside(&self) -> Vec<String> {
        self.shared.lock().set_aside.clone()
    }
}

impl<P> Drop for Runner<P> {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.work.notify_all();
        for thread in self.threads.drain(..) {
            // A thread that panicked has told so itself; the others went on.
            let _ = thread.join();
        }
    }
}

impl<P> Shared<P> {
    fn work(&self, engines: Engines) {
        for mut engine in engines {
            let right = guarded(|| is_right(engine.as_mut())).unwrap_or(false);
            if right && self.serve(engine.as_mut()) {
                return;
            }
            self.lock().set_aside.push(engine.name().to_owned());
        }
        let mut state = self.lock();
        state.working -= 1;
        if state.working == 0 {
            state.tell(Event::NoEngine);
        }
    }

    /// Works until the end; `false` where the engine is of no use, and its piece was given back.
    fn serve(&self, engine: &mut dyn Engine) -> bool {
        while let Some(piece) = self.take(engine.span_tries()) {
            let found = guarded(|| engine.scan(&piece.job, piece.span)).and_then(Result::ok);
            let now = self.now();
            let mut state = self.lock();
            let Some(found) = found else {
                state.desk.failed(&piece);
                self.work.notify_all();
                return false;
            };
            match state.desk.done(&piece, found, now) {
                Answer::Gone | Answer::Nothing => {}
                Answer::Found(solution) => state.tell(Event::Found(piece.id, solution)),
                Answer::Wrong => {
                    self.work.notify_all();
                    return false;
                }
            }
        }
        true
    }

    /// The next piece, once there is one; `None` at the end.
    fn take(&self, tries: u32) -> Option<Piece> {
        let mut state = self.lock();
        loop {
            if state.ended {
                return None;
            }
            let now = self.now();
            state.tell_expired(now);
            if let Some(piece) = state.desk.take(tries, now) {
                return Some(piece);
            }
            state = self
                .work
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn now(&self) -> u64 {
        (self.clock)()
    }

    fn lock(&self) -> MutexGuard<'_, State<P>> {
        // What is behind is whole at any time.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<P> State<P> {
    fn tell(&self, event: Event) {
        // The receiver lives as long as the threads are waited for.
        let _ = self.events.send(event);
    }

    fn tell_expired(&mut self, now: u64) {
        let expired: Vec<_> = self
            .desk
            .expired(now)
            .filter(|id| !self.told.contains(id))
            .collect();
        for id in expired {
            self.told.insert(id);
            self.tell(Event::Expired(id));
        }
    }
}

/// What an engine does, `None` where it panics: drivers of graphics devices do when they are lost. It
/// is not used again.
fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    panic::catch_unwind(AssertUnwindSafe(work)).ok()
}

#[cfg(test)]
mod tests;
