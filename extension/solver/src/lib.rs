//! Proof-of-work worker of the extension: one `Solver` in each Web Worker.
//!
//! One class:
//!
//! ```text
//! const solver = new Solver(header, target, worker);   // throws a string where a text is no hex of its length
//! const solved = solver.step(20_000);                  // undefined, or the solved header: 128 hex digits
//! solver.tries                                         // tries so far, a number
//! solver.free();
//! ```
//!
//! `header` (128 hex digits) and `target` (64) are the challenge's. `worker` numbers the workers of
//! one search from 0: each tries nonces that no other tries, however many they are. A step of
//! 20 000 tries takes some hundredths of a second; between two steps the loader posts progress (tries;
//! the page adds them up and has the clock, see `pow::Progress`) and looks for a cancel, which is
//! just not stepping any more. No secret comes in here: header and target are public.

use std::fmt;

use pow::{Engine, Header, Job, Search, Step, Target};
use wasm_bindgen::prelude::wasm_bindgen;

/// One worker's part of a search.
#[wasm_bindgen]
pub struct Solver {
    search: Search,
    engine: Box<dyn Engine + Send>,
}

#[wasm_bindgen]
impl Solver {
    /// Begins a search.
    ///
    /// # Errors
    /// A text, thrown: `header` is not 128 or `target` not 64 lowercase hex digits, or zero.
    #[wasm_bindgen(constructor)]
    pub fn new(header: &str, target: &str, worker: u32) -> Result<Solver, String> {
        let header = Header::parse_hex(header).map_err(|error| format!("header: {error}"))?;
        let target = Target::parse_hex(target).map_err(|error| format!("target: {error}"))?;
        Ok(Self {
            search: Search::new(Job::new(header, target).for_worker(worker)),
            engine: pow::fastest(),
        })
    }

    /// Tries so many nonces more; the solved header in hex once there is one.
    pub fn step(&mut self, tries: u32) -> Option<String> {
        match self.search.step(self.engine.as_mut(), tries) {
            Step::Found(solution) => Some(solution.header.to_string()),
            // No search comes to the end of 2⁶⁴ nonces.
            Step::Running | Step::Exhausted => None,
        }
    }

    /// Tries so far.
    #[wasm_bindgen(getter)]
    #[expect(
        clippy::cast_precision_loss,
        reason = "exact up to 2⁵³, which no worker reaches"
    )]
    pub fn tries(&self) -> f64 {
        self.search.tries() as f64
    }
}

/// Name of the engine at work.
#[wasm_bindgen]
pub fn engine() -> String {
    pow::fastest().name().to_owned()
}

impl fmt::Debug for Solver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Solver")
            .field("search", &self.search)
            .field("engine", &self.engine.name())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_solve_the_same_challenge_with_different_nonces() -> Result<(), String> {
        let (header, target) = ("5a".repeat(64), format!("00ff{}", "00".repeat(30)));
        let mut found = Vec::new();
        for worker in 0..3 {
            let mut solver = Solver::new(&header, &target, worker)?;
            while found.len() <= worker as usize {
                found.extend(solver.step(50));
            }
            assert!(solver.tries() >= 1.0);
        }
        let read_target = Target::parse_hex(&target).map_err(|e| e.to_string())?;
        for solved in &found {
            let solved = Header::parse_hex(solved).map_err(|e| e.to_string())?;
            assert_eq!(pow::verify(&solved, &read_target), Ok(()));
            assert_eq!(solved.challenge(), [0x5a; 32]);
        }
        assert!(found[0] != found[1] && found[1] != found[2]);
        Ok(())
    }

    #[test]
    fn texts_that_are_no_challenge_are_refused() {
        let (header, target) = ("5a".repeat(64), "ff".repeat(32));
        assert!(Solver::new(&header, &target, 0).is_ok());
        assert!(Solver::new(&header[2..], &target, 0).is_err());
        assert!(Solver::new(&header, &target[2..], 0).is_err());
        assert!(Solver::new(&header, &"00".repeat(32), 0).is_err());
        assert!(Solver::new(&"5A".repeat(64), &target, 0).is_err());
    }
}
