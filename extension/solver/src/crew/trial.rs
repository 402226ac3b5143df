//! Measuring: each kind of engine works alone for a while.

use pow::{Header, Target};
use proto::bridge::solver::{EngineKind, EngineReport, Measured, SolverRequest};

use super::{Crew, KINDS};

/// Name of the job to measure with, which nothing solves.
pub(super) const JOB: &str = "trial";
/// A device that has measured nothing by then is given up, milliseconds.
const PATIENCE_MS: u64 = 30_000;

/// A measurement under way.
#[derive(Debug)]
pub(super) struct Trial {
    /// Of [`KINDS`].
    number: usize,
    since: u64,
    reports: Vec<EngineReport>,
}

impl Trial {
    pub(super) fn kind(&self) -> EngineKind {
        KINDS[self.number % KINDS.len()]
    }
}

impl Crew {
    pub(super) fn begin_trial(&mut self, now: u64) {
        if self.trial.is_some() {
            return;
        }
        // What did not work may do so now.
        self.broken.clear();
        self.retry(now);
        // Nobody works beside what is measured, and nobody has worked before.
        for id in self.units.keys().copied().collect::<Vec<_>>() {
            self.end(id);
        }
        self.trial = Some(Trial {
            number: 0,
            since: now,
            reports: Vec::new(),
        });
        let order = pow::Order {
            challenge: Header::new([0; pow::HEADER_BYTES]),
            target: Target::HARDEST,
            purpose: JOB.to_owned(),
            expires_at: u64::MAX,
        };
        self.desk.order(order, now);
    }

    /// Goes on to the next kind when one is measured, and tells when all are.
    pub(super) fn go_on_with_trial(&mut self, now: u64) {
        let Some(trial) = &self.trial else { return };
        let (kind, since) = (trial.kind(), trial.since);
        let units = self.of(kind);
        let all = !units.is_empty()
            && units.iter().all(|id| {
                self.units
                    .get(id)
                    .is_some_and(|unit| unit.measured().is_some())
            });
        let over =
            all || self.broken.contains_key(&kind) || now.saturating_sub(since) > PATIENCE_MS;
        if !over {
            return;
        }
        // Where there is no such device, there is nothing to report.
        let report = (self.broken.get(&kind) != Some(&None)).then(|| self.note(kind));
        let Some(trial) = &mut self.trial else { return };
        trial.reports.extend(report);
        trial.number += 1;
        trial.since = now;
        if trial.number < KINDS.len() {
            return;
        }
        let engines = std::mem::take(&mut trial.reports);
        self.trial = None;
        let job = self
            .desk
            .jobs()
            .find(|(_, job)| job.purpose == JOB)
            .map(|(id, _)| id);
        if let Some(id) = job {
            self.desk.cancel(id);
        }
        self.tell(SolverRequest::Measured(Measured {
            engines,
            complete: true,
        }));
    }
}
