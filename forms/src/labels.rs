//! Which field of a form of a known kind is what, and why.

use crate::{
    analysis::{FieldLabel, FieldReason, FormKind, LabelledField},
    details,
    field::Signs,
    groups::Draft,
};

/// Labels the fields of a group of a known kind.
pub(crate) fn label(kind: FormKind, draft: &Draft<'_>) -> Vec<LabelledField> {
    let mut fields: Vec<LabelledField> = draft
        .fields
        .iter()
        .map(|(field, signs)| LabelledField {
            index: field.index,
            label: FieldLabel::Other,
            reasons: Vec::new(),
            secret: signs.secret,
            usable: signs.usable,
            focused: field.focused,
        })
        .collect();
    passwords(kind, draft, &mut fields);
    texts(kind, draft, &mut fields);
    details::label(kind, draft, &mut fields);
    for field in &mut fields {
        if field.reasons.is_empty() {
            field.reasons = rule("nothing says what it is");
        }
    }
    fields
}

fn rule(why: &'static str) -> Vec<FieldReason> {
    vec![FieldReason { points: 0, why }]
}

/// Says which password is the present one, if any is.
fn passwords(kind: FormKind, draft: &Draft<'_>, fields: &mut [LabelledField]) {
    let total = draft.usable().filter(|(_, s)| draft.is_password(s)).count();
    let mut before = 0;
    let named_login = draft
        .usable()
        .filter(|(_, s)| draft.is_password(s) && s.named_login);
    let one_is_current = draft.usable().any(|(_, s)| {
        let new = s.new || (s.repeat && total > 1 && !s.current);
        draft.is_password(s) && (s.declared_current || s.current) && !new
    });
    let one_logs_in = named_login.count() == 1;
    for ((facts, signs), field) in draft.fields.iter().zip(fields) {
        if !draft.is_password(signs) && !signs.secret {
            continue;
        }
        let first = before == 0 && (kind != FormKind::ChangePassword || !one_is_current);
        let (mut label, mut why) = password(kind, signs, first, total);
        if label == FieldLabel::NewPassword && !facts.focused {
            if facts.set_aside {
                (label, why) = (
                    FieldLabel::Other,
                    "kept from the keyboard: a dialog that is shut",
                );
            } else if one_logs_in && signs.named_login && total > 1 && !signs.new && !signs.repeat {
                (label, why) = (
                    FieldLabel::Other,
                    "named after a login, within another form",
                );
            }
        }
        field.label = label;
        field.reasons = rule(why);
        before += usize::from(signs.usable);
    }
}

/// A password of `total` in its group; `first`: where only the order tells, it is the one in use.
fn password(
    kind: FormKind,
    signs: &Signs,
    first: bool,
    total: usize,
) -> (FieldLabel, &'static str) {
    use FieldLabel::{CurrentPassword, NewPassword, OneTimeCode, Other};
    if signs.continues {
        return (Other, "continues the code that begins before it");
    }
    // "To confirm, your current password" repeats nothing.
    let said_new = signs.new || (signs.repeat && total > 1 && !signs.current);
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
    match kind {
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

/// Finds the user name: the best of the text fields before the first password.
fn texts(kind: FormKind, draft: &Draft<'_>, fields: &mut [LabelledField]) {
    let password = draft
        .fields
        .iter()
        .position(|(_, signs)| draft.is_password(signs) && signs.usable);
    let end = password.unwrap_or(draft.fields.len());
    let mut best: Option<(i32, usize, Vec<FieldReason>)> = None;
    for (at, (_, signs)) in draft.fields.iter().enumerate() {
        let Some(labelled) = fields.get_mut(at) else {
            continue;
        };
        if !signs.textual || draft.is_password(signs) || signs.secret {
            continue;
        }
        let says = if signs.continues {
            Some((
                FieldLabel::Other,
                "continues the code that begins before it",
            ))
        } else if signs.search {
            Some((FieldLabel::Search, "its type or words speak of a search"))
        } else if signs.code {
            Some((FieldLabel::OneTimeCode, "its words speak of a code"))
        } else if signs.email {
            Some((FieldLabel::Email, "its words speak of an e-mail address"))
        } else {
            None
        };
        if let Some((label, why)) = says {
            labelled.label = label;
            labelled.reasons = rule(why);
        }
        let banned = signs.captcha || signs.code || signs.search || signs.newsletter;
        if !signs.usable || (banned && !signs.declared_username) {
            continue;
        }
        let reasons = name_reasons(signs, at < end);
        let points = reasons.iter().map(|reason| reason.points).sum();
        // Of equals the one nearest to the password.
        if best.as_ref().is_none_or(|(most, place, _)| {
            points > *most || (points == *most && *place < at && at < end)
        }) {
            best = Some((points, at, reasons));
        }
    }
    let wanted = match kind {
        FormKind::Login | FormKind::SignUp | FormKind::ChangePassword => 80,
        FormKind::UsernameFirst => 100,
        _ => i32::MAX,
    };
    if let Some((points, at, mut reasons)) = best
        && points >= wanted
        && let Some(field) = fields.get_mut(at)
    {
        reasons.sort_by_key(|reason| -reason.points);
        // What a sign-up asks for may be a part of an identity too.
        let address = kind == FormKind::SignUp && field.label == FieldLabel::Email;
        if !address {
            field.label = FieldLabel::Username;
        }
        field.reasons = reasons;
    }
}

/// What speaks for and against a text field's being the user name.
fn name_reasons(signs: &Signs, before_password: bool) -> Vec<FieldReason> {
    [
        (before_password, 100, "stands before the password"),
        (signs.declared_username, 60, "username is declared"),
        (signs.username, 30, "its words speak of a user name"),
        (signs.email, 28, "its words speak of an e-mail address"),
        (signs.phone, 12, "its words speak of a telephone number"),
        (
            signs.personal,
            -25,
            "its words speak of who or where one is",
        ),
        (
            signs.new_name,
            -40,
            "its words speak of a name or address to be made",
        ),
        (
            signs.other_secret,
            -10,
            "its words speak of a card or a token",
        ),
    ]
    .into_iter()
    .filter(|(says, ..)| *says)
    .map(|(_, points, why)| FieldReason { points, why })
    .collect()
}
