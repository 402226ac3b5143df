//! The language of `passwordrules`, <https://developer.apple.com/password-rules/>:
//! `minlength: 8; required: lower, upper; required: digit; allowed: [-_]; max-consecutive: 2`.
//!
//! A page writes them: whatever cannot be read is left out and told of, and the rest counts.

use proto::bridge::popup::IgnoredRule;

use super::chars::Chars;

/// Longer texts are left out as a whole, bytes.
const TEXT_MAX: usize = 1024;
/// Requirements that are looked at; more than that is no honest form.
const REQUIRED_MAX: usize = 8;

/// What a text of rules says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Rules {
    /// The greatest `minlength`; 0 without one.
    pub(super) min: u32,
    /// The least `maxlength`.
    pub(super) max: Option<u32>,
    /// All characters that may stand in a password; `None`: any.
    pub(super) allowed: Option<Chars>,
    /// Of each of these there must be one.
    pub(super) required: Vec<Chars>,
    /// How often one character may stand in a row.
    pub(super) run_max: Option<u32>,
    /// What was left out.
    pub(super) ignored: Vec<IgnoredRule>,
}

/// Reads a text of rules.
pub(super) fn parse(text: &str) -> Rules {
    let mut rules = Rules::default();
    if text.len() > TEXT_MAX {
        rules.ignored.push(IgnoredRule::TooLong);
        return rules;
    }
    let mut cursor = Cursor(text);
    while cursor.next_property() {
        let name = cursor.word().to_ascii_lowercase();
        cursor.skip_blanks();
        if !cursor.eat(':') {
            rules.ignored.push(IgnoredRule::Property);
            cursor.skip_property();
            continue;
        }
        rules.take(&name, &mut cursor);
        cursor.skip_blanks();
        if !cursor.0.is_empty() && !cursor.0.starts_with(';') {
            rules.ignored.push(IgnoredRule::Value);
            cursor.skip_property();
        }
    }
    // Without a word of what is allowed, what is required is all there is.
    if rules.allowed.is_some() || !rules.required.is_empty() {
        let allowed = rules.allowed.unwrap_or(Chars::EMPTY);
        rules.allowed = Some(rules.required.iter().fold(allowed, |all, set| all.or(*set)));
    }
    rules
}

impl Rules {
    fn take(&mut self, name: &str, cursor: &mut Cursor<'_>) {
        match name {
            "minlength" | "maxlength" | "max-consecutive" => {
                let Some(number) = cursor.number() else {
                    self.ignored.push(IgnoredRule::Value);
                    cursor.skip_property();
                    return;
                };
                match name {
                    "minlength" => self.min = self.min.max(number),
                    "maxlength" => self.max = Some(self.max.unwrap_or(number).min(number)),
                    _ if number == 0 => self.ignored.push(IgnoredRule::Value),
                    _ => self.run_max = Some(self.run_max.unwrap_or(number).min(number)),
                }
            }
            "required" | "allowed" => {
                let set = self.classes(cursor);
                if set.is_empty() {
                    // Told of by whatever was no class.
                } else if name == "allowed" {
                    self.allowed = Some(self.allowed.unwrap_or(Chars::EMPTY).or(set));
                } else if self.required.contains(&set) {
                    // Said twice.
                } else if self.required.len() < REQUIRED_MAX {
                    self.required.push(set);
                } else {
                    self.ignored.push(IgnoredRule::Class);
                }
            }
            _ => {
                self.ignored.push(IgnoredRule::Property);
                cursor.skip_property();
            }
        }
    }

    /// All characters of a list of classes.
    fn classes(&mut self, cursor: &mut Cursor<'_>) -> Chars {
        let mut all = Chars::EMPTY;
        loop {
            cursor.skip_blanks();
            let class = if cursor.eat('[') {
                cursor.custom_class()
            } else {
                named_class(&cursor.word().to_ascii_lowercase())
            };
            match class.filter(|class| !class.is_empty()) {
                Some(class) => all = all.or(class),
                None => self.ignored.push(IgnoredRule::Class),
            }
            cursor.skip_blanks();
            if !cursor.eat(',') {
                return all;
            }
        }
    }
}

fn named_class(name: &str) -> Option<Chars> {
    match name {
        "lower" => Some(Chars::LOWER),
        "upper" => Some(Chars::UPPER),
        "digit" => Some(Chars::DIGIT),
        "special" => Some(Chars::SPECIAL),
        // What is not ASCII is not made.
        "ascii-printable" | "unicode" => Some(Chars::PRINTABLE),
        _ => None,
    }
}

/// The part of the text that is still to be read.
struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    /// Goes to the next property; whether there is one.
    fn next_property(&mut self) -> bool {
        self.0 = self
            .0
            .trim_start_matches(|c: char| c == ';' || c.is_whitespace());
        !self.0.is_empty()
    }

    fn skip_blanks(&mut self) {
        self.0 = self.0.trim_start();
    }

    /// Leaves a property out, with the semicolons within its brackets.
    fn skip_property(&mut self) {
        while let Some(c) = self.0.chars().next() {
            match c {
                ';' => return,
                '[' => {
                    self.eat('[');
                    let _ = self.custom_class();
                }
                _ => self.0 = &self.0[c.len_utf8()..],
            }
        }
    }

    fn eat(&mut self, c: char) -> bool {
        let rest = self.0.strip_prefix(c);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// Letters and hyphens; may be empty.
    fn word(&mut self) -> &'a str {
        let end = self.0.find(|c: char| !c.is_ascii_alphabetic() && c != '-');
        let (word, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        self.0 = rest;
        word
    }

    /// Digits, as many as there are; the greatest number there is where they are too many.
    fn number(&mut self) -> Option<u32> {
        self.skip_blanks();
        let end = self.0.find(|c: char| !c.is_ascii_digit());
        let (digits, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        self.0 = rest;
        let number = |digits: &str| digits.parse().unwrap_or(u32::MAX);
        (!digits.is_empty()).then(|| number(digits))
    }

    /// What stands between brackets, the first of which is read already; `]` belongs to it where
    /// another follows. `None` without an end.
    fn custom_class(&mut self) -> Option<Chars> {
        let Some(mut end) = self.0.find(']') else {
            self.0 = "";
            return None;
        };
        if self.0[end + 1..].starts_with(']') {
            end += 1;
        }
        let class = Chars::of(&self.0[..end]).and(Chars::PRINTABLE);
        self.0 = &self.0[end + 1..];
        Some(class)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text, shortest, longest, required, allowed (`None`: any), row, how many were left out.
    type Row<'a> = (
        &'a str,
        u32,
        Option<u32>,
        &'a [&'a str],
        Option<&'a str>,
        Option<u32>,
        usize,
    );

    const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";

    #[rustfmt::skip]
    const ROWS: &[Row<'_>] = &[
        ("", 0, None, &[], None, None, 0),
        (" ; ;; ", 0, None, &[], None, None, 0),
        ("minlength: 8", 8, None, &[], None, None, 0),
        ("minlength:8;maxlength:20", 8, Some(20), &[], None, None, 0),
        ("MinLength: 8; minlength: 12; maxlength: 64; maxlength: 30", 12, Some(30), &[], None, None, 0),
        ("minlength: 99999999999999", u32::MAX, None, &[], None, None, 0),
        ("minlength: -1", 0, None, &[], None, None, 1),
        ("minlength: many; maxlength: 9", 0, Some(9), &[], None, None, 1),
        ("minlength 8; maxlength: 9", 0, Some(9), &[], None, None, 1),
        ("required: lower", 0, None, &[LOWER], Some(LOWER), None, 0),
        ("required: [ab]; required: [c]", 0, None, &["ab", "c"], Some("abc"), None, 0),
        ("required: [ab], [c]", 0, None, &["abc"], Some("abc"), None, 0),
        ("required: [ab]; required: [ba]", 0, None, &["ab"], Some("ab"), None, 0),
        ("required: [ab]; allowed: [-];", 0, None, &["ab"], Some("-ab"), None, 0),
        ("allowed: [a], [b]; allowed: [c]", 0, None, &[], Some("abc"), None, 0),
        ("allowed: [a;b]]; max-consecutive: 2", 0, None, &[], Some(";]ab"), Some(2), 0),
        ("max-consecutive: 3; max-consecutive: 2", 0, None, &[], None, Some(2), 0),
        ("max-consecutive: 0", 0, None, &[], None, None, 1),
        ("required: [é]; required: nonsense; required: [a]", 0, None, &["a"], Some("a"), None, 2),
        ("required: nonsense, [a]", 0, None, &["a"], Some("a"), None, 1),
        ("required: [a", 0, None, &[], None, None, 1),
        ("colour: [;]; minlength: 4", 4, None, &[], None, None, 1),
        ("required: [a] [b]; minlength: 4", 4, None, &["a"], Some("a"), None, 1),
        ("🍐: 🍐; minlength: 4", 4, None, &[], None, None, 1),
    ];

    #[test]
    fn rules_are_read_as_far_as_they_can_be() {
        for (text, min, max, required, allowed, run_max, ignored) in ROWS {
            let rules = parse(text);
            let required: Vec<_> = required.iter().map(|set| Chars::of(set)).collect();
            assert_eq!((rules.min, rules.max), (*min, *max), "{text}");
            assert_eq!(rules.required, required, "{text}");
            assert_eq!(rules.allowed, allowed.map(Chars::of), "{text}");
            assert_eq!(rules.run_max, *run_max, "{text}");
            assert_eq!(rules.ignored.len(), *ignored, "{text}: {:?}", rules.ignored);
        }
        assert_eq!(parse(&"a".repeat(2_000)).ignored, [IgnoredRule::TooLong]);
    }

    #[test]
    fn classes_are_apples() {
        let class = |name: &str| parse(&format!("required: {name}")).required;
        assert_eq!(class("upper"), [Chars::UPPER]);
        assert_eq!(class("digit"), [Chars::DIGIT]);
        assert_eq!(class("special"), [Chars::SPECIAL]);
        assert_eq!(class("ascii-printable"), [Chars::PRINTABLE]);
        assert_eq!(class("unicode"), [Chars::PRINTABLE]);
    }
}
