//! From facts to labels: which fields belong together, what their form is for, what each is.

use proto::bridge::content::{ButtonFacts, FieldFacts, PageFacts};

use crate::{evidence::Evidence, field::Signs, text::Text, words};

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldLabel {
    /// Name that one logs in with; may be an e-mail address or a number.
    Username,
    /// An e-mail address that is not (known to be) the name one logs in with.
    Email,
    /// The password in use. Only this may get a saved password.
    CurrentPassword,
    /// A password to be made, or its repetition.
    NewPassword,
    /// A code that is good once.
    OneTimeCode,
    /// A search box.
    Search,
    /// Anything else.
    Other,
}

/// What a form is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FormKind {
    /// Logging in with a password.
    Login,
    /// First page of a login: the user name alone.
    UsernameFirst,
    /// Making an account.
    SignUp,
    /// Changing or resetting a password.
    ChangePassword,
    /// Entering a one-time code.
    Otp,
    /// Searching.
    Search,
    /// Asking for mail.
    Newsletter,
    /// Anything else.
    Other,
}

/// One field of [`Analysis`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelledField {
    /// [`FieldFacts::index`].
    pub index: u32,
    /// What it is for.
    pub label: FieldLabel,
    /// Whether it is `type=password`.
    pub secret: bool,
    /// Whether a person sees it and can change it; nothing else is ever filled.
    pub usable: bool,
    /// Whether it has the focus.
    pub focused: bool,
}

/// Fields that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What it is for.
    pub kind: FormKind,
    /// How sure that is: the points for its kind less those for the next one.
    pub score: i32,
    /// What spoke for and against, for debugging.
    pub reasons: Vec<Reason>,
    /// Its fields in document order, check boxes and the like among them.
    pub fields: Vec<LabelledField>,
}

/// Points that an observation gave a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    /// For what.
    pub kind: FormKind,
    /// How much.
    pub points: i32,
    /// Why.
    pub why: &'static str,
}

/// What a frame's fields are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Analysis {
    /// In order of their first fields.
    pub groups: Vec<Group>,
}

impl Analysis {
    /// Every field in document order of its group.
    pub fn fields(&self) -> impl Iterator<Item = &LabelledField> {
        self.groups.iter().flat_map(|group| &group.fields)
    }
}

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
}

/// Labels every field of `page`.
pub fn analyze(page: &PageFacts) -> Analysis {
    let drafts = drafts(page);
    Analysis {
        groups: drafts
            .iter()
            .map(|draft| Evidence::of(draft).judge(draft))
            .collect(),
    }
}

/// Groups by form; fields of none by neighbourhood.
fn drafts(page: &PageFacts) -> Vec<Draft<'_>> {
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
    let is_password = |(_, signs): &(&FieldFacts, Signs)| signs.secret && signs.usable;
    let is_name = |(_, signs): &(&FieldFacts, Signs)| {
        signs.usable && signs.textual && !signs.secret && (signs.username || signs.email)
    };
    let mut parts: Vec<Vec<(&FieldFacts, Signs)>> = vec![Vec::new()];
    let mut rest = fields.into_iter().peekable();
    let mut later = rest.clone().filter(|field| is_password(field)).count();
    while let Some(entry) = rest.next() {
        let password = is_password(&entry);
        later -= usize::from(password);
        let from = entry.0.index;
        let Some(part) = parts.last_mut() else { break };
        part.push(entry);
        let Some(next) = rest.peek() else { break };
        let gap = || {
            between
                .iter()
                .filter(|b| b.after_fields > from && b.after_fields <= next.0.index)
        };
        let passed = part.iter().any(is_password);
        // Passwords before and after: the button between them, or a second user name, parts them.
        let two = passed
            && later > 0
            && (gap().any(|b| b.submits)
                || (password && is_name(next) && part.iter().any(is_name)));
        // A button that says what it ends, or a menu, parts strangers.
        let apart = gap().any(|b| b.submits && ends_form(b)) || gap().count() >= MENU;
        if two || (apart && (passed || later > 0)) {
            parts.push(Vec::new());
        }
    }
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
    };
    parts.into_iter().map(draft).collect()
}

/// Buttons and links in a row that are a menu rather than part of a form.
const MENU: usize = 4;

/// Whether a button's text says what kind of form it carries out.
fn ends_form(button: &ButtonFacts) -> bool {
    let text = Text::of(&[&button.text]);
    [
        words::LOGIN,
        words::SIGN_UP,
        words::SEARCH,
        words::NEWSLETTER,
    ]
    .iter()
    .any(|list| text.has(list))
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
