//! What a new master password must be before it is taken.

use proto::limits::{PASSWORD_MAX_BYTES, PASSWORD_MIN_CHARS};
use serde::Deserialize;

/// Lowest score of [`Estimate`] that is taken: below it, a stolen vault falls to a small effort.
pub(crate) const MIN_SCORE: u8 = 2;

/// What the strength module says of a password.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Estimate {
    /// 0 (guessed at once) to 4 (not in a lifetime).
    pub score: u8,
    /// How long guessing takes a thief of the vault, in words; empty where unknown.
    #[serde(default, alias = "crackTime")]
    pub crack_time: String,
    /// What is weak about it.
    #[serde(default)]
    pub warning: Option<String>,
    /// What would make it stronger.
    #[serde(default)]
    pub suggestions: Vec<String>,
}

/// Why a password is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PasswordProblem {
    /// The two fields differ.
    #[error("The two passwords are not the same.")]
    Mismatch,
    /// Longer than the limit.
    #[error("That is longer than {PASSWORD_MAX_BYTES} bytes. Choose a shorter one.")]
    TooLong,
    /// Shorter than the limit.
    #[error("Use at least {PASSWORD_MIN_CHARS} characters: {missing} more.")]
    TooShort {
        /// Characters to add.
        missing: usize,
    },
    /// Easy to guess.
    #[error("Too easy to guess. Add another word or two.")]
    TooWeak,
}

/// Checks a password on its own.
pub(crate) fn check(password: &str, estimate: Option<&Estimate>) -> Result<(), PasswordProblem> {
    let chars = password.chars().count();
    if chars < PASSWORD_MIN_CHARS {
        return Err(PasswordProblem::TooShort {
            missing: PASSWORD_MIN_CHARS - chars,
        });
    }
    if password.len() > PASSWORD_MAX_BYTES {
        return Err(PasswordProblem::TooLong);
    }
    if estimate.is_some_and(|e| e.score < MIN_SCORE) {
        return Err(PasswordProblem::TooWeak);
    }
    Ok(())
}

/// Checks a password and its repetition.
pub(crate) fn check_pair(
    password: &str,
    repetition: &str,
    estimate: Option<&Estimate>,
) -> Result<(), PasswordProblem> {
    check(password, estimate)?;
    if password == repetition {
        Ok(())
    } else {
        Err(PasswordProblem::Mismatch)
    }
}

/// The word for a score.
pub(crate) fn score_word(score: u8) -> &'static str {
    match score {
        0 => "Very weak",
        1 => "Weak",
        2 => "Fair",
        3 => "Good",
        _ => "Strong",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(score: u8) -> Estimate {
        Estimate {
            score,
            crack_time: String::new(),
            warning: None,
            suggestions: vec![],
        }
    }

    #[test]
    fn short_password_is_refused_with_what_is_missing() {
        assert_eq!(
            check("pear", None),
            Err(PasswordProblem::TooShort { missing: 6 })
        );
        assert_eq!(
            check("ééééééééé", None),
            Err(PasswordProblem::TooShort { missing: 1 })
        );
    }

    #[test]
    fn long_password_is_refused() {
        assert_eq!(check(&"é".repeat(513), None), Err(PasswordProblem::TooLong));
        assert_eq!(check(&"e".repeat(1024), None), Ok(()));
    }

    #[test]
    fn weak_password_is_refused_once_it_is_known_to_be() {
        assert_eq!(
            check("aaaaaaaaaa", Some(&estimate(0))),
            Err(PasswordProblem::TooWeak)
        );
        assert_eq!(check("aaaaaaaaaa", None), Ok(()));
        assert_eq!(check("aaaaaaaaaa", Some(&estimate(MIN_SCORE))), Ok(()));
    }

    #[test]
    fn repetition_must_be_the_same() {
        assert_eq!(check_pair("0123456789", "0123456789", None), Ok(()));
        assert_eq!(
            check_pair("0123456789", "012345678", None),
            Err(PasswordProblem::Mismatch)
        );
    }

    #[test]
    fn estimates_of_the_strength_module_are_read() -> Result<(), serde_json::Error> {
        let text = r#"{"score":1,"crackTime":"3 hours","warning":null,"suggestions":["Add a word."],"guessesLog10":4.5}"#;
        let read: Estimate = serde_json::from_str(text)?;
        assert_eq!((read.score, read.crack_time.as_str()), (1, "3 hours"));
        Ok(())
    }
}
