use proto::ids::UnixMillis;

use super::*;

const CORES: u32 = 4;
const LATER: UnixMillis = UnixMillis(1_000_000_000);
const SPAN: u32 = 1_000;

/// A document with its workers, played: every piece takes as long as its kind's rate says.
struct Stage {
    crew: Crew,
    now: u64,
    workers: BTreeMap<u32, EngineKind>,
    told: Vec<SolverRequest>,
    started: u32,
    /// Tries a millisecond of each kind; `None`: there is no such device.
    pace: [Option<u32>; 2],
    software: bool,
    pieces: std::collections::VecDeque<(u32, u64, u32)>,
}

impl Stage {
    fn new(graphics: Option<u32>, software: bool) -> Self {
        Self {
            crew: Crew::new(1, CORES),
            now: 1_000,
            workers: BTreeMap::new(),
            told: Vec::new(),
            started: 0,
            pace: [Some(100), graphics],
            software,
            pieces: std::collections::VecDeque::new(),
        }
    }

    fn ask(&mut self, command: SolverCommand) {
        let orders = self.crew.asked(command, self.now);
        self.carry_out(orders);
    }

    fn hear(&mut self, unit: u32, news: News) {
        let orders = self.crew.heard(unit, news, self.now);
        self.carry_out(orders);
    }

    fn carry_out(&mut self, orders: Vec<Order>) {
        for order in orders {
            match order {
                Order::Start { unit, kind } => {
                    self.started += 1;
                    self.workers.insert(unit, kind);
                    let news = match self.pace[kind as usize] {
                        None => News::None {},
                        Some(_) => News::Ready {
                            name: "x".to_owned(),
                            span: SPAN,
                            software: self.software && kind == EngineKind::Graphics,
                        },
                    };
                    self.hear(unit, news);
                }
                Order::End { unit } => {
                    self.workers.remove(&unit);
                    self.pieces.retain(|(it, _, _)| *it != unit);
                }
                Order::Scan {
                    unit, first, count, ..
                } => self
                    .pieces
                    .push_back((unit, first.parse().expect("a number"), count)),
                Order::Tell { request } => self.told.push(request),
            }
        }
    }

    /// Lets all workers work; nothing is found.
    fn pass(&mut self, rounds: u32) {
        for _ in 0..rounds {
            let mut busy = BTreeSet::new();
            for _ in 0..self.pieces.len() {
                let Some((unit, first, count)) = self.pieces.pop_front() else {
                    break;
                };
                // One piece a worker and round.
                if !busy.insert(unit) {
                    self.pieces.push_back((unit, first, count));
                    continue;
                }
                let Some(kind) = self.workers.get(&unit) else {
                    continue;
                };
                let pace = self.pace[*kind as usize].unwrap_or(1);
                self.hear(
                    unit,
                    News::Done {
                        position: None,
                        span: SPAN,
                        ms: f64::from(count) / f64::from(pace),
                    },
                );
            }
            self.now += 10;
            let orders = self.crew.tick(self.now);
            self.carry_out(orders);
        }
    }

    fn count(&self, kind: EngineKind) -> usize {
        self.workers.values().filter(|it| **it == kind).count()
    }

    fn counts(&self) -> [usize; 2] {
        KINDS.map(|kind| self.count(kind))
    }
}

fn job(name: &str, byte: u8, target: u8) -> SolverJob {
    let mut bytes = [0; 32];
    bytes[0] = target;
    bytes[31] = 1;
    SolverJob {
        job: name.to_owned(),
        header: Hex([byte; 64]),
        target: Hex(bytes),
        expires_at: LATER,
    }
}

fn work(jobs: Vec<SolverJob>) -> SolverWork {
    SolverWork {
        jobs,
        engine: EngineChoice::Automatic,
        on_battery: BatteryChoice::Ask,
        known: Vec::new(),
    }
}

fn hard() -> SolverWork {
    work(vec![job("log_in", 1, 0)])
}

#[test]
fn real_device_takes_over_once_it_is_known_to_be_faster() {
    let mut stage = Stage::new(Some(10_000), false);
    stage.ask(SolverCommand::Work(hard()));
    assert_eq!(
        stage.counts(),
        [CORES as usize, 1],
        "both until it is known"
    );
    stage.pass(12_000);
    assert_eq!(stage.counts(), [0, 1]);
    let kinds: Vec<_> = stage
        .told
        .iter()
        .filter_map(|it| match it {
            SolverRequest::Measured(measured) => Some(measured.engines[0].kind),
            _ => None,
        })
        .collect();
    assert_eq!(kinds, KINDS, "told once each");
    let rates: Vec<_> = stage
        .told
        .iter()
        .filter_map(|it| match it {
            SolverRequest::Measured(measured) => measured.engines[0].rate,
            _ => None,
        })
        .collect();
    assert_eq!(rates.len(), 2);
    assert!(
        (rates[0] - 100e3 * f64::from(CORES)).abs() < 1.0,
        "of all workers: {rates:?}"
    );
    // Known from another day, it begins alone as soon as it is ready.
    let known = vec![
        stage_report(EngineKind::Processor, 400e3),
        stage_report(EngineKind::Graphics, 10e6),
    ];
    let mut stage = Stage::new(Some(10_000), false);
    stage.ask(SolverCommand::Work(SolverWork { known, ..hard() }));
    assert_eq!(stage.counts(), [0, 1]);
}

fn stage_report(kind: EngineKind, rate: f64) -> EngineReport {
    EngineReport {
        kind,
        place: EnginePlace::Browser,
        name: "x".to_owned(),
        units: 1,
        software: false,
        rate: Some(rate),
        problem: None,
    }
}

#[test]
fn slower_device_and_one_in_software_are_let_go() {
    // Slower than one core; faster than one, and slower than all of them.
    for pace in [50, 200] {
        let mut stage = Stage::new(Some(pace), false);
        stage.ask(SolverCommand::Work(hard()));
        stage.pass(2_000);
        assert_eq!(stage.counts(), [CORES as usize, 0]);
        assert_eq!(stage.started, CORES + 1, "opened once");
    }
    let mut stage = Stage::new(Some(100_000), true);
    stage.ask(SolverCommand::Work(hard()));
    stage.pass(200);
    assert_eq!(stage.counts(), [CORES as usize, 0]);
    assert_eq!(stage.started, CORES + 1, "opened once");
    // The user overrules, either way.
    stage.ask(SolverCommand::Work(SolverWork {
        engine: EngineChoice::Graphics,
        ..hard()
    }));
    assert_eq!(stage.counts(), [0, 1]);
    stage.ask(SolverCommand::Work(SolverWork {
        engine: EngineChoice::Processor,
        ..hard()
    }));
    assert_eq!(stage.counts(), [CORES as usize, 0]);
}

#[test]
fn missing_or_broken_device_leaves_the_work_to_the_processor() {
    for engine in [EngineChoice::Automatic, EngineChoice::Graphics] {
        let mut stage = Stage::new(None, false);
        stage.ask(SolverCommand::Work(SolverWork { engine, ..hard() }));
        assert_eq!(stage.counts(), [CORES as usize, 0]);
        assert!(stage.told.is_empty(), "nothing is wrong");
        let mut stage = Stage::new(Some(1_000), false);
        stage.ask(SolverCommand::Work(SolverWork { engine, ..hard() }));
        let device = stage.crew.of(EngineKind::Graphics)[0];
        stage.hear(
            device,
            News::Failed {
                problem: "lost".repeat(100),
            },
        );
        assert_eq!(stage.counts(), [CORES as usize, 0]);
        let [SolverRequest::Measured(measured)] = &stage.told[..] else {
            panic!("{:?}", stage.told)
        };
        let problem = measured.engines[0].problem.as_deref().expect("a problem");
        assert!(problem.starts_with("lost") && problem.len() == 100);
    }
}

#[test]
fn worker_that_dies_is_started_again_and_loses_nothing() {
    let mut stage = Stage::new(None, false);
    stage.ask(SolverCommand::Work(hard()));
    let lost: Vec<u64> = stage
        .pieces
        .iter()
        .filter(|(unit, _, _)| *unit == 0)
        .map(|(_, first, _)| *first)
        .collect();
    assert_eq!(lost.len(), 2);
    stage.hear(
        0,
        News::Failed {
            problem: "out of memory".to_owned(),
        },
    );
    assert_eq!(stage.counts(), [CORES as usize, 0]);
    for first in lost {
        assert!(
            stage
                .pieces
                .iter()
                .any(|(unit, it, _)| *unit != 0 && *it == first),
            "{first}"
        );
    }
    // Not for ever: what always dies would keep the machine busy with dying.
    for _ in 0..20 {
        let first = stage.workers.keys().next().copied();
        let Some(unit) = first else { break };
        stage.hear(
            unit,
            News::Failed {
                problem: "out of memory".to_owned(),
            },
        );
    }
    assert_eq!(stage.counts(), [0, 0]);
    assert!(matches!(&stage.told[..], [SolverRequest::Measured(_), ..]));
}

#[test]
fn liar_is_let_go_and_its_piece_tried_again() {
    let mut stage = Stage::new(Some(1_000), false);
    stage.ask(SolverCommand::Work(hard()));
    let device = stage.crew.of(EngineKind::Graphics)[0];
    let (_, first, _) = *stage
        .pieces
        .iter()
        .find(|(unit, _, _)| *unit == device)
        .expect("works");
    stage.hear(
        device,
        News::Done {
            position: Some(first.to_string()),
            span: SPAN,
            ms: 1.0,
        },
    );
    assert_eq!(stage.counts(), [CORES as usize, 0]);
    assert!(
        stage
            .told
            .iter()
            .all(|it| !matches!(it, SolverRequest::Solved(_)))
    );
    // It is taken up by whoever is free next.
    stage.pass(3);
    assert_eq!(stage.crew.desk.jobs().count(), 1);
}

#[test]
fn solution_is_told_again_to_a_background_that_died_over_it() {
    let mut stage = Stage::new(None, false);
    let easy = work(vec![job("log_in", 1, 0xff)]);
    stage.ask(SolverCommand::Work(easy.clone()));
    let (unit, first, count) = *stage.pieces.front().expect("works");
    let (target, _) = (Target::new(easy.jobs[0].target.0).expect("not zero"), count);
    let challenge = Header::new([1; 64]);
    let solves = |position: &u64| pow::verify(&challenge.at(1, *position), &target).is_ok();
    let position = (first..first + 1_000).find(solves).expect("nearly all do");
    stage.hear(
        unit,
        News::Done {
            position: Some(position.to_string()),
            span: SPAN,
            ms: 1.0,
        },
    );
    let solved = match &stage.told[..] {
        [SolverRequest::Solved(solved)] => solved.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(solved.header, Hex([1; 64]));
    assert_eq!(stage.counts(), [0, 0], "nothing left to do");
    stage.told.clear();
    stage.ask(SolverCommand::Work(easy));
    assert_eq!(stage.told, [SolverRequest::Solved(solved)]);
    assert_eq!(stage.counts(), [0, 0]);
    // Another challenge of the same job is another matter.
    stage.ask(SolverCommand::Work(work(vec![job("log_in", 2, 0)])));
    assert_eq!(stage.counts(), [CORES as usize, 0]);
    stage.ask(SolverCommand::Work(work(Vec::new())));
    assert_eq!(stage.counts(), [0, 0]);
}

#[test]
fn renewed_job_keeps_its_tries() {
    let mut stage = Stage::new(None, false);
    stage.ask(SolverCommand::Work(hard()));
    stage.pass(10);
    stage.ask(SolverCommand::Work(work(vec![job("log_in", 7, 0)])));
    stage.pass(1);
    let tried = stage.told.iter().rev().find_map(|it| match it {
        SolverRequest::Tried(tried) => Some(tried),
        _ => None,
    });
    assert!(tried.expect("progress").tries >= 10 * u64::from(SPAN));
}

#[test]
fn battery_means_one_core_until_the_user_says_otherwise() {
    let mut stage = Stage::new(Some(10_000), false);
    let orders = stage.crew.power(true, 0);
    stage.carry_out(orders);
    assert_eq!(
        stage.told,
        [SolverRequest::Power(Power { on_battery: true })]
    );
    for (on_battery, counts) in [
        (BatteryChoice::Ask, [1, 0]),
        (BatteryChoice::Full, [CORES as usize, 1]),
        (BatteryChoice::Gentle, [1, 0]),
    ] {
        stage.ask(SolverCommand::Work(SolverWork {
            on_battery,
            ..hard()
        }));
        assert_eq!(stage.counts(), counts, "{on_battery:?}");
    }
    let orders = stage.crew.power(false, 0);
    stage.carry_out(orders);
    assert_eq!(stage.counts(), [CORES as usize, 1]);
}

#[test]
fn measuring_lets_each_kind_work_alone() {
    for (device, software, kinds) in [
        (Some(10), true, 2),
        (Some(1_000), false, 2),
        (None, false, 1),
    ] {
        let mut stage = Stage::new(device, software);
        stage.ask(SolverCommand::Measure {});
        let mut seen = BTreeSet::new();
        for _ in 0..2_000 {
            seen.insert(stage.counts());
            stage.pass(1);
        }
        assert!(
            seen.is_subset(&[[CORES as usize, 0], [0, 1], [0, 0]].into()),
            "{seen:?}"
        );
        let reports: Vec<_> = stage
            .told
            .iter()
            .filter_map(|it| match it {
                SolverRequest::Measured(measured) => Some(measured),
                _ => None,
            })
            .collect();
        let [measured] = reports[..] else {
            panic!("{reports:?}")
        };
        assert!(measured.complete);
        let found: Vec<_> = measured.engines.iter().map(|it| it.kind).collect();
        assert_eq!(found, KINDS[..kinds]);
        assert_eq!(measured.engines[0].rate, Some(100e3 * f64::from(CORES)));
        assert_eq!(
            measured.engines.get(1).map(|it| (it.rate, it.software)),
            device.map(|pace| (Some(f64::from(pace) * 1e3), software))
        );
    }
}

#[test]
fn device_that_slows_down_is_let_go_once() {
    let mut stage = Stage::new(Some(10_000), false);
    stage.ask(SolverCommand::Work(hard()));
    stage.pass(12_000);
    assert_eq!(stage.counts(), [0, 1]);
    stage.pace[1] = Some(10);
    stage.pass(2_000);
    assert_eq!(stage.counts(), [CORES as usize, 0]);
    assert_eq!(stage.started, 2 * CORES + 1);
}

#[test]
fn device_that_hangs_is_given_up_unless_all_were_asleep() {
    let known = vec![
        stage_report(EngineKind::Processor, 400e3),
        stage_report(EngineKind::Graphics, 10e6),
    ];
    let mut stage = Stage::new(Some(10_000), false);
    stage.ask(SolverCommand::Work(SolverWork { known, ..hard() }));
    stage.pass(10);
    stage.now += 3_600_000;
    let orders = stage.crew.tick(stage.now);
    stage.carry_out(orders);
    assert_eq!(stage.counts(), [0, 1], "the computer slept");
    let pieces = std::mem::take(&mut stage.pieces);
    assert!(!pieces.is_empty());
    stage.pass(4_000);
    assert_eq!(stage.counts(), [CORES as usize, 0]);
}

#[test]
fn processor_that_always_dies_is_tried_again_later_and_for_the_next_job() {
    let mut stage = Stage::new(None, false);
    let die = |stage: &mut Stage| {
        while let Some(unit) = stage.workers.keys().next().copied() {
            let problem = "out of memory".to_owned();
            stage.hear(unit, News::Failed { problem });
        }
    };
    stage.ask(SolverCommand::Work(hard()));
    die(&mut stage);
    stage.pass(10);
    assert_eq!(stage.counts(), [0, 0]);
    stage.pass(6_000);
    assert_eq!(stage.counts(), [CORES as usize, 0], "a minute later");
    die(&mut stage);
    stage.ask(SolverCommand::Work(work(vec![job("other", 3, 0)])));
    assert_eq!(stage.counts(), [CORES as usize, 0]);
}

#[test]
fn challenge_that_is_good_for_longer_is_worked_on_for_longer() {
    let mut stage = Stage::new(None, false);
    let mut short = hard();
    short.jobs[0].expires_at = UnixMillis(2_000);
    stage.ask(SolverCommand::Work(short));
    stage.now = 3_000;
    stage.pass(3);
    assert!(stage.pieces.is_empty());
    stage.ask(SolverCommand::Work(hard()));
    assert!(!stage.pieces.is_empty());
}

#[test]
fn one_core_on_battery_tells_nothing_of_the_processor() {
    let mut stage = Stage::new(None, false);
    let orders = stage.crew.power(true, 0);
    stage.carry_out(orders);
    stage.ask(SolverCommand::Work(hard()));
    stage.pass(500);
    assert_eq!(stage.counts(), [1, 0]);
    let measured = |it: &SolverRequest| matches!(it, SolverRequest::Measured(_));
    assert!(!stage.told.iter().any(measured));
}
