//! A safety number as a QR code says it: `PEARVAULT:SAFETY:1:` and its 60 digits.
//!
//! Capitals, digits and colons alone, which QR codes write in the least space.

use std::{fmt, str::FromStr};

/// What the text begins with; its number is the version of the form.
const BEGIN: &str = "PEARVAULT:SAFETY:1:";
/// The same without the version.
const BEGIN_ANY: &str = "PEARVAULT:SAFETY:";
/// Digits of a number.
const DIGITS: usize = 60;

/// A safety number in that form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SafetyCode(String);

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
    /// Of a number as it is shown, in groups with blanks between them.
    ///
    /// # Errors
    /// [`SafetyCodeError::Digits`].
    pub fn of_number(number: &str) -> Result<Self, SafetyCodeError> {
        Self::of_digits(&number.replace(' ', ""))
    }

    fn of_digits(digits: &str) -> Result<Self, SafetyCodeError> {
        if digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(digits.to_owned()))
        } else {
            Err(SafetyCodeError::Digits)
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
        write!(f, "{BEGIN}{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_and_read() {
        let shown = ["01234"; 12].join(" ");
        let code = SafetyCode::of_number(&shown);
        let text = code.as_ref().map(ToString::to_string).unwrap_or_default();
        assert_eq!(text, format!("PEARVAULT:SAFETY:1:{}", "01234".repeat(12)));
        assert_eq!(text.parse(), code);
    }

    #[test]
    fn what_is_none_is_refused() {
        use SafetyCodeError as E;
        let digits = "0".repeat(60);
        for (text, error) in [
            (String::new(), E::Foreign),
            (digits.clone(), E::Foreign),
            (format!("pearvault:safety:1:{digits}"), E::Foreign),
            (
                format!("https://a.test/PEARVAULT:SAFETY:1:{digits}"),
                E::Foreign,
            ),
            (format!("PEARVAULT:SAFETY:2:{digits}"), E::Version),
            (format!("PEARVAULT:SAFETY:1:{digits}0"), E::Digits),
            (format!("PEARVAULT:SAFETY:1:{}", &digits[1..]), E::Digits),
            (format!("PEARVAULT:SAFETY:1: {}", &digits[1..]), E::Digits),
            (format!("PEARVAULT:SAFETY:1:{}٣", &digits[2..]), E::Digits),
        ] {
            assert_eq!(text.parse::<SafetyCode>(), Err(error), "{text}");
        }
    }
}
