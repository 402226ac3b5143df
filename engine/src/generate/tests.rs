use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
};

use super::*;

/// `SplitMix64`: enough to be spread evenly, and the same at every run.
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

fn recipe(length: u32, uppercase: bool, digits: bool, symbols: bool) -> Generate {
    Generate::Characters {
        length,
        uppercase,
        digits,
        symbols,
        unambiguous: true,
    }
}

fn phrase(words: u32, separator: &str, capitalize: bool, number: bool) -> Generate {
    Generate::Passphrase {
        words,
        separator: separator.to_owned(),
        capitalize,
        number,
    }
}

/// A password as text; empty where there is none.
fn text(recipe: &Generate, fill: Fill<'_>) -> String {
    // EXPOSE: a test looks at it.
    generate(recipe, fill)
        .map(|made| made.value.expose_secret().to_owned())
        .unwrap_or_default()
}

#[test]
fn every_set_chosen_is_met_and_no_other() {
    let fill = seeded(1);
    for round in 0..500 {
        let (uppercase, digits, symbols) = (round % 2 == 0, round % 3 == 0, round % 5 == 0);
        let made = text(&recipe(8, uppercase, digits, symbols), &fill);
        assert_eq!(made.len(), 8);
        assert!(made.contains(|c: char| c.is_ascii_lowercase()), "{made}");
        assert_eq!(
            made.contains(|c: char| c.is_ascii_uppercase()),
            uppercase,
            "{made}"
        );
        assert_eq!(
            made.contains(|c: char| c.is_ascii_digit()),
            digits,
            "{made}"
        );
        assert_eq!(
            made.contains(|c: char| c.is_ascii_punctuation()),
            symbols,
            "{made}"
        );
        assert!(!made.contains(['I', 'l', '1', 'O', '0', '|']), "{made}");
    }
}

#[test]
fn characters_are_equally_likely() {
    let fill = seeded(2);
    let mut counts = BTreeMap::new();
    for _ in 0..2_000 {
        for c in text(&recipe(128, false, true, false), &fill).chars() {
            *counts.entry(c).or_insert(0_u32) += 1;
        }
    }
    // 25 letters and 8 digits, 256 000 draws: 7 757.6 each, standard deviation 86.7.
    assert_eq!(counts.len(), 33);
    for (c, count) in counts {
        assert!((7_320..8_200).contains(&count), "{c}: {count}");
    }
}

#[test]
fn draws_have_no_bias() {
    let fill = seeded(3);
    // 65 536 is 8 × 7 776 + 3 328: without throwing away, the first words would come up more often.
    let mut low = 0_u32;
    for _ in 0..200_000 {
        low += u32::from(below(7_776, &fill) < 3_328);
    }
    // 85 597 expected, standard deviation 221; a biased draw gives 91 424.
    assert!((84_500..86_700).contains(&low), "{low}");
}

#[test]
fn bits_are_those_of_counting() {
    // Two sets of 25 and 8 characters: (33ⁿ − 25ⁿ − 8ⁿ) passwords.
    let made = generate(&recipe(8, false, true, false), &seeded(4)).map(|made| made.bits);
    let want = (33_f64.powi(8) - 25_f64.powi(8) - 8_f64.powi(8)).log2();
    assert!(made.is_ok_and(|bits| (bits - want).abs() < 1e-9));
    let one_set = generate(&recipe(20, false, false, false), &seeded(4)).map(|made| made.bits);
    assert!(one_set.is_ok_and(|bits| (bits - 20.0 * 25_f64.log2()).abs() < 1e-9));
    let words = generate(&phrase(6, "-", false, true), &seeded(4)).map(|made| made.bits);
    let want = 6.0 * 7_776_f64.log2() + 60_f64.log2();
    assert!(words.is_ok_and(|bits| (bits - want).abs() < 1e-9));
}

#[test]
fn list_is_effs() {
    let list = words::list();
    assert_eq!(list.len(), 7_776);
    assert_eq!(list.iter().collect::<BTreeSet<_>>().len(), 7_776);
    assert_eq!((list[0], list[7_775]), ("abacus", "zoom"));
    assert!(list.iter().all(|word| (3..=9).contains(&word.len())));
}

#[test]
fn passphrases_are_made_as_asked() {
    let fill = seeded(6);
    let plain = text(&phrase(5, " ", false, false), &fill);
    assert_eq!(plain.split(' ').count(), 5);
    let list = words::list();
    assert!(plain.split(' ').all(|word| list.contains(&word)), "{plain}");
    let dressed = text(&phrase(4, ".", true, true), &fill);
    assert_eq!(
        dressed.chars().filter(char::is_ascii_digit).count(),
        1,
        "{dressed}"
    );
    assert!(
        dressed
            .split('.')
            .all(|w| w.starts_with(|c: char| c.is_ascii_uppercase())),
        "{dressed}"
    );
}

#[test]
fn recipes_out_of_range_are_refused() {
    let refused = |recipe: &Generate| generate(recipe, &seeded(7)).err();
    assert_eq!(
        refused(&recipe(7, true, true, true)),
        Some(GenerateError::Length)
    );
    assert_eq!(
        refused(&recipe(129, true, true, true)),
        Some(GenerateError::Length)
    );
    assert_eq!(
        refused(&phrase(2, "-", false, false)),
        Some(GenerateError::Words)
    );
    assert_eq!(
        refused(&phrase(13, "-", false, false)),
        Some(GenerateError::Words)
    );
    for separator in ["a", "1", "-----", "\n", "é"] {
        assert_eq!(
            refused(&phrase(4, separator, false, false)),
            Some(GenerateError::Separator)
        );
    }
}

#[test]
fn broken_random_source_is_noticed() {
    let zeros = |out: &mut [u8]| out.fill(0);
    assert_eq!(
        generate(&recipe(8, true, true, true), &zeros).err(),
        Some(GenerateError::Random)
    );
}
