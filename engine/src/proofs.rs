//! Proofs of work between an engine and whoever works on them: what is ordered, how far it is, and what a
//! solution is of.

use proto::{
    bridge::{
        popup::{WorkProgress, WorkTask},
        solver::{SolverJob, SolverWork, Tried},
    },
    bytes::Hex,
    ids::{Difficulty, MessageId, UnixMillis},
};

use crate::{Engine, platform::Platform};

/// What came of a report how far a search is.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// Nobody has ordered it, any more.
    Unwanted,
    /// Its challenge is over: another is to be asked for.
    Over,
    /// Of a message.
    Message,
    /// Of an account; what its user is told.
    Account(WorkProgress),
}

/// What a solution is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Solves {
    /// Making an account, logging in, recovering.
    Account,
    /// A message.
    Message,
}

impl<P: Platform> Engine<P> {
    /// All that is to be worked on now, and how.
    pub fn solver_work(&self) -> SolverWork {
        let settings = self.settings();
        let now = self.platform().now();
        let order = self.work().filter(|order| order.challenge.expires_at > now);
        let job = order.map(|order| SolverJob {
            job: name(order.task).to_owned(),
            header: order.challenge.header,
            target: order.challenge.target,
            expires_at: order.challenge.expires_at,
        });
        let message = self.message_work().map(|order| SolverJob {
            job: message_job(order.id),
            header: order.challenge.header,
            target: order.challenge.target,
            expires_at: order.challenge.expires_at,
        });
        SolverWork {
            jobs: job.into_iter().chain(message).collect(),
            engine: settings.engine,
            on_battery: settings.on_battery,
            known: self
                .solver()
                .map(|(engines, _)| engines)
                .unwrap_or_default(),
        }
    }

    /// Takes note of how far a search is.
    pub fn take_progress(&self, tried: &Tried) -> Progress {
        let now = self.platform().now();
        if let Some(id) = message_of(&tried.job) {
            let order = self.message_work().filter(|order| order.id == id);
            let Some(order) = order else {
                // Over its time: another challenge is asked for.
                return Progress::Over;
            };
            let left = left(now, order.challenge.expires_at);
            let progress = estimate(tried, order.challenge.difficulty, left);
            self.note_message_progress(id, progress);
            return Progress::Message;
        }
        let Some(order) = self.work().filter(|it| name(it.task) == tried.job) else {
            return Progress::Unwanted;
        };
        if order.challenge.expires_at <= now {
            return Progress::Over;
        }
        let left = left(now, order.challenge.expires_at);
        let progress = estimate(tried, order.challenge.difficulty, left);
        self.note_progress(progress.clone());
        Progress::Account(progress)
    }

    /// What to expect before the first try, at a rate of other days, tries a second.
    pub fn expect_rate(&self, rate: f64) {
        let now = self.platform().now();
        let begins = |job: String| Tried {
            job,
            tries: 0,
            rate,
        };
        if let Some(order) = self.work() {
            let left = left(now, order.challenge.expires_at);
            let begins = begins(name(order.task).to_owned());
            self.expect_progress(estimate(&begins, order.challenge.difficulty, left));
        }
        if let Some(order) = self.message_work() {
            let left = left(now, order.challenge.expires_at);
            let begins = begins(message_job(order.id));
            let progress = estimate(&begins, order.challenge.difficulty, left);
            self.note_message_progress(order.id, progress);
        }
    }

    /// What a challenge's solution is of; `None` where it is not wanted any more: withdrawn, renewed, over.
    pub fn solves(&self, header: Hex<64>) -> Option<Solves> {
        let of_message = self.message_work();
        if of_message.is_some_and(|order| order.challenge.header == header) {
            return Some(Solves::Message);
        }
        let ordered = self.work();
        ordered
            .is_some_and(|order| order.challenge.header == header)
            .then_some(Solves::Account)
    }
}

fn name(task: WorkTask) -> &'static str {
    match task {
        WorkTask::CreateAccount => "create_account",
        WorkTask::LogIn => "log_in",
        WorkTask::Recover => "recover",
    }
}

/// Name of a message's job.
fn message_job(id: MessageId) -> String {
    format!("message/{id}")
}

/// The message of a job.
fn message_of(job: &str) -> Option<MessageId> {
    job.strip_prefix("message/")?.parse().ok()
}

/// Milliseconds until then.
fn left(now: UnixMillis, expires_at: UnixMillis) -> u64 {
    expires_at.0.saturating_sub(now.0)
}

/// What the user is told: chances by the geometric distribution of tries.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn estimate(tried: &Tried, difficulty: Difficulty, left_ms: u64) -> WorkProgress {
    let average = difficulty.0.max(1) as f64;
    // The search has no memory: the expected rest is the whole, however long it has lasted.
    let expected_seconds = (tried.rate > 0.0).then(|| average / tried.rate);
    let left = left_ms as f64 / 1000.0;
    WorkProgress {
        tries: tried.tries,
        rate: tried.rate,
        difficulty,
        probability: 1.0 - (-(tried.tries as f64) / average).exp(),
        expected_seconds,
        too_slow: expected_seconds.is_some_and(|expected| expected > left),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_that_of_the_tries() {
        let tried = |tries, rate| Tried {
            job: "log_in".to_owned(),
            tries,
            rate,
        };
        let told = estimate(&tried(7_000_000, 1000.0), Difficulty(7_000_000), 1_000_000);
        assert!((told.probability - (1.0 - (-1.0_f64).exp())).abs() < 1e-12);
        assert_eq!(told.expected_seconds, Some(7000.0));
        assert!(told.too_slow);
        let told = estimate(&tried(0, 0.0), Difficulty(0), 0);
        assert!(told.probability.abs() < f64::EPSILON && told.expected_seconds.is_none());
    }
}
