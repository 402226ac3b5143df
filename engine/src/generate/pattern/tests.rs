use super::*;

/// Whether a pattern fits a text; `None` where it is not understood.
fn fits(pattern: &str, text: &str) -> Option<bool> {
    let pattern = Pattern::parse(pattern).ok()?;
    let mut at = pattern.start();
    for c in text.chars() {
        at = at.and_then(|at| pattern.step(&at, c));
    }
    Some(at.is_some_and(|at| pattern.accepts(&at)))
}

/// A pattern, what fits it, and what does not.
type Row<'a> = (&'a str, &'a [&'a str], &'a [&'a str]);

#[rustfmt::skip]
const ROWS: &[Row<'_>] = &[
    ("", &["", "x"], &[]),
    ("abc", &["abc"], &["", "ab", "abcd", "xabc"]),
    ("^abc$", &["abc"], &["ab", "abcd"]),
    (".{3,5}", &["abc", "abcde"], &["ab", "abcdef", "ab\n"]),
    ("[a-f0-9]{4}", &["beef", "0000"], &["beeg", "bee", "beef0"]),
    ("[^a-z]+", &["ABC1", " "], &["", "ABc"]),
    ("a|bc|", &["a", "bc", ""], &["b", "abc"]),
    ("(?:ab)*c?", &["", "ab", "ababc", "c"], &["a", "abcc"]),
    ("(a|b){2,}x{0}", &["ab", "bba"], &["a", "abx"]),
    ("(?<year>\\d{2})", &["12"], &["1", "1a"]),
    (r"\w\s\S\D\.-\x41", &["a xy.-A"], &["a xy--A", "a x1.-A"]),
    (r"[\w.\-]+", &["a-b.c_9"], &["a b", "a+b"]),
    (r"[a\-]+", &["a-a"], &["b"]),
    (r"[!-\/]+", &["!#/"], &["0"]),
    (r"[\(\!\]^.]+", &["(!]^."], &["a", r"\"]),
    (r"[\--0]+", &["-./0"], &["1", ","]),
    (r"[.\..!]+", &[".!"], &["a"]),
    (r"\/\(\{", &["/({"], &["({"]),
    (r"(?=.*\d).{4,}", &["abc1", "1abc"], &["abcd", "ab1"]),
    (r"^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[a-zA-Z\d]{8,}$", &["abcdEF12"], &["abcdef12", "abcdEF1", "abcdEF1!", "ABCDEF12"]),
    (r"(?=(.*\d){2})(?!.*\s).+", &["a1b2"], &["a1b", "a1 b2"]),
    (r"(?=.{4,6}$).*[!?].*", &["ab!d"], &["ab!", "ab!defg", "abcd"]),
    (r"^(?!.*(?:abc|123)).{3,}$", &["acb132"], &["xabcx", "x123"]),
    (r"(?!^[0-9]*$)[a-z0-9]{3,}", &["a12", "abc"], &["123", "ab"]),
    ("(?!)x", &[], &["x"]),
    ("(?:(?=a)ab)", &["ab"], &["bb"]),
    ("a{200}", &[], &["a", "aa"]),
    ("(a*)*b", &["b", "aab"], &["a"]),
    ("^$", &[""], &["a"]),
    ("é+", &[], &["e", "é"]),
];

#[test]
fn patterns_fit_what_browsers_say_they_fit() {
    for (pattern, good, bad) in ROWS {
        for (texts, want) in [(good, true), (bad, false)] {
            for text in *texts {
                assert_eq!(fits(pattern, text), Some(want), "{pattern} {text}");
            }
        }
    }
}

#[test]
fn what_is_not_understood_is_left_out() {
    for pattern in [
        "(",
        ")",
        "(?",
        "[a",
        "a**",
        "a{",
        "a{2",
        "a{3,2}",
        "*",
        "?",
        "a]",
        "{2}",
        r"\",
        r"\bword",
        r"(a)\1",
        r"\p{L}+",
        "(?<=a)b",
        "(?<!a)b",
        "[a--b]",
        "[a&&b]",
        "[[a]b]",
        "[z-a]",
        "a(?=b)b",
        "(?=a(?=b)).*",
        "(?:(?=a)a|b)",
        "^*",
        "(?=a)*",
        r"\q",
        // What the flag `v` has taken out of the language.
        "[(]",
        "[a-]",
        "[-a]",
        r"[\d-]",
        r"[\w-z]",
        "[a/]",
        "[a|b]",
        "[{}]",
        "[!!]",
        "[a..]",
        "[^^^]",
        "[&&]",
        r"[\ ]",
        r"[\_]",
        r"[\'a]",
        r"\!",
        r"\-",
        r"\@",
        r"\ ",
        r"\u12",
        "(?<>a)",
    ] {
        assert_eq!(
            Pattern::parse(pattern).err(),
            Some(IgnoredRule::Pattern),
            "{pattern}"
        );
    }
    let long = "a".repeat(600);
    assert_eq!(Pattern::parse(&long).err(), Some(IgnoredRule::TooLong));
}

#[test]
fn hostile_patterns_are_bounded() {
    // Groups without end, and repetitions of repetitions.
    let deep = "(".repeat(200) + "a" + &")".repeat(200);
    assert_eq!(Pattern::parse(&deep).err(), Some(IgnoredRule::Pattern));
    let large = "(((a{100}){100}){100}){100}";
    assert_eq!(Pattern::parse(large).err(), Some(IgnoredRule::Pattern));
    // Nothing, again and again and again.
    for nothing in ["()", "a{0}", "(?:|)"] {
        let endless = "(".repeat(6) + nothing + &"{128})".repeat(6);
        assert_eq!(Pattern::parse(&endless).err(), Some(IgnoredRule::Pattern));
    }
    assert_eq!(fits("(a{0}){3}(){2}b", "b"), Some(true));
    // Conditions that are each small enough.
    let many = "(?=((.?){99}){7}$)".repeat(2);
    assert_eq!(Pattern::parse(&many).err(), Some(IgnoredRule::Pattern));
    // What sends an engine that tries into the age of the universe.
    let slow = "(a+)+(a|a)*(a|aa)+$";
    assert_eq!(fits(slow, &("a".repeat(100) + "!")), Some(false));
    assert_eq!(fits(slow, &"a".repeat(100)), Some(true));
}
