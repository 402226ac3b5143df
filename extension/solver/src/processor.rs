//! The processor: one thread of it in each Web Worker.

use std::fmt;

use pow::{Engine, Header, Job, Span, Target};
use wasm_bindgen::prelude::wasm_bindgen;

/// An engine on this thread.
#[wasm_bindgen]
pub struct Processor {
    engine: Box<dyn Engine + Send>,
}

#[wasm_bindgen]
impl Processor {
    /// The fastest engine; checked, for a browser's compiler may be wrong too.
    ///
    /// # Errors
    /// Where it does not find what the definition finds.
    pub fn open() -> Result<Processor, String> {
        let mut engine = pow::fastest();
        if pow::is_right(engine.as_mut()) {
            Ok(Self { engine })
        } else {
            Err(format!("{} computes wrongly", engine.name()))
        }
    }

    /// Name of its instructions.
    #[wasm_bindgen(getter)]
    pub fn name(&self) -> String {
        self.engine.name().to_owned()
    }

    /// Positions to ask for at once.
    #[wasm_bindgen(getter)]
    pub fn span(&self) -> u32 {
        self.engine.span_tries()
    }

    /// The lowest position of a span that solves the challenge, of `header` (128 hex digits) and
    /// `target` (64), with the nonces of a worker.
    ///
    /// # Errors
    /// Where a text is no hex of its length.
    pub fn scan(
        &mut self,
        header: &str,
        target: &str,
        worker: u32,
        first: u64,
        count: u32,
    ) -> Result<Option<u64>, String> {
        let header = Header::parse_hex(header).map_err(|error| format!("header: {error}"))?;
        let target = Target::parse_hex(target).map_err(|error| format!("target: {error}"))?;
        let job = Job::new(header, target).for_worker(worker);
        let found = self.engine.scan(&job, Span { first, count });
        found.map_err(|error| error.to_string())
    }
}

impl fmt::Debug for Processor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Processor")
            .field(&self.engine.name())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn span_is_searched_to_its_lowest_solution() -> Result<(), String> {
        let (header, target) = ("5a".repeat(64), format!("00ff{}", "00".repeat(30)));
        let mut processor = Processor::open()?;
        let found = processor
            .scan(&header, &target, 3, 100, 10_000)?
            .ok_or("none")?;
        assert_eq!(
            processor.scan(
                &header,
                &target,
                3,
                100,
                u32::try_from(found - 100).unwrap_or(0)
            )?,
            None
        );
        let job = Job::new(
            Header::parse_hex(&header).map_err(|e| e.to_string())?,
            Target::parse_hex(&target).map_err(|e| e.to_string())?,
        );
        assert_eq!(
            pow::verify(&job.for_worker(3).header_at(found), job.target()),
            Ok(())
        );
        assert!(processor.span() > 0 && !processor.name().is_empty());
        Ok(())
    }

    #[test]
    fn texts_that_are_no_challenge_are_refused() -> Result<(), String> {
        let (header, target) = ("5a".repeat(64), "ff".repeat(32));
        let mut processor = Processor::open()?;
        let mut scan = |header: &str, target: &str| processor.scan(header, target, 0, 0, 8);
        assert!(scan(&header, &target).is_ok());
        assert!(scan(&header[2..], &target).is_err());
        assert!(scan(&header, &target[2..]).is_err());
        assert!(scan(&header, &"00".repeat(32)).is_err());
        assert!(scan(&"5A".repeat(64), &target).is_err());
        Ok(())
    }
}
