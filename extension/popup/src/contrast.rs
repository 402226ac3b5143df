//! Checks that the colours of `assets/styles/tokens.css` can be read: WCAG 2.2 § 1.4.3 and
//! § 1.4.11.

use std::collections::BTreeMap;

const TOKENS: &str = include_str!("../assets/styles/tokens.css");
const AVATAR: &str = include_str!("../assets/styles/avatar.css");

/// Text on ground: at least 4.5.
const TEXT: [(&str, &str); 29] = [
    ("text", "accent-soft"),
    ("text-soft", "accent-soft"),
    ("text", "ground"),
    ("text", "surface"),
    ("text", "hover"),
    ("text-soft", "ground"),
    ("text-soft", "page"),
    ("text-soft", "surface"),
    ("text-soft", "hover"),
    ("text-soft", "sunken"),
    ("text-soft", "info-soft"),
    ("text-faint", "ground"),
    ("text-faint", "surface"),
    ("text-faint", "sunken"),
    ("text-faint", "hover"),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("on-accent", "accent-active"),
    ("accent-text", "page"),
    ("accent-text", "surface"),
    ("accent-text", "ground"),
    ("accent-text", "accent-soft"),
    ("on-danger", "danger"),
    ("danger-text", "ground"),
    ("danger-text", "surface"),
    ("danger-text", "danger-soft"),
    ("warning-text", "warning-soft"),
    ("symbol", "surface"),
    ("digit", "surface"),
];

/// Edges of controls, rings and bars on what is behind them: at least 3.
const SHAPES: [(&str, &str); 6] = [
    ("edge", "surface"),
    ("edge", "ground"),
    ("focus", "ground"),
    ("focus", "page"),
    ("accent", "surface"),
    ("danger", "surface"),
];

fn custom_properties(css: &str) -> BTreeMap<&str, &str> {
    css.split([';', '{', '}'])
        .map(|part| part.rsplit_once("*/").map_or(part, |(_, rest)| rest))
        .filter_map(|part| part.trim().strip_prefix("--")?.split_once(':'))
        .map(|(name, value)| (name.trim(), value.trim()))
        .collect()
}

fn luminance(hex: &str) -> Option<f64> {
    let hex = hex.strip_prefix('#').filter(|hex| hex.len() == 6)?;
    let channel = |from: usize| {
        let value = f64::from(u8::from_str_radix(&hex[from..from + 2], 16).ok()?) / 255.0;
        Some(if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        })
    };
    Some(0.2126 * channel(0)? + 0.7152 * channel(2)? + 0.0722 * channel(4)?)
}

fn contrast(a: &str, b: &str) -> Option<f64> {
    let (a, b) = (luminance(a)?, luminance(b)?);
    Some((a.max(b) + 0.05) / (a.min(b) + 0.05))
}

fn check(palette: &BTreeMap<&str, &str>, pairs: &[(&str, &str)], least: f64) {
    for (front, back) in pairs {
        let found = contrast(palette[front], palette[back]);
        assert!(
            found.is_some_and(|found| found >= least),
            "{front} on {back}: {found:?}"
        );
    }
}

#[test]
fn colours_can_be_read_in_light_and_dark() -> Result<(), &'static str> {
    let (light, dark) = TOKENS
        .split_once("@media (prefers-color-scheme: dark)")
        .ok_or("no dark")?;
    let light = custom_properties(light);
    let mut all = light.clone();
    all.extend(custom_properties(dark));
    for palette in [light, all] {
        check(&palette, &TEXT, 4.5);
        check(&palette, &SHAPES, 3.0);
    }
    Ok(())
}

#[test]
fn letters_of_avatars_can_be_read() {
    let mut rules = 0;
    for rule in AVATAR.split('}') {
        let found = custom_properties(rule);
        if let (Some(back), Some(front)) = (found.get("back"), found.get("front")) {
            rules += 1;
            let found = contrast(front, back);
            assert!(
                found.is_some_and(|found| found >= 4.5),
                "{front} on {back}: {found:?}"
            );
        }
    }
    assert_eq!(rules, 20);
}

#[test]
fn contrast_is_computed_as_wcag_says() {
    assert_eq!(contrast("#000000", "#ffffff"), Some(21.0));
    assert!(contrast("#777777", "#ffffff").is_some_and(|c| (c - 4.478).abs() < 0.001));
}
