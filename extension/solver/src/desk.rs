//! Jobs and pieces, as the document hands them out. Times are milliseconds of `Date.now()`.

use pow::{Answer, Header, JobId, Order, Target};
use wasm_bindgen::prelude::wasm_bindgen;

/// All jobs of the document.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Desk {
    desk: pow::Desk<String>,
}

/// Work for one engine.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Piece(pow::Piece);

/// What became of a piece.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Outcome {
    job: String,
    challenge: String,
    solved: Option<String>,
    wrong: bool,
}

/// How far a job is.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Progress(pow::Progress);

#[wasm_bindgen]
impl Desk {
    /// An empty desk. `worker` is a random number, so that one that starts anew after an accident
    /// tries other nonces.
    #[wasm_bindgen(constructor)]
    pub fn new(worker: u32) -> Desk {
        Self {
            desk: pow::Desk::new(worker),
        }
    }

    /// Takes a job in, or renews the one of that name.
    ///
    /// # Errors
    /// `header` is not 128 or `target` not 64 lowercase hex digits, or zero.
    pub fn order(
        &mut self,
        name: &str,
        header: &str,
        target: &str,
        expires_at: f64,
    ) -> Result<(), String> {
        let challenge = Header::parse_hex(header).map_err(|error| format!("header: {error}"))?;
        let target = Target::parse_hex(target).map_err(|error| format!("target: {error}"))?;
        let expires_at = millis(expires_at);
        let known = self
            .desk
            .jobs()
            .find(|(_, order)| order.purpose == name)
            .map(|(id, order)| (id, order.clone()));
        match known {
            Some((_, order)) if order.challenge == challenge && order.target == target => {}
            Some((id, _)) => drop(self.desk.renew(id, challenge, target, expires_at)),
            None => {
                self.desk.order(Order {
                    challenge,
                    target,
                    purpose: name.to_owned(),
                    expires_at,
                });
            }
        }
        Ok(())
    }

    /// Forgets all jobs but those of these names.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "no slice of texts comes out of JavaScript"
    )]
    pub fn keep(&mut self, names: Vec<String>) {
        let other: Vec<JobId> = self
            .desk
            .jobs()
            .filter(|(_, order)| !names.contains(&order.purpose))
            .map(|(id, _)| id)
            .collect();
        for id in other {
            self.desk.cancel(id);
        }
    }

    /// The next piece, of at most `tries` positions; `undefined` where there is nothing to do.
    pub fn take(&mut self, tries: u32, now: f64) -> Option<Piece> {
        self.desk.take(tries, millis(now)).map(Piece)
    }

    /// An engine is through with a piece, and has found that position, or none. `undefined` where
    /// there is nothing to say.
    pub fn done(&mut self, piece: &Piece, found: Option<u64>, now: f64) -> Option<Outcome> {
        let job = self.name(piece.0.id)?;
        let challenge = piece.0.job.challenge().to_string();
        let (solved, wrong) = match self.desk.done(&piece.0, found, millis(now)) {
            Answer::Found(solution) => (Some(solution.header.to_string()), false),
            Answer::Wrong => (None, true),
            _ => return None,
        };
        Some(Outcome {
            job,
            challenge,
            solved,
            wrong,
        })
    }

    /// An engine has given a piece up: another gets it.
    pub fn failed(&mut self, piece: &Piece) {
        self.desk.failed(&piece.0);
    }

    /// How far the job of that name is.
    pub fn progress(&self, name: &str, now: f64) -> Option<Progress> {
        let (id, _) = self.desk.jobs().find(|(_, order)| order.purpose == name)?;
        self.desk.progress(id, millis(now)).map(Progress)
    }

    /// Names of all jobs.
    #[wasm_bindgen(getter)]
    pub fn jobs(&self) -> Vec<String> {
        self.desk
            .jobs()
            .map(|(_, order)| order.purpose.clone())
            .collect()
    }

    fn name(&self, id: JobId) -> Option<String> {
        self.desk
            .jobs()
            .find(|(it, _)| *it == id)
            .map(|(_, order)| order.purpose.clone())
    }
}

#[wasm_bindgen]
impl Piece {
    /// The challenge's header in hex.
    #[wasm_bindgen(getter)]
    pub fn header(&self) -> String {
        self.0.job.challenge().to_string()
    }

    /// Its target in hex.
    #[wasm_bindgen(getter)]
    pub fn target(&self) -> String {
        self.0.job.target().to_string()
    }

    /// Which worker's nonces.
    #[wasm_bindgen(getter)]
    pub fn worker(&self) -> u32 {
        self.0.job.worker()
    }

    /// The first position.
    #[wasm_bindgen(getter)]
    pub fn first(&self) -> u64 {
        self.0.span.first
    }

    /// How many.
    #[wasm_bindgen(getter)]
    pub fn count(&self) -> u32 {
        self.0.span.count
    }
}

#[wasm_bindgen]
impl Outcome {
    /// The job's name.
    #[wasm_bindgen(getter)]
    pub fn job(&self) -> String {
        self.job.clone()
    }

    /// The challenge's header in hex.
    #[wasm_bindgen(getter)]
    pub fn challenge(&self) -> String {
        self.challenge.clone()
    }

    /// The header that solves it, in hex; then the job is gone.
    #[wasm_bindgen(getter)]
    pub fn solved(&self) -> Option<String> {
        self.solved.clone()
    }

    /// Whether the engine has told a lie.
    #[wasm_bindgen(getter)]
    pub fn wrong(&self) -> bool {
        self.wrong
    }
}

#[wasm_bindgen]
#[expect(
    clippy::cast_precision_loss,
    reason = "exact up to 2⁵³ tries, which nobody reaches"
)]
impl Progress {
    /// Tries so far.
    #[wasm_bindgen(getter)]
    pub fn tries(&self) -> f64 {
        self.0.tries() as f64
    }

    /// Tries a second, lately; 0 before it is known.
    #[wasm_bindgen(getter)]
    pub fn rate(&self) -> f64 {
        self.0.rate().unwrap_or(0.0)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, which is right for a time"
)]
fn millis(time: f64) -> u64 {
    time as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATER: f64 = 1e12;

    fn header(digit: &str) -> String {
        digit.repeat(128)
    }

    #[test]
    fn job_of_a_known_name_is_renewed() -> Result<(), String> {
        let (hard, easy) = (format!("{}1", "0".repeat(63)), "f".repeat(64));
        let mut desk = Desk::new(1);
        desk.order("log_in", &header("1"), &hard, LATER)?;
        let piece = desk.take(500, 0.0).ok_or("no work")?;
        assert!(desk.done(&piece, None, 100.0).is_none());
        let old = desk.take(500, 100.0).ok_or("no work")?;
        // The same again changes nothing, another challenge the job.
        desk.order("log_in", &header("1"), &hard, LATER)?;
        assert!(desk.done(&old, None, 200.0).is_none());
        let tries = |desk: &Desk| desk.progress("log_in", 200.0).map(|it| it.tries());
        assert_eq!(tries(&desk), Some(1000.0));
        desk.order("log_in", &header("2"), &easy, LATER)?;
        assert_eq!(desk.jobs(), ["log_in"]);
        assert_eq!(tries(&desk), Some(1000.0));
        let piece = desk.take(500, 200.0).ok_or("no work")?;
        assert_eq!(piece.header(), header("2"));
        let outcome = desk
            .done(&piece, Some(piece.first()), 300.0)
            .ok_or("found")?;
        assert!(!outcome.wrong() && outcome.solved().is_some());
        assert_eq!(
            (outcome.job(), outcome.challenge()),
            ("log_in".to_owned(), header("2"))
        );
        assert!(desk.jobs().is_empty());
        Ok(())
    }

    #[test]
    fn jobs_that_are_not_kept_are_gone() -> Result<(), String> {
        let hard = format!("{}1", "0".repeat(63));
        let mut desk = Desk::new(1);
        desk.order("a", &header("1"), &hard, LATER)?;
        desk.order("b", &header("2"), &hard, LATER)?;
        let piece = desk.take(64, 0.0).ok_or("no work")?;
        desk.keep(vec!["b".to_owned()]);
        assert_eq!(desk.jobs(), ["b"]);
        assert!(desk.done(&piece, Some(0), 1.0).is_none(), "cancelled");
        let piece = desk.take(64, 0.0).ok_or("no work")?;
        let lie = desk.done(&piece, Some(piece.first()), 1.0).ok_or("a lie")?;
        assert!(lie.wrong() && lie.solved().is_none());
        assert!(desk.order("c", "12", &hard, LATER).is_err());
        Ok(())
    }
}
