//! What was shared out of a vault, in words.

/// What it is, by what its sender calls it.
pub(crate) fn kind_label(kind: &str) -> &'static str {
    match kind {
        "login" => "Shared login",
        "text" => "Shared note",
        _ => "Shared item",
    }
}

/// A field as people call it; one that is not known here is called what its sender calls it.
pub(crate) fn field_label(name: &str) -> String {
    let known = match name {
        "username" => "User name",
        "password" => "Password",
        "domain" => "Web address",
        "url" | "urls" => "Web addresses",
        "text" => "Text",
        "notes" | "note" => "Notes",
        "totp" => "Key of one-time codes",
        "email" => "E-mail",
        _ => return spelled(name),
    };
    known.to_owned()
}

/// The end of its hooks: letters and digits of its name.
pub(crate) fn slug(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    name.chars().map(plain).collect()
}

/// `cardNumber` and `card_number` become `Card number`.
fn spelled(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    let mut before = ' ';
    for c in name.trim().chars() {
        if c == '_' || c == '-' {
            text.push(' ');
        } else if c.is_uppercase() && before.is_lowercase() {
            text.push(' ');
            text.extend(c.to_lowercase());
        } else if text.is_empty() {
            text.extend(c.to_uppercase());
        } else {
            text.push(c);
        }
        before = c;
    }
    if text.is_empty() {
        "Field".to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_called_as_people_call_them() {
        for (name, label, hook) in [
            ("username", "User name", "username"),
            ("password", "Password", "password"),
            ("cardNumber", "Card number", "cardnumber"),
            ("postal_code", "Postal code", "postal-code"),
            ("PIN", "PIN", "pin"),
            ("Straße 2", "Straße 2", "stra-e-2"),
            ("", "Field", ""),
        ] {
            assert_eq!(field_label(name), label);
            assert_eq!(slug(name), hook);
        }
    }

    #[test]
    fn a_kind_that_is_not_known_is_an_item() {
        assert_eq!(kind_label("login"), "Shared login");
        assert_eq!(kind_label("envelope"), "Shared item");
    }
}
