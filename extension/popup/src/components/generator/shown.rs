//! How a new password is shown: its kinds of characters told apart, its strength in words.

/// Runs of one kind of character: the kind's class, and the characters.
pub(super) fn runs(password: &str) -> Vec<(&'static str, String)> {
    let kind = |c: char| match c {
        c if c.is_ascii_digit() => "digit",
        c if c.is_alphabetic() => "letter",
        _ => "symbol",
    };
    let mut runs: Vec<(&str, String)> = vec![];
    for c in password.chars() {
        match runs.last_mut() {
            Some((last, run)) if *last == kind(c) => run.push(c),
            _ => runs.push((kind(c), c.to_string())),
        }
    }
    runs
}

/// The strength of what is drawn at random, in bits. A million guesses a second find four words
/// (52 bits) in 60 years on average, five (65 bits) in 400 000.
pub(super) fn bits(bits: f64) -> String {
    let word = match bits {
        b if b < 40.0 => "weak",
        b if b < 50.0 => "fair",
        b if b < 64.0 => "good",
        b if b < 100.0 => "strong",
        _ => "very strong",
    };
    format!("{bits:.0} bits · {word}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_apart_and_nothing_is_lost() {
        let shown = runs("ab12-Éc 3");
        let expect = [
            ("letter", "ab"),
            ("digit", "12"),
            ("symbol", "-"),
            ("letter", "Éc"),
            ("symbol", " "),
            ("digit", "3"),
        ];
        let shown: Vec<_> = shown
            .iter()
            .map(|(kind, run)| (*kind, run.as_str()))
            .collect();
        assert_eq!(shown, expect);
        assert!(runs("").is_empty());
    }

    #[test]
    fn strength_is_told_in_bits_and_in_a_word() {
        for (value, expect) in [
            (38.8, "39 bits · weak"),
            (47.6, "48 bits · fair"),
            (51.7, "52 bits · good"),
            (64.6, "65 bits · strong"),
            (128.6, "129 bits · very strong"),
        ] {
            assert_eq!(bits(value), expect);
        }
    }
}
