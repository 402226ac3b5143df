//! Scores `forms` on saved pages: reads the facts that `tools/collect_facts.mjs` collected and
//! writes the result that the pages' judge reads.
//!
//! `cargo run -p pearvault-forms --example score -- FACTS.json RESULT.json [--explain NAME_PART]`

use std::{collections::BTreeMap, error::Error, fs, io::Write};

use forms::{FieldLabel, Have, analyze, plan};
use proto::bridge::content::{FillRole, PageFacts};
use serde::Serialize;

/// What the judge reads.
#[derive(Serialize)]
struct Outcome {
    name: &'static str,
    results: BTreeMap<String, PageOutcome>,
}

/// Indices of the controls of one page.
#[derive(Serialize)]
struct PageOutcome {
    user: Vec<u32>,
    password: Vec<u32>,
    new: Vec<u32>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [facts, result, rest @ ..] = args.as_slice() else {
        return Err("usage: score FACTS.json RESULT.json [--explain NAME_PART]".into());
    };
    let explained = match rest {
        [flag, part] if flag == "--explain" => Some(part.as_str()),
        _ => None,
    };
    let pages: BTreeMap<String, PageFacts> = serde_json::from_slice(&fs::read(facts)?)?;
    let mut results = BTreeMap::new();
    for (name, page) in pages {
        if explained.is_some_and(|part| name.contains(part)) {
            explain(&name, &page)?;
        }
        results.insert(name, outcome(&page));
    }
    fs::write(
        result,
        serde_json::to_string(&Outcome {
            name: "Pearvault",
            results,
        })?,
    )?;
    Ok(())
}

fn outcome(page: &PageFacts) -> PageOutcome {
    let analysis = analyze(page);
    let have = Have {
        username: true,
        password: true,
        totp: false,
    };
    let steps = plan(&analysis, have)
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
    PageOutcome {
        user: of(FillRole::Username),
        password: of(FillRole::Password),
        new: new.map(|field| field.index).collect(),
    }
}

fn explain(name: &str, page: &PageFacts) -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "== {name}: {} ({})", page.title, page.language)?;
    for group in analyze(page).groups {
        writeln!(out, "-- {:?} {}", group.kind, group.score)?;
        for reason in &group.reasons {
            writeln!(out, "   {:?} {} {}", reason.kind, reason.points, reason.why)?;
        }
        for field in &group.fields {
            let facts = page.fields.iter().find(|facts| facts.index == field.index);
            let Some(f) = facts else { continue };
            let shown = if field.usable { "" } else { " (hidden)" };
            writeln!(
                out,
                "   {} {:?}{shown} {} form={:?} name={} id={} ac={} label={:?} placeholder={:?} nearby={:?}",
                f.index,
                field.label,
                f.kind,
                f.form,
                f.name,
                f.id,
                f.autocomplete,
                f.label,
                f.placeholder,
                f.nearby,
            )?;
        }
    }
    for (at, form) in page.forms.iter().enumerate() {
        writeln!(out, "   form {at} {form:?}")?;
    }
    for button in &page.buttons {
        let kind = if button.submits { "button" } else { "link" };
        writeln!(
            out,
            "   {kind} {:?} after={} {:?}",
            button.form, button.after_fields, button.text
        )?;
    }
    Ok(())
}
