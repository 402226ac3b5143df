//! Of several reasons why nothing was filled, the one that helps the user most.

use proto::error::{ErrorCode, WireError};

/// The more telling of two reasons; the first where they tell the same.
pub(crate) fn more_telling(one: Option<WireError>, other: WireError) -> WireError {
    match one {
        Some(one) if rank(one.code) >= rank(other.code) => one,
        _ => other,
    }
}

fn rank(code: ErrorCode) -> u8 {
    match code {
        // Something is wrong with the vault or the act itself: no frame will do better.
        ErrorCode::Locked
        | ErrorCode::Unreadable
        | ErrorCode::ItemMissing
        | ErrorCode::NoUserAct => 9,
        // The page's own frame was refused: what the user has to know first.
        ErrorCode::InsecurePage => 8,
        ErrorCode::SiteMismatch => 7,
        ErrorCode::ForeignFrame => 6,
        ErrorCode::OpaqueFrame => 5,
        ErrorCode::PageGone => 4,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusal_of_the_gate_tells_more_than_an_empty_frame() {
        let told = |codes: &[ErrorCode]| {
            let told = codes
                .iter()
                .fold(None, |one, code| Some(more_telling(one, (*code).into())));
            told.map(|error| error.code)
        };
        assert_eq!(told(&[]), None);
        assert_eq!(
            told(&[ErrorCode::NothingToFill, ErrorCode::ForeignFrame]),
            Some(ErrorCode::ForeignFrame)
        );
        assert_eq!(
            told(&[ErrorCode::InsecurePage, ErrorCode::ForeignFrame]),
            Some(ErrorCode::InsecurePage)
        );
        assert_eq!(
            told(&[ErrorCode::OpaqueFrame, ErrorCode::NothingToFill]),
            Some(ErrorCode::OpaqueFrame)
        );
        assert_eq!(
            told(&[ErrorCode::Locked, ErrorCode::SiteMismatch]),
            Some(ErrorCode::Locked)
        );
    }
}
