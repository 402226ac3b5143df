//! Why the fields of a page are taken for what they are: for the debug view.

use std::rc::Rc;

use forms::{Analysis, Group};
use proto::{
    bridge::{
        content::{FieldFacts, PageFacts},
        popup::{ExplainedField, ExplainedFrame, ExplainedGroup, Explanation},
    },
    error::{ErrorCode, WireError},
};
use webext::tabs;

use crate::{app::App, filling::Look};

/// Explains the page that the user means.
///
/// # Errors
/// [`ErrorCode::PageUnsupported`], `AlreadyRunning`.
pub(crate) async fn explain(app: &Rc<App>) -> Result<Explanation, WireError> {
    let tab = tabs::meant().await.ok().flatten().and_then(|tab| tab.id());
    let tab = tab.ok_or(ErrorCode::PageUnsupported)?;
    let mut look = Look::begin(app, tab, app.ticket())?;
    let facts = look.collect().await?;
    let scripts = look.scripts();
    let frames = facts.iter().filter(|(_, facts)| !facts.fields.is_empty());
    let frames = frames.map(|(port, facts)| ExplainedFrame {
        origin: scripts
            .iter()
            .find(|(id, _)| id == port)
            .and_then(|(_, frame)| frame.origin.as_ref())
            .map(ToString::to_string),
        groups: groups(facts, &forms::analyze(facts)),
    });
    let explanation = Explanation {
        frames: frames.collect(),
    };
    look.dismiss();
    Ok(explanation)
}

fn groups(facts: &PageFacts, analysis: &Analysis) -> Vec<ExplainedGroup> {
    analysis.groups.iter().map(|it| group(facts, it)).collect()
}

fn group(facts: &PageFacts, group: &Group) -> ExplainedGroup {
    let reasons = group
        .reasons
        .iter()
        .map(|reason| format!("{:+} {:?}: {}", reason.points, reason.kind, reason.why));
    let fields = group.fields.iter().map(|field| {
        let named = facts.fields.iter().find(|it| it.index == field.index);
        ExplainedField {
            name: named.map(name).unwrap_or_default(),
            label: format!("{:?}", field.label),
            usable: field.usable,
            reasons: field
                .reasons
                .iter()
                .map(|reason| format!("{:+} {}", reason.points, reason.why))
                .collect(),
        }
    });
    ExplainedGroup {
        kind: format!("{:?}", group.kind),
        score: group.score,
        reasons: reasons.collect(),
        fields: fields.collect(),
    }
}

/// What the page calls a field.
pub(crate) fn name(field: &FieldFacts) -> String {
    let names = [
        &field.label,
        &field.placeholder,
        &field.nearby,
        &field.name,
        &field.id,
    ];
    let named = names.into_iter().find(|name| !name.is_empty());
    named.cloned().unwrap_or_default()
}
