//! Who may connect, and as what.

use serde::{Deserialize, Serialize};

use crate::origin::Origin;

/// Name of the port that popup and full page connect under.
pub const POPUP_PORT: &str = "popup";
/// Name of the port that a content script connects under.
pub const CONTENT_PORT: &str = "content";
/// Name of the port of the proof-of-work document.
pub const SOLVER_PORT: &str = "solver";

/// A tab, as the browser numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TabId(pub i32);

/// A frame of a tab, as the browser numbers it; 0 is the top one. Firefox's numbers have more than
/// 32 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FrameId(pub i64);

/// Who really sent a message. Built by `webext` from what the browser reports and from nothing
/// else: it has no `Deserialize`, so it cannot come out of a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    /// A page of this extension (popup, full page, offscreen document).
    Extension,
    /// A content script in a frame.
    Frame(FrameSender),
}

/// A frame that a content script runs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameSender {
    /// Its tab.
    pub tab: TabId,
    /// Its number.
    pub frame: FrameId,
    /// Its origin; `None` where it is opaque.
    pub origin: Option<Origin>,
    /// The origins above it, its parent first and the top one last; empty for the top frame;
    /// `None` within where one is opaque.
    pub ancestors: Vec<Option<Origin>>,
}

impl FrameSender {
    /// The origin of the tab's top frame; `None` where it is opaque.
    pub fn top(&self) -> Option<&Origin> {
        self.ancestors.last().unwrap_or(&self.origin).as_ref()
    }
}
