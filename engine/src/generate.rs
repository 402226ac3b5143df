//! New passwords: every one that a recipe allows is equally likely.

use proto::{
    bridge::popup::{Generate, Generated},
    vault::SecretText,
};
use zeroize::Zeroizing;

use self::alphabet::{Alphabet, DIGITS, LOWERCASE, SYMBOLS, UPPERCASE};

mod alphabet;
mod chars;
mod constrained;
mod machine;
mod pattern;
mod rules;
mod words;

pub use self::constrained::generate_for;

/// Length of a password of characters.
const LENGTHS: std::ops::RangeInclusive<u32> = 8..=128;
/// Words of a passphrase.
const WORDS: std::ops::RangeInclusive<u32> = 3..=12;
/// Characters of a passphrase's separator.
const SEPARATOR_MAX_CHARS: usize = 4;
/// Draws before a source of random bytes counts as broken. A recipe's least likely case, eight
/// characters of four sets, needs three draws on average.
const DRAWS_MAX: u32 = 10_000;

/// A recipe cannot be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GenerateError {
    /// Fewer than 8 characters or more than 128.
    #[error("the length is out of range")]
    Length,
    /// The random source gives no random bytes.
    #[error("the random source is broken")]
    Random,
    /// The rules of the site contradict one another, or want more than 128 characters.
    #[error("no password fits the rules of the site")]
    Rules,
    /// A separator that is too long, or has letters, digits or control characters.
    #[error("the separator cannot be used")]
    Separator,
    /// Fewer than 3 words or more than 12.
    #[error("the number of words is out of range")]
    Words,
}

/// A source of random bytes.
pub(crate) type Fill<'a> = &'a dyn Fn(&mut [u8]);

/// Whether a recipe can be followed.
///
/// # Errors
/// [`GenerateError`], all but `Random` and `Rules`.
pub(crate) fn check(recipe: &Generate) -> Result<(), GenerateError> {
    match recipe {
        Generate::Characters { length, .. } if !LENGTHS.contains(length) => {
            Err(GenerateError::Length)
        }
        Generate::Passphrase { words, .. } if !WORDS.contains(words) => Err(GenerateError::Words),
        Generate::Passphrase { separator, .. } => {
            // With letters or digits between them, two draws could give one text.
            let fits = separator.chars().count() <= SEPARATOR_MAX_CHARS
                && !separator
                    .chars()
                    .any(|c| c.is_alphanumeric() || c.is_control());
            if fits {
                Ok(())
            } else {
                Err(GenerateError::Separator)
            }
        }
        Generate::Characters { .. } => Ok(()),
    }
}

/// Makes a password.
///
/// # Errors
/// [`GenerateError`].
pub(crate) fn generate(recipe: &Generate, fill: Fill<'_>) -> Result<Generated, GenerateError> {
    check(recipe)?;
    match recipe {
        Generate::Characters {
            length,
            uppercase,
            digits,
            symbols,
            unambiguous,
        } => {
            let sets = [
                Some(LOWERCASE),
                uppercase.then_some(UPPERCASE),
                digits.then_some(DIGITS),
                symbols.then_some(SYMBOLS),
            ];
            let alphabet = Alphabet::new(sets.into_iter().flatten(), *unambiguous);
            characters(&alphabet, *length, fill)
        }
        Generate::Passphrase {
            words,
            separator,
            capitalize,
            number,
        } => Ok(passphrase(*words, separator, *capitalize, *number, fill)),
    }
}

/// Draws whole passwords until one has a character of each set: so all of these are equally
/// likely, which they would not be if a missing character were put in afterwards.
fn characters(
    alphabet: &Alphabet,
    length: u32,
    fill: Fill<'_>,
) -> Result<Generated, GenerateError> {
    let mut text = Zeroizing::new(String::with_capacity(128));
    for _ in 0..DRAWS_MAX {
        text.clear();
        for _ in 0..length {
            text.push(alphabet.characters[below(alphabet.characters.len(), fill)]);
        }
        if alphabet.covers(&text) {
            let bits = alphabet.bits(length);
            return Ok(Generated {
                value: SecretText::new(text.as_str()),
                bits,
            });
        }
    }
    Err(GenerateError::Random)
}

fn passphrase(
    words: u32,
    separator: &str,
    capitalize: bool,
    number: bool,
    fill: Fill<'_>,
) -> Generated {
    let list = words::list();
    let numbered = if number {
        Some((below_u32(words, fill), below(10, fill)))
    } else {
        None
    };
    let mut text = Zeroizing::new(String::with_capacity(256));
    for at in 0..words {
        if at > 0 {
            text.push_str(separator);
        }
        let word = list[below(list.len(), fill)];
        let mut letters = word.chars();
        match letters.next() {
            Some(first) if capitalize => text.push(first.to_ascii_uppercase()),
            Some(first) => text.push(first),
            None => {}
        }
        text.push_str(letters.as_str());
        if let Some((_, digit)) = numbered.filter(|(place, _)| *place == at) {
            text.push(char::from(b"0123456789"[digit]));
        }
    }
    let words = f64::from(words);
    // Cannot lose precision: the list has 7 776 words.
    let of_words = words * f64::from(u16::try_from(list.len()).unwrap_or(u16::MAX)).log2();
    let of_number = if number { (words * 10.0).log2() } else { 0.0 };
    Generated {
        value: SecretText::new(text.as_str()),
        bits: of_words + of_number,
    }
}

fn below_u32(bound: u32, fill: Fill<'_>) -> u32 {
    // Cannot truncate: the result is below `bound`.
    u32::try_from(below(usize::try_from(bound).unwrap_or(usize::MAX), fill)).unwrap_or(0)
}

/// A number below `bound` (1 to 65 536), each equally likely: what would make some likelier than
/// others is thrown away.
fn below(bound: usize, fill: Fill<'_>) -> usize {
    let fair = 65_536 - 65_536 % bound;
    loop {
        let mut bytes = Zeroizing::new([0; 2]);
        fill(bytes.as_mut_slice());
        let drawn = usize::from(u16::from_be_bytes(*bytes));
        if drawn < fair {
            return drawn % bound;
        }
    }
}

#[cfg(test)]
mod tests;
