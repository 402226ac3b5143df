//! The machine's engines: which of them works, and what happens where one fails.

use std::{
    collections::BTreeMap, num::NonZeroUsize, thread::available_parallelism, time::Duration,
};

use pow::{
    Engine, Engines, Event, Header, JobId, Order, Runner, Target, engines,
    gpu::{Adapter, Gpu, adapters},
};
use proto::bridge::solver::{
    BatteryChoice, EngineChoice, EngineKind, EnginePlace, EngineReport, SolverWork,
};

use crate::clock;

/// Characters of an engine's name.
const NAME_MAX_CHARS: usize = 100;
/// How long each engine is measured.
const MEASURED: Duration = Duration::from_millis(1500);

/// What extensions want of the engines: the last that said so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    engine: EngineChoice,
    battery: BatteryChoice,
}

/// Names a job here; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct JobNumber(u64);

/// What there is to tell.
pub(super) enum News {
    /// The header that solves a job.
    Found(JobNumber, Header),
    /// A job's challenge is over.
    Expired(JobNumber),
    /// An engine works, or does not.
    Engine(EngineReport),
}

/// The engines at work; a job keeps its number when it moves from one to another.
pub(super) struct Crew {
    worker: u32,
    wanted: Wanted,
    team: Option<Team>,
    /// Why the graphics processor does not work, once it did not.
    broken: Option<String>,
    jobs: BTreeMap<JobNumber, Job>,
    next: u64,
    /// The machine's graphics processors, once they were looked for.
    adapters: Option<Vec<Adapter>>,
    /// What a team had found when it was left.
    late: Vec<News>,
}

struct Job {
    order: Order<()>,
    /// Its number in the team, once that has it.
    there: Option<JobId>,
    /// Tries of teams before this one.
    before: u64,
}

/// What works: threads, each with engines of one kind.
struct Team {
    kind: EngineKind,
    threads: usize,
    name: String,
    software: bool,
    /// Whether its rate was told.
    told: bool,
    runner: Runner<()>,
}

impl Wanted {
    pub(super) fn of(work: &SolverWork) -> Self {
        Self {
            engine: work.engine,
            battery: work.on_battery,
        }
    }
}

impl Crew {
    pub(super) fn new(worker: u32) -> Self {
        Self {
            worker,
            wanted: Wanted::default(),
            team: None,
            broken: None,
            jobs: BTreeMap::new(),
            next: 0,
            adapters: None,
            late: Vec::new(),
        }
    }

    /// Whether graphics processors are to be looked for, which may take a while: [`look`], then [`Self::has`].
    pub(super) fn lacks(&self) -> bool {
        self.adapters.is_none() && self.wanted.engine != EngineChoice::Processor
    }

    /// Those that there are.
    pub(super) fn has(&mut self, adapters: Vec<Adapter>) {
        self.adapters = Some(adapters);
    }

    /// What is wanted from now on.
    pub(super) fn wants(&mut self, wanted: Wanted) {
        if self.wanted != wanted {
            self.wanted = wanted;
            self.leave_team();
        }
    }

    /// Takes a job in; [`Self::news`] has what comes of it.
    pub(super) fn order(
        &mut self,
        challenge: Header,
        target: Target,
        expires_at: u64,
    ) -> JobNumber {
        let number = JobNumber(self.next);
        self.next += 1;
        let order = Order {
            challenge,
            target,
            purpose: (),
            expires_at,
        };
        let job = Job {
            order,
            there: None,
            before: 0,
        };
        self.jobs.insert(number, job);
        number
    }

    pub(super) fn cancel(&mut self, number: JobNumber) {
        let there = self.jobs.remove(&number).and_then(|job| job.there);
        if let (Some(team), Some(there)) = (&self.team, there) {
            team.runner.cancel(there);
        }
    }

    /// Nobody has work: threads and devices go.
    pub(super) fn rest(&mut self) {
        self.jobs.clear();
        self.team = None;
        // Another day it may work: a driver was updated, a device plugged in.
        self.broken = None;
        self.adapters = None;
    }

    /// Tries and rate of a job.
    pub(super) fn progress(&self, number: JobNumber) -> Option<(u64, f64)> {
        let job = self.jobs.get(&number)?;
        let progress = self.team.as_ref()?.runner.progress(job.there?)?;
        Some((
            job.before + progress.tries(),
            progress.rate().unwrap_or(0.0),
        ))
    }

    /// Sees that somebody works, and tells what came of it.
    pub(super) fn news(&mut self) -> Vec<News> {
        let mut news = std::mem::take(&mut self.late);
        self.make_team();
        let Some(team) = &mut self.team else {
            return news;
        };
        for job in self.jobs.values_mut().filter(|job| job.there.is_none()) {
            job.there = Some(team.runner.order(job.order.clone()));
        }
        let mut failed = false;
        while let Some(event) = team.runner.try_next() {
            let number = |id| {
                let mut jobs = self.jobs.iter();
                jobs.find(|(_, job)| job.there == Some(id))
                    .map(|(number, _)| *number)
            };
            match event {
                Event::Found(id, solution) => {
                    if let Some(number) = number(id) {
                        self.jobs.remove(&number);
                        news.push(News::Found(number, solution.header));
                    }
                }
                Event::Expired(id) => news.extend(number(id).map(News::Expired)),
                _ => failed = true,
            }
        }
        if failed {
            news.push(News::Engine(team.report(Some("It does not work."))));
            if team.kind == EngineKind::Graphics {
                self.broken = Some(team.name.clone());
            }
            self.leave_team();
            return news;
        }
        let rates = self.jobs.values().filter_map(|job| job.there);
        let rate = rates
            .filter_map(|id| team.runner.progress(id)?.rate())
            .next_back();
        if let Some(rate) = rate.filter(|_| !std::mem::replace(&mut team.told, true)) {
            let mut report = team.report(None);
            report.rate = Some(rate);
            news.push(News::Engine(report));
        }
        news
    }

    fn make_team(&mut self) {
        if self.team.is_some() || self.jobs.is_empty() {
            return;
        }
        let gentle = crate::power::on_battery() && self.wanted.battery != BatteryChoice::Full;
        let graphics =
            self.wanted.engine != EngineChoice::Processor && self.broken.is_none() && !gentle;
        let any = self.wanted.engine == EngineChoice::Graphics;
        let adapter = self
            .adapters
            .as_deref()
            .filter(|_| graphics)
            .and_then(|all| best(all, any));
        // Each team begins at its own first position: what another has tried is not tried again.
        self.worker = self.worker.wrapping_add(1);
        self.team = match adapter {
            Some(adapter) => Team::on_graphics(self.worker, &adapter),
            None => Team::on_processor(self.worker, if gentle { 1 } else { cores() }),
        };
    }

    /// What is under way goes on with the next team.
    fn leave_team(&mut self) {
        let Some(team) = self.team.take() else { return };
        while let Some(event) = team.runner.try_next() {
            let Event::Found(id, solution) = event else {
                continue;
            };
            let mut jobs = self.jobs.iter();
            let number = jobs
                .find(|(_, job)| job.there == Some(id))
                .map(|(number, _)| *number);
            if let Some(number) = number {
                self.jobs.remove(&number);
                self.late.push(News::Found(number, solution.header));
            }
        }
        for job in self.jobs.values_mut() {
            let progress = job.there.take().and_then(|id| team.runner.progress(id));
            job.before += progress.map_or(0, |progress| progress.tries());
        }
    }
}

impl Team {
    fn on_processor(worker: u32, threads: usize) -> Option<Self> {
        let count = NonZeroUsize::new(threads)?;
        let runner = Runner::start(worker, count, clock::millis, |_| engines()).ok()?;
        let name = engines().first().map(|engine| engine.name().to_owned());
        Some(Self {
            kind: EngineKind::Processor,
            threads,
            name: name.unwrap_or_default(),
            software: false,
            told: false,
            runner,
        })
    }

    fn on_graphics(worker: u32, adapter: &Adapter) -> Option<Self> {
        let device = |_| -> Engines { vec![Box::new(Device::new(adapter.clone()))] };
        let runner = Runner::start(worker, NonZeroUsize::MIN, clock::millis, device).ok()?;
        Some(Self {
            kind: EngineKind::Graphics,
            threads: 1,
            name: short(&adapter.described()),
            software: adapter.is_software(),
            told: false,
            runner,
        })
    }

    fn report(&self, problem: Option<&str>) -> EngineReport {
        EngineReport {
            kind: self.kind,
            place: EnginePlace::Host,
            name: self.name.clone(),
            units: u32::try_from(self.threads).unwrap_or(u32::MAX),
            software: self.software,
            rate: None,
            problem: problem.map(ToOwned::to_owned),
        }
    }

    /// Tries a second, over some time.
    fn measure(&self) -> Option<f64> {
        // Below this target is nothing that anybody finds.
        let mut least = [0; 32];
        least[31] = 1;
        let order = Order {
            challenge: Header::new([0; 64]),
            target: Target::new(least).ok()?,
            purpose: (),
            expires_at: u64::MAX,
        };
        let id = self.runner.order(order);
        let until = clock::millis() + u64::try_from(MEASURED.as_millis()).ok()?;
        let mut rate = None;
        // A device is opened first, which may take as long again.
        for _ in 0..200 {
            clock::pause(Duration::from_millis(50));
            rate = self
                .runner
                .progress(id)
                .and_then(|progress| progress.rate());
            let failed = matches!(self.runner.try_next(), Some(Event::NoEngine));
            if failed || rate.is_some() && clock::millis() >= until {
                break;
            }
        }
        self.runner.cancel(id);
        rate
    }
}

/// A graphics processor that is opened by the thread that works with it: that takes a while.
struct Device {
    adapter: Adapter,
    name: String,
    gpu: Option<Gpu>,
}

impl Device {
    fn new(adapter: Adapter) -> Self {
        let name = adapter.name();
        Self {
            adapter,
            name,
            gpu: None,
        }
    }
}

impl Engine for Device {
    fn name(&self) -> &str {
        &self.name
    }

    fn span_tries(&self) -> u32 {
        self.gpu.as_ref().map_or(1 << 16, Gpu::span_tries)
    }

    fn scan(&mut self, job: &pow::Job, span: pow::Span) -> Result<Option<u64>, pow::Broken> {
        if self.gpu.is_none() {
            let opened = pollster::block_on(Gpu::open(&self.adapter, clock::measured_millis));
            self.gpu = Some(opened.map_err(|error| pow::Broken(error.to_string()))?);
        }
        match &mut self.gpu {
            Some(gpu) => Engine::scan(gpu, job, span),
            None => Err(pow::Broken("no device".to_owned())),
        }
    }
}

/// What every engine of this machine does; asked while nothing else works.
pub(super) fn measure() -> Vec<EngineReport> {
    let graphics = best(&look(), true);
    let teams = [
        Team::on_processor(0, cores()),
        graphics.and_then(|adapter| Team::on_graphics(0, &adapter)),
    ];
    let measured = |team: Team| {
        let rate = team.measure();
        let problem = rate.is_none().then_some("It does not work.");
        let mut report = team.report(problem);
        report.rate = rate;
        report
    };
    teams.into_iter().flatten().map(measured).collect()
}

/// The machine's graphics processors.
pub(super) fn look() -> Vec<Adapter> {
    pollster::block_on(adapters())
}

/// The one to use: one that is real, else any where that is wanted.
fn best(all: &[Adapter], any: bool) -> Option<Adapter> {
    let real = all.iter().find(|adapter| !adapter.is_software());
    real.or_else(|| all.first().filter(|_| any)).cloned()
}

fn cores() -> usize {
    available_parallelism().map_or(1, NonZeroUsize::get)
}

fn short(name: &str) -> String {
    name.chars().take(NAME_MAX_CHARS).collect()
}
