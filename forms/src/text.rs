//! Texts of a page made comparable: lower case, without diacritics, words apart.

use crate::topic::{Topic, Topics};

/// A folded text and what it speaks of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text {
    folded: String,
    topics: Topics,
}

impl Text {
    /// Folds `parts`, each a text of its own.
    pub(crate) fn of(parts: &[&str]) -> Self {
        let mut folded = String::from(" ");
        for part in parts {
            fold_into(&mut folded, part);
            if !folded.ends_with(' ') {
                folded.push(' ');
            }
        }
        let topics = Topics::of(&folded);
        Self { folded, topics }
    }

    /// Whether a word of `topic` is in it.
    pub(crate) fn has(&self, topic: Topic) -> bool {
        self.topics.has(topic)
    }

    /// Whether a number is in it.
    pub(crate) fn has_number(&self) -> bool {
        self.folded.contains(char::is_numeric)
    }

    /// Characters, spaces at the ends aside.
    pub(crate) fn chars(&self) -> usize {
        self.folded.trim().chars().count()
    }
}

/// Folds one text onto the end of `out`: `"txtUserName_2"` → `"txt user name 2"`.
fn fold_into(out: &mut String, text: &str) {
    let mut before = ' ';
    for c in text.chars() {
        let camel = before.is_lowercase() && c.is_uppercase();
        if camel && !out.ends_with(' ') {
            out.push(' ');
        }
        before = c;
        if !c.is_alphanumeric() && !is_mark(c) {
            if !out.ends_with(' ') {
                out.push(' ');
            }
            continue;
        }
        for lower in c.to_lowercase() {
            match folded(lower) {
                Some(plain) => out.push_str(plain),
                None if is_mark(lower) => {}
                None => out.push(lower),
            }
        }
    }
}

/// Marks that a word is the same without: combining diacritics, Hebrew points, Arabic vowel signs
/// and tatweel, nukta and virama of the scripts of India, Thai tone marks, invisible joiners.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{640}' | '\u{64b}'..='\u{65f}'
        | '\u{93c}' | '\u{94d}' | '\u{9bc}' | '\u{9cd}' | '\u{a3c}' | '\u{a4d}' | '\u{abc}' | '\u{acd}'
        | '\u{b3c}' | '\u{b4d}' | '\u{bcd}' | '\u{c4d}' | '\u{cbc}' | '\u{ccd}' | '\u{d4d}'
        | '\u{e47}'..='\u{e4e}' | '\u{200b}'..='\u{200f}')
}

/// The letter without its diacritics, where it has some.
fn folded(c: char) -> Option<&'static str> {
    Some(match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' | '\u{1ea0}'..='\u{1eb7}' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | '\u{1eb8}'..='\u{1ec7}' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | '\u{1ec8}'..='\u{1ecb}' => "i",
        'ł' | 'ĺ' | 'ļ' | 'ľ' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ơ' | '\u{1ecc}'..='\u{1ee3}' => "o",
        'œ' => "oe",
        'ŕ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ț' => "t",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ư' | '\u{1ee4}'..='\u{1ef1}' => {
            "u"
        }
        'ý' | 'ÿ' | '\u{1ef2}'..='\u{1ef9}' => "y",
        'ź' | 'ż' | 'ž' => "z",
        'ά' => "α",
        'έ' => "ε",
        'ή' => "η",
        'ί' | 'ϊ' | 'ΐ' => "ι",
        'ό' => "ο",
        'ύ' | 'ϋ' | 'ΰ' => "υ",
        'ώ' => "ω",
        'ς' => "σ",
        'ё' => "е",
        'й' => "и",
        'ї' => "і",
        'أ' | 'إ' | 'آ' => "ا",
        'ى' | 'ی' => "ي",
        'ک' => "ك",
        '\u{958}' => "क",
        '\u{959}' => "ख",
        '\u{95a}' => "ग",
        '\u{95b}' => "ज",
        '\u{95c}' => "ड",
        '\u{95d}' => "ढ",
        '\u{95e}' => "फ",
        '\u{9dc}' => "ড",
        '\u{9dd}' => "ঢ",
        '\u{9df}' => "য",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_fold_to_plain_words() {
        for (text, want) in [
            ("txtUserName_2", " txt user name 2 "),
            ("  Đăng nhập ", " dang nhap "),
            ("Contraseña:", " contrasena "),
            ("Şifremi unuttum?", " sifremi unuttum "),
            ("PASSWORT", " passwort "),
            ("Κωδικός", " κωδικοσ "),
            ("تسجيل الدخول", " تسجيل الدخول "),
            ("パスワード", " パスワード "),
            ("पासवर्ड पढ़ें", " पासवरड पढें "),
            ("পাসওয়ার্ড", " পাসওযারড "),
            ("e\u{301}te\u{301}", " ete "),
            ("", " "),
        ] {
            assert_eq!(Text::of(&[text]).folded, want);
        }
    }

    #[test]
    fn a_text_tells_what_it_speaks_of() {
        let text = Text::of(&["Forgot your password?"]);
        assert!(text.has(Topic::Forgot) && text.has(Topic::Password) && !text.has(Topic::Login));
        assert!(!Text::of(&["homepages"]).has(Topic::Personal));
    }
}
