//! What is remembered of the engines that work on proofs on this device.

use proto::{bridge::solver::EngineReport, ids::UnixMillis};

use crate::{
    Engine,
    error::EngineError,
    platform::{Change, Platform, Store},
    records::{SETTINGS, SOLVER, SolverRecord, put},
};

/// Engines that are kept; there are two kinds.
const ENGINES_MAX: usize = 8;
/// Characters of a name or a problem.
const TEXT_MAX_CHARS: usize = 100;

impl<P: Platform> Engine<P> {
    /// What was measured, the processor first, and when.
    pub fn solver(&self) -> Option<(Vec<EngineReport>, UnixMillis)> {
        let state = self.state();
        let record = state.solver.as_ref()?;
        Some((record.engines.clone(), record.measured_at))
    }

    /// Remembers what was measured. What is known of other kinds stays, unless this is `complete`.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn note_solver(
        &self,
        measured: Vec<EngineReport>,
        complete: bool,
    ) -> Result<(), EngineError> {
        let _writing = self.writing().await;
        let mut engines: Vec<_> = measured
            .into_iter()
            .take(ENGINES_MAX)
            .map(shortened)
            .collect();
        // All of a place were measured: what was known of it besides is not there any more.
        let place = engines
            .first()
            .map(|engine| engine.place)
            .unwrap_or_default();
        if let Some((known, _)) = self.solver() {
            let other = |it: &EngineReport| {
                let same =
                    |engine: &EngineReport| (engine.kind, engine.place) == (it.kind, it.place);
                !(complete && it.place == place || engines.iter().any(same))
            };
            let others: Vec<_> = known.into_iter().filter(other).collect();
            engines.extend(others);
        }
        engines.sort_by_key(|engine| (engine.place, engine.kind));
        let measured_at = self.platform().now();
        let record = SolverRecord {
            engines,
            measured_at,
        };
        let change = put(SOLVER.to_owned(), &record)?;
        self.platform().store().commit(vec![change]).await?;
        self.state_mut().solver = Some(record);
        Ok(())
    }

    /// Clears the store but for what belongs to the device and not to an account.
    pub(crate) fn clear_account(&self) -> Result<Vec<Change>, EngineError> {
        let state = self.state();
        let mut changes = vec![Change::Clear, put(SETTINGS.to_owned(), &state.settings)?];
        if let Some(solver) = &state.solver {
            changes.push(put(SOLVER.to_owned(), solver)?);
        }
        Ok(changes)
    }
}

fn shortened(engine: EngineReport) -> EngineReport {
    let short = |text: String| text.chars().take(TEXT_MAX_CHARS).collect();
    EngineReport {
        name: short(engine.name),
        problem: engine.problem.map(short),
        ..engine
    }
}
