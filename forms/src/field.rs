//! What one field says of itself, before its neighbours are asked.

use proto::bridge::content::FieldFacts;

use crate::{text::Text, topic::Topic};

/// What a field's own facts say.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent observation"
)]
pub(crate) struct Signs {
    /// A text can be typed into it.
    pub(crate) textual: bool,
    /// Shows dots for what is typed.
    pub(crate) secret: bool,
    /// Seen by the user, and no trap.
    pub(crate) seen: bool,
    /// Seen and changeable by the user.
    pub(crate) usable: bool,
    /// A text box that speaks of a password: what a page makes of a password box to show it.
    pub(crate) shown_password: bool,
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
    /// `autocomplete=one-time-code`.
    pub(crate) declared_code: bool,
    /// Its words speak of the password in use.
    pub(crate) current: bool,
    /// Its words speak of a password to be made.
    pub(crate) new: bool,
    /// What a person reads at it asks for a password to be made, and not for its repetition too:
    /// then labels of several fields ran together.
    pub(crate) told_new: bool,
    /// Its words speak of a repetition. Of a lone password that means nothing ("confirm with your
    /// password", "password2").
    pub(crate) repeat: bool,
    /// Its words tell a rule for passwords to be made.
    pub(crate) length_rule: bool,
    /// Its attributes hold passwords to a rule.
    pub(crate) bounded: bool,
    /// Says it holds a code, most likely one that is good once.
    pub(crate) code: bool,
    /// Says it holds a code that is good once, and nothing else.
    pub(crate) one_time: bool,
    /// Says it holds a digit of a code.
    pub(crate) digit: bool,
    /// Masked like a password, but says it holds a user name.
    pub(crate) masked_name: bool,
    /// Asks to prove that one is human.
    pub(crate) captcha: bool,
    /// A search box.
    pub(crate) search: bool,
    /// Part of a newsletter box.
    pub(crate) newsletter: bool,
    /// Asks who one is.
    pub(crate) personal: bool,
    /// Speaks of a hint to a password or of the question that takes its place.
    pub(crate) hint: bool,
    /// A card number, an API key and the like.
    pub(crate) other_secret: bool,
    /// A check box that asks to be remembered.
    pub(crate) remember: bool,
    /// A check box that asks to agree.
    pub(crate) terms: bool,
    /// Its name or id speaks of a login.
    pub(crate) named_login: bool,
    /// Its name or id speaks of a sign-up.
    pub(crate) named_sign_up: bool,
    /// Takes one character.
    pub(crate) single: bool,
    /// One of several boxes for one character each, and not the first.
    pub(crate) continues: bool,
}

impl Signs {
    /// Reads one field.
    pub(crate) fn of(field: &FieldFacts) -> Self {
        let names = Text::of(&[&field.name, &field.id]);
        let shown = shown(field);
        let says = |topic| names.has(topic) || shown.has(topic);
        let kind = field.kind.as_str();
        // A trap for programs, or a decoy for browsers: people are told to leave it, or see nothing.
        let bait = names.has(Topic::Bait) || (field.set_aside && shown.has(Topic::Bait));
        let seen = field.visible && !bait;
        let usable = seen && field.editable;

        if matches!(kind, "checkbox" | "radio") {
            let remember = kind == "checkbox" && says(Topic::Remember);
            return Self {
                seen,
                usable,
                remember,
                terms: kind == "checkbox" && !remember && says(Topic::Terms),
                newsletter: kind == "checkbox" && says(Topic::Newsletter),
                ..Self::default()
            };
        }
        let textual = is_textual(kind);
        let secret = kind == "password" || (field.masked && textual);
        let declared_code = has_token(field, "one-time-code");
        let single = field.max_length == 1;
        // "One-time password" is a code, whatever that sounds like.
        let one_time_password = says(Topic::OneTimePassword);
        let one_time = declared_code || one_time_password || says(Topic::OneTimeCode);
        let code = one_time || says(Topic::AnyCode) || (secret && single);
        let username = says(Topic::Username);
        let email = kind == "email" || has_token(field, "email") || says(Topic::Email);
        let captcha = says(Topic::Captcha) && !declared_code && !says(Topic::Sent);
        let password = says(Topic::Password) && !one_time_password;
        let own_words = Text::of(&[&field.label, &field.placeholder]);
        let other_secret = field.autocomplete.contains("cc-") || says(Topic::OtherSecret);
        // How strong it is, is told beside the password itself.
        let hint = shown.has(Topic::Hint) || (!secret && shown.has(Topic::Strength));
        let declared_current = has_token(field, "current-password");
        let declared_new = has_token(field, "new-password");
        let declared_username = has_token(field, "username");
        let wants_name =
            declared_username || (own_words.has(Topic::Username) && !password && !code);
        Self {
            textual,
            secret,
            seen,
            usable,
            masked_name: secret && wants_name && !declared_current && !declared_new,
            shown_password: kind == "text"
                && !secret
                && (names.has(Topic::Password) || own_words.has(Topic::Password))
                && !(email
                    || hint
                    || says(Topic::Forgot)
                    || captcha
                    || one_time_password
                    || other_secret
                    || shown.has(Topic::Username)),
            declared_current,
            declared_new,
            declared_username,
            declared_code,
            username,
            email,
            phone: kind == "tel" || has_token(field, "tel") || says(Topic::Phone),
            password,
            current: says(Topic::CurrentPassword),
            new: says(Topic::NewPassword),
            told_new: own_words.has(Topic::NewPassword) && !own_words.has(Topic::Repeat),
            repeat: says(Topic::Repeat),
            new_name: says(Topic::NewName),
            length_rule: shown.has(Topic::LengthRule) && shown.has_number(),
            bounded: field.min_length > 1
                || !field.pattern.is_empty()
                || !field.password_rules.is_empty(),
            code: code && !captcha,
            one_time: one_time && !captcha,
            digit: says(Topic::Digit),
            captcha,
            search: is_search(field) || (says(Topic::Search) && !username && !email && !secret),
            newsletter: says(Topic::Newsletter),
            personal: is_personal_token(&field.autocomplete) || (says(Topic::Personal) && !email),
            hint,
            other_secret,
            named_login: names.has(Topic::Login),
            named_sign_up: names.has(Topic::SignUp),
            single,
            ..Self::default()
        }
    }
}

impl Signs {
    /// A box that a person types one character into; it may be free only once its turn comes.
    pub(crate) fn is_box(&self) -> bool {
        self.single && self.textual && self.seen
    }
}

/// What a person reads at a field.
pub(crate) fn shown(field: &FieldFacts) -> Text {
    // A long text before a field is prose, and prose speaks of everything.
    let nearby = if field.nearby.chars().count() <= 60 {
        field.nearby.as_str()
    } else {
        ""
    };
    Text::of(&[&field.label, &field.placeholder, nearby])
}

/// Whether a person types a line of text into inputs of this type.
pub(crate) fn is_textual(kind: &str) -> bool {
    matches!(
        kind,
        "password" | "text" | "email" | "tel" | "url" | "number" | "search"
    )
}

/// Whether `autocomplete` has this token.
pub(crate) fn has_token(field: &FieldFacts, token: &str) -> bool {
    field
        .autocomplete
        .split_ascii_whitespace()
        .any(|t| t == token)
}

/// `type=search` that says nothing of an account: some pages give that type to whole forms, so that
/// browsers keep away.
fn is_search(field: &FieldFacts) -> bool {
    field.kind == "search" && {
        let text = shown(field);
        !(text.has(Topic::Email) || text.has(Topic::Username)) || text.has(Topic::Search)
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
