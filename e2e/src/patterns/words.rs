//! Words that stand for values in what a page expects.

use std::collections::BTreeMap;

use anyhow::Result;
use proto::{bridge::popup::Reveal, vault::SecretField};

use super::act::Items;
use crate::{
    pages::user::User,
    site::{PASSWORD, USERNAME},
};

/// A password that was just made: not the saved one, and the same wherever it stands.
pub(super) const NEW_PASSWORD: &str = "NEW_PASSWORD";

/// Words whose meaning is known before.
pub(super) const FIXED: &[(&str, &str)] = &[
    ("USERNAME", USERNAME),
    ("PASSWORD", PASSWORD),
    ("CARD_NUMBER", "4111111111111111"),
    ("CARD_HOLDER", "Ada Pomona"),
    ("CARD_EXPIRY", "09/31"),
    ("CARD_CODE", "737"),
    ("FULL_NAME", "Ada Pomona"),
    ("GIVEN_NAME", "Ada"),
    ("FAMILY_NAME", "Pomona"),
    ("EMAIL", "ada.pomona@orchard.test"),
    ("PHONE", "+44 20 7946 0877"),
    ("STREET", "12 Quince Lane"),
    ("CITY", "Brogdale"),
    ("POSTAL_CODE", "ME13 8XZ"),
    ("COUNTRY", "GB"),
];

/// A code, and its characters: `CODE_1` is the first.
const CODES: &[&str] = &[
    "CODE", "CODE_1", "CODE_2", "CODE_3", "CODE_4", "CODE_5", "CODE_6",
];

/// Text of an item that a shorter one may hold by chance.
const SHORT: usize = 5;

/// Whether a text is no word of this kind (`UPPER_CASE`, no mere abbreviation), or one with a meaning.
pub(super) fn is_plain_or_known(text: &str) -> bool {
    let upper = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    let letters = text.bytes().filter(u8::is_ascii_uppercase).count();
    let word = text.bytes().all(upper) && letters > 3;
    let fixed = FIXED.iter().any(|(name, _)| *name == text);
    !word || fixed || CODES.contains(&text) || text == NEW_PASSWORD
}

/// What the words mean now.
#[derive(Debug)]
pub(super) struct Words(BTreeMap<String, Vec<String>>);

impl Words {
    pub(super) fn new() -> Self {
        let fixed = FIXED.iter();
        Self(
            fixed
                .map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()]))
                .collect(),
        )
    }

    /// Learns the present code. Asked before and after an act, one of both is the right one.
    pub(super) async fn learn_code(&mut self, user: &User, items: &Items) -> Result<()> {
        let field = SecretField::TotpCode;
        let code = user
            .ask(Reveal {
                id: items.login,
                field,
            })
            .await?
            .value;
        let code = code.expose_secret().to_owned();
        for (place, digit) in code.char_indices() {
            self.add(format!("CODE_{}", place + 1), digit.to_string());
        }
        self.add("CODE".to_owned(), code);
        Ok(())
    }

    /// Whether a word, or a text that is none, means `value`.
    pub(super) fn means(&self, word: &str, value: &str) -> bool {
        match self.0.get(word) {
            Some(values) => values.iter().any(|known| known == value),
            None => word == value,
        }
    }

    /// What is long enough to be known by itself.
    pub(super) fn telling(&self) -> impl Iterator<Item = &str> {
        let values = self.0.values().flatten().map(String::as_str);
        values.filter(|value| value.len() > SHORT)
    }

    /// A value as people read it: its word, where it has one.
    pub(super) fn name(&self, value: &str) -> String {
        let known = self
            .0
            .iter()
            .find(|(_, values)| values.iter().any(|it| it == value));
        known.map_or_else(|| format!("`{value}`"), |(word, _)| word.clone())
    }

    fn add(&mut self, word: String, value: String) {
        self.0.entry(word).or_default().push(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_without_a_meaning_are_no_words() {
        for text in [
            "",
            "USERNAME",
            "CODE_6",
            "NEW_PASSWORD",
            "09",
            "Ada",
            "ada USERNAME",
        ] {
            assert!(is_plain_or_known(text), "{text}");
        }
        for text in ["USER", "CODE_7", "PASSWORD2"] {
            assert!(!is_plain_or_known(text), "{text}");
        }
    }
}
