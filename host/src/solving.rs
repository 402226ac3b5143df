//! Proof of work for paired extensions, on all of the machine.
//!
//! A graphics processor works where there is a real one, every core of the processor where there is
//! none, or where it fails. What is found is hashed again before anybody is told.

mod crew;

use std::{
    collections::BTreeMap,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::Builder,
    time::Duration,
};

use pow::{Header, Target};
use proto::{
    bridge::solver::{EngineReport, Measured, Solved, SolverJob, SolverRequest, SolverWork, Tried},
    bytes::Hex,
    error::{ErrorCode, WireError},
};

use self::crew::{Crew, JobNumber, News, Wanted};

/// Jobs that one extension may have: creating an account or logging in, and a message.
const JOBS_MAX: usize = 4;
/// How often it is told how far a search is.
const TICK: Duration = Duration::from_millis(250);

type Tell = Box<dyn Fn(SolverRequest) + Send>;

/// Works for all extensions.
pub struct Solver {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    crew: Crew,
    extensions: BTreeMap<usize, Extension>,
}

struct Extension {
    tell: Tell,
    wanted: Wanted,
    jobs: Vec<Ordered>,
    measures: bool,
}

/// A job of an extension.
struct Ordered {
    job: SolverJob,
    /// `None` once it is solved.
    id: Option<JobNumber>,
    /// Told again to an extension that asks for it again.
    solved: Option<Solved>,
}

/// What each engine of this machine does, measured now.
pub fn measured() -> Vec<EngineReport> {
    crew::measure()
}

impl Solver {
    /// Starts; engines are looked for once there is work.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start() -> io::Result<Arc<Self>> {
        let mut random = [0; 4];
        getrandom::fill(&mut random).map_err(|_| io::Error::other("no random bytes"))?;
        let solver = Arc::new(Self {
            state: Mutex::new(State {
                crew: Crew::new(u32::from_ne_bytes(random)),
                extensions: BTreeMap::new(),
            }),
            changed: Condvar::new(),
        });
        let worked = Arc::clone(&solver);
        Builder::new().name("solver".to_owned()).spawn(move || {
            if catch_unwind(AssertUnwindSafe(|| worked.go_on())).is_err() {
                // A driver's fault, most likely. An agent that solves nothing is worse than none:
                // browsers go on by themselves, and the next start has another.
                std::process::exit(1);
            }
        })?;
        Ok(solver)
    }

    /// An extension is there; `tell` is how it hears of its jobs.
    pub fn join(&self, extension: usize, tell: impl Fn(SolverRequest) + Send + 'static) {
        let new = Extension {
            tell: Box::new(tell),
            wanted: Wanted::default(),
            jobs: Vec::new(),
            measures: false,
        };
        self.lock().extensions.insert(extension, new);
    }

    /// It is gone, and its jobs with it.
    pub fn leave(&self, extension: usize) {
        let mut state = self.lock();
        if let Some(gone) = state.extensions.remove(&extension) {
            for id in gone.jobs.iter().filter_map(|job| job.id) {
                state.crew.cancel(id);
            }
        }
    }

    /// What it wants done, and nothing else of it.
    ///
    /// # Errors
    /// [`ErrorCode::TooLarge`] for more jobs than an extension may have.
    pub fn work(&self, extension: usize, work: &SolverWork) -> Result<(), WireError> {
        if work.jobs.len() > JOBS_MAX {
            return Err(WireError::new(ErrorCode::TooLarge).with("max", JOBS_MAX));
        }
        let mut guard = self.lock();
        let state = &mut *guard;
        let Some(known) = state.extensions.get_mut(&extension) else {
            return Ok(());
        };
        known.wanted = Wanted::of(work);
        state.crew.wants(known.wanted);
        let before = std::mem::take(&mut known.jobs);
        let same = |one: &SolverJob, other: &SolverJob| {
            (&one.job, one.header, one.target) == (&other.job, other.header, other.target)
        };
        for ordered in before {
            if work.jobs.iter().any(|job| same(job, &ordered.job)) {
                if let Some(solved) = &ordered.solved {
                    (known.tell)(SolverRequest::Solved(solved.clone()));
                }
                known.jobs.push(ordered);
            } else if let Some(id) = ordered.id {
                state.crew.cancel(id);
            }
        }
        for job in &work.jobs {
            if known.jobs.iter().any(|ordered| same(&ordered.job, job)) {
                continue;
            }
            // A target of zero comes from no node.
            let Ok(target) = Target::new(job.target.0) else {
                continue;
            };
            let id = state
                .crew
                .order(Header::new(job.header.0), target, job.expires_at.0);
            known.jobs.push(Ordered {
                job: job.clone(),
                id: Some(id),
                solved: None,
            });
        }
        drop(guard);
        self.changed.notify_all();
        Ok(())
    }

    /// Measures every engine; the extension is told.
    pub fn measure(&self, extension: usize) {
        if let Some(known) = self.lock().extensions.get_mut(&extension) {
            known.measures = true;
        }
        self.changed.notify_all();
    }

    fn go_on(&self) {
        loop {
            let mut state = self.lock();
            while state.is_idle() {
                state.crew.rest();
                state = self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            if state.measures() {
                drop(state);
                let reports = crew::measure();
                self.lock().measured(&reports);
                continue;
            }
            if state.crew.lacks() {
                drop(state);
                // Drivers take their time, and nobody else is to wait for them.
                let adapters = crew::look();
                self.lock().crew.has(adapters);
                continue;
            }
            state.tick();
            let waited = self.changed.wait_timeout(state, TICK);
            drop(waited.unwrap_or_else(PoisonError::into_inner));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // What is behind is whole at any time.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_idle(&self) -> bool {
        let idle =
            |known: &Extension| !known.measures && known.jobs.iter().all(|job| job.id.is_none());
        self.extensions.values().all(idle)
    }

    /// Whether somebody wants engines measured, and nobody has work: both at once would be neither.
    fn measures(&self) -> bool {
        let works = |known: &Extension| known.jobs.iter().any(|job| job.id.is_some());
        self.extensions.values().any(|known| known.measures) && !self.extensions.values().any(works)
    }

    fn measured(&mut self, reports: &[EngineReport]) {
        for known in self.extensions.values_mut().filter(|known| known.measures) {
            known.measures = false;
            (known.tell)(SolverRequest::Measured(Measured {
                engines: reports.to_vec(),
                complete: true,
            }));
        }
    }

    fn tick(&mut self) {
        for news in self.crew.news() {
            match news {
                News::Found(id, header) => self.found(id, &header),
                News::Expired(id) => self.forget(id),
                News::Engine(report) => {
                    let engines = vec![report];
                    for known in self.extensions.values() {
                        (known.tell)(SolverRequest::Measured(Measured {
                            engines: engines.clone(),
                            complete: false,
                        }));
                    }
                }
            }
        }
        for known in self.extensions.values() {
            for ordered in &known.jobs {
                let progress = ordered.id.and_then(|id| self.crew.progress(id));
                if let Some((tries, rate)) = progress {
                    let job = ordered.job.job.clone();
                    (known.tell)(SolverRequest::Tried(Tried { job, tries, rate }));
                }
            }
        }
    }

    fn found(&mut self, id: JobNumber, solution: &Header) {
        for known in self.extensions.values_mut() {
            for ordered in known.jobs.iter_mut().filter(|job| job.id == Some(id)) {
                let solved = Solved {
                    header: ordered.job.header,
                    solved_header: Hex(*solution.as_bytes()),
                };
                ordered.id = None;
                ordered.solved = Some(solved.clone());
                (known.tell)(SolverRequest::Solved(solved));
            }
        }
    }

    /// Its challenge is over; the extension asks for another and says so.
    fn forget(&mut self, id: JobNumber) {
        let (tries, rate) = self.crew.progress(id).unwrap_or_default();
        self.crew.cancel(id);
        for known in self.extensions.values_mut() {
            for ordered in known.jobs.iter_mut().filter(|job| job.id == Some(id)) {
                ordered.id = None;
                let job = ordered.job.job.clone();
                (known.tell)(SolverRequest::Tried(Tried { job, tries, rate }));
            }
        }
    }
}
