//! Small pages written by hand.

use proto::bridge::content::{ButtonFacts, FieldFacts, FormFacts, PageFacts};

/// A page in a few words. Each control is `kind name autocomplete | label`, a button
/// `button text`, a link `link text`; `form heading` begins a form, `no form` ends it; `-` stands
/// for nothing, `+` for a space in `autocomplete`, `!` before a kind makes the control invisible, `~` read-only.
pub(crate) fn page(title: &str, lines: &[&str]) -> PageFacts {
    let mut page = PageFacts {
        ticket: 1,
        title: title.to_owned(),
        path: "/".to_owned(),
        language: String::new(),
        fields: Vec::new(),
        forms: Vec::new(),
        buttons: Vec::new(),
    };
    let mut form = None;
    for line in lines {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let count = u32::try_from(page.fields.len()).unwrap_or(u32::MAX);
        match word {
            "no" => form = None,
            "form" => {
                form = u32::try_from(page.forms.len()).ok();
                let [id, name, class, action] = [const { String::new() }; 4];
                page.forms.push(FormFacts {
                    id,
                    name,
                    class,
                    action,
                    heading: rest.to_owned(),
                });
            }
            "button" | "link" => page.buttons.push(ButtonFacts {
                form,
                text: rest.to_owned(),
                submits: word == "button",
                after_fields: count,
            }),
            _ => page.fields.push(field(word, rest, count, form)),
        }
    }
    page
}

fn field(word: &str, rest: &str, index: u32, form: Option<u32>) -> FieldFacts {
    let (left, label) = rest.split_once('|').unwrap_or((rest, ""));
    let mut left = left
        .split_whitespace()
        .map(|part| if part == "-" { "" } else { part });
    let kind = word.trim_start_matches(['!', '~']);
    FieldFacts {
        index,
        tag: if kind == "select" { "select" } else { "input" }.to_owned(),
        kind: kind.to_owned(),
        name: left.next().unwrap_or_default().to_owned(),
        id: String::new(),
        class: String::new(),
        autocomplete: left.next().unwrap_or_default().replace('+', " "),
        placeholder: String::new(),
        label: label.trim().to_owned(),
        nearby: String::new(),
        form,
        min_length: 0,
        max_length: 0,
        pattern: String::new(),
        password_rules: String::new(),
        masked: false,
        set_aside: false,
        disabled: false,
        visible: !word.starts_with('!'),
        editable: !word.starts_with('~'),
        filled: false,
        focused: false,
    }
}
