//! What a PIN may be. The engine refuses what this refuses; the popup tells it while it is typed.

use crate::limits::{PIN_MAX_CHARS, PIN_MIN_CHARS};

/// Why a PIN is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PinProblem {
    /// One of the first that anybody tries.
    #[error("Too easy to guess: use no pattern, year or name.")]
    Guessable,
    /// Longer than the limit.
    #[error("Use at most {PIN_MAX_CHARS} digits or letters.")]
    Long,
    /// Shorter than the limit.
    #[error("Use at least {PIN_MIN_CHARS} digits or letters.")]
    Short,
}

impl PinProblem {
    /// Its name in `params.rule` of an error.
    pub fn rule(self) -> &'static str {
        match self {
            Self::Guessable => "guessable",
            Self::Long => "long",
            Self::Short => "short",
        }
    }
}

/// PINs that many people choose and no rule below finds, in lower case. After D. Amitay, "Most
/// Common iPhone Passcodes" (2011), and Markert et al., "This PIN Can Be Easily Guessed" (IEEE S&P
/// 2020), table 3; and the first words of any list of passwords.
const COMMON: [&str; 36] = [
    "0007", "0070", "0420", "0852", "0911", "1004", "1024", "1397", "1478", "2112", "2580", "2583",
    "3825", "5150", "5201", "5683", "7410", "8520", "112358", "121314", "123654", "123789",
    "147258", "147852", "159753", "159951", "258456", "456123", "789456", "1qaz", "1q2w", "asdf",
    "love", "pass", "qwer", "qwert",
];
/// What a PIN may not begin with, in lower case: more of the same.
const COMMON_BEGINNINGS: [&str; 6] = [
    "abc123", "letmein", "password", "passwort", "qwerty", "admin",
];

/// Checks a PIN. `name`: the part of the account's address before `@`, which the locked screen
/// shows.
///
/// # Errors
/// [`PinProblem`].
pub fn check(pin: &str, name: &str) -> Result<(), PinProblem> {
    let chars = pin.chars().count();
    if chars < PIN_MIN_CHARS {
        return Err(PinProblem::Short);
    }
    if chars > PIN_MAX_CHARS {
        return Err(PinProblem::Long);
    }
    let common = COMMON.iter().any(|common| pin.eq_ignore_ascii_case(common))
        || COMMON_BEGINNINGS.iter().any(|common| begins(pin, common));
    let guessable = common
        || pin.eq_ignore_ascii_case(name)
        || is_year(pin)
        || repeats(pin, chars)
        || has_one_step(codes(pin))
        || is_doubled(pin)
        || codes(pin).eq(pin.chars().rev().map(code));
    if guessable {
        Err(PinProblem::Guessable)
    } else {
        Ok(())
    }
}

/// What is told after a wrong PIN, and before the next; `left`: 1 at least.
pub fn tries_left(left: u32) -> String {
    match left {
        1 => "One try left, then the password is needed.".to_owned(),
        left => format!("{left} tries left."),
    }
}

fn begins(pin: &str, beginning: &str) -> bool {
    pin.get(..beginning.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(beginning))
}

/// 1900 to 2099: birthdays are tried first.
fn is_year(pin: &str) -> bool {
    pin.len() == 4
        && (pin.starts_with("19") || pin.starts_with("20"))
        && pin.bytes().all(|byte| byte.is_ascii_digit())
}

/// 0000, 1212, 123123.
fn repeats(pin: &str, chars: usize) -> bool {
    (1..=chars / 2).any(|period| codes(pin).skip(period).eq(codes(pin).take(chars - period)))
}

/// 1234, 9876, 2468, abcd: from each to the next it is as far.
fn has_one_step(mut codes: impl Iterator<Item = i64> + Clone) -> bool {
    let mut steps = codes
        .clone()
        .skip(1)
        .zip(codes.by_ref())
        .map(|(b, a)| b - a);
    let first = steps.next();
    steps.all(|step| Some(step) == first)
}

/// 1122, 112233: doubled, and otherwise with one step.
fn is_doubled(pin: &str) -> bool {
    codes(pin).step_by(2).eq(codes(pin).skip(1).step_by(2)) && has_one_step(codes(pin).step_by(2))
}

fn codes(pin: &str) -> impl Iterator<Item = i64> + Clone {
    pin.chars().map(code)
}

/// Large letters count as small ones.
fn code(letter: char) -> i64 {
    i64::from(u32::from(letter.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_that_anybody_tries_are_refused() {
        for pin in [
            "0000",
            "9999",
            "aaaa",
            "aAaA",
            "1234",
            "4321",
            "0123",
            "2468",
            "9753",
            "abcd",
            "1212",
            "6969",
            "123123",
            "1122",
            "112233",
            "4433",
            "1221",
            "123321",
            "1984",
            "2001",
            "2580",
            "1004",
            "5683",
            "love",
            "LOVE",
            "password1",
            "Qwerty123",
            "ada-l",
            "ADA-L",
            "ääää",
            "1111111",
        ] {
            assert_eq!(check(pin, "ada-l"), Err(PinProblem::Guessable), "{pin}");
        }
    }

    #[test]
    fn other_pins_are_taken() {
        for pin in [
            "7305",
            "0451",
            "8264",
            "1985x",
            "19846",
            "2150",
            "kv7e",
            "pear",
            "grün",
            "a1b2c3",
            "zwölf Birnen",
            "112234",
            "1243",
        ] {
            assert_eq!(check(pin, "ada"), Ok(()), "{pin}");
        }
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(check("", ""), Err(PinProblem::Short));
        assert_eq!(check("830", ""), Err(PinProblem::Short));
        assert_eq!(check("äöü", ""), Err(PinProblem::Short));
        assert_eq!(check("zwölf Birnen", ""), Ok(()));
        assert_eq!(check("zwölf Birnen!", ""), Err(PinProblem::Long));
    }

    #[test]
    fn few_of_four_digits_are_refused() {
        let all = (0..10_000).map(|number| format!("{number:04}"));
        let refused = all.filter(|pin| check(pin, "").is_err()).count();
        // A long list of refusals would make trying the rest worthwhile.
        assert!((300..600).contains(&refused), "{refused}");
    }
}
