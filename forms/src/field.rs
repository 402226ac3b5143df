//! What one field says of itself, before its neighbours are asked.

use proto::bridge::content::FieldFacts;

use crate::{text::Text, words};

/// What a field's own facts say.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent observation"
)]
pub(crate) struct Signs {
    /// A text can be typed into it.
    pub(crate) textual: bool,
    /// `type=password`.
    pub(crate) secret: bool,
    /// Seen and changeable by the user.
    pub(crate) usable: bool,
    /// Says it holds a user name (or a number that serves as one).
    pub(crate) username: bool,
    /// Says it holds a name or address to be made.
    pub(crate) new_name: bool,
    /// Says it holds an e-mail address.
    pub(crate) email: bool,
    /// Says it holds a telephone number.
    pub(crate) phone: bool,
    /// Its own words speak of a password.
    pub(crate) password: bool,
    /// `autocomplete=current-password`.
    pub(crate) declared_current: bool,
    /// `autocomplete=new-password`.
    pub(crate) declared_new: bool,
    /// `autocomplete=username`.
    pub(crate) declared_username: bool,
    /// Its words speak of the password in use.
    pub(crate) current: bool,
    /// Its words speak of a password to be made.
    pub(crate) new: bool,
    /// Its words speak of a repetition. Of a lone password that means nothing ("confirm with your
    /// password", "password2").
    pub(crate) repeat: bool,
    /// Its words tell a rule for passwords to be made.
    pub(crate) length_rule: bool,
    /// Says it holds a one-time code.
    pub(crate) code: bool,
    /// Asks to prove that one is human.
    pub(crate) captcha: bool,
    /// A search box.
    pub(crate) search: bool,
    /// Part of a newsletter box.
    pub(crate) newsletter: bool,
    /// Asks who one is.
    pub(crate) personal: bool,
    /// A card number, an API key and the like.
    pub(crate) other_secret: bool,
    /// A check box that asks to be remembered.
    pub(crate) remember: bool,
    /// A check box that asks to agree.
    pub(crate) terms: bool,
}

impl Signs {
    /// Reads one field.
    pub(crate) fn of(field: &FieldFacts) -> Self {
        let names = Text::of(&[&field.name, &field.id]);
        // A long text before a field is prose, and prose speaks of everything.
        let nearby = if field.nearby.chars().count() <= 60 {
            field.nearby.as_str()
        } else {
            ""
        };
        let shown = Text::of(&[&field.label, &field.placeholder, nearby]);
        let says = |list: &str| names.has(list) || shown.has(list);
        let kind = field.kind.as_str();
        let declared = |token: &str| {
            field
                .autocomplete
                .split_ascii_whitespace()
                .any(|t| t == token)
        };

        if matches!(kind, "checkbox" | "radio") {
            let remember = kind == "checkbox" && says(words::REMEMBER);
            return Self {
                usable: field.visible && field.editable,
                remember,
                terms: kind == "checkbox" && !remember && says(words::TERMS),
                ..Self::default()
            };
        }
        let secret = kind == "password";
        let textual =
            secret || matches!(kind, "text" | "email" | "tel" | "url" | "number" | "search");
        let declared_code = declared("one-time-code");
        let code = declared_code || says(words::ONE_TIME_CODE) || (secret && field.max_length == 1);
        let username = says(words::USERNAME);
        let email = kind == "email" || declared("email") || says(words::EMAIL);
        let captcha = says(words::CAPTCHA) && !declared_code;
        Self {
            textual,
            secret,
            usable: field.visible && field.editable,
            declared_current: declared("current-password"),
            declared_new: declared("new-password"),
            declared_username: declared("username"),
            username,
            email,
            phone: kind == "tel" || declared("tel") || says(words::PHONE),
            password: says(words::PASSWORD),
            current: says(words::CURRENT_PASSWORD),
            new: says(words::NEW_PASSWORD),
            repeat: says(words::REPEAT),
            new_name: says(words::NEW_NAME),
            length_rule: says(words::LENGTH_RULE),
            code: code && !captcha,
            captcha,
            search: kind == "search" || (says(words::SEARCH) && !username && !email && !secret),
            newsletter: says(words::NEWSLETTER),
            personal: is_personal_token(&field.autocomplete) || says(words::PERSONAL),
            other_secret: field.autocomplete.contains("cc-") || says(words::OTHER_SECRET),
            ..Self::default()
        }
    }
}

/// Whether `autocomplete` names a part of a person's data (HTML § 4.10.18.7.1).
fn is_personal_token(autocomplete: &str) -> bool {
    const TOKENS: &[&str] = &[
        "name",
        "given-name",
        "additional-name",
        "family-name",
        "honorific-prefix",
        "organization",
        "street-address",
        "address-line1",
        "address-line2",
        "address-level1",
        "address-level2",
        "postal-code",
        "country",
        "country-name",
        "bday",
        "bday-day",
        "bday-month",
        "bday-year",
        "sex",
    ];
    autocomplete
        .split_ascii_whitespace()
        .any(|token| TOKENS.contains(&token))
}
