//! An item while it is read: whatever another program has, put where it fits, and nothing dropped without a word.

mod fit;

use proto::{
    ids::UnixMillis,
    limits::ITEM_SECRETS_MAX_BYTES,
    vault::{CustomField, ItemDraft, ItemKind, ItemSecrets, ItemUrl, SecretText, UrlMatch},
};
use zeroize::Zeroizing;

use crate::report::{Fate, Imported, LeftOut, Remark, WhyLeft};

/// JSON of an item's secrets, bytes: what an envelope and its padding leave of the limit.
const SECRETS_MAX_BYTES: usize = ITEM_SECRETS_MAX_BYTES - 29 - 4;

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
    /// Whether an item that holds nothing is one: as the vault has it, it comes back.
    pub(crate) keeps_empty: bool,
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

    /// A field of the vault's own, as it is.
    pub(crate) fn added(&mut self, name: String, value: &str, concealed: bool) {
        let value = SecretText::new(value);
        self.fields.push(CustomField {
            name,
            value,
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
        if !self.keeps_empty && self.is_empty(&urls) {
            return Err(self.left_out(WhyLeft::Empty));
        }
        let notes = SecretText::new(std::mem::take(&mut *self.notes));
        let fields = std::mem::take(&mut self.fields);
        let secrets = match std::mem::take(&mut self.kind) {
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
        if json_bytes(&secrets) > SECRETS_MAX_BYTES {
            return Err(self.left_out(WhyLeft::TooLarge));
        }
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

/// Bytes of something in JSON; what cannot be written has no end.
fn json_bytes(value: &impl serde::Serialize) -> usize {
    serde_json::to_vec(value).map_or(usize::MAX, |json| Zeroizing::new(json).len())
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
