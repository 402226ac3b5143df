//! How a message of the user's own fares.

use proto::bridge::popup::{SentState, WorkProgress};

use crate::format;

/// What can be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Not sending it.
    Cancel,
    /// Taking one that failed out of sight.
    Remove,
}

impl Deed {
    /// What its button says.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Cancel => "Cancel",
            Self::Remove => "Remove",
        }
    }
}

/// Its name for tests and styles.
pub(crate) fn name(state: &SentState) -> &'static str {
    match state {
        SentState::Waiting { .. } => "waiting",
        SentState::Working { .. } => "working",
        SentState::UnderWay { .. } => "under-way",
        SentState::Delivered {} => "delivered",
        SentState::Failed { .. } => "failed",
    }
}

/// What can be done about it.
pub(crate) fn deed(state: &SentState) -> Option<Deed> {
    match state {
        SentState::Waiting { .. } | SentState::Working { .. } => Some(Deed::Cancel),
        SentState::Failed { .. } => Some(Deed::Remove),
        SentState::UnderWay { .. } | SentState::Delivered {} => None,
    }
}

/// In a few words.
pub(crate) fn told(state: &SentState) -> String {
    match state {
        SentState::Waiting { reason: None } => "Waits to be sent".to_owned(),
        SentState::Waiting {
            reason: Some(reason),
        } => format!("Waits: {}", reason.message),
        SentState::Working { progress: None } => "Working on its proof…".to_owned(),
        SentState::Working {
            progress: Some(progress),
        } => working(progress),
        SentState::UnderWay { reason } => match said(reason.as_deref().unwrap_or_default()) {
            "" => "On its way".to_owned(),
            reason => format!("On its way: {reason}"),
        },
        SentState::Delivered {} => "Delivered".to_owned(),
        SentState::Failed { reason } => match said(reason) {
            "" => "Not delivered".to_owned(),
            reason => format!("Not delivered: {reason}"),
        },
    }
}

fn working(progress: &WorkProgress) -> String {
    let rate = format::rate(progress.rate);
    match progress.expected_seconds {
        None => format!("Working on its proof: {rate}"),
        Some(seconds) => format!("Working on its proof: {}, {rate}", format::wait(seconds)),
    }
}

/// The words of somebody else, without the space around them.
fn said(reason: &str) -> &str {
    reason.trim()
}

#[cfg(test)]
mod tests {
    use proto::{
        error::{ErrorCode, WireError},
        ids::Difficulty,
    };

    use super::*;

    fn progress(rate: f64, expected_seconds: Option<f64>) -> SentState {
        SentState::Working {
            progress: Some(WorkProgress {
                tries: 1,
                rate,
                difficulty: Difficulty(1),
                probability: 0.0,
                expected_seconds,
                too_slow: false,
            }),
        }
    }

    #[test]
    fn every_state_is_told() {
        let away = WireError::new(ErrorCode::NodeUnreachable);
        let waits = format!("Waits: {}", away.message);
        for (state, text, deed_of) in [
            (
                SentState::Waiting { reason: None },
                "Waits to be sent",
                Some(Deed::Cancel),
            ),
            (
                SentState::Waiting { reason: Some(away) },
                &waits,
                Some(Deed::Cancel),
            ),
            (
                SentState::Working { progress: None },
                "Working on its proof…",
                Some(Deed::Cancel),
            ),
            (
                progress(0.0, None),
                "Working on its proof: measuring…",
                Some(Deed::Cancel),
            ),
            (
                progress(1_230_000.0, Some(21.0)),
                "Working on its proof: about 20 s, 1.23 M tries/s",
                Some(Deed::Cancel),
            ),
            (SentState::UnderWay { reason: None }, "On its way", None),
            (
                SentState::UnderWay {
                    reason: Some(" no answer ".to_owned()),
                },
                "On its way: no answer",
                None,
            ),
            (SentState::Delivered {}, "Delivered", None),
            (
                SentState::Failed {
                    reason: "nobody there".to_owned(),
                },
                "Not delivered: nobody there",
                Some(Deed::Remove),
            ),
            (
                SentState::Failed {
                    reason: String::new(),
                },
                "Not delivered",
                Some(Deed::Remove),
            ),
        ] {
            assert_eq!((told(&state).as_str(), deed(&state)), (text, deed_of));
        }
    }
}
