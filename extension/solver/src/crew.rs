//! Who works on what: jobs, workers, what these can do.

use std::collections::{BTreeMap, BTreeSet};

use pow::{Answer, Desk, Header, Target};
use proto::{
    bridge::solver::{
        BatteryChoice, EngineChoice, EngineKind, EnginePlace, EngineReport, Measured, Power,
        Solved, SolverCommand, SolverJob, SolverRequest, SolverWork, Tried,
    },
    bytes::Hex,
};
use serde::{Deserialize, Serialize};

use self::{trial::Trial, unit::Unit};
use crate::choice::uses_graphics;

mod trial;
mod unit;

/// How often a worker on the processor that dies is started again.
const RESTARTS_MAX: u32 = 3;
/// Milliseconds after which a processor that did not work is tried again.
const RETRY_MS: u64 = 60_000;
/// A pause between two ticks after which the device has been asleep, milliseconds.
const ASLEEP_MS: u64 = 5_000;
/// Characters of a problem.
const PROBLEM_MAX_CHARS: usize = 100;
/// Both kinds; the processor first, for it is there at once.
const KINDS: [EngineKind; 2] = [EngineKind::Processor, EngineKind::Graphics];

/// Something for the document to do.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Order {
    /// Start a worker.
    Start { unit: u32, kind: EngineKind },
    /// End it.
    End { unit: u32 },
    /// Give it positions to try, after those that it has. The first is a text: JSON has no such
    /// number.
    Scan {
        unit: u32,
        header: String,
        target: String,
        worker: u32,
        first: String,
        count: u32,
    },
    /// Tell the background.
    Tell { request: SolverRequest },
}

/// What a worker tells.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum News {
    /// It can work: name, positions to ask for, and whether the processor plays the device.
    Ready {
        name: String,
        span: u32,
        software: bool,
    },
    /// There is no such device here.
    None {},
    /// It cannot work, or not any more.
    Failed { problem: String },
    /// It is through with its oldest piece, in so many milliseconds.
    Done {
        position: Option<String>,
        span: u32,
        ms: f64,
    },
}

/// Jobs and workers.
#[derive(Debug)]
pub(crate) struct Crew {
    cores: u32,
    desk: Desk<String>,
    engine: EngineChoice,
    battery: BatteryChoice,
    /// What was measured on other days, and by this document, which counts more.
    known: Vec<EngineReport>,
    own: BTreeMap<EngineKind, EngineReport>,
    on_battery: bool,
    units: BTreeMap<u32, Unit>,
    next_unit: u32,
    /// Kinds that do not work here, and why; `None` where there is no such device.
    broken: BTreeMap<EngineKind, Option<String>>,
    /// Kinds whose rate was told since there is work.
    told: BTreeSet<EngineKind>,
    restarts: u32,
    /// When they are forgotten.
    retry_at: u64,
    /// Whether the graphics device is one in software, once it was met.
    software: Option<bool>,
    ticked_at: u64,
    trial: Option<Trial>,
    /// By job: told again to a background that has died over it.
    solved: BTreeMap<String, Solved>,
    orders: Vec<Order>,
}

impl Crew {
    pub(crate) fn new(random: u32, cores: u32) -> Self {
        Self {
            cores: cores.max(1),
            desk: Desk::new(random),
            engine: EngineChoice::default(),
            battery: BatteryChoice::default(),
            known: Vec::new(),
            own: BTreeMap::new(),
            on_battery: false,
            units: BTreeMap::new(),
            next_unit: 0,
            broken: BTreeMap::new(),
            told: BTreeSet::new(),
            restarts: 0,
            retry_at: 0,
            software: None,
            ticked_at: 0,
            trial: None,
            solved: BTreeMap::new(),
            orders: Vec::new(),
        }
    }

    pub(crate) fn asked(&mut self, command: SolverCommand, now: u64) -> Vec<Order> {
        match command {
            SolverCommand::Work(work) => self.work(work, now),
            SolverCommand::Measure {} => self.begin_trial(now),
            // The document does that by itself.
            SolverCommand::ClearClipboard {} => {}
        }
        self.settle(now)
    }

    pub(crate) fn power(&mut self, on_battery: bool, now: u64) -> Vec<Order> {
        self.on_battery = on_battery;
        self.tell(SolverRequest::Power(Power { on_battery }));
        self.settle(now)
    }

    pub(crate) fn tick(&mut self, now: u64) -> Vec<Order> {
        // Of the trial too: what is told keeps the background awake.
        let named = |(id, job): (_, &pow::Order<String>)| (id, job.purpose.clone());
        let jobs: Vec<_> = self.desk.jobs().map(named).collect();
        for (id, job) in jobs {
            if let Some(progress) = self.desk.progress(id, now) {
                let (tries, rate) = (progress.tries(), progress.rate().unwrap_or(0.0));
                self.tell(SolverRequest::Tried(Tried { job, tries, rate }));
            }
        }
        self.give_up_the_silent(now);
        if now >= self.retry_at && self.units.is_empty() {
            self.retry(now);
        }
        self.go_on_with_trial(now);
        self.settle(now)
    }

    pub(crate) fn heard(&mut self, id: u32, news: News, now: u64) -> Vec<Order> {
        // What an ended worker still says is nothing.
        if self.units.contains_key(&id) {
            if let Some(unit) = self.units.get_mut(&id) {
                unit.is_heard(now);
            }
            match news {
                News::Ready {
                    name,
                    span,
                    software,
                } => {
                    if let Some(unit) = self.units.get_mut(&id) {
                        unit.is_ready(name, span, software);
                        if unit.kind == EngineKind::Graphics {
                            self.software = Some(software);
                        }
                    }
                }
                News::None {} => self.fail(id, None),
                News::Failed { problem } => self.fail(id, Some(problem)),
                News::Done { position, span, ms } => self.done(id, position, span, ms, now),
            }
        }
        self.go_on_with_trial(now);
        self.settle(now)
    }

    fn done(&mut self, id: u32, position: Option<String>, span: u32, ms: f64, now: u64) {
        let Some(unit) = self.units.get_mut(&id) else {
            return;
        };
        let Some(piece) = unit.is_done(span, ms) else {
            return;
        };
        let kind = unit.kind;
        let Ok(found) = position.map(|position| position.parse()).transpose() else {
            self.desk.failed(&piece);
            return self.fail(id, Some("It does not answer in numbers.".to_owned()));
        };
        let job = self
            .desk
            .jobs()
            .find(|(id, _)| *id == piece.id)
            .map(|(_, job)| job.purpose.clone());
        match self.desk.done(&piece, found, now) {
            Answer::Found(solution) => {
                let header = Hex(*piece.job.challenge().as_bytes());
                let solved = Solved {
                    header,
                    solved_header: Hex(*solution.header.as_bytes()),
                };
                self.solved.extend(job.map(|job| (job, solved.clone())));
                self.tell(SolverRequest::Solved(solved));
            }
            Answer::Wrong => self.fail(id, Some("It computes wrongly.".to_owned())),
            Answer::Gone | Answer::Nothing => {}
        }
        let news = self.trial.is_none() && self.measured(kind).is_some() && self.told.insert(kind);
        if news {
            let engines = vec![self.note(kind)];
            self.tell(SolverRequest::Measured(Measured {
                engines,
                complete: false,
            }));
        }
    }

    fn work(&mut self, work: SolverWork, now: u64) {
        self.engine = work.engine;
        self.battery = work.on_battery;
        self.known = work.known;
        let same = |name: &String, solved: &Solved| {
            work.jobs
                .iter()
                .any(|job| job.job == *name && job.header == solved.header)
        };
        self.solved.retain(|name, solved| same(name, solved));
        for solved in self.solved.values().cloned().collect::<Vec<_>>() {
            self.tell(SolverRequest::Solved(solved));
        }
        let left: Vec<_> = work
            .jobs
            .iter()
            .filter(|job| !self.solved.contains_key(&job.job))
            .collect();
        if left.is_empty() {
            self.told.clear();
        }
        let gone: Vec<_> = self
            .desk
            .jobs()
            .filter(|(_, known)| {
                known.purpose != trial::JOB && left.iter().all(|job| job.job != known.purpose)
            })
            .map(|(id, _)| id)
            .collect();
        for id in gone {
            self.desk.cancel(id);
        }
        for job in left {
            self.order(job, now);
        }
    }

    /// Takes a job in, or renews the one of that name.
    fn order(&mut self, job: &SolverJob, now: u64) {
        // The engine has checked it: a target of zero comes from no node.
        let Ok(target) = Target::new(job.target.0) else {
            return;
        };
        let (challenge, expires_at) = (Header::new(job.header.0), job.expires_at.0);
        let known = self.desk.jobs().find(|(_, known)| known.purpose == job.job);
        match known.map(|(id, known)| (id, known.challenge == challenge && known.target == target))
        {
            Some((id, true)) => drop(self.desk.extend(id, expires_at)),
            Some((id, false)) => drop(self.desk.renew(id, challenge, target, expires_at, now)),
            None => {
                let purpose = job.job.clone();
                let order = pow::Order {
                    challenge,
                    target,
                    purpose,
                    expires_at,
                };
                self.desk.order(order, now);
                self.retry(now);
            }
        }
    }

    /// What did not work may do so now: there was too little memory, perhaps.
    fn retry(&mut self, now: u64) {
        self.restarts = 0;
        self.broken.remove(&EngineKind::Processor);
        self.retry_at = now + RETRY_MS;
    }

    /// Ends workers that do not answer: a driver that hangs tells nobody.
    fn give_up_the_silent(&mut self, now: u64) {
        let asleep = now < self.ticked_at || now - self.ticked_at > ASLEEP_MS;
        self.ticked_at = now;
        if asleep {
            self.units.values_mut().for_each(|unit| unit.is_heard(now));
        }
        let silent = self.units.iter().filter(|(_, unit)| unit.is_silent(now));
        for id in silent.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.fail(id, Some("It does not answer.".to_owned()));
        }
    }

    /// Makes the workers those that are wanted, and sees that all of them have something to do.
    fn settle(&mut self, now: u64) -> Vec<Order> {
        let wanted = self.wanted();
        for (kind, wanted) in KINDS.into_iter().zip(wanted) {
            let there = self.of(kind);
            let fewer = there.len() > wanted as usize;
            if fewer && self.trial.is_none() && self.measured(kind).is_some() {
                // What it is let go by counts, not what it could do at first.
                self.note(kind);
            }
            for id in there.iter().skip(wanted as usize) {
                self.end(*id);
            }
            let few = u32::try_from(there.len()).unwrap_or(u32::MAX);
            if !self.broken.contains_key(&kind) {
                for _ in few..wanted {
                    self.start(kind, now);
                }
            }
        }
        for (id, unit) in &mut self.units {
            while let Some(piece) = unit.wants().and_then(|tries| self.desk.take(tries, now)) {
                self.orders.push(Order::Scan {
                    unit: *id,
                    header: piece.job.challenge().to_string(),
                    target: piece.job.target().to_string(),
                    worker: piece.job.worker(),
                    first: piece.span.first.to_string(),
                    count: piece.span.count,
                });
                unit.has(piece, now);
            }
        }
        std::mem::take(&mut self.orders)
    }

    /// How many workers of each of [`KINDS`].
    fn wanted(&self) -> [u32; 2] {
        if self.desk.jobs().next().is_none() {
            return [0, 0];
        }
        if let Some(trial) = &self.trial {
            return match trial.kind() {
                EngineKind::Processor => [self.cores, 0],
                EngineKind::Graphics => [0, 1],
            };
        }
        let gentle = self.on_battery && self.battery != BatteryChoice::Full;
        let device = self
            .units
            .values()
            .find(|unit| unit.kind == EngineKind::Graphics);
        let ready = device.and_then(|unit| unit.ready.as_ref());
        let software = self.software.or_else(|| {
            let known = self.known_of(EngineKind::Graphics)?;
            known.rate.is_some().then_some(known.software)
        });
        let [processor, graphics] = KINDS.map(|kind| self.rate(kind));
        let broken = |kind| self.broken.contains_key(&kind);
        let chosen = !broken(EngineKind::Graphics)
            && (broken(EngineKind::Processor)
                || uses_graphics(self.engine, gentle, software, graphics, processor));
        // The processor works until the device does, and beside it until that is known to be faster.
        let faster = graphics
            .zip(processor)
            .is_some_and(|(graphics, processor)| graphics > processor);
        let enough = chosen && ready.is_some() && (self.engine == EngineChoice::Graphics || faster);
        let processors = match (enough, gentle) {
            (true, _) => 0,
            (false, true) => 1,
            (false, false) => self.cores,
        };
        [processors, u32::from(chosen)]
    }

    fn start(&mut self, kind: EngineKind, now: u64) {
        let unit = self.next_unit;
        self.next_unit += 1;
        self.units.insert(unit, Unit::new(kind, now));
        self.orders.push(Order::Start { unit, kind });
    }

    /// Ends a worker; what it has not done another does.
    fn end(&mut self, id: u32) {
        if let Some(unit) = self.units.remove(&id) {
            unit.pieces.iter().for_each(|piece| self.desk.failed(piece));
            self.orders.push(Order::End { unit: id });
        }
    }

    /// A worker is of no use any more; without a problem there is no such device.
    fn fail(&mut self, id: u32, problem: Option<String>) {
        let Some(kind) = self.units.get(&id).map(|unit| unit.kind) else {
            return;
        };
        self.end(id);
        // A device opens itself again once; a processor that fails is most likely short of memory.
        if kind == EngineKind::Processor {
            self.restarts += 1;
            if self.restarts <= RESTARTS_MAX {
                return;
            }
        }
        let problem = problem.map(|text| text.chars().take(PROBLEM_MAX_CHARS).collect());
        let news = problem.is_some() && self.trial.is_none();
        self.broken.insert(kind, problem);
        if news {
            let engines = vec![self.note(kind)];
            self.tell(SolverRequest::Measured(Measured {
                engines,
                complete: false,
            }));
        }
    }

    fn tell(&mut self, request: SolverRequest) {
        self.orders.push(Order::Tell { request });
    }

    fn of(&self, kind: EngineKind) -> Vec<u32> {
        let those = self.units.iter().filter(|(_, unit)| unit.kind == kind);
        those.map(|(id, _)| *id).collect()
    }

    /// Tries a second of all workers of a kind, once each of them has worked for a while. One core of
    /// several (on battery) tells nothing of the processor.
    fn measured(&self, kind: EngineKind) -> Option<f64> {
        let units = self.units.values().filter(|unit| unit.kind == kind);
        let rates: Option<Vec<f64>> = units.map(Unit::measured).collect();
        let all = match kind {
            EngineKind::Processor => self.cores as usize,
            EngineKind::Graphics => 1,
        };
        rates
            .filter(|rates| rates.len() >= all)
            .map(|rates| rates.iter().sum())
    }

    fn known_of(&self, kind: EngineKind) -> Option<&EngineReport> {
        let here =
            |known: &&EngineReport| known.kind == kind && known.place == EnginePlace::Browser;
        let known = || self.known.iter().find(here);
        self.own.get(&kind).or_else(known)
    }

    fn rate(&self, kind: EngineKind) -> Option<f64> {
        self.measured(kind).or_else(|| self.known_of(kind)?.rate)
    }

    /// What a kind can do, remembered.
    fn note(&mut self, kind: EngineKind) -> EngineReport {
        let report = self.report(kind);
        self.own.insert(kind, report.clone());
        report
    }

    fn report(&self, kind: EngineKind) -> EngineReport {
        let units = self.of(kind);
        let ready = units
            .iter()
            .find_map(|id| self.units.get(id)?.ready.clone());
        let problem = self.broken.get(&kind).cloned().flatten();
        let does_not_start = || "It does not start.".to_owned();
        EngineReport {
            kind,
            place: EnginePlace::Browser,
            units: u32::try_from(units.len()).unwrap_or(u32::MAX),
            rate: self.measured(kind),
            problem: problem.or_else(|| ready.is_none().then(does_not_start)),
            software: ready.as_ref().is_some_and(|ready| ready.software),
            name: ready.map(|ready| ready.name).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests;
