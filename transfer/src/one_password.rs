//! 1Password's `export.data` of a 1PUX archive.

use proto::vault::{ItemKind, SecretText};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    ITEMS_MAX, ImportError,
    entry::{Entry, Kind, Person, expiry},
    report::{Format, Import, LeftOut, WhyLeft},
    text::{damage, seconds},
};

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    accounts: Vec<Account>,
}

#[derive(Deserialize)]
struct Account {
    #[serde(default)]
    vaults: Vec<Vault>,
}

#[derive(Deserialize)]
struct Vault {
    attrs: Option<Attributes>,
    #[serde(default, deserialize_with = "crate::text::list")]
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Attributes {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    #[serde(default)]
    fav_index: i64,
    created_at: Option<u64>,
    updated_at: Option<u64>,
    /// `active` or `archived`.
    state: Option<String>,
    #[serde(default)]
    trashed: bool,
    #[serde(default)]
    category_uuid: String,
    #[serde(default)]
    details: Details,
    #[serde(default)]
    overview: Overview,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Details {
    login_fields: Vec<LoginField>,
    notes_plain: Option<String>,
    sections: Vec<Section>,
    password_history: Vec<Past>,
    /// Of items that are a password alone.
    password: Option<String>,
    document_attributes: Option<Document>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct LoginField {
    value: Option<String>,
    name: Option<String>,
    designation: Option<String>,
    field_type: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Section {
    title: Option<String>,
    fields: Vec<Field>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Field {
    title: Option<String>,
    id: Option<String>,
    /// One entry: the value by its type.
    value: serde_json::Map<String, Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Past {
    value: String,
    time: u64,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Document {
    file_name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Overview {
    title: Option<String>,
    url: Option<String>,
    urls: Option<Vec<Address>>,
    tags: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Address {
    url: String,
}

/// Categories that Pearvault has, too; all others become notes with fields as lines.
mod category {
    pub(super) const LOGIN: &str = "001";
    pub(super) const CARD: &str = "002";
    pub(super) const IDENTITY: &str = "004";
    pub(super) const PASSWORD: &str = "005";
}

pub(crate) fn read(text: &str) -> Result<Import, ImportError> {
    let file: File = serde_json::from_str(text).map_err(|error| damage(&error))?;
    let mut import = Import {
        format: Format::OnePassword,
        items: Vec::new(),
        left_out: Vec::new(),
    };
    for vault in file.accounts.into_iter().flat_map(|account| account.vaults) {
        let name = vault.attrs.map(|attrs| attrs.name).unwrap_or_default();
        for item in vault.items {
            if import.items.len() + import.left_out.len() >= ITEMS_MAX {
                return Err(ImportError::TooMany);
            }
            match entry(item, &name).and_then(Entry::finish) {
                Ok(item) => import.items.push(item),
                Err(left) => import.left_out.push(left),
            }
        }
    }
    Ok(import)
}

fn entry(item: Item, vault: &str) -> Result<Entry, LeftOut> {
    let title = item.overview.title.unwrap_or_default();
    if item.trashed {
        let why = WhyLeft::Deleted;
        return Err(LeftOut { name: title, why });
    }
    let details = item.details;
    let mut entry = match item.category_uuid.as_str() {
        category::LOGIN | category::PASSWORD => {
            Entry::login(&title, "", &details.password.clone().unwrap_or_default())
        }
        category::CARD => Entry::new(
            Kind::Card {
                number: SecretText::default(),
                expiry: SecretText::default(),
                code: SecretText::default(),
                pin: SecretText::default(),
            },
            title,
        ),
        category::IDENTITY => Entry::new(Kind::Identity(Box::<Person>::default()), title),
        _ => Entry::new(Kind::Note, title),
    };
    entry
        .notes
        .push_str(&details.notes_plain.unwrap_or_default());
    for field in details.login_fields {
        login_field(&mut entry, field);
    }
    let more = item.overview.urls.unwrap_or_default();
    let first = item.overview.url.into_iter();
    for url in first.chain(more.into_iter().map(|address| address.url)) {
        entry.address(&url);
    }
    for section in details.sections {
        let title = section.title.unwrap_or_default();
        for field in section.fields {
            place(&mut entry, &title, field);
        }
    }
    for past in details.password_history {
        let when = seconds(past.time).map_or(0, |at| at.0 / 86_400_000);
        entry.field(
            &format!("Older password, until day {when} since 1970"),
            &past.value,
            true,
        );
    }
    if let Some(document) = details.document_attributes {
        entry.lost(&document.file_name, WhyLeft::Attachment);
    }
    entry.field("Vault", vault, false);
    entry.field(
        "Tags",
        &item.overview.tags.unwrap_or_default().join(", "),
        false,
    );
    if item.fav_index != 0 {
        entry.field("Favourite", "yes", false);
    }
    if item.state.as_deref() == Some("archived") {
        entry.field("Archived", "yes", false);
    }
    entry.created_at = item.created_at.and_then(seconds);
    entry.updated_at = item.updated_at.and_then(seconds);
    Ok(entry)
}

fn login_field(entry: &mut Entry, field: LoginField) {
    let value = field.value.unwrap_or_default();
    let concealed = field.field_type.as_deref() == Some("P");
    match (field.designation.as_deref(), &mut entry.kind) {
        (Some("username"), Kind::Login { .. }) if entry.subtitle.is_empty() => {
            entry.subtitle = value;
        }
        (Some("password"), Kind::Login { password, .. }) if password.is_empty() => {
            *password = SecretText::new(value);
        }
        // Boxes of the page's form: ticks and buttons are no secrets of the user's.
        _ if matches!(field.field_type.as_deref(), Some("C" | "B" | "I")) => {}
        _ => entry.field(&field.name.unwrap_or_default(), &value, concealed),
    }
}

/// A field of a section, where Pearvault has a place for it.
fn place(entry: &mut Entry, section: &str, field: Field) {
    let name = field.title.filter(|title| !title.is_empty());
    let id = field.id.unwrap_or_default();
    let name = name.unwrap_or_else(|| id.clone());
    let Some((kind, value)) = field.value.into_iter().next() else {
        return;
    };
    if kind == "file" {
        return entry.lost(&name, WhyLeft::Attachment);
    }
    let text = said(&kind, &value);
    if text.is_empty() {
        return;
    }
    let concealed = matches!(kind.as_str(), "concealed" | "totp" | "creditCardNumber");
    let is_person = entry.kind() == ItemKind::Identity;
    let place = match (&mut entry.kind, kind.as_str(), id.as_str()) {
        (Kind::Login { totp, .. }, "totp", _) if totp.is_empty() => Some(totp),
        (Kind::Card { number, .. }, "creditCardNumber", _) => Some(number),
        (Kind::Card { expiry, .. }, "monthYear", "expiry") => Some(expiry),
        (Kind::Card { code, .. }, _, "cvv") => Some(code),
        (Kind::Card { pin, .. }, _, "pin") => Some(pin),
        (Kind::Identity(person), _, "email") => Some(&mut person.email),
        (Kind::Identity(person), "phone", "defphone" | "cellphone") if person.phone.is_empty() => {
            Some(&mut person.phone)
        }
        (Kind::Identity(person), _, "company") => Some(&mut person.organization),
        _ => None,
    };
    match place {
        Some(place) if place.is_empty() => *place = SecretText::new(text),
        _ if id == "cardholder" && entry.subtitle.is_empty() => entry.subtitle = text,
        _ if is_person && matches!(id.as_str(), "firstname" | "lastname") => {
            if !entry.subtitle.is_empty() {
                entry.subtitle.push(' ');
            }
            entry.subtitle.push_str(&text);
        }
        _ if kind == "address" => address(entry, &name, &value),
        _ => {
            let name = if section.is_empty() {
                name
            } else {
                format!("{section}: {name}")
            };
            entry.field(&name, &text, concealed);
        }
    }
}

/// A postal address: the first of an identity in its own places, others as a field.
fn address(entry: &mut Entry, name: &str, value: &Value) {
    let part = |key: &str| {
        value
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    if let Kind::Identity(person) = &mut entry.kind
        && person.address.is_empty()
    {
        person.address = SecretText::new(part("street"));
        person.city = SecretText::new(part("city"));
        person.region = SecretText::new(part("state"));
        person.postal_code = SecretText::new(part("zip"));
        person.country = SecretText::new(part("country"));
        return;
    }
    let parts = ["street", "city", "state", "zip", "country"].map(part);
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    entry.field(name, &parts.join(", "), false);
}

/// A value in words.
fn said(kind: &str, value: &Value) -> String {
    match (kind, value) {
        ("monthYear", Value::Number(number)) => {
            let number = number.as_u64().unwrap_or(0);
            expiry(&(number % 100).to_string(), &(number / 100).to_string())
        }
        ("email", Value::Object(parts)) => {
            let address = parts.get("email_address").and_then(Value::as_str);
            address.unwrap_or_default().to_owned()
        }
        ("sshKey", Value::Object(parts)) => {
            let key = parts.get("privateKey").and_then(Value::as_str);
            key.unwrap_or_default().to_owned()
        }
        (_, Value::String(text)) => text.clone(),
        (_, Value::Number(number)) => number.to_string(),
        (_, Value::Bool(is)) => if *is { "yes" } else { "no" }.to_owned(),
        ("address", Value::Object(_)) => "address".to_owned(),
        (_, Value::Null) => String::new(),
        (_, other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
