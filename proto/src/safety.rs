//! A safety number as a QR code says it: `PEARVAULT:SAFETY:2:`, the 30 digits of whose screen it is on, and the
//! 30 of the other side.
//!
//! Capitals, digits and colons alone, which QR codes write in the least space. The number that is read out is
//! the same for both sides; the code is not, so that nobody takes a picture of their own for the other's.

use std::{fmt, str::FromStr};

/// What the text begins with; its number is the version of the form.
const BEGIN: &str = "PEARVAULT:SAFETY:2:";
/// The same without the version.
const BEGIN_ANY: &str = "PEARVAULT:SAFETY:";
/// Digits of one side.
const DIGITS: usize = 30;

/// A safety number in that form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SafetyCode {
    own: String,
    theirs: String,
}

/// Why a text is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SafetyCodeError {
    /// It does not have 60 digits.
    #[error("digits")]
    Digits,
    /// It is something else.
    #[error("foreign")]
    Foreign,
    /// It is of another version of the form.
    #[error("version")]
    Version,
}

impl SafetyCode {
    /// Of 60 digits: 30 of whose screen it is for, then 30 of the other side.
    ///
    /// # Errors
    /// [`SafetyCodeError::Digits`].
    pub fn of_digits(digits: &str) -> Result<Self, SafetyCodeError> {
        if digits.len() != 2 * DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(SafetyCodeError::Digits);
        }
        let (own, theirs) = digits.split_at(DIGITS);
        Ok(Self {
            own: own.to_owned(),
            theirs: theirs.to_owned(),
        })
    }

    /// What the other side's screen shows where nobody stands between the two.
    #[must_use]
    pub fn of_other_side(&self) -> Self {
        Self {
            own: self.theirs.clone(),
            theirs: self.own.clone(),
        }
    }
}

impl FromStr for SafetyCode {
    type Err = SafetyCodeError;

    fn from_str(text: &str) -> Result<Self, SafetyCodeError> {
        match text.strip_prefix(BEGIN) {
            Some(digits) => Self::of_digits(digits),
            None if text.starts_with(BEGIN_ANY) => Err(SafetyCodeError::Version),
            None => Err(SafetyCodeError::Foreign),
        }
    }
}

impl fmt::Display for SafetyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{BEGIN}{}{}", self.own, self.theirs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_written_and_read_and_the_other_sides_has_it_the_other_way() {
        let (own, theirs) = ("01234".repeat(6), "56789".repeat(6));
        let code = SafetyCode::of_digits(&format!("{own}{theirs}"));
        let text = |code: &SafetyCode| code.to_string();
        let written = code.as_ref().map(text).unwrap_or_default();
        assert_eq!(written, format!("PEARVAULT:SAFETY:2:{own}{theirs}"));
        assert_eq!(written.parse(), code);
        let other = code.as_ref().map(SafetyCode::of_other_side);
        assert_eq!(
            other.as_ref().map(text),
            Ok(format!("PEARVAULT:SAFETY:2:{theirs}{own}"))
        );
        let again = other.ok().map(|other| other.of_other_side());
        assert_eq!(again, code.ok());
    }

    #[test]
    fn what_is_none_is_refused() {
        use SafetyCodeError as E;
        let digits = "0".repeat(60);
        for (text, error) in [
            (String::new(), E::Foreign),
            (digits.clone(), E::Foreign),
            (format!("pearvault:safety:2:{digits}"), E::Foreign),
            (
                format!("https://a.test/PEARVAULT:SAFETY:2:{digits}"),
                E::Foreign,
            ),
            (format!("PEARVAULT:SAFETY:1:{digits}"), E::Version),
            (format!("PEARVAULT:SAFETY:3:{digits}"), E::Version),
            (format!("PEARVAULT:SAFETY:2:{digits}0"), E::Digits),
            (format!("PEARVAULT:SAFETY:2:{}", &digits[1..]), E::Digits),
            (format!("PEARVAULT:SAFETY:2: {}", &digits[1..]), E::Digits),
            (format!("PEARVAULT:SAFETY:2:{}٣", &digits[2..]), E::Digits),
        ] {
            assert_eq!(text.parse::<SafetyCode>(), Err(error), "{text}");
        }
    }
}
