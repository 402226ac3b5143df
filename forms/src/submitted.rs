//! What a form that was sent held: for the offer to save a login.

use serde::Serialize;

use crate::analysis::{Analysis, FieldLabel, FormKind, LabelledField};

/// Fields of a form that was sent, by [`proto::bridge::content::FieldFacts::index`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Submitted {
    /// The user name; of a sign-up without one its e-mail address.
    pub username: Option<u32>,
    /// The password in use.
    pub current: Option<u32>,
    /// The password to be made and its repetitions. Whether they agree, their values tell.
    pub new: Vec<u32>,
}

/// What the form held that the field `index` is of; none where it is no login, sign-up or change
/// of a password. A page's box that shows the password counts as what it stands for.
pub fn submitted(analysis: &Analysis, index: u32) -> Option<Submitted> {
    let (group, _) = analysis.field(index)?;
    let kept = matches!(
        group.kind,
        FormKind::Login | FormKind::UsernameFirst | FormKind::SignUp | FormKind::ChangePassword
    );
    if !kept {
        return None;
    }
    let labelled = |label: FieldLabel| {
        let fields = group.fields.iter();
        fields.filter(move |field: &&LabelledField| field.label == label && field.usable)
    };
    let first = |label| labelled(label).next().map(|field| field.index);
    let found = Submitted {
        username: first(FieldLabel::Username).or_else(|| first(FieldLabel::Email)),
        current: first(FieldLabel::CurrentPassword),
        new: labelled(FieldLabel::NewPassword)
            .map(|field| field.index)
            .collect(),
    };
    let any = found.current.is_some() || !found.new.is_empty();
    (any || (group.kind == FormKind::UsernameFirst && found.username.is_some())).then_some(found)
}
