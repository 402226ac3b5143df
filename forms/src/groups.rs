//! Which fields and buttons belong together.

mod boxes;
mod parted;

use proto::bridge::content::{ButtonFacts, FieldFacts, FormFacts, PageFacts};

use crate::{evidence::stem, field::Signs, text::Text, topic::Topic};

/// A group before it is judged.
pub(crate) struct Draft<'a> {
    pub(crate) page: &'a PageFacts,
    /// Position in [`PageFacts::forms`].
    pub(crate) form: Option<u32>,
    pub(crate) fields: Vec<(&'a FieldFacts, Signs)>,
    /// Buttons within it.
    pub(crate) buttons: Vec<&'a ButtonFacts>,
    /// Buttons and links right behind it that belong to no form.
    pub(crate) around: Vec<&'a ButtonFacts>,
    /// Whether the page shows the passwords of this group: it has text boxes for them alone.
    shows_passwords: bool,
}

impl<'a> Draft<'a> {
    /// Fields that a person sees and can change.
    pub(crate) fn usable(&self) -> impl Iterator<Item = (&'a FieldFacts, &Signs)> {
        self.fields
            .iter()
            .filter(|(_, signs)| signs.usable)
            .map(|(field, signs)| (*field, signs))
    }

    /// Whether any field that a person sees and can change is so.
    pub(crate) fn any(&self, test: impl Fn(&Signs) -> bool) -> bool {
        self.usable().any(|(_, signs)| test(signs))
    }

    /// Whether a field of this group takes a password.
    pub(crate) fn is_password(&self, signs: &Signs) -> bool {
        signs.secret || (self.shows_passwords && signs.shown_password)
    }

    /// The form element, or the box that stands for one.
    pub(crate) fn form_facts(&self) -> Option<&'a FormFacts> {
        self.page.forms.get(usize::try_from(self.form?).ok()?)
    }

    /// Links of no form within six buttons behind the group.
    pub(crate) fn near_links(&self) -> impl Iterator<Item = &'a ButtonFacts> {
        self.around.iter().take(6).copied()
    }
}

/// A password that is shut and empty while its user name is too is free once that is typed.
fn await_password(draft: &mut Draft<'_>) {
    if draft.any(|signs| signs.secret) {
        return;
    }
    let shut = |(field, signs): &(&FieldFacts, Signs)| {
        signs.secret && signs.seen && field.disabled && !field.filled
    };
    let open = |(field, signs): &(&FieldFacts, Signs)| {
        signs.usable && signs.textual && !field.filled && (signs.username || signs.email)
    };
    let mut places = draft.fields.iter().enumerate().filter(|(_, it)| shut(it));
    let (Some((at, _)), None) = (places.next(), places.next()) else {
        return;
    };
    let named = draft.fields.iter().take(at).any(open);
    if let Some((_, signs)) = draft.fields.get_mut(at).filter(|_| named) {
        signs.usable = true;
    }
}

/// Groups by form; fields of none by neighbourhood.
pub(crate) fn drafts(page: &PageFacts) -> Vec<Draft<'_>> {
    let mut drafts: Vec<Draft<'_>> = Vec::new();
    let mut last_loose = None;
    let mut position = 0_usize;
    for field in &page.fields {
        let signs = Signs::of(field);
        let at = match field.form {
            Some(form) => drafts.iter().position(|draft| draft.form == Some(form)),
            // Fields of no form that another form's fields stand between are strangers.
            None => last_loose
                .filter(|(_, seen)| *seen == position)
                .map(|(at, _)| at),
        };
        let at = at.unwrap_or_else(|| {
            let (fields, buttons, around) = (Vec::new(), Vec::new(), Vec::new());
            drafts.push(Draft {
                page,
                form: field.form,
                fields,
                buttons,
                around,
                shows_passwords: false,
            });
            drafts.len() - 1
        });
        if let Some(draft) = drafts.get_mut(at) {
            draft.fields.push((field, signs));
        }
        position += 1;
        if field.form.is_none() {
            last_loose = Some((at, position));
        }
    }
    let mut drafts: Vec<_> = drafts.into_iter().flat_map(split).collect();
    drafts.sort_by_key(|draft| draft.fields.first().map_or(0, |(field, _)| field.index));
    for draft in &mut drafts {
        draft.shows_passwords = draft.any(|s| s.shown_password) && !draft.any(|s| s.secret);
    }
    for draft in &mut drafts {
        await_password(draft);
        boxes::join(draft);
    }
    let mut drafts = parted::join(page, drafts);
    deal_buttons(page, &mut drafts);
    drafts
}

/// Cuts a group where one form element, or the lack of any, holds several forms in fact: pages
/// of one framework put everything into one `<form>`.
fn split(draft: Draft<'_>) -> Vec<Draft<'_>> {
    let Draft {
        page, form, fields, ..
    } = draft;
    let between: Vec<&ButtonFacts> = page.buttons.iter().filter(|b| b.form == form).collect();
    let shown = !fields.iter().any(|(_, signs)| signs.secret && signs.usable);
    let is_password = |(_, signs): &(&FieldFacts, Signs)| {
        signs.usable && (signs.secret || (shown && signs.shown_password))
    };
    let is_name = |(_, signs): &(&FieldFacts, Signs)| {
        let typed = signs.textual && !signs.secret && !(shown && signs.shown_password);
        signs.usable && typed && (signs.username || signs.email)
    };
    let mut cuts = Vec::new();
    let mut begin = 0;
    let mut later = fields.iter().filter(|field| is_password(field)).count();
    for (at, entry) in fields.iter().enumerate() {
        let password = is_password(entry);
        later -= usize::from(password);
        let (Some(part), Some(rest)) = (fields.get(begin..=at), fields.get(at + 1..)) else {
            break;
        };
        let Some(next) = rest.first() else { break };
        let (from, to) = (entry.0.index, next.0.index);
        let gap = || {
            let before = |b: &&&ButtonFacts| b.after_fields > from && b.after_fields <= to;
            between.iter().filter(before)
        };
        let passed = part.iter().any(is_password);
        // "email2" repeats "email" and begins nothing.
        let repeats = part.iter().any(|(before, signs)| {
            signs.usable && before.name != next.0.name && stem(before) == stem(next.0)
        });
        let named = || rest.iter().take_while(|f| !is_password(f)).any(is_name);
        let begins = is_name(next) || (later > 1 && next.1.textual && named());
        // Passwords before and after: the button between them, or a second user name, parts them.
        let two = passed
            && later > 0
            && (gap().any(|b| b.submits)
                || (password && begins && !repeats && part.iter().any(is_name)));
        // A button that says what it ends, or a menu, parts strangers.
        let apart = gap().any(|b| b.submits && ends_form(b)) || gap().count() >= MENU;
        if two || (apart && (passed || later > 0)) {
            cuts.push(at + 1);
            begin = at + 1;
        }
    }
    let mut parts: Vec<Vec<(&FieldFacts, Signs)>> = Vec::new();
    let mut fields = fields;
    while let Some(cut) = cuts.pop() {
        parts.push(fields.split_off(cut));
    }
    parts.push(fields);
    parts.reverse();
    // A password whose user name was cut off gets it back.
    let mut at = 1;
    while at < parts.len() {
        let alone = parts.get(at).is_some_and(|part| {
            part.iter().any(is_password)
                && !part.iter().any(|(_, s)| s.usable && s.textual && !s.secret)
        });
        let nameless = parts
            .get(at - 1)
            .is_some_and(|part| !part.iter().any(is_password));
        if alone && nameless {
            let tail = parts.remove(at);
            if let Some(part) = parts.get_mut(at - 1) {
                part.extend(tail);
            }
        } else {
            at += 1;
        }
    }
    let draft = |fields| Draft {
        page,
        form,
        fields,
        buttons: Vec::new(),
        around: Vec::new(),
        shows_passwords: false,
    };
    parts.into_iter().map(draft).collect()
}

/// Buttons and links in a row that are a menu rather than part of a form.
const MENU: usize = 4;

/// Whether a button's text says what kind of form it carries out.
fn ends_form(button: &ButtonFacts) -> bool {
    let text = Text::of(&[&button.text]);
    [
        Topic::Login,
        Topic::SignUp,
        Topic::Search,
        Topic::Newsletter,
    ]
    .iter()
    .any(|&topic| text.has(topic))
}

/// Gives every button to the last group that began before it; one of another form to nobody.
fn deal_buttons<'a>(page: &'a PageFacts, drafts: &mut [Draft<'a>]) {
    for button in &page.buttons {
        let begun = |draft: &Draft<'_>| {
            draft
                .fields
                .first()
                .is_some_and(|(first, _)| first.index < button.after_fields)
        };
        let own = |draft: &Draft<'_>| button.form.is_some() && draft.form == button.form;
        if button.form.is_some() {
            let at = drafts
                .iter()
                .rposition(|draft| own(draft) && begun(draft))
                .or_else(|| drafts.iter().position(own));
            if let Some(draft) = at.and_then(|at| drafts.get_mut(at)) {
                draft.buttons.push(button);
            }
        } else if let Some(draft) = drafts.iter_mut().rfind(|draft| begun(draft)) {
            draft.around.push(button);
        }
    }
}
