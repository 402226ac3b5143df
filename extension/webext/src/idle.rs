//! The state of the system's screen.

/// What `idle.onStateChanged` tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdleState {
    /// Somebody is there.
    Active,
    /// Nobody has touched the machine for a while.
    Idle,
    /// The screen is locked.
    Locked,
}

impl IdleState {
    /// Reads the browser's word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word {
            "active" => Some(Self::Active),
            "idle" => Some(Self::Idle),
            "locked" => Some(Self::Locked),
            _ => None,
        }
    }
}
