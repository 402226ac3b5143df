//! The document that works on proofs ⇄ background. Chromium's service worker can own no worker
//! and write to no clipboard, so a document of the extension does both.

use serde::{Deserialize, Serialize};

use super::{popup::Empty, port};
use crate::{bytes::Hex, ids::UnixMillis};

port! {
    /// Everything that the document can say.
    pub enum SolverRequest {
        /// How far a search is.
        "tried" Tried => Empty,
        /// A challenge is solved.
        "solved" Solved => Empty,
        /// What the engines of this device can do.
        "measured" Measured => Empty,
        /// Whether the device runs on battery.
        "power" Power => Empty,
    }
}

/// What the background asks of the document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    content = "payload",
    rename_all = "snake_case",
    deny_unknown_fields
)]
pub enum SolverCommand {
    /// Work on this, and on nothing else. Saying it again changes nothing.
    Work(SolverWork),
    /// Measure every engine, also those that are not used.
    Measure {},
    /// Overwrite the clipboard.
    ClearClipboard {},
}

/// What to work on, and with what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SolverWork {
    /// All jobs; empty: work on nothing.
    pub jobs: Vec<SolverJob>,
    /// Which engines.
    pub engine: EngineChoice,
    /// How much on battery.
    pub on_battery: BatteryChoice,
    /// What was measured on this device before.
    pub known: Vec<EngineReport>,
}

/// One challenge to solve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SolverJob {
    /// What it is for. The same name with another challenge is the same job, renewed: tries and
    /// rate go on.
    pub job: String,
    /// The header to vary.
    pub header: Hex<64>,
    /// Solved below it.
    pub target: Hex<32>,
    /// From when on the node takes no solution.
    pub expires_at: UnixMillis,
}

/// Which engines are to work on proofs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineChoice {
    /// The graphics processor where it is a real one and faster, else the processor.
    #[default]
    Automatic,
    /// The processor.
    Processor,
    /// The graphics processor where there is any, else the processor.
    Graphics,
}

/// How much to work on battery.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatteryChoice {
    /// The user is asked; gently until then.
    #[default]
    Ask,
    /// As on mains.
    Full,
    /// One core only.
    Gentle,
}

/// Kinds of engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineKind {
    /// The processor, on several threads.
    Processor,
    /// A graphics processor.
    Graphics,
}

/// Where engines are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnginePlace {
    /// In the browser.
    #[default]
    Browser,
    /// In the native host.
    Host,
}

/// What an engine of this device can do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EngineReport {
    /// Which.
    pub kind: EngineKind,
    /// Where.
    #[serde(default)]
    pub place: EnginePlace,
    /// Name of the device or of its instructions, at most 100 characters.
    pub name: String,
    /// Threads or devices.
    pub units: u32,
    /// Whether the processor only plays this device.
    pub software: bool,
    /// Tries a second of all units; `None` where it does not work.
    pub rate: Option<f64>,
    /// Why it does not work.
    pub problem: Option<String>,
}

/// What the engines can do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Measured {
    /// Those that were measured; others keep what is known of them.
    pub engines: Vec<EngineReport>,
    /// Whether this is the answer to [`SolverCommand::Measure`]: then there are no others.
    pub complete: bool,
}

/// Where the device has its power from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Power {
    /// Whether it runs on battery; browsers that do not tell are taken to run on mains.
    pub on_battery: bool,
}

/// How far a search is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Tried {
    /// The job's name, as it was given.
    pub job: String,
    /// Tries of all engines since the job came.
    pub tries: u64,
    /// Tries a second, over the last moments.
    pub rate: f64,
}

/// A solution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Solved {
    /// The challenge's header, as it was given.
    pub header: Hex<64>,
    /// The header that solves it.
    pub solved_header: Hex<64>,
}
