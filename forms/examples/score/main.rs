//! Scores `forms` on saved pages: reads the facts that `tools/collect_facts.mjs` collected, writes
//! the result that the pages' judge reads, and says what that judge would.
//!
//! `cargo run --release -p pearvault-forms --features training --example score -- FACTS.json RESULT.json
//! [--truth TRUTH.json] [--fails FILE] [--learn POINTS.rs] [--explain NAME_PART]`

mod disputed;
mod explain;
mod judge;
mod learn;

use std::{collections::BTreeMap, error::Error, fs, io::Write, path::PathBuf};

use forms::{
    Analysis, FieldLabel, Have, analyze, plan,
    training::{Points, analyze_by},
};
use proto::bridge::content::{FillRole, PageFacts};
use serde::Serialize;

use crate::{
    judge::{Outcome, Tally, Truth},
    learn::{folds, learn, lessons},
};

/// What the judge reads.
#[derive(Serialize)]
struct Results<'a> {
    name: &'static str,
    results: &'a BTreeMap<String, Outcome>,
}

type Facts = BTreeMap<String, PageFacts>;

/// Parts that the pages are cut into: points are learnt on all but one and judged on that one.
const FOLDS: usize = 10;
/// What keeps points small; chosen by the figures of pages that were held out.
const PENALTY: f64 = 8.0;

fn main() -> Result<(), Box<dyn Error>> {
    let args = Arguments::parse(std::env::args().skip(1))?;
    let facts: Facts = serde_json::from_slice(&fs::read(&args.facts)?)?;
    if let Some(part) = &args.explain {
        for (name, page) in facts.iter().filter(|(name, _)| name.contains(part)) {
            explain::page(name, page)?;
        }
    }
    let results = results(&facts, analyze);
    fs::write(
        &args.result,
        serde_json::to_string(&Results {
            name: "Pearvault",
            results: &results,
        })?,
    )?;
    let Some(truth) = &args.truth else {
        return Ok(());
    };
    let truth: Truth = serde_json::from_slice(&fs::read(truth)?)?;
    if let Some(missing) = truth.pages.keys().find(|name| !facts.contains_key(*name)) {
        return Err(format!("not scored: no facts of {missing}").into());
    }
    let taught: BTreeMap<&str, Vec<learn::Lesson>> = truth
        .pages
        .iter()
        .map(|(name, page)| (name.as_str(), lessons(page, &facts[name])))
        .collect();
    let penalty = args.penalty.unwrap_or(PENALTY);
    if let Some(file) = &args.learn {
        let points = learn(taught.values().flatten(), penalty);
        fs::write(file, learn::source(&points))?;
        writeln!(
            std::io::stdout(),
            "learnt from {} groups",
            taught.values().flatten().count()
        )?;
    }
    let every = |_: &str| true;
    let all = tally(&truth, &results, every);
    let apart = held_out(&truth, &facts, &taught, penalty);
    let undisputed = tally(&truth, &apart, |page| disputed::why(page).is_none());
    let held_out = tally(&truth, &apart, every);
    print(&all, &held_out, &undisputed)?;
    if let Some(file) = &args.fails {
        let lines = |tally: &Tally, which: &str| -> Vec<String> {
            let fails = tally.fails.iter();
            fails
                .map(|(kind, name)| {
                    let why = disputed::why(name).unwrap_or_default();
                    format!("{kind}\t{name}\t{which}\t{why}\n")
                })
                .collect()
        };
        let mut lines = [lines(&all, "these points"), lines(&held_out, "held out")].concat();
        lines.sort();
        fs::write(file, lines.concat())?;
    }
    Ok(())
}

/// What the command line asks for.
#[derive(Default)]
struct Arguments {
    facts: PathBuf,
    result: PathBuf,
    truth: Option<PathBuf>,
    fails: Option<PathBuf>,
    learn: Option<PathBuf>,
    penalty: Option<f64>,
    explain: Option<String>,
}

impl Arguments {
    fn parse(mut given: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut paths = Vec::new();
        let mut args = Self::default();
        while let Some(word) = given.next() {
            let mut value = || given.next().ok_or(format!("{word}: of what?"));
            match word.as_str() {
                "--truth" => args.truth = Some(value()?.into()),
                "--fails" => args.fails = Some(value()?.into()),
                "--learn" => args.learn = Some(value()?.into()),
                "--penalty" => args.penalty = Some(value()?.parse()?),
                "--explain" => args.explain = Some(value()?),
                _ => paths.push(PathBuf::from(word)),
            }
        }
        let Ok([facts, result]) = <[PathBuf; 2]>::try_from(paths) else {
            return Err("usage: score FACTS.json RESULT.json [--truth TRUTH.json] [--fails FILE] [--learn POINTS.rs] [--explain NAME_PART]".into());
        };
        Ok(Self {
            facts,
            result,
            ..args
        })
    }
}

fn results(facts: &Facts, analyze: impl Fn(&PageFacts) -> Analysis) -> BTreeMap<String, Outcome> {
    let each = facts.iter();
    each.map(|(name, page)| (name.clone(), outcome(&analyze(page))))
        .collect()
}

/// Each page by points that were learnt without it and without all others of its site.
fn held_out(
    truth: &Truth,
    facts: &Facts,
    taught: &BTreeMap<&str, Vec<learn::Lesson>>,
    penalty: f64,
) -> BTreeMap<String, Outcome> {
    let folds = folds(truth, facts, FOLDS);
    let points: Vec<Points> = (0..FOLDS)
        .map(|fold| {
            let others = taught.iter().filter(|(name, _)| folds[**name] != fold);
            learn(others.flat_map(|(_, lessons)| lessons), penalty)
        })
        .collect();
    truth
        .pages
        .keys()
        .map(|name| {
            let analysis = analyze_by(&facts[name], &points[folds[name]]);
            (name.clone(), outcome(&analysis))
        })
        .collect()
}

fn tally(
    truth: &Truth,
    results: &BTreeMap<String, Outcome>,
    counts: impl Fn(&str) -> bool,
) -> Tally {
    let mut tally = Tally::default();
    for (name, page) in truth.pages.iter().filter(|(name, _)| counts(name)) {
        tally.judge(name, page, &results[name]);
    }
    tally
}

fn print(all: &Tally, held_out: &Tally, undisputed: &Tally) -> Result<(), std::io::Error> {
    let mut out = std::io::stdout().lock();
    let (these, apart, without) = (
        "these points",
        "held out",
        "held out, without disputed answers",
    );
    writeln!(out, "{:36} {these:18} {apart:18} {without}", "")?;
    let rows = held_out.rows().into_iter().zip(undisputed.rows());
    for ((name, share), ((_, apart), (_, without))) in all.rows().into_iter().zip(rows) {
        writeln!(out, "  {name:34} {share:18} {apart:18} {without}")?;
    }
    Ok(())
}

fn outcome(analysis: &Analysis) -> Outcome {
    let have = Have {
        username: true,
        password: true,
        totp: false,
    };
    let steps = plan(analysis, have)
        .map(|plan| plan.steps)
        .unwrap_or_default();
    let of = |wanted| {
        steps
            .iter()
            .filter(|(_, role)| *role == wanted)
            .map(|(at, _)| *at)
            .collect()
    };
    let new = analysis
        .fields()
        .filter(|f| f.usable && f.label == FieldLabel::NewPassword);
    Outcome {
        user: of(FillRole::Username),
        password: of(FillRole::Password),
        new: new.map(|field| field.index).collect(),
    }
}
