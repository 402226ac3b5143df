//! Password strength for the popup, a module of its own because its dictionaries are large.
//!
//! One export:
//!
//! ```text
//! estimate(password: string, inputs: string[]): string
//! ```
//!
//! `inputs` are words that an attacker would try first (the address). The answer is the JSON of
//! [`Estimate`]: `{"score":3,"guessesLog10":9.6,"crackTime":"4 days","warning":null,
//! "suggestions":["…"]}`.

use std::alloc::System;

use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroizing_alloc::ZeroAlloc;

/// Wipes what is freed: the password is compared with words in many pieces.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

/// Characters that are looked at: the search for patterns takes time that grows with the square,
/// and a password as long as that is strong whatever follows.
const MAX_CHARS: usize = 100;

/// How hard a password is to guess.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// 0 (guessed at once) to 4 (not in a lifetime).
    pub score: u8,
    /// Guesses that it takes, as a power of ten.
    pub guesses_log10: f64,
    /// How long guessing takes a thief of the vault, in words: 10 000 guesses a second, which is
    /// what a graphics card does against our key derivation.
    pub crack_time: String,
    /// What is weak about it, a sentence.
    pub warning: Option<String>,
    /// What would make it stronger, sentences.
    pub suggestions: Vec<String>,
}

/// Estimates a password; the answer is the JSON of [`Estimate`].
#[wasm_bindgen]
#[expect(
    clippy::needless_pass_by_value,
    reason = "an array comes out of JavaScript owned"
)]
pub fn estimate(password: &str, inputs: Vec<String>) -> String {
    // Cannot fail: the figures of an estimate are finite, and a struct has text keys.
    serde_json::to_string(&estimate_strength(password, &inputs)).unwrap_or_default()
}

/// Estimates a password.
pub fn estimate_strength(password: &str, inputs: &[String]) -> Estimate {
    let looked_at: String = password.chars().take(MAX_CHARS).collect();
    // An address is guessed by its parts too.
    let parts = |input: &String| -> Vec<String> {
        let words = input
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.chars().count() > 2);
        words
            .chain([input.as_str()])
            .map(str::to_lowercase)
            .collect()
    };
    let inputs: Vec<String> = inputs.iter().flat_map(parts).collect();
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let entropy = zxcvbn::zxcvbn(&looked_at, &inputs);
    let feedback = entropy.feedback();
    Estimate {
        score: entropy.score().into(),
        guesses_log10: entropy.guesses_log10().max(0.0),
        crack_time: entropy
            .crack_times()
            .offline_slow_hashing_1e4_per_second()
            .to_string(),
        warning: feedback
            .and_then(zxcvbn::feedback::Feedback::warning)
            .map(|warning| warning.to_string()),
        suggestions: feedback
            .map(|feedback| {
                feedback
                    .suggestions()
                    .iter()
                    .map(ToString::to_string)
                    .collect()
            })
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(password: &str, inputs: &[&str]) -> u8 {
        let inputs: Vec<String> = inputs.iter().map(|&input| input.to_owned()).collect();
        estimate_strength(password, &inputs).score
    }

    #[test]
    fn common_passwords_are_weak_and_long_ones_strong() {
        for weak in [
            "",
            "password",
            "password123",
            "qwertyuiop",
            "aaaaaaaaaaaa",
            "1234567890",
        ] {
            assert!(score(weak, &[]) <= 1, "{weak}");
        }
        for strong in [
            "correct horse battery staple",
            "vN7#pLq2!xWz9",
            "übermäßig 7 Pfirsiche am Kai",
        ] {
            assert!(score(strong, &[]) >= 3, "{strong}");
        }
    }

    #[test]
    fn own_address_is_a_weak_password() {
        let address = "adalovelace@lighthouse.example";
        assert!(score("adalovelace", &[address]) < score("adalovelace", &[]));
        assert!(score(address, &[address]) <= 1);
    }

    #[test]
    fn answer_is_what_the_popup_reads() -> Result<(), serde_json::Error> {
        let json: serde_json::Value = serde_json::from_str(&estimate("password", vec![]))?;
        assert_eq!(json["score"], 0);
        assert_eq!(json["crackTime"], "less than a second");
        assert!(
            json["guessesLog10"]
                .as_f64()
                .is_some_and(|guesses| guesses < 3.0)
        );
        assert!(
            json["warning"]
                .as_str()
                .is_some_and(|text| text.ends_with('.'))
        );
        assert!(
            json["suggestions"]
                .as_array()
                .is_some_and(|texts| !texts.is_empty())
        );
        Ok(())
    }

    #[test]
    fn very_long_password_is_estimated_in_bounded_time() {
        assert_eq!(
            score(&"x9 Quay-".repeat(10_000), &[]),
            score(&"x9 Quay-".repeat(13)[..100], &[])
        );
    }
}
