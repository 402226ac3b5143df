//! Which field of a form of a known kind is what.

use crate::analysis::{Draft, FieldLabel, FormKind, LabelledField};

/// Says which password is the present one, if any is.
pub(crate) fn passwords(kind: FormKind, draft: &Draft<'_>, fields: &mut [LabelledField]) {
    let mut seen = 0;
    let total = draft.usable().filter(|(_, signs)| signs.secret).count();
    for ((_, signs), field) in draft.fields.iter().zip(fields) {
        if !signs.secret {
            continue;
        }
        let said_new = signs.new || (signs.repeat && total > 1);
        let current = match kind {
            FormKind::Login => {
                let repeats = total > 1 && signs.repeat;
                seen == 0 && !repeats && !(signs.declared_new && said_new)
            }
            FormKind::ChangePassword => {
                ((signs.declared_current || signs.current) && !said_new)
                    || (total >= 3 && seen == 0 && !said_new && !signs.declared_new)
            }
            _ => false,
        };
        field.label = if signs.code && !signs.password {
            FieldLabel::OneTimeCode
        } else if current {
            FieldLabel::CurrentPassword
        } else if matches!(kind, FormKind::SignUp | FormKind::ChangePassword)
            || said_new
            || signs.declared_new
        {
            FieldLabel::NewPassword
        } else {
            FieldLabel::Other
        };
        if signs.usable {
            seen += 1;
        }
    }
}

/// Finds the user name: the best of the text fields before the first password.
pub(crate) fn texts(kind: FormKind, draft: &Draft<'_>, fields: &mut [LabelledField]) {
    let password = draft
        .fields
        .iter()
        .position(|(_, signs)| signs.secret && signs.usable);
    let end = password.unwrap_or(draft.fields.len());
    let mut best: Option<(i32, usize)> = None;
    for (at, (field, signs)) in draft.fields.iter().enumerate() {
        let Some(labelled) = fields.get_mut(at) else {
            continue;
        };
        let text = signs.textual && !signs.secret;
        if signs.search && text {
            labelled.label = FieldLabel::Search;
        } else if signs.code && text {
            labelled.label = FieldLabel::OneTimeCode;
        } else if signs.email && text {
            labelled.label = FieldLabel::Email;
        }
        let banned =
            signs.captcha || signs.code || signs.search || signs.newsletter || signs.new_name;
        if !text || !signs.usable || (banned && !signs.declared_username) {
            continue;
        }
        let mut points = i32::from(at < end) * 100;
        points += i32::from(signs.declared_username) * 60;
        points += i32::from(signs.username) * 30;
        points += i32::from(signs.email || field.kind == "email") * 28;
        points += i32::from(signs.phone) * 12;
        points -= i32::from(signs.personal) * 25;
        points -= i32::from(signs.other_secret) * 10;
        // Of equals the one nearest to the password.
        if best
            .is_none_or(|(most, place)| points > most || (points == most && place < at && at < end))
        {
            best = Some((points, at));
        }
    }
    let wanted = match kind {
        FormKind::Login | FormKind::SignUp | FormKind::ChangePassword => 90,
        FormKind::UsernameFirst => 100,
        _ => i32::MAX,
    };
    if let Some((points, at)) = best
        && points >= wanted
        && let Some(field) = fields.get_mut(at)
    {
        field.label = FieldLabel::Username;
    }
}
