//! An item while it is read: whatever another program has, put where it fits, and nothing dropped without a word.

mod fit;

use proto::{
    ids::UnixMillis,
    limits::ITEM_SECRETS_MAX_BYTES,
    vault::{CustomField, ItemDraft, ItemKind, ItemSecrets, ItemUrl, SecretText, UrlMatch},
};
use zeroize::Zeroizing;

use crate::report::{Fate, Imported, LeftOut, Remark, WhyLeft};

/// Room that sealing and JSON take beside the texts of an item, bytes.
const OVERHEAD_BYTES: usize = 4 * 1024;
/// What one field takes beside its texts, bytes of JSON.
const FIELD_OVERHEAD_BYTES: usize = 64;

/// Parts of an item by where Pearvault has them.
#[derive(Default)]
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    pub(crate) title: String,
    pub(crate) subtitle: String,
    urls: Vec<(String, UrlMatch)>,
    pub(crate) notes: Zeroizing<String>,
    fields: Vec<CustomField>,
    pub(crate) created_at: Option<UnixMillis>,
    pub(crate) updated_at: Option<UnixMillis>,
    remarks: Vec<Remark>,
}

/// What an item is, with the parts that only such items have.
#[derive(Default)]
pub(crate) enum Kind {
    Login {
        password: SecretText,
        totp: SecretText,
    },
    #[default]
    Note,
    Card {
        number: SecretText,
        expiry: SecretText,
        code: SecretText,
        pin: SecretText,
    },
    Identity(Box<Person>),
}

/// Parts of an identity.
#[derive(Default)]
pub(crate) struct Person {
    pub(crate) email: SecretText,
    pub(crate) phone: SecretText,
    pub(crate) organization: SecretText,
    pub(crate) address: SecretText,
    pub(crate) city: SecretText,
    pub(crate) region: SecretText,
    pub(crate) postal_code: SecretText,
    pub(crate) country: SecretText,
}

impl Entry {
    pub(crate) fn new(kind: Kind, title: impl Into<String>) -> Self {
        Self {
            kind,
            title: title.into(),
            ..Self::default()
        }
    }

    /// A login with what every format has of one.
    pub(crate) fn login(title: &str, username: &str, password: &str) -> Self {
        let kind = Kind::Login {
            password: SecretText::new(password),
            totp: SecretText::default(),
        };
        Self {
            subtitle: username.to_owned(),
            ..Self::new(kind, title)
        }
    }

    /// A web address, or whatever stood in its place.
    pub(crate) fn address(&mut self, url: &str) {
        self.address_by(url, UrlMatch::default());
    }

    /// The same with a rule.
    pub(crate) fn address_by(&mut self, url: &str, matching: UrlMatch) {
        if !url.trim().is_empty() {
            self.urls.push((url.trim().to_owned(), matching));
        }
    }

    /// A part without a place of its own.
    pub(crate) fn field(&mut self, name: &str, value: &str, concealed: bool) {
        if value.is_empty() {
            return;
        }
        self.fields.push(CustomField {
            name: name.to_owned(),
            value: SecretText::new(value),
            concealed,
        });
    }

    /// A line of the notes that is not the user's own.
    pub(crate) fn line(&mut self, name: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        if !self.notes.is_empty() {
            self.notes.push('\n');
        }
        self.notes.push_str(name);
        self.notes.push_str(": ");
        self.notes.push_str(value);
        self.remark(name, Fate::Notes);
    }

    /// What cannot be carried.
    pub(crate) fn lost(&mut self, part: &str, why: WhyLeft) {
        self.remark(part, Fate::Lost(why));
    }

    fn remark(&mut self, part: &str, fate: Fate) {
        let part = part.to_owned();
        self.remarks.push(Remark { part, fate });
    }

    /// The item, within all limits.
    ///
    /// # Errors
    /// [`LeftOut`]: nothing is in it, or more than an item may hold.
    pub(crate) fn finish(mut self) -> Result<Imported, LeftOut> {
        self.fit_texts();
        let urls = self.fit_urls();
        self.fit_totp();
        self.fit_fields();
        if self.is_empty(&urls) {
            return Err(self.left_out(WhyLeft::Empty));
        }
        if self.bytes() > ITEM_SECRETS_MAX_BYTES - OVERHEAD_BYTES {
            return Err(self.left_out(WhyLeft::TooLarge));
        }
        let notes = SecretText::new(std::mem::take(&mut *self.notes));
        let fields = self.fields;
        let secrets = match self.kind {
            Kind::Login { password, totp } => ItemSecrets::Login {
                password,
                totp,
                fields,
                notes,
            },
            Kind::Note => ItemSecrets::Note { text: notes },
            Kind::Card {
                number,
                expiry,
                code,
                pin,
            } => ItemSecrets::Card {
                number,
                expiry,
                code,
                pin,
                notes,
            },
            Kind::Identity(person) => {
                let Person {
                    email,
                    phone,
                    organization,
                    address,
                    city,
                    region,
                    postal_code,
                    country,
                } = *person;
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
                }
            }
        };
        Ok(Imported {
            draft: ItemDraft {
                edits: None,
                title: self.title,
                subtitle: self.subtitle,
                urls,
                secrets,
            },
            created_at: self.created_at,
            updated_at: self.updated_at,
            remarks: self.remarks,
        })
    }

    fn left_out(&self, why: WhyLeft) -> LeftOut {
        let name = if self.title.is_empty() {
            self.subtitle.clone()
        } else {
            self.title.clone()
        };
        LeftOut { name, why }
    }

    fn is_empty(&self, urls: &[ItemUrl]) -> bool {
        let kind = match &self.kind {
            Kind::Login { password, totp } => password.is_empty() && totp.is_empty(),
            Kind::Note => true,
            Kind::Card { number, code, .. } => number.is_empty() && code.is_empty(),
            Kind::Identity(person) => person.texts().iter().all(|text| text.is_empty()),
        };
        let only_named =
            matches!(self.kind, Kind::Note) || self.subtitle.is_empty() && urls.is_empty();
        kind && only_named && self.notes.is_empty() && self.fields.is_empty()
    }

    /// What the secrets take, bytes of JSON, rather too many.
    fn bytes(&self) -> usize {
        // EXPOSE: only counted.
        let json = |text: &SecretText| json_bytes(text.expose_secret());
        let kind: usize = match &self.kind {
            Kind::Login { password, totp } => json(password) + json(totp),
            Kind::Note => 0,
            Kind::Card {
                number,
                expiry,
                code,
                pin,
            } => json(number) + json(expiry) + json(code) + json(pin),
            Kind::Identity(person) => person.texts().into_iter().map(json).sum(),
        };
        let fields = self.fields.iter();
        let fields: usize = fields
            .map(|field| json_bytes(&field.name) + json(&field.value) + FIELD_OVERHEAD_BYTES)
            .sum();
        kind + fields + json_bytes(&self.notes)
    }

    /// What it is.
    pub(crate) fn kind(&self) -> ItemKind {
        match self.kind {
            Kind::Login { .. } => ItemKind::Login,
            Kind::Note => ItemKind::Note,
            Kind::Card { .. } => ItemKind::Card,
            Kind::Identity(_) => ItemKind::Identity,
        }
    }
}

impl Person {
    fn texts(&self) -> [&SecretText; 8] {
        [
            &self.email,
            &self.phone,
            &self.organization,
            &self.address,
            &self.city,
            &self.region,
            &self.postal_code,
            &self.country,
        ]
    }
}

/// Bytes of a text in JSON (RFC 8259 § 7) without its quotes.
fn json_bytes(text: &str) -> usize {
    text.chars()
        .map(|c| match c {
            '"' | '\\' | '\n' | '\r' | '\t' => 2,
            c if c.is_control() && c.is_ascii() => 6,
            c => c.len_utf8(),
        })
        .sum()
}

/// A month and a year as Pearvault has them, `MM/YY`; as they are where they are no such.
pub(crate) fn expiry(month: &str, year: &str) -> String {
    let (month, year) = (month.trim(), year.trim());
    let number = month.parse::<u8>().ok().filter(|m| (1..=12).contains(m));
    let digits = year.bytes().all(|byte| byte.is_ascii_digit());
    match (number, year.len()) {
        (Some(number), 2 | 4) if digits => format!("{number:02}/{}", &year[year.len() - 2..]),
        _ if month.is_empty() && year.is_empty() => String::new(),
        _ => format!("{month}/{year}"),
    }
}

#[cfg(test)]
mod tests;
