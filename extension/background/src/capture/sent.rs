//! What is what in a form that was sent.

use forms::FormKind;
use proto::{bridge::content::Submitted, vault::SecretText};

/// What a form said.
pub(super) enum Read {
    /// A user name alone.
    Name(SecretText),
    /// With a password.
    Password {
        /// What the form was for.
        kind: FormKind,
        /// What was typed.
        parts: Parts,
    },
}

/// What was typed; any part may be empty.
pub(super) struct Parts {
    pub(super) username: SecretText,
    pub(super) password: SecretText,
    pub(super) new_password: SecretText,
}

/// Reads a form; `None` where nothing of it could be saved: no password and no name, or two new
/// passwords that differ.
pub(super) fn read(said: &Submitted) -> Option<Read> {
    let analysis = forms::analyze(&said.facts);
    let sent = forms::submitted(&analysis, said.field)?;
    let (_, kind) = forms::label_at(&analysis, said.field)?;
    let typed = |index: u32| {
        let value = said.values.iter().find(|value| value.field == index)?;
        Some(value.value.clone())
    };
    let or_none = |index: Option<u32>| index.and_then(typed).unwrap_or_default();
    let mut new = sent.new.iter().copied().filter_map(typed);
    let new_password = new.next().unwrap_or_default();
    if new.any(|repeated| repeated != new_password) {
        return None;
    }
    let parts = Parts {
        username: or_none(sent.username),
        password: or_none(sent.current),
        new_password,
    };
    if !parts.password.is_empty() || !parts.new_password.is_empty() {
        return Some(Read::Password { kind, parts });
    }
    let first = kind == FormKind::UsernameFirst && !parts.username.is_empty();
    first.then(|| Read::Name(parts.username))
}
