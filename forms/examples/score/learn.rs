//! Learns what each observation is worth: multinomial logistic regression with a quadratic penalty,
//! by gradient descent with momentum. Everything is determined by its input: same pages, same points.

use std::collections::BTreeMap;

use forms::training::{KINDS, Observed, Points, observations, observe};
use proto::bridge::content::PageFacts;

use crate::judge::{Page, Truth};

/// One group of a page, and which of [`KINDS`] it is.
pub(crate) struct Lesson {
    seen: Vec<usize>,
    kind: usize,
    weight: f64,
}

const LOGIN: usize = 0;
const SIGN_UP: usize = 1;
const CHANGE: usize = 2;
const STEPS: usize = 1200;
const RATE: f64 = 1.0;
const MOMENTUM: f64 = 0.9;
/// Points to one unit of the logarithm of the odds.
const SCALE: f64 = 10.0;

/// The groups of a page whose kind the answers tell.
pub(crate) fn lessons(page: &Page, facts: &PageFacts) -> Vec<Lesson> {
    let lesson = |observed: Observed| {
        let has = |role: &str| {
            observed.passwords.iter().any(|index| {
                let known = page.fields.iter().find(|field| field.i == *index);
                known.is_some_and(|field| field.role == role)
            })
        };
        let (kind, weight) = match (has("current"), has("new"), page.kind.as_str()) {
            (true, true, _) | (true, _, "change") | (_, true, "change") => (CHANGE, 1.0),
            (_, true, _) => (SIGN_UP, 1.0),
            (true, ..) => (LOGIN, 1.0),
            // Of these only so much is known that they are no sign-ups.
            (.., "unlabelled-login" | "signup" | "hybrid") if has("pw-untagged") => (LOGIN, 0.5),
            _ => return None,
        };
        let seen = observed.seen;
        Some(Lesson { seen, kind, weight })
    };
    observe(facts).into_iter().filter_map(lesson).collect()
}

/// The points that fit the lessons best under a penalty.
pub(crate) fn learn<'a>(lessons: impl Iterator<Item = &'a Lesson>, penalty: f64) -> Points {
    let lessons: Vec<&Lesson> = lessons.collect();
    let count = observations().len();
    let reason = by_reason();
    let mut weights = reason.clone();
    let mut speed = vec![[0.0_f64; KINDS.len()]; count];
    let total: f64 = lessons.iter().map(|lesson| lesson.weight).sum();
    // Kinds that are rare count as much as others, by half.
    let mut share = [0.0; KINDS.len()];
    for lesson in &lessons {
        share[lesson.kind] += lesson.weight;
    }
    let balance = share.map(|of: f64| (total / (3.0 * of.max(1.0))).powf(BALANCE));
    for _ in 0..STEPS {
        let mut slope: Vec<[f64; KINDS.len()]> = weights
            .iter()
            .zip(&reason)
            .map(|(row, reason)| [0, 1, 2].map(|kind| (row[kind] - reason[kind]) * penalty / total))
            .collect();
        for lesson in &lessons {
            let mut odds = [0.0; KINDS.len()];
            for &at in &lesson.seen {
                for (sum, weight) in odds.iter_mut().zip(weights[at]) {
                    *sum += weight;
                }
            }
            let most = odds.iter().copied().fold(f64::MIN, f64::max);
            let odds = odds.map(|odd| (odd - most).exp());
            let sum: f64 = odds.iter().sum();
            for &at in &lesson.seen {
                for kind in 0..KINDS.len() {
                    let wanted = f64::from(u8::from(kind == lesson.kind));
                    let weight = lesson.weight * balance[lesson.kind] / total;
                    slope[at][kind] += weight * (odds[kind] / sum - wanted);
                }
            }
        }
        for ((row, speed), slope) in weights.iter_mut().zip(&mut speed).zip(slope) {
            for kind in 0..KINDS.len() {
                speed[kind] = MOMENTUM * speed[kind] - RATE * slope[kind];
                row[kind] += speed[kind];
            }
        }
    }
    let mut points = forms::training::shipped();
    for (row, weights) in points.iter_mut().zip(weights) {
        #[expect(clippy::cast_possible_truncation, reason = "a few hundred at most")]
        let rounded = weights.map(|weight| (weight * SCALE).round() as i16);
        *row = rounded;
    }
    points
}

/// How much of [`BY_REASON`] is believed beforehand.
const TRUST: f64 = 0.25;

/// What plain observations are worth by reason, for [`KINDS`]: where pages have not enough of them
/// to say otherwise, that stays.
const BY_REASON: &[(&str, [f64; KINDS.len()])] = &[
    ("OnePassword", [0.7, 0.0, -1.0]),
    ("TwoPasswords", [-1.0, 1.0, 0.5]),
    ("ThreePasswords", [-1.0, 0.0, 2.0]),
    ("DeclaredCurrent", [2.5, -1.0, 0.5]),
    ("DeclaredNew", [-1.0, 1.5, 1.0]),
    ("CalledNew", [-2.0, 2.0, 1.5]),
    ("CalledNewAlone", [-3.0, 3.0, 0.5]),
    ("ToldNewAlone", [-2.0, 2.0, 0.5]),
    ("CurrentBesideOther", [-1.0, -2.0, 4.0]),
    ("Repeated", [-1.5, 1.5, 1.0]),
    ("LengthRule", [-1.5, 2.0, 1.0]),
    ("PhoneProof", [-4.0, 4.0, 0.0]),
    ("PersonalDetail", [-0.5, 1.0, 0.0]),
    ("PersonalDetails", [-1.0, 2.0, 0.0]),
    ("EmailRepeated", [-1.0, 1.5, 0.0]),
    ("Remember", [2.0, -0.5, -1.0]),
    ("Terms", [-1.0, 2.0, -1.0]),
    ("ButtonLogin", [2.5, -1.0, -1.0]),
    ("ButtonSignUp", [-3.0, 6.0, -1.0]),
    ("ButtonChange", [-1.0, -1.0, 2.5]),
    ("PressLogin", [1.5, -0.5, -0.5]),
    ("PressSignUp", [-0.5, 1.5, -0.5]),
    ("PressChange", [-0.5, -0.5, 1.5]),
    ("LinkForgot", [2.0, -1.0, 0.0]),
    ("LinkSignUp", [0.7, -0.5, 0.0]),
    ("LinkLogin", [-0.5, 0.8, 0.0]),
    ("HeadingLogin", [1.5, -0.5, -0.5]),
    ("HeadingSignUp", [-0.5, 1.5, -0.5]),
    ("HeadingChange", [-0.5, -0.5, 1.5]),
    ("NamedLogin", [0.7, -0.3, -0.3]),
    ("NamedSignUp", [-0.3, 0.7, -0.3]),
    ("NamedChange", [-0.3, -0.3, 0.7]),
    ("ActionLogin", [0.7, -0.3, -0.3]),
    ("ActionSignUp", [-0.3, 0.7, -0.3]),
    ("ActionChange", [-0.3, -0.3, 0.7]),
    ("TitleLogin", [0.8, -0.4, -0.4]),
    ("TitleSignUp", [-0.4, 0.8, -0.4]),
    ("TitleChange", [-0.4, -0.4, 0.8]),
];

fn by_reason() -> Vec<[f64; KINDS.len()]> {
    let of = |name: &&str| BY_REASON.iter().find(|(known, _)| known == name);
    let rows = observations()
        .iter()
        .map(|name| of(name).map_or([0.0; 3], |(_, row)| row.map(|of| of * TRUST)));
    rows.collect()
}

/// 0: kinds count as often as they are; 1: all kinds count the same.
const BALANCE: f64 = 0.5;

/// The number of a fold for each page: pages of one site, and pages of one title, share one.
pub(crate) fn folds(
    truth: &Truth,
    facts: &BTreeMap<String, PageFacts>,
    count: usize,
) -> BTreeMap<String, usize> {
    let mut by_title: BTreeMap<&str, String> = BTreeMap::new();
    let mut sites: BTreeMap<String, String> = BTreeMap::new();
    let mut root = BTreeMap::new();
    for (name, page) in &truth.pages {
        let site = family(&page.site);
        let title = facts.get(name).map_or("", |facts| facts.title.as_str());
        let first = if title.chars().count() >= TITLE_MIN {
            let first = by_title.entry(title).or_insert_with(|| site.clone());
            first.clone()
        } else {
            site.clone()
        };
        let joined = sites.entry(site.clone()).or_insert(first).clone();
        root.insert(name.clone(), joined);
    }
    root.into_iter()
        .map(|(name, site)| (name, spread(&site) % count))
        .collect()
}

/// Characters of a title that no two sites share by chance.
const TITLE_MIN: usize = 14;

/// One collection numbers its sites, and has some in several languages.
fn family(site: &str) -> String {
    match site.strip_prefix("fnp:") {
        Some(rest) => {
            let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
            format!("fnp:{digits}{}", rest.contains('X'))
        }
        None => site.to_owned(),
    }
}

/// FNV-1a.
fn spread(text: &str) -> usize {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    usize::try_from(hash >> 33).unwrap_or(0)
}

/// The table of points as the crate has it.
pub(crate) fn source(points: &Points) -> String {
    let mut text = String::from(HEAD);
    for (row, name) in points.iter().zip(observations()) {
        let [login, sign_up, change] = row;
        if row.iter().any(|points| *points != 0) {
            text.extend([format!("    ({name}, [{login}, {sign_up}, {change}]),\n")]);
        }
    }
    text.push_str("];\n");
    text
}

const HEAD: &str = "\
//! What each observation is worth. Written by `cargo xtask score --learn`; do not edit by hand.

use crate::observation::Observation;
#[cfg_attr(not(test), expect(clippy::enum_glob_use, reason = \"most of them are named here\"))]
use crate::observation::Observation::*;

/// For a login, for a sign-up, for a change of a password. Ten points make a kind about three times
/// as likely.
pub(crate) const LEARNT: &[(Observation, [i16; 3])] = &[
";
