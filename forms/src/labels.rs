//! Which field of a form of a known kind is what, and why.

mod passwords;

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
    passwords::label(kind, draft, &mut fields);
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
