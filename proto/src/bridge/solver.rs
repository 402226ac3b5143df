//! The document that works on proofs ⇄ background. Chromium's service worker can own no worker
//! and write to no clipboard, so a document of the extension does both.

use serde::{Deserialize, Serialize};

use super::{popup::Empty, port};
use crate::bytes::Hex;

port! {
    /// Everything that the document can say.
    pub enum SolverRequest {
        /// How far the search is.
        "tried" Tried => Empty,
        /// The challenge is solved.
        "solved" Solved => Empty,
    }
}

/// What the background asks of the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    content = "payload",
    rename_all = "snake_case",
    deny_unknown_fields
)]
pub enum SolverCommand {
    /// Work on this challenge, and no other. Naming the one that is worked on changes nothing.
    Work {
        /// The header to vary.
        header: Hex<64>,
        /// Solved below it.
        target: Hex<32>,
    },
    /// Work on nothing.
    Stop {},
    /// Overwrite the clipboard.
    ClearClipboard {},
}

/// How far a search is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Tried {
    /// The challenge's header, as it was given.
    pub header: Hex<64>,
    /// Tries of all workers since the search began.
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
