//! Figures: medians, and each beside its baseline.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::{Map, Value};

use crate::Browser;

/// Name ending of what a figure is compared with: the plain way of doing the same.
const STRAIGHT: &str = ".straight";
/// Figures whose plain way has a name of its own.
const BESIDE: [(&str, &str); 15] = [
    ("engine.import_10000_into_20000", "engine.import_10000"),
    (
        "host.account_round_trip_p50",
        "host.round_trip_p50.straight",
    ),
    (
        "host.account_round_trip_p95",
        "host.round_trip_p95.straight",
    ),
    ("host.start_cold", "host.start_warm.straight"),
    ("host.agent_memory", "host.relay_memory.straight"),
    ("node.logins_per_s", "node.bare_pbkdf2_per_s"),
    ("browser.solver_rate", "pow_wasm.straight"),
    ("browser.solver_rate_one_worker", "pow_wasm.straight"),
    ("browser.graphics_rate", "pow_wasm.straight"),
    ("browser.popup_ready_warm", "browser.bare_page"),
    (
        "browser.popup_ready_worker_dead",
        "browser.popup_ready_warm",
    ),
    ("browser.unlock", "kdf.client_tier"),
    ("browser.fill_in_host", "browser.fill_in_browser"),
    (
        "browser.small_search_in_host",
        "browser.small_search_in_browser",
    ),
    ("browser.unlock_in_host", "browser.unlock_in_browser"),
];
/// What a figure is to stay under on an ordinary computer with nothing else to do, in its unit. A
/// figure of each browser is named without the browser.
const AIMS: [(&str, f64); 24] = [
    ("browser.popup_ready_warm", 150.0),
    ("browser.popup_ready_worker_dead", 300.0),
    ("browser.search_round_trip", 16.0),
    ("engine.search_10000", 16.0),
    ("engine.import_10000", 5000.0),
    ("engine.import_10000_into_20000", 5000.0),
    ("host.round_trip_p95", 5.0),
    ("host.account_round_trip_p95", 5.0),
    ("sync.first_10000", 2000.0),
    ("sync.catch_up_1000", 1000.0),
    ("page.always_on", 2048.0),
    ("page.empty", 0.5),
    ("page.nodes", 1.5),
    ("page.inputs", 3.0),
    ("page.empty.heap", 0.1),
    ("page.nodes.heap", 0.1),
    ("page.empty.dropped", 1.0),
    ("page.nodes.dropped", 1.0),
    ("page.inputs.dropped", 1.0),
    ("page.mutations.dropped", 1.0),
    ("page.empty.long_tasks", 0.0),
    ("page.nodes.long_tasks", 0.0),
    ("page.inputs.long_tasks", 0.0),
    ("page.mutations.long_tasks", 0.0),
];
/// Name ending of a figure's ratio to its plain way.
const RATIO: &str = ".ratio";

/// Everything measured, by name.
#[derive(Debug, Default)]
pub(super) struct Figures(BTreeMap<String, Figure>);

#[derive(Debug)]
struct Figure {
    unit: String,
    values: Vec<f64>,
}

impl Figures {
    /// Takes each line that is `{"name": text, "value": number, "unit": text}`; others are talk.
    pub(super) fn parse(output: &str) -> Self {
        let mut figures = Self::default();
        for line in output
            .lines()
            .filter(|line| line.trim_start().starts_with('{'))
        {
            let Ok(line) = serde_json::from_str::<Value>(line) else {
                continue;
            };
            let (Some(name), Some(value), Some(unit)) = (
                line["name"].as_str(),
                line["value"].as_f64(),
                line["unit"].as_str(),
            ) else {
                continue;
            };
            let figure = figures.0.entry(name.to_owned()).or_insert_with(|| Figure {
                unit: unit.to_owned(),
                values: Vec::new(),
            });
            figure.values.push(value);
        }
        figures
    }

    /// Whether there are names and each of them has found a figure: then nothing else is to be
    /// measured.
    pub(super) fn have_all(&self, names: &[String]) -> bool {
        let found = |part: &String| self.0.keys().any(|name| name.contains(part.as_str()));
        !names.is_empty() && names.iter().all(found)
    }

    /// Figures whose name holds one of `names`; all of them where there are none.
    pub(super) fn only(mut self, names: &[String]) -> Self {
        self.0.retain(|name, _| {
            names.is_empty() || names.iter().any(|part| name.contains(part.as_str()))
        });
        self
    }

    /// One row a figure: median, median distance from it, unit, how often it was measured, how it
    /// stands to its baseline.
    pub(super) fn table(&self) -> String {
        let mut text = format!(
            "{:<40} {:>14} {:>10} {:<12} {:>5}  {}\n",
            "figure", "median", "spread", "unit", "runs", ""
        );
        for (name, figure) in &self.0 {
            let beside = self.beside(name, figure);
            let beside = beside.map(|(ratio, plain)| format!("{ratio:.2}× {plain}"));
            let notes: Vec<String> = beside.into_iter().chain(figure.aim(name)).collect();
            let notes = notes.join("; ");
            let median = show(figure.median());
            let runs = figure.values.len();
            let spread = if runs > 1 {
                format!("± {}", show(figure.spread()))
            } else {
                String::new()
            };
            let row = format!(
                "{name:<40} {median:>14} {spread:>10} {:<12} {runs:>5}  {notes}",
                figure.unit
            );
            let _ = writeln!(text, "{}", row.trim_end());
        }
        text
    }

    /// Name → median, and name`.ratio` → how it stands to its plain way, which tells more than the
    /// number on another machine.
    pub(super) fn flat(&self) -> Map<String, Value> {
        let mut flat = Map::new();
        for (name, figure) in &self.0 {
            flat.insert(name.clone(), Value::from(figure.median()));
            if let Some((ratio, _)) = self.beside(name, figure) {
                flat.insert(format!("{name}{RATIO}"), Value::from(ratio));
            }
        }
        flat
    }

    /// How many times as fast as the plain way of doing the same, and that way's name.
    fn beside(&self, name: &str, figure: &Figure) -> Option<(f64, String)> {
        let straight = format!("{name}{STRAIGHT}");
        let plain = BESIDE
            .iter()
            .find_map(|(mine, plain)| (*mine == name).then_some(*plain))
            .unwrap_or(&straight);
        let (mine, baseline) = (figure.median(), self.0.get(plain)?.median());
        // A rate is better when larger, a time when smaller.
        let ratio = if figure.unit.contains('/') {
            mine / baseline
        } else {
            baseline / mine
        };
        Some((ratio, plain.to_owned()))
    }
}

impl Figure {
    /// What it is to stay under, and whether it does.
    fn aim(&self, name: &str) -> Option<String> {
        let mut browsers = Browser::ALL.into_iter();
        let name = browsers
            .find_map(|browser| name.strip_suffix(browser.name())?.strip_suffix('.'))
            .unwrap_or(name);
        let (_, aim) = AIMS.iter().find(|(aimed, _)| *aimed == name)?;
        let missed = if self.median() > *aim { ", missed" } else { "" };
        Some(format!("aim ≤ {aim}{missed}"))
    }

    fn median(&self) -> f64 {
        median(self.values.clone())
    }

    /// Median absolute deviation: half of all values are no further from the median.
    fn spread(&self) -> f64 {
        let middle = self.median();
        median(self.values.iter().map(|it| (it - middle).abs()).collect())
    }
}

/// The middle of at least one value.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}

/// Four digits that matter, in groups of three.
fn show(value: f64) -> String {
    if value.abs() < 1000.0 {
        let decimals = match value.abs() {
            small if small < 1.0 => 3,
            small if small < 10.0 => 2,
            small if small < 100.0 => 1,
            _ => 0,
        };
        return format!("{value:.decimals$}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        let left = digits.len() - place;
        if place > 0 && left.is_multiple_of(3) && digit.is_ascii_digit() && !text.ends_with('-') {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = r#"
talk
{"name": "verify", "value": 30, "unit": "ns"}
{"name": "verify", "value": 10, "unit": "ns"}
{"name": "verify", "value": 20, "unit": "ns"}
{"name": "verify.straight", "value": 60, "unit": "ns"}
{"name": "node.logins_per_s", "value": 8, "unit": "1/s"}
{"name": "node.bare_pbkdf2_per_s", "value": 10, "unit": "1/s"}
{"other": 1}
"#;

    #[test]
    fn several_measurements_give_their_median() {
        let flat = Figures::parse(OUTPUT).flat();
        assert_eq!(flat["verify"], 20.0);
        assert_eq!(flat["verify.ratio"], 3.0);
        assert_eq!(flat.len(), 6);
        let two = Figures::parse(
            "{\"name\":\"a\",\"value\":1,\"unit\":\"s\"}\n{\"name\":\"a\",\"value\":2,\"unit\":\"s\"}",
        );
        assert_eq!(two.flat()["a"], 1.5);
    }

    #[test]
    fn figures_are_chosen_by_parts_of_their_names() {
        let names = |names: &[&str]| names.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
        let figures = Figures::parse(OUTPUT);
        assert!(figures.have_all(&names(&["verify", "logins_per_s"])));
        assert!(!figures.have_all(&names(&["verify", "popup"])));
        assert!(!figures.have_all(&[]));
        assert_eq!(figures.only(&names(&["verify"])).flat().len(), 3);
    }

    #[test]
    fn times_and_rates_are_both_compared_so_that_more_is_better() {
        let table = Figures::parse(OUTPUT).table();
        assert!(table.contains("3.00× verify.straight"), "{table}");
        assert!(table.contains("0.80× node.bare_pbkdf2_per_s"), "{table}");
    }

    #[test]
    fn a_missed_aim_is_told() {
        let table = |value: u32| {
            Figures::parse(&format!(
                "{{\"name\": \"engine.search_10000\", \"value\": {value}, \"unit\": \"ms\"}}"
            ))
            .table()
        };
        assert!(table(16).trim_end().ends_with("aim ≤ 16"), "{}", table(16));
        assert!(table(17).trim_end().ends_with("aim ≤ 16, missed"));
    }

    #[test]
    fn aims_hold_in_every_browser() {
        let table = |name: &str| {
            let line = format!("{{\"name\": \"{name}\", \"value\": 0.7, \"unit\": \"ms\"}}");
            Figures::parse(&line).table()
        };
        assert!(table("page.empty.firefox").contains("aim ≤ 0.5, missed"));
        assert!(table("page.nodes.chromium").contains("aim ≤ 1.5"));
        assert!(!table("page.empty.own.firefox").contains("aim"));
    }

    #[test]
    fn spread_is_the_median_distance_from_the_median() {
        // 10, 20 and 30.
        let table = Figures::parse(OUTPUT).table();
        let row = table.lines().find(|row| row.starts_with("verify "));
        assert!(row.is_some_and(|row| row.contains("± 10.0")), "{table}");
        // One value has none.
        assert!(!table.contains("± 0"), "{table}");
    }

    #[test]
    fn numbers_are_shown_with_the_digits_that_matter() {
        let check = |value, expect: &str| assert_eq!(show(value), expect);
        check(0.1234, "0.123");
        check(12.34, "12.3");
        check(999.4, "999");
        check(1_234_567.0, "1 234 567");
        check(-1234.0, "-1 234");
    }
}
