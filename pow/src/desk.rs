//! Several jobs and several engines, without clock, thread or event loop.
//!
//! ```text
//! order ──▶ Desk ──take──▶ Piece ──▶ an engine, wherever it runs
//! renew      │ ▲                          │
//! cancel     │ └──────done, failed────────┘
//!            └──▶ Solution · Progress · what has expired
//! ```
//!
//! The caller has the clock and hands it in, as milliseconds from any beginning that is the same for
//! all calls and for [`Order::expires_at`]. Engines of any speed ask for pieces of any size whenever
//! they like, and may never answer: a search has no memory, and what is lost is a chance.
//!
//! **Fairness:** a piece is of the job that was given the fewest tries since it came; one that comes
//! later begins with as many as the others have.

use std::ops::Range;

use crate::{
    header::Header,
    progress::{Progress, Rate},
    search::{Job, Search, Solution, Span},
    target::Target,
};

/// Something to be solved in time; `P` is whatever the caller does it for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order<P> {
    /// The challenge, as its node gave it.
    pub challenge: Header,
    /// Solved below it.
    pub target: Target,
    /// What it is done for.
    pub purpose: P,
    /// From when on the node takes no solution, on the caller's clock, milliseconds.
    pub expires_at: u64,
}

/// Names a job at its desk; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(u64);

/// Work for one engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Of which order.
    pub id: JobId,
    /// What to solve; a renewed job's differs.
    pub job: Job,
    /// The positions to try.
    pub span: Span,
}

/// What became of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It was cancelled, renewed or solved meanwhile.
    Gone,
    /// Nothing was found; it is counted.
    Nothing,
    /// The engine's find is no solution, or none of this piece. The piece is to be tried again.
    Wrong,
    /// Solved. The job has left the desk.
    Found(Solution),
}

/// All jobs, and who is to be served next.
#[derive(Debug)]
pub struct Desk<P> {
    worker: u32,
    next: u64,
    jobs: Vec<Entry<P>>,
}

#[derive(Debug)]
struct Entry<P> {
    id: JobId,
    order: Order<P>,
    search: Search,
    /// Pieces of engines that have failed.
    again: Vec<Span>,
    /// Tries handed out, and a head start, by which jobs are compared.
    served: u64,
    /// Tries that are done, those of an earlier challenge included.
    tries: u64,
    rate: Rate,
}

impl<P> Desk<P> {
    /// An empty desk. `worker` chooses the nonces ([`Header::at`]): one that begins anew after an
    /// accident tries others if it takes another number.
    pub fn new(worker: u32) -> Self {
        Self {
            worker,
            next: 0,
            jobs: Vec::new(),
        }
    }

    /// Takes a job in.
    pub fn order(&mut self, order: Order<P>, now: u64) -> JobId {
        self.order_within(order, 0..u64::MAX, now)
    }

    /// The same for some positions only.
    pub fn order_within(&mut self, order: Order<P>, positions: Range<u64>, now: u64) -> JobId {
        let id = JobId(self.next);
        self.next += 1;
        let served = self.served(now);
        let search = Search::within(job(&order, self.worker), positions);
        let (again, rate) = (Vec::new(), Rate::default());
        self.jobs.push(Entry {
            id,
            order,
            search,
            again,
            served,
            tries: 0,
            rate,
        });
        id
    }

    /// Goes on with another challenge, tries and rate kept; what is being tried of the old one is
    /// lost. `false` where there is no such job.
    pub fn renew(
        &mut self,
        id: JobId,
        challenge: Header,
        target: Target,
        expires_at: u64,
        now: u64,
    ) -> bool {
        let (worker, served) = (self.worker, self.served(now));
        let Some(entry) = self.entry(id) else {
            return false;
        };
        entry.order.challenge = challenge;
        entry.order.target = target;
        entry.order.expires_at = expires_at;
        entry.search = Search::new(job(&entry.order, worker));
        entry.again.clear();
        // What it missed while it waited is not made up for at the cost of the others.
        entry.served = entry.served.max(served);
        true
    }

    /// Lets a challenge be good until another time. `false` where there is no such job.
    pub fn extend(&mut self, id: JobId, expires_at: u64) -> bool {
        self.entry(id)
            .map(|entry| entry.order.expires_at = expires_at)
            .is_some()
    }

    /// Forgets a job; no further piece of it is handed out. `false` where there is none.
    pub fn cancel(&mut self, id: JobId) -> bool {
        let before = self.jobs.len();
        self.jobs.retain(|entry| entry.id != id);
        self.jobs.len() < before
    }

    /// The next piece, of at most `tries` positions; `None` where there is nothing to do. A job that
    /// has expired waits to be renewed.
    pub fn take(&mut self, tries: u32, now: u64) -> Option<Piece> {
        let ready = |entry: &&mut Entry<P>| entry.order.expires_at > now && entry.has_more();
        let entry = self
            .jobs
            .iter_mut()
            .filter(ready)
            .min_by_key(|entry| entry.served)?;
        let span = entry.next(tries)?;
        entry.served = entry.served.saturating_add(span.count.into());
        entry.rate.begin(now);
        Some(Piece {
            id: entry.id,
            job: *entry.search.job(),
            span,
        })
    }

    /// An engine is through with a piece, and has found that position, or none.
    pub fn done(&mut self, piece: &Piece, found: Option<u64>, now: u64) -> Answer {
        let Some(entry) = self
            .entry(piece.id)
            .filter(|entry| entry.search.job() == &piece.job)
        else {
            return Answer::Gone;
        };
        let Some(position) = found else {
            entry.count(piece.span.count, now);
            return Answer::Nothing;
        };
        let within = piece.span.positions().contains(&position);
        if let Some(solution) = entry.search.check(position).filter(|_| within) {
            self.cancel(piece.id);
            Answer::Found(solution)
        } else {
            entry.again.push(piece.span);
            Answer::Wrong
        }
    }

    /// An engine has given a piece up: another gets it.
    pub fn failed(&mut self, piece: &Piece) {
        if let Some(entry) = self
            .entry(piece.id)
            .filter(|entry| entry.search.job() == &piece.job)
        {
            entry.again.push(piece.span);
        }
    }

    /// How far a job is.
    pub fn progress(&self, id: JobId, now: u64) -> Option<Progress> {
        let entry = self.jobs.iter().find(|entry| entry.id == id)?;
        Some(Progress::new(
            entry.order.target,
            entry.tries,
            entry.rate.at(now),
        ))
    }

    /// Whether a job's challenge is likely to expire before its solution, at the rate so far. Half of
    /// all searches take longer than 0.69 times what is expected.
    pub fn is_too_slow(&self, id: JobId, now: u64) -> bool {
        let left = self
            .jobs
            .iter()
            .find(|entry| entry.id == id)
            .map(|entry| entry.order.expires_at.saturating_sub(now));
        let expected = self
            .progress(id, now)
            .and_then(|progress| progress.expected_remaining_seconds());
        left.zip(expected)
            .is_some_and(|(left, expected)| Progress::outlasts(expected, left))
    }

    /// Jobs whose challenge has expired, to be renewed or cancelled.
    pub fn expired(&self, now: u64) -> impl Iterator<Item = JobId> {
        self.jobs
            .iter()
            .filter(move |entry| entry.order.expires_at <= now)
            .map(|entry| entry.id)
    }

    /// All jobs, in the order of their coming.
    pub fn jobs(&self) -> impl Iterator<Item = (JobId, &Order<P>)> {
        self.jobs.iter().map(|entry| (entry.id, &entry.order))
    }

    /// Whether every position of every job is handed out, and none came back.
    pub fn is_exhausted(&self) -> bool {
        !self.jobs.iter().any(Entry::has_more)
    }

    /// The fewest tries of a job that is being worked on.
    fn served(&self, now: u64) -> u64 {
        let working = self
            .jobs
            .iter()
            .filter(|entry| entry.order.expires_at > now);
        working.map(|entry| entry.served).min().unwrap_or(0)
    }

    fn entry(&mut self, id: JobId) -> Option<&mut Entry<P>> {
        self.jobs.iter_mut().find(|entry| entry.id == id)
    }
}

impl<P> Entry<P> {
    fn has_more(&self) -> bool {
        !self.again.is_empty() || self.search.has_more()
    }

    /// Pieces that came back go first, in pieces of the size that is asked for.
    fn next(&mut self, tries: u32) -> Option<Span> {
        let Some(span) = self.again.pop() else {
            return self.search.take(tries);
        };
        let count = span.count.min(tries.max(1));
        let rest = Span {
            first: span.first + u64::from(count),
            count: span.count - count,
        };
        if rest.count > 0 {
            self.again.push(rest);
        }
        Some(Span { count, ..span })
    }

    fn count(&mut self, tries: u32, now: u64) {
        self.tries += u64::from(tries);
        self.rate.add(self.tries, now);
    }
}

fn job<P>(order: &Order<P>, worker: u32) -> Job {
    Job::new(order.challenge, order.target).for_worker(worker)
}

#[cfg(test)]
mod tests;
