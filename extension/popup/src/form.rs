//! The item editor's form: what is typed, what of it is wrong, and the draft made of it.

use std::collections::BTreeMap;

use proto::{
    limits::{ITEM_FIELDS_MAX, ITEM_TITLE_MAX_CHARS, ITEM_URLS_MAX},
    vault::{CustomField, Edited, ItemDraft, ItemKind, ItemSecrets, ItemUrl, SecretText, UrlMatch},
};
use serde::{Deserialize, Serialize};

use self::rules::{is_digits, is_expiry, is_totp_key, normal_url};

mod rules;

/// Everything typed on the editor's screen. Not `Debug`: it holds secrets.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ItemForm {
    /// What it was filled from; `None` for a new item.
    pub edits: Option<Edited>,
    /// What it is.
    pub kind: ItemKind,
    /// Name shown.
    pub title: String,
    /// User name, card holder, or name.
    pub subtitle: String,
    /// Addresses of a login.
    pub urls: Vec<UrlRow>,
    /// Password of a login.
    pub password: String,
    /// TOTP key of a login.
    pub totp: String,
    /// Added fields.
    pub fields: Vec<FieldRow>,
    /// Free text; the text of a note.
    pub notes: String,
    /// Card number.
    pub number: String,
    /// Card expiry.
    pub expiry: String,
    /// Card security code.
    pub code: String,
    /// Card PIN.
    pub pin: String,
    /// E-mail of an identity.
    pub email: String,
    /// Telephone of an identity.
    pub phone: String,
    /// Street address of an identity.
    pub address: String,
    /// Organization of an identity.
    #[serde(default)]
    pub organization: String,
    /// Town of an identity.
    #[serde(default)]
    pub city: String,
    /// Province or state of an identity.
    #[serde(default)]
    pub region: String,
    /// Postal code of an identity.
    #[serde(default)]
    pub postal_code: String,
    /// Country of an identity.
    #[serde(default)]
    pub country: String,
    /// Key of the next row that is added.
    next_key: u32,
}

/// A web address being typed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UrlRow {
    /// Names the row for as long as the form lives.
    pub key: u32,
    /// As typed.
    pub url: String,
    /// How to compare.
    pub matching: UrlMatch,
}

/// An added field being typed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FieldRow {
    /// Names the row for as long as the form lives.
    pub key: u32,
    /// Its label.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Whether it is shown as dots.
    pub concealed: bool,
}

/// What is wrong, by the field's hook (`title`, `url-0`).
pub(crate) type Problems = BTreeMap<String, &'static str>;

impl ItemForm {
    /// An empty form; a login has a row for its first address.
    pub(crate) fn new(kind: ItemKind) -> Self {
        let mut form = Self {
            edits: None,
            kind,
            title: String::new(),
            subtitle: String::new(),
            urls: vec![],
            password: String::new(),
            totp: String::new(),
            fields: vec![],
            notes: String::new(),
            number: String::new(),
            expiry: String::new(),
            code: String::new(),
            pin: String::new(),
            email: String::new(),
            phone: String::new(),
            address: String::new(),
            organization: String::new(),
            city: String::new(),
            region: String::new(),
            postal_code: String::new(),
            country: String::new(),
            next_key: 0,
        };
        if kind == ItemKind::Login {
            form.add_url("");
        }
        form
    }

    /// A login for a site.
    pub(crate) fn for_host(host: &str) -> Self {
        let mut form = Self::new(ItemKind::Login);
        host.strip_prefix("www.")
            .unwrap_or(host)
            .clone_into(&mut form.title);
        if let Some(row) = form.urls.first_mut() {
            row.url = format!("{}://{host}", rules::likely_scheme(host));
        }
        form
    }

    /// The form of an item that exists.
    pub(crate) fn from_draft(draft: ItemDraft) -> Self {
        let mut form = Self::new(draft.secrets.kind());
        form.edits = draft.edits;
        form.title = draft.title;
        form.subtitle = draft.subtitle;
        if !draft.urls.is_empty() {
            form.urls.clear();
        }
        for url in draft.urls {
            let key = form.key();
            form.urls.push(UrlRow {
                key,
                url: url.url,
                matching: url.matching,
            });
        }
        // EXPOSE: the user edits these values in clear.
        let text = |secret: &SecretText| secret.expose_secret().to_owned();
        match draft.secrets {
            ItemSecrets::Login {
                password,
                totp,
                fields,
                notes,
            } => {
                form.password = text(&password);
                form.totp = text(&totp);
                form.notes = text(&notes);
                form.set_fields(&fields);
            }
            ItemSecrets::Note { text: note } => form.notes = text(&note),
            ItemSecrets::Card {
                number,
                expiry,
                code,
                pin,
                notes,
            } => {
                form.number = text(&number);
                form.expiry = text(&expiry);
                form.code = text(&code);
                form.pin = text(&pin);
                form.notes = text(&notes);
            }
            ItemSecrets::Identity {
                email,
                phone,
                organization,
                address,
                city,
                region,
                postal_code,
                country,
                fields,
                notes,
            } => {
                form.email = text(&email);
                form.phone = text(&phone);
                form.address = text(&address);
                form.organization = text(&organization);
                form.city = text(&city);
                form.region = text(&region);
                form.postal_code = text(&postal_code);
                form.country = text(&country);
                form.notes = text(&notes);
                form.set_fields(&fields);
            }
        }
        form
    }

    /// Adds an address.
    pub(crate) fn add_url(&mut self, url: &str) {
        let key = self.key();
        self.urls.push(UrlRow {
            key,
            url: url.to_owned(),
            matching: UrlMatch::default(),
        });
    }

    /// Adds a field.
    pub(crate) fn add_field(&mut self) {
        let key = self.key();
        self.fields.push(FieldRow {
            key,
            name: String::new(),
            value: String::new(),
            concealed: false,
        });
    }

    /// Whether two forms hold the same, whatever their rows are called.
    pub(crate) fn holds_same(&self, other: &Self) -> bool {
        self.kind == other.kind && self.edits == other.edits && self.draft() == other.draft()
    }

    /// What is wrong with it; empty where it can be saved.
    pub(crate) fn problems(&self) -> Problems {
        let mut problems = Problems::new();
        let mut check = |field: String, good: bool, message: &'static str| {
            if !good {
                problems.entry(field).or_insert(message);
            }
        };
        let optional =
            |text: &str, rule: fn(&str) -> bool| text.trim().is_empty() || rule(text.trim());

        let named = [&self.title, &self.subtitle]
            .iter()
            .any(|t| !t.trim().is_empty())
            || self.urls.iter().any(|u| !u.url.trim().is_empty());
        check("title".into(), named, "Give it a name.");
        check(
            "title".into(),
            self.title.trim().chars().count() <= ITEM_TITLE_MAX_CHARS,
            "Use at most 200 characters.",
        );
        for (position, row) in self.urls.iter().enumerate() {
            let good = optional(&row.url, |url| normal_url(url).is_some());
            check(
                format!("url-{position}"),
                good,
                "Use a web address like https://example.com.",
            );
        }
        check(
            "url-0".into(),
            self.urls.len() <= ITEM_URLS_MAX,
            "There are more than 50 addresses.",
        );
        check(
            "totp".into(),
            optional(&self.totp, is_totp_key),
            "Use the key that the site shows (letters A–Z and digits 2–7) or its otpauth:// link.",
        );
        for (position, field) in self.fields.iter().enumerate() {
            let good = !field.name.trim().is_empty() || field.value.is_empty();
            check(
                format!("field-name-{position}"),
                good,
                "Give this field a name.",
            );
        }
        let few = self.fields.len() <= ITEM_FIELDS_MAX;
        check(
            "field-name-0".into(),
            few,
            "There are more than 100 fields.",
        );
        if self.kind == ItemKind::Card {
            let digits = [
                ("card-number", &self.number, 8..=19, "Use 8 to 19 digits."),
                ("card-code", &self.code, 3..=4, "Use 3 or 4 digits."),
                ("card-pin", &self.pin, 3..=12, "Use 3 to 12 digits."),
            ];
            for (name, text, length, message) in digits {
                let good = text.trim().is_empty() || is_digits(text, &length);
                check(name.into(), good, message);
            }
            check(
                "card-expiry".into(),
                optional(&self.expiry, is_expiry),
                "Use MM/YY.",
            );
        }
        if self.kind == ItemKind::Identity {
            let good = optional(&self.email, |email| email.contains('@'));
            check(
                "email".into(),
                good,
                "Use an address like name@example.com.",
            );
        }
        problems
    }

    /// The draft to save: trimmed, empty rows left out, addresses with their scheme.
    pub(crate) fn draft(&self) -> ItemDraft {
        let trimmed = |text: &str| SecretText::new(text.trim());
        let urls = if self.kind == ItemKind::Login {
            self.urls.as_slice()
        } else {
            &[]
        };
        ItemDraft {
            edits: self.edits.clone(),
            title: self.title.trim().to_owned(),
            subtitle: self.subtitle.trim().to_owned(),
            urls: urls
                .iter()
                .filter(|row| !row.url.trim().is_empty())
                .map(|row| ItemUrl {
                    url: normal_url(&row.url).unwrap_or_else(|| row.url.trim().to_owned()),
                    matching: row.matching,
                })
                .collect(),
            secrets: match self.kind {
                ItemKind::Login => ItemSecrets::Login {
                    // As typed: a password may begin or end with a space.
                    password: SecretText::new(self.password.as_str()),
                    totp: trimmed(&self.totp),
                    fields: self.custom_fields(),
                    notes: SecretText::new(self.notes.as_str()),
                },
                ItemKind::Note => ItemSecrets::Note {
                    text: SecretText::new(self.notes.as_str()),
                },
                ItemKind::Card => ItemSecrets::Card {
                    number: SecretText::new(rules::digits(&self.number)),
                    expiry: trimmed(&self.expiry),
                    code: trimmed(&self.code),
                    pin: trimmed(&self.pin),
                    notes: SecretText::new(self.notes.as_str()),
                },
                ItemKind::Identity => ItemSecrets::Identity {
                    email: trimmed(&self.email),
                    phone: trimmed(&self.phone),
                    organization: trimmed(&self.organization),
                    address: trimmed(&self.address),
                    city: trimmed(&self.city),
                    region: trimmed(&self.region),
                    postal_code: trimmed(&self.postal_code),
                    country: trimmed(&self.country),
                    fields: self.custom_fields(),
                    notes: SecretText::new(self.notes.as_str()),
                },
            },
        }
    }

    fn custom_fields(&self) -> Vec<CustomField> {
        self.fields
            .iter()
            .filter(|row| !row.name.trim().is_empty())
            .map(|row| CustomField {
                name: row.name.trim().to_owned(),
                value: SecretText::new(row.value.as_str()),
                concealed: row.concealed,
            })
            .collect()
    }

    fn set_fields(&mut self, fields: &[CustomField]) {
        for field in fields {
            let key = self.key();
            self.fields.push(FieldRow {
                key,
                name: field.name.clone(),
                // EXPOSE: the user edits this value in clear.
                value: field.value.expose_secret().to_owned(),
                concealed: field.concealed,
            });
        }
    }

    fn key(&mut self) -> u32 {
        self.next_key += 1;
        self.next_key
    }
}

/// The kind as people call it.
pub(crate) fn kind_word(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Login => "login",
        ItemKind::Note => "note",
        ItemKind::Card => "card",
        ItemKind::Identity => "identity",
    }
}

#[cfg(test)]
mod tests;
