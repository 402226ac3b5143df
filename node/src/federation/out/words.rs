//! What other servers write, as it may be shown.

/// Characters of it that are passed on.
const WORDS_MAX: usize = 300;

/// A text without characters that steer a terminal or the order of what is shown, and not endless.
pub(crate) fn words(text: &str) -> String {
    let plain = |c: char| if is_plain(c) { c } else { ' ' };
    text.chars().take(WORDS_MAX).map(plain).collect()
}

/// Neither a control character, nor a break of line, nor one that changes the direction of writing (Unicode `Bidi_Control`).
fn is_plain(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_what_is_shown() {
        assert_eq!(words("a\u{1b}]0;b\n\u{202e}c\u{2028}ü🍐"), "a ]0;b  c ü🍐");
        assert_eq!(words(&"x".repeat(1000)).len(), WORDS_MAX);
    }
}
