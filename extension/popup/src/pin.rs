//! What the screens say of a PIN.

use proto::{
    bridge::popup::{AppStatus, PinEnd, PinState},
    pin::{self, PinProblem},
};

/// Why a PIN is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PinMistake {
    /// The two fields differ.
    #[error("The two PINs are not the same.")]
    Mismatch,
    /// It is not taken.
    #[error(transparent)]
    Refused(#[from] PinProblem),
}

/// Checks a PIN and its repetition. `name`: the part of the account's address before `@`.
pub(crate) fn check_pair(code: &str, repetition: &str, name: &str) -> Result<(), PinMistake> {
    pin::check(code, name)?;
    if code == repetition {
        Ok(())
    } else {
        Err(PinMistake::Mismatch)
    }
}

/// Whether a PIN opens the vault.
pub(crate) fn state(status: Option<&AppStatus>) -> PinState {
    match status {
        Some(AppStatus::Locked { pin, .. } | AppStatus::Unlocked { pin, .. }) => *pin,
        Some(AppStatus::Empty { .. } | AppStatus::Working { .. } | AppStatus::Away { .. })
        | None => PinState::Off,
    }
}

/// Why it does no longer.
pub(crate) fn ended(why: PinEnd) -> &'static str {
    match why {
        PinEnd::Browser => "Your PIN ended with the browser.",
        PinEnd::Password => "Your PIN ended: the password or the keys changed.",
        PinEnd::SignedOut => "Your PIN ended: this device was signed out.",
        PinEnd::Tries => "Your PIN ended after five wrong tries.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pin_is_judged_before_its_repetition() {
        assert_eq!(check_pair("7305", "7305", "ada"), Ok(()));
        assert_eq!(check_pair("7305", "7306", "ada"), Err(PinMistake::Mismatch));
        assert_eq!(check_pair("7305", "", "ada"), Err(PinMistake::Mismatch));
        assert_eq!(
            check_pair("1234", "", "ada"),
            Err(PinProblem::Guessable.into())
        );
        assert_eq!(check_pair("73", "73", "ada"), Err(PinProblem::Short.into()));
    }
}
