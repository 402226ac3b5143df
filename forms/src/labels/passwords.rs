//! Which password of a form is the one in use, which is to be made, and which is none.

use proto::bridge::content::FieldFacts;

use super::rule;
use crate::{
    analysis::{FieldLabel, FormKind, LabelledField},
    field::Signs,
    groups::Draft,
};

type Found = (FieldLabel, &'static str);

/// What the passwords of a group tell of one another.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent observation"
)]
struct Company {
    kind: FormKind,
    /// Usable passwords.
    total: usize,
    /// One says that it is the one in use.
    one_is_current: bool,
    /// Just one is named after a login.
    one_logs_in: bool,
    /// Some field has words.
    one_speaks: bool,
    /// A password stands right before its repetition.
    has_pair: bool,
    /// Position of the first that is called new.
    first_new: Option<usize>,
}

impl Company {
    fn of(kind: FormKind, draft: &Draft<'_>) -> Self {
        let passwords = || draft.usable().filter(|(_, s)| draft.is_password(s));
        let total = passwords().count();
        let current = |s: &Signs| (s.declared_current || s.current) && !said_new(s, total);
        let pair = |a: &Signs, b: &Signs| a.secret && b.secret && !a.repeat && b.repeat;
        Self {
            kind,
            total,
            one_is_current: passwords().any(|(_, s)| current(s)),
            one_logs_in: passwords().filter(|(_, s)| s.named_login).count() == 1,
            one_speaks: draft.usable().any(|(f, s)| s.textual && speaks(f)),
            has_pair: draft
                .fields
                .windows(2)
                .any(|two| matches!(two, [(_, a), (_, b)] if pair(a, b))),
            first_new: draft.fields.iter().position(|(_, s)| {
                let new = s.new && !s.repeat;
                s.usable && draft.is_password(s) && new
            }),
        }
    }
}

/// Labels the passwords of a group of a known kind.
pub(super) fn label(kind: FormKind, draft: &Draft<'_>, fields: &mut [LabelledField]) {
    let company = Company::of(kind, draft);
    let mut before = 0;
    for (at, ((facts, signs), field)) in draft.fields.iter().zip(fields).enumerate() {
        if !draft.is_password(signs) && !signs.secret {
            continue;
        }
        let wordless = company.one_speaks && !speaks(facts);
        let (label, why) = if wordless && (company.total > 1 || kind != FormKind::Login) {
            (
                FieldLabel::Other,
                "says nothing of itself, beside what does",
            )
        } else {
            let first =
                before == 0 && (kind != FormKind::ChangePassword || !company.one_is_current);
            before += usize::from(signs.usable);
            let found = by_kind(&company, signs, first);
            let repeated = draft.fields.get(at + 1).is_some_and(|(_, s)| s.repeat);
            let doubt = (found.0 == FieldLabel::NewPassword && !facts.focused)
                .then(|| doubt(&company, facts, signs, at, repeated));
            let other = |why| (FieldLabel::Other, why);
            doubt.flatten().map_or(found, other)
        };
        field.label = label;
        field.reasons = rule(why);
    }
}

/// A password; `first`: where only the order tells, it is the one in use.
fn by_kind(company: &Company, signs: &Signs, first: bool) -> Found {
    use FieldLabel::{CurrentPassword, NewPassword, OneTimeCode, Other};
    if signs.continues {
        return (Other, "continues the code that begins before it");
    }
    if signs.declared_code || (signs.one_time && !signs.password) {
        return (OneTimeCode, "its words speak of a code");
    }
    if signs.code && !signs.password {
        return (Other, "a hidden code that may be a PIN or a card's");
    }
    if signs.masked_name {
        return (Other, "hidden, but says that it wants a user name");
    }
    if (signs.other_secret || signs.hint) && !signs.declared_current && !signs.declared_new {
        return (Other, "its words speak of a secret that is no password");
    }
    let total = company.total;
    let said_new = said_new(signs, total);
    match company.kind {
        FormKind::Login if said_new && (total > 1 || signs.declared_new) => {
            (NewPassword, "its words speak of a new password")
        }
        FormKind::Login if first => (CurrentPassword, "first password of a login"),
        FormKind::Login if signs.declared_new => (NewPassword, "new-password is declared"),
        FormKind::ChangePassword if said_new => (NewPassword, "its words speak of a new password"),
        FormKind::ChangePassword if signs.declared_current || signs.current => {
            (CurrentPassword, "its words speak of the present password")
        }
        FormKind::ChangePassword if total >= 3 && first && !signs.declared_new => {
            (CurrentPassword, "first of three passwords of a change")
        }
        FormKind::ChangePassword => (NewPassword, "a password of a change"),
        FormKind::SignUp if signs.current && !said_new && !signs.declared_new => {
            (Other, "the present password, among other things")
        }
        FormKind::SignUp => (NewPassword, "a password of a sign-up"),
        _ if said_new || signs.declared_new => (NewPassword, "its words speak of a new password"),
        _ => (Other, "a password of no known form"),
    }
}

/// Why what looks like a new password is none, if anything says so. `repeated`: its repetition
/// stands right behind it.
fn doubt(
    company: &Company,
    facts: &FieldFacts,
    signs: &Signs,
    at: usize,
    repeated: bool,
) -> Option<&'static str> {
    let new = signs.new || signs.repeat || repeated;
    let apart = company.one_logs_in && signs.named_login && company.total > 1;
    match company.kind {
        _ if facts.set_aside => Some("kept from the keyboard: a dialog that is shut"),
        FormKind::SignUp if company.has_pair && company.total > 2 && !new => {
            Some("beside a new password and its repetition")
        }
        FormKind::ChangePassword if company.first_new.is_some_and(|new| at < new) => {
            Some("stands before what is called new")
        }
        _ if apart && !new => Some("named after a login, within another form"),
        _ => None,
    }
}

/// Whether a password of `total` says that it is to be made, or to be repeated: but "to confirm,
/// your current password" repeats nothing.
fn said_new(signs: &Signs, total: usize) -> bool {
    signs.new || (signs.repeat && total > 1 && !signs.current)
}

/// Whether a field has any words. What has none, beside fields that do, is a decoy as a rule.
fn speaks(field: &FieldFacts) -> bool {
    let texts = [
        &field.name,
        &field.id,
        &field.autocomplete,
        &field.label,
        &field.placeholder,
        &field.nearby,
    ];
    texts.into_iter().any(|text| !text.is_empty())
}
