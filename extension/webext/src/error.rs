//! What can go wrong with the browser.

/// A call into the browser failed. Browsers put addresses of pages into their texts, so the text
/// is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BrowserError {
    /// The call was refused or threw.
    #[error("{call} failed")]
    Failed {
        /// Which.
        call: &'static str,
    },
    /// The browser answered in another shape than documented.
    #[error("{call} answered in an unknown shape")]
    Misshapen {
        /// Which.
        call: &'static str,
    },
    /// This browser has no such call.
    #[error("{call} does not exist in this browser")]
    Missing {
        /// Which.
        call: &'static str,
    },
    /// No answer in time.
    #[error("{call} took too long")]
    TimedOut {
        /// Which.
        call: &'static str,
    },
}

impl BrowserError {
    /// For `map_err`: the call failed, whatever it threw.
    pub(crate) fn failed<E>(call: &'static str) -> impl FnOnce(E) -> Self {
        move |_| Self::Failed { call }
    }
}
