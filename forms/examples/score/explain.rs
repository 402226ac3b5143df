//! Prints why a page was understood as it was.

use std::{error::Error, io::Write};

use forms::analyze;
use proto::bridge::content::PageFacts;

/// Every group with its reasons, every field with its label.
pub(crate) fn page(name: &str, page: &PageFacts) -> Result<(), Box<dyn Error>> {
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
            let why: Vec<_> = field.reasons.iter().map(|r| (r.points, r.why)).collect();
            let shown = if field.usable { "" } else { " (hidden)" };
            writeln!(
                out,
                "   {} {:?}{why:?}{shown} {} form={:?} name={} id={} ac={} label={:?} placeholder={:?} nearby={:?}",
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
