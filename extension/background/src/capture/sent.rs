//! What is what in a form that was sent.

use forms::{FieldLabel, FormKind};
use proto::{bridge::content::Submitted, vault::SecretText};

/// What a form said.
pub(super) enum Read {
    /// A user name alone.
    Name(String),
    /// With a password.
    Password {
        /// What the form was for.
        kind: FormKind,
        /// What was typed.
        parts: Parts,
    },
}

/// What was typed; any part may be empty.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) username: SecretText,
    pub(super) password: SecretText,
    pub(super) new_password: SecretText,
}

/// Reads a form; `None` where nothing of it could be saved: no password and no name, or two new
/// passwords that differ.
pub(super) fn read(said: &Submitted) -> Option<Read> {
    let analysis = forms::analyze(&said.facts);
    let group = analysis
        .groups
        .iter()
        .find(|group| group.fields.iter().any(|field| field.index == said.field))?;
    let typed = |index: u32| {
        let value = said.values.iter().find(|value| value.field == index)?;
        Some(&value.value).filter(|value| !value.is_empty())
    };
    let mut parts = Parts::default();
    let mut email = None;
    for field in &group.fields {
        let Some(value) = typed(field.index) else {
            continue;
        };
        match field.label {
            FieldLabel::Username if !field.secret => parts.username = value.clone(),
            FieldLabel::Email => email = Some(value.clone()),
            FieldLabel::CurrentPassword => parts.password = value.clone(),
            FieldLabel::NewPassword if parts.new_password.is_empty() => {
                parts.new_password = value.clone();
            }
            FieldLabel::NewPassword if parts.new_password != *value => return None,
            _ => {}
        }
    }
    if parts.username.is_empty() {
        parts.username = email.unwrap_or_default();
    }
    if !parts.password.is_empty() || !parts.new_password.is_empty() {
        return Some(Read::Password {
            kind: group.kind,
            parts,
        });
    }
    let first = group.kind == FormKind::UsernameFirst && !parts.username.is_empty();
    // EXPOSE: a user name waits for the page that asks for its password.
    first.then(|| Read::Name(parts.username.expose_secret().to_owned()))
}
