//! The crew as the document calls it: texts of JSON in, texts of JSON out.

use proto::bridge::solver::SolverCommand;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::crew::{Crew, News, Order};

/// The solver document's memory. Every call answers a JSON array of [`Order`]s, to be carried out in
/// their order; times are milliseconds of `Date.now()`.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Document(Crew);

#[wasm_bindgen]
impl Document {
    /// `random` chooses the nonces, so that a document that starts anew tries others; `cores` is how
    /// many threads the processor has.
    #[wasm_bindgen(constructor)]
    pub fn new(random: u32, cores: u32) -> Document {
        Self(Crew::new(random, cores))
    }

    /// The background has asked for something: a `SolverCommand`.
    ///
    /// # Errors
    /// A text that is no such command.
    pub fn asked(&mut self, command: &str, now: f64) -> Result<String, String> {
        let command =
            serde_json::from_str::<SolverCommand>(command).map_err(|error| error.to_string())?;
        Ok(texts(&self.0.asked(command, millis(now))))
    }

    /// A worker has told something: a [`News`].
    ///
    /// # Errors
    /// A text that is no such news.
    pub fn heard(&mut self, unit: u32, news: &str, now: f64) -> Result<String, String> {
        let news = serde_json::from_str::<News>(news).map_err(|error| error.to_string())?;
        Ok(texts(&self.0.heard(unit, news, millis(now))))
    }

    /// Whether the device runs on battery.
    pub fn power(&mut self, on_battery: bool, now: f64) -> String {
        texts(&self.0.power(on_battery, millis(now)))
    }

    /// A while has passed; to be called some times a second.
    pub fn tick(&mut self, now: f64) -> String {
        texts(&self.0.tick(millis(now)))
    }
}

fn texts(orders: &[Order]) -> String {
    serde_json::to_string(orders).unwrap_or_else(|_| "[]".to_owned())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, which is right for a time"
)]
fn millis(time: f64) -> u64 {
    time as u64
}
