//! The characters of a password, by sets.

/// Always among them.
pub(super) const LOWERCASE: &str = "abcdefghijklmnopqrstuvwxyz";
/// Capitals.
pub(super) const UPPERCASE: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// Digits.
pub(super) const DIGITS: &str = "0123456789";
/// Punctuation that nearly every site takes; no quotes, backslash, or space.
pub(super) const SYMBOLS: &str = "!#$%&()*+,-./:;<=>?@[]^_{|}~";

/// What looks alike in many typefaces.
const ALIKE: &str = "Il1O0|";

/// Characters to draw from, and the sets that must all be met.
pub(super) struct Alphabet {
    /// All of them.
    pub(super) characters: Vec<char>,
    sets: Vec<Vec<char>>,
}

impl Alphabet {
    /// All characters of these sets, or all but those that look alike.
    pub(super) fn new(sets: impl Iterator<Item = &'static str>, unambiguous: bool) -> Self {
        let clear = |set: &str| -> Vec<char> {
            set.chars()
                .filter(|c| !(unambiguous && ALIKE.contains(*c)))
                .collect()
        };
        let sets: Vec<Vec<char>> = sets.map(clear).collect();
        Self {
            characters: sets.concat(),
            sets,
        }
    }

    /// All of them as a text.
    pub(super) fn text(&self) -> String {
        self.characters.iter().collect()
    }

    /// Whether a text has a character of each set.
    pub(super) fn covers(&self, text: &str) -> bool {
        self.sets.iter().all(|set| text.contains(set.as_slice()))
    }

    /// Entropy of a password of `length` characters that has one of each set at least: the
    /// logarithm of their number, by inclusion and exclusion over the sets that are missing.
    pub(super) fn bits(&self, length: u32) -> f64 {
        let size = |characters: usize| f64::from(u32::try_from(characters).unwrap_or(u32::MAX));
        let all = size(self.characters.len());
        let exponent = f64::from(length);
        let mut covering = 0.0;
        for missing in 0_usize..1 << self.sets.len() {
            let left_out = |at: &usize| missing >> at & 1 == 1;
            let gone = (0..self.sets.len())
                .filter(left_out)
                .map(|at| self.sets[at].len())
                .sum();
            let share = (1.0 - size(gone) / all).powf(exponent);
            covering += if missing.count_ones() % 2 == 0 {
                share
            } else {
                -share
            };
        }
        exponent * all.log2() + covering.log2()
    }
}
