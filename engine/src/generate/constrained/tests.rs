use std::{cell::Cell, fmt::Write as _};

use proptest::prelude::*;

use super::*;

/// `SplitMix64`.
fn seeded(seed: u64) -> impl Fn(&mut [u8]) {
    let state = Cell::new(seed);
    move |out| {
        for byte in out {
            state.set(state.get().wrapping_add(0x9e37_79b9_7f4a_7c15));
            let mut mixed = state.get();
            mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = (mixed ^ mixed >> 31).to_le_bytes()[0];
        }
    }
}

fn recipe(length: u32) -> Generate {
    Generate::Characters {
        length,
        uppercase: true,
        digits: true,
        symbols: true,
        unambiguous: true,
    }
}

fn constraints(min: u32, max: u32, pattern: &str, rules: &str) -> PasswordConstraints {
    PasswordConstraints {
        min,
        max,
        pattern: pattern.to_owned(),
        rules: rules.to_owned(),
    }
}

struct Made {
    text: String,
    bits: f64,
    ignored: Vec<IgnoredRule>,
}

fn make(
    constraints: &PasswordConstraints,
    recipe: &Generate,
    seed: u64,
) -> Result<Made, GenerateError> {
    let made = generate_for(constraints, recipe, &seeded(seed))?;
    Ok(Made {
        // EXPOSE: a test looks at it.
        text: made.value.expose_secret().to_owned(),
        bits: made.bits,
        ignored: made.ignored,
    })
}

fn longest_run(text: &str) -> usize {
    let letters: Vec<char> = text.chars().collect();
    letters
        .chunk_by(|a, b| a == b)
        .map(<[char]>::len)
        .max()
        .unwrap_or(0)
}

/// A pattern, and the same said in Rust.
type Row = (&'static str, fn(&str) -> bool);

#[rustfmt::skip]
const PATTERNS: &[Row] = &[
    ("", |_| true),
    (".{8,}", |t| t.len() >= 8),
    (".{6,10}", |t| (6..=10).contains(&t.len())),
    ("[A-Za-z0-9]{8,20}", |t| (8..=20).contains(&t.len()) && t.chars().all(|c| c.is_ascii_alphanumeric())),
    (r"(?=.*\d)(?=.*[a-z])(?=.*[A-Z]).{8,}", |t| t.len() >= 8 && has(t, |c| c.is_ascii_digit()) && has(t, |c| c.is_ascii_lowercase()) && has(t, |c| c.is_ascii_uppercase())),
    (r"^(?=.*[A-Za-z])(?=.*\d)(?=.*[@$!%*#?&])[A-Za-z\d@$!%*#?&]{8,}$", |t| t.len() >= 8 && has(t, |c| "@$!%*#?&".contains(c)) && t.chars().all(|c| c.is_ascii_alphanumeric() || "@$!%*#?&".contains(c))),
    (r"(?=(.*\d){3})(?!.*[aeiou])\S{10,}", |t| t.len() >= 10 && t.chars().filter(char::is_ascii_digit).count() >= 3 && !has(t, |c| "aeiou".contains(c))),
    ("[A-Z][a-z]{5,}[0-9]{2}", |t| t.len() >= 8 && t.starts_with(|c: char| c.is_ascii_uppercase()) && t[t.len() - 2..].bytes().all(|b| b.is_ascii_digit())),
    (r"\d{4}", |t| t.len() == 4 && t.bytes().all(|b| b.is_ascii_digit())),
    (r"\d{4}|[a-z]{12}", |t| t.len() == 4 || t.len() == 12),
    (r"(?!.*\s)(?!^\d)[!-~]{8,16}", |t| (8..=16).contains(&t.len()) && !t.starts_with(|c: char| c.is_ascii_digit())),
];

fn has(text: &str, is: fn(char) -> bool) -> bool {
    text.contains(is)
}

#[test]
fn every_password_fits_its_pattern() {
    for (pattern, is_good) in PATTERNS {
        for seed in 0..40 {
            let length = 8 + u32::try_from(seed).unwrap_or(0) % 30;
            let made = make(&constraints(0, 0, pattern, ""), &recipe(length), seed);
            let Ok(made) = made else {
                unreachable!("{pattern} can be met")
            };
            assert!(is_good(&made.text), "{pattern} {}", made.text);
            assert!(made.ignored.is_empty(), "{pattern}");
        }
    }
}

#[test]
fn recipe_is_followed_where_the_site_says_nothing() {
    let nothing = constraints(0, 0, "", "");
    let made = make(&nothing, &recipe(24), 1);
    assert!(made.is_ok_and(|made| made.text.len() == 24));
    let phrase = Generate::Passphrase {
        words: 4,
        separator: "-".to_owned(),
        capitalize: false,
        number: false,
    };
    let words =
        |constraints| make(&constraints, &phrase, 1).map(|made| made.text.split('-').count());
    // Four words have 51 bits: one more is taken where it has room.
    assert_eq!(words(nothing), Ok(5));
    assert_eq!(words(constraints(8, 64, "", "")), Ok(5));
    let letters = Generate::Characters {
        length: 8,
        uppercase: false,
        digits: false,
        symbols: false,
        unambiguous: false,
    };
    for (max, length) in [(0, 14), (20, 14), (13, 10), (8, 8)] {
        let made = make(&constraints(0, max, "", ""), &letters, 1);
        let is_strong = |made: &Made| made.bits >= 64.0 || made.bits > f64::from(max) * 6.0;
        assert!(made.is_ok_and(|made| made.text.len() == length && is_strong(&made)));
    }
    // Some would be too long: none is a passphrase.
    let short = make(&constraints(8, 20, "", ""), &phrase, 1);
    assert!(short.is_ok_and(|made| made.text.len() == 20 && made.bits > 100.0));
}

#[test]
fn length_is_the_recipes_within_the_sites() {
    let length = |min, max, pattern: &str, rules: &str, wanted| {
        make(&constraints(min, max, pattern, rules), &recipe(wanted), 3).map(|made| made.text.len())
    };
    assert_eq!(length(0, 16, "", "", 20), Ok(16));
    assert_eq!(length(30, 0, "", "", 20), Ok(30));
    assert_eq!(length(0, 0, "", "minlength: 25; maxlength: 40", 20), Ok(25));
    assert_eq!(length(0, 12, "", "maxlength: 40", 20), Ok(12));
    // Eight digits do not look alike: at 3 bits each, 22 of them have more than 64.
    assert_eq!(length(0, 0, "", "allowed: digit", 10), Ok(22));
    assert_eq!(length(0, 15, "", "allowed: digit", 10), Ok(15));
    // One long enough is taken, and no longer one.
    assert_eq!(length(0, 0, r"\d{6}|\d{25}|\d{30}", "", 20), Ok(25));
}

#[test]
fn rules_that_contradict_are_told() {
    for (min, max, pattern, rules) in [
        (10, 5, "", ""),
        (0, 5, "", "minlength: 6"),
        (129, 0, "", ""),
        (u32::MAX, u32::MAX, "", ""),
        (0, 1, "", "required: lower; required: digit"),
        (0, 0, "[a-z]{8,}", "required: digit"),
        (0, 6, "[a-z]{8,}", ""),
        (0, 0, "^$", ""),
        (0, 0, "é{8}", ""),
        (0, 0, "", "allowed: [a]; max-consecutive: 1; minlength: 2"),
    ] {
        let made = make(&constraints(min, max, pattern, rules), &recipe(20), 1);
        assert_eq!(
            made.err(),
            Some(GenerateError::Rules),
            "{min} {max} {pattern} {rules}"
        );
    }
}

#[test]
fn what_is_left_out_is_told() {
    let made = make(
        &constraints(0, 0, r"\p{L}+", "required: nonsense; x: 1"),
        &recipe(20),
        1,
    );
    let ignored = made.map(|made| made.ignored);
    let want = vec![
        IgnoredRule::Class,
        IgnoredRule::Property,
        IgnoredRule::Pattern,
    ];
    assert_eq!(ignored, Ok(want));
}

#[test]
fn automaton_that_grows_too_large_is_left_out() {
    // To know the character fifteen places back takes two to the fifteenth states.
    let made = make(&constraints(0, 0, ".*a.{14}", ""), &recipe(60), 1);
    assert!(made.is_ok_and(|made| made.ignored == [IgnoredRule::Pattern] && made.text.len() == 60));
    // Not so many states, but each of hundreds of states of the pattern.
    let heavy = "(?=((.*){99}){7}$).*a.{10}";
    let made = make(&constraints(0, 0, heavy, ""), &recipe(60), 1);
    assert!(made.is_ok_and(|made| made.ignored == [IgnoredRule::Pattern]));
}

#[test]
fn rules_stand_where_only_the_recipe_makes_them_too_much() {
    // Five hundred places, and sixteen times as many with one of each set of the recipe.
    let made = make(&constraints(0, 0, ".*a.{8}", ""), &recipe(20), 1);
    let fits = |text: &str| text.len() == 20 && text.as_bytes()[11] == b'a';
    assert!(made.is_ok_and(|made| made.ignored.is_empty() && fits(&made.text)));
    // Four thousand with the sets of both; and nothing is told of that was never said.
    let sets = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let rules =
        sets.map(|set| format!("required: [{set}]")).join(";") + "; allowed: ascii-printable";
    let made = make(&constraints(0, 0, "", &rules), &recipe(20), 1);
    let fits = |text: &str| sets.iter().all(|set| text.contains(set));
    assert!(made.is_ok_and(|made| made.ignored.is_empty() && fits(&made.text)));
    // Too much whatever the alphabet is: each is told of once.
    let rules = "max-consecutive: 2";
    let made = make(&constraints(0, 0, ".*a.{14}", rules), &recipe(70), 1);
    let fits = |text: &str| longest_run(text) <= 2;
    assert!(made.is_ok_and(|made| made.ignored == [IgnoredRule::Pattern] && fits(&made.text)));
}

#[test]
fn bits_are_those_of_counting() {
    let bits = |pattern: &str, rules: &str, max| {
        make(&constraints(0, max, pattern, rules), &recipe(8), 1).map(|made| made.bits)
    };
    let is = |bits: Result<f64, _>, want: f64| bits.is_ok_and(|bits| (bits - want).abs() < 1e-6);
    assert!(is(bits(r"\d{4}", "", 0), 10_000_f64.log2()));
    // No digit twice in a row: 10 · 9 · 9 · 9.
    assert!(is(
        bits(r"\d{4}", "max-consecutive: 1", 0),
        7_290_f64.log2()
    ));
    // A letter and a digit, either first: too short to leave out what looks alike.
    assert!(is(
        bits("", "required: lower; required: digit", 2),
        520_f64.log2()
    ));
}

#[test]
fn passwords_are_equally_likely() {
    // aab, aba, baa, abb, bab, bba: all with both letters.
    let mut counts = std::collections::BTreeMap::new();
    for seed in 0..6_000 {
        let made = make(
            &constraints(3, 3, "", "required: [a]; required: [b]"),
            &recipe(8),
            seed * 7 + 1,
        );
        *counts
            .entry(made.map(|made| made.text).unwrap_or_default())
            .or_insert(0_u32) += 1;
    }
    assert_eq!(counts.len(), 6, "{counts:?}");
    // 1 000 each, standard deviation 29.
    assert!(
        counts.values().all(|count| (850..1_150).contains(count)),
        "{counts:?}"
    );
}

fn class() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop_oneof![
        Just(("lower", LOWERCASE)),
        Just(("upper", UPPERCASE)),
        Just(("digit", DIGITS)),
        Just(("special", " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")),
        Just(("[-_.!]", "-_.!")),
        Just(("[abc123]", "abc123")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_password_keeps_the_rules(
        min in 0_u32..40,
        extra in 0_u32..40,
        required in prop::collection::vec(class(), 0..4),
        allowed in prop::collection::vec(class(), 0..3),
        run in 0_u32..4,
        length in 8_u32..60,
        seed: u64,
    ) {
        let max = min + extra.max(4);
        let mut rules = format!("minlength: {min}; maxlength: {max};");
        for (name, _) in &required {
            let _ = write!(rules, " required: {name};");
        }
        if !allowed.is_empty() {
            let names: Vec<_> = allowed.iter().map(|(name, _)| *name).collect();
            let _ = write!(rules, "allowed: {};", names.join(", "));
        }
        if run > 0 {
            let _ = write!(rules, "max-consecutive: {run}");
        }
        let made = make(&constraints(0, 0, "", &rules), &recipe(length), seed);
        let Ok(made) = made else { return Err(TestCaseError::fail(rules)) };
        let text = &made.text;
        prop_assert!(made.ignored.is_empty(), "{rules}");
        prop_assert!((min..=max).contains(&u32::try_from(text.len()).unwrap_or(0)), "{rules} {text}");
        for (name, set) in &required {
            prop_assert!(text.contains(|c| set.contains(c)), "{name} {text}");
        }
        if !(allowed.is_empty() && required.is_empty()) {
            let known = |c: char| required.iter().chain(&allowed).any(|(_, set)| set.contains(c));
            prop_assert!(text.chars().all(known), "{rules} {text}");
        }
        if run > 0 {
            prop_assert!(longest_run(text) <= usize::try_from(run).unwrap_or(0), "{rules} {text}");
        }
        // Where 64 bits can be had, they are.
        let sizes = required.iter().chain(&allowed).map(|(_, set)| set.len());
        let smallest = sizes.max().unwrap_or(95);
        if f64::from(max) * f64::from(u32::try_from(smallest).unwrap_or(0)).log2() > 90.0 && run != 1 {
            prop_assert!(made.bits >= 64.0, "{rules} {text} {}", made.bits);
        }
    }

    #[test]
    fn any_text_of_rules_is_survived(rules in "[ -~]{0,80}", pattern in "[ -~]{0,40}", min: u16, max: u16) {
        let made = make(&constraints(min.into(), max.into(), &pattern, &rules), &recipe(20), 1);
        if let Ok(made) = made {
            prop_assert!(made.text.len() <= 128 && made.text.len() >= min.into());
            prop_assert!(max == 0 || made.text.len() <= max.into());
        }
    }
}
