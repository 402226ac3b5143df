//! Why the fields of the page in front are taken for what they are: a text to read and to send to
//! whoever mends it. No value of a field is in it.

use std::fmt::Write as _;

use leptos::prelude::*;
use proto::bridge::popup::{Explain, ExplainedField, ExplainedGroup, Explanation};
use webext::time;

use crate::{
    app::App,
    components::{
        bar::{BottomBar, TopBar},
        icon::Icon,
        notice::{Notice, Tone},
    },
    dom,
};

/// The screen.
#[component]
pub(crate) fn Why() -> impl IntoView {
    let app = App::here();
    let told = RwSignal::new(None::<Result<String, String>>);
    dom::focus("copy-why");
    time::spawn(async move {
        let answer = app.ask(Explain {}).await;
        told.try_set(Some(
            answer
                .map(|explanation| text(&explanation))
                .map_err(|error| error.message),
        ));
    });
    let copy = move |_| {
        if let Some(Ok(text)) = told.get_untracked() {
            app.copy_plain(text, "Explanation");
        }
    };
    view! {
        <main class="screen">
            <TopBar title="Why these fields?">
                <button
                    type="button"
                    class="icon-button"
                    data-test="copy-why"
                    aria-label="Copy as text"
                    title="Copy as text"
                    on:click=copy
                >
                    <Icon icon=icondata_lu::LuCopy/>
                </button>
            </TopBar>
            <div class="content">
                {move || match told.get() {
                    None => view! { <p class="setting-note">"Looking at the page…"</p> }.into_any(),
                    Some(Ok(text)) => {
                        view! { <pre class="why" data-test="why">{text}</pre> }.into_any()
                    }
                    Some(Err(text)) => {
                        view! { <Notice tone=Tone::Danger hook="error" text/> }.into_any()
                    }
                }}
            </div>
            <BottomBar/>
        </main>
    }
}

/// The explanation as people read it.
fn text(explanation: &Explanation) -> String {
    let mut text = String::new();
    for frame in &explanation.frames {
        let origin = frame.origin.as_deref().unwrap_or("a frame without origin");
        line(&mut text, format_args!("{origin}"));
        if frame.groups.is_empty() {
            line(&mut text, format_args!("  no form"));
        }
        for group in &frame.groups {
            write_group(&mut text, group);
        }
        text.push('\n');
    }
    if text.is_empty() {
        "This page has no fields.".clone_into(&mut text);
    }
    text.truncate(text.trim_end().len());
    text
}

fn write_group(text: &mut String, group: &ExplainedGroup) {
    line(
        text,
        format_args!("  {} ({} points)", group.kind, group.score),
    );
    for reason in &group.reasons {
        line(text, format_args!("    {reason}"));
    }
    for field in &group.fields {
        write_field(text, field);
    }
}

fn write_field(text: &mut String, field: &ExplainedField) {
    let name = if field.name.is_empty() {
        "without a name"
    } else {
        &field.name
    };
    let usable = if field.usable { "" } else { ", not usable" };
    line(text, format_args!("    - {name}: {}{usable}", field.label));
    for reason in &field.reasons {
        line(text, format_args!("        {reason}"));
    }
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing into a text cannot fail.
    let _ = writeln!(text, "{content}");
}

#[cfg(test)]
mod tests {
    use proto::bridge::popup::ExplainedFrame;

    use super::*;

    #[test]
    fn forms_and_fields_stand_below_their_frame() {
        let field = |name: &str, usable, reasons: &[&str]| ExplainedField {
            name: name.to_owned(),
            label: "Username".to_owned(),
            usable,
            reasons: reasons.iter().map(|&it| it.to_owned()).collect(),
        };
        let explanation = Explanation {
            frames: vec![
                ExplainedFrame {
                    origin: Some("https://example.com".to_owned()),
                    groups: vec![ExplainedGroup {
                        kind: "Login".to_owned(),
                        score: 12,
                        reasons: vec!["+5 Password: one field".to_owned()],
                        fields: vec![
                            field("E-mail", true, &["autocomplete"]),
                            field("", false, &[]),
                        ],
                    }],
                },
                ExplainedFrame {
                    origin: None,
                    groups: vec![],
                },
            ],
        };
        let expect = "\
https://example.com
  Login (12 points)
    +5 Password: one field
    - E-mail: Username
        autocomplete
    - without a name: Username, not usable

a frame without origin
  no form";
        assert_eq!(text(&explanation), expect);
    }

    #[test]
    fn a_page_without_fields_says_so() {
        assert_eq!(
            text(&Explanation { frames: vec![] }),
            "This page has no fields."
        );
    }
}
