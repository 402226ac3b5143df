//! FIDO's Credential Exchange Format 1.0 (CXF), JSON: what one program hands to another.
//!
//! An item has any number of credentials. The first that Pearvault has a kind for says what the item
//! is; the parts of all others become fields. It is read by hand: a part that does not keep the
//! format is carried as it is, and does not cost the user the whole file.

//!
//! What [`CxfWriter`] writes comes back bit by bit: the parts that CXF has no place for are told by
//! its extensions ([`ours`]).

mod ours;
mod parts;
mod shape;
mod write;

use std::collections::BTreeMap;

use proto::vault::SecretText;
use serde::Deserialize;
use serde_json::{Map, Value};

pub use self::write::CxfWriter;
use self::{
    ours::Ours,
    parts::{Parts, Rest},
};
use crate::{
    ITEMS_MAX, ImportError,
    entry::{Entry, Kind},
    report::{Format, Import, WhyLeft},
    text::damage,
};

/// The version that is read; others of the same major one add parts, no meanings.
const MAJOR: u64 = 1;
/// Collections within collections that are followed.
const DEPTH_MAX: usize = 32;

#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    version: Version,
    #[serde(deserialize_with = "crate::text::list")]
    accounts: Vec<Account>,
}

#[derive(Default, Deserialize)]
struct Version {
    major: u64,
}

#[derive(Deserialize)]
struct Account {
    #[serde(default, deserialize_with = "crate::text::list")]
    items: Vec<Item>,
    #[serde(default)]
    collections: Vec<Collection>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Collection {
    #[serde(default)]
    title: String,
    #[serde(default, deserialize_with = "crate::text::list")]
    items: Vec<Linked>,
    #[serde(default)]
    sub_collections: Option<Vec<Collection>>,
}

#[derive(Deserialize)]
struct Linked {
    item: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    #[serde(default)]
    id: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    subtitle: Option<String>,
    creation_at: Option<u64>,
    modified_at: Option<u64>,
    #[serde(default)]
    favorite: Option<bool>,
    #[serde(default)]
    scope: Option<Scope>,
    #[serde(default, deserialize_with = "crate::text::list")]
    credentials: Vec<Map<String, Value>>,
    #[serde(default)]
    tags: Option<Vec<String>>,
    #[serde(default)]
    extensions: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Scope {
    #[serde(default)]
    urls: Vec<String>,
    #[serde(default)]
    android_apps: Vec<App>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct App {
    bundle_id: String,
}

/// Whether a JSON text is of this kind.
pub(crate) fn is(text: &str) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Head {
        #[serde(rename = "exporterRpId")]
        _exporter: String,
        #[serde(rename = "accounts")]
        _accounts: Vec<serde::de::IgnoredAny>,
    }
    serde_json::from_str::<Head>(text).is_ok()
}

pub(crate) fn read(text: &str) -> Result<Import, ImportError> {
    let header: Header = serde_json::from_str(text).map_err(|error| damage(&error))?;
    if header.version.major > MAJOR {
        return Err(ImportError::Unknown);
    }
    let mut import = Import {
        format: Format::Cxf,
        items: Vec::new(),
        left_out: Vec::new(),
    };
    for account in header.accounts {
        let mut folders = BTreeMap::new();
        name_folders(&account.collections, DEPTH_MAX, &mut folders);
        for item in account.items {
            if import.items.len() + import.left_out.len() >= ITEMS_MAX {
                return Err(ImportError::TooMany);
            }
            let folder = folders.get(&item.id).copied().unwrap_or_default();
            match entry(item, folder).finish() {
                Ok(item) => import.items.push(item),
                Err(left) => import.left_out.push(left),
            }
        }
    }
    Ok(import)
}

fn name_folders<'a>(
    collections: &'a [Collection],
    depth: usize,
    names: &mut BTreeMap<String, &'a str>,
) {
    for collection in collections {
        for linked in &collection.items {
            names.insert(linked.item.clone(), &collection.title);
        }
        if let Some(inner) = collection.sub_collections.as_ref().filter(|_| depth > 0) {
            name_folders(inner, depth - 1, names);
        }
    }
}

fn entry(item: Item, folder: &str) -> Entry {
    let ours = Ours::of(&item.extensions);
    let mut credentials: Vec<Parts> = item.credentials.into_iter().map(Parts::of).collect();
    let mut entry = Entry::new(kind_of(&credentials), item.title);
    entry.keeps_empty = ours.is_some();
    let ours = ours.unwrap_or_default();
    entry.created_at = item.creation_at.and_then(|at| ours.created_at.moment(at));
    entry.updated_at = item.modified_at.and_then(|at| ours.modified_at.moment(at));
    for parts in &mut credentials {
        take(&mut entry, parts, &ours);
    }
    if let Some(scope) = item.scope {
        for (url, matching) in ours.rules(&scope.urls) {
            entry.address_by(url, matching);
        }
        for app in &scope.android_apps {
            entry.address(&format!("androidapp://{}", app.bundle_id));
        }
    }
    let subtitle = item.subtitle.unwrap_or_default();
    if entry.keeps_empty && entry.subtitle.is_empty() {
        entry.subtitle = subtitle;
    } else if subtitle != entry.subtitle {
        entry.field("Subtitle", &subtitle, false);
    }
    entry.line("Folder", folder);
    entry.line("Tags", &item.tags.unwrap_or_default().join(", "));
    if item.favorite == Some(true) {
        entry.line("Favourite", "yes");
    }
    entry
}

/// What an item is, by its credentials.
fn kind_of(credentials: &[Parts]) -> Kind {
    let has = |kinds: &[&str]| {
        credentials
            .iter()
            .any(|it| kinds.contains(&it.kind.as_str()))
    };
    if has(&["basic-auth", "totp", "passkey", "generated-password"]) {
        Kind::Login {
            password: SecretText::default(),
            totp: SecretText::default(),
        }
    } else if has(&["credit-card"]) {
        Kind::Card {
            number: SecretText::default(),
            expiry: SecretText::default(),
            code: SecretText::default(),
            pin: SecretText::default(),
        }
    } else if has(&[
        "address",
        "person-name",
        "passport",
        "drivers-license",
        "identity-document",
    ]) {
        Kind::Identity(Box::default())
    } else {
        Kind::Note
    }
}

/// Takes the parts of a credential: what fits the item into its place, the rest into fields.
fn take(entry: &mut Entry, parts: &mut Parts, ours: &Ours) {
    match (parts.kind.as_str(), &mut entry.kind) {
        ("basic-auth", Kind::Login { password, .. }) if password.is_empty() => {
            *password = parts.secret("password");
            if entry.subtitle.is_empty() {
                entry.subtitle = parts.text("username");
            }
        }
        ("generated-password", Kind::Login { password, .. }) if password.is_empty() => {
            *password = parts.secret("password");
        }
        ("totp", Kind::Login { totp, .. }) if totp.is_empty() => {
            *totp = ours.typed(parts.totp());
            if ours.has_typed(totp) {
                // It is part of what was typed.
                parts.text("issuer");
            }
        }
        (
            "credit-card",
            Kind::Card {
                number,
                expiry,
                code,
                pin,
            },
        ) if number.is_empty() => {
            *number = parts.secret("number");
            *expiry = SecretText::new(parts.expiry("expiryDate"));
            *code = parts.secret("verificationNumber");
            *pin = parts.secret("pin");
            entry.subtitle = parts.text("fullName");
        }
        ("address", Kind::Identity(person)) if person.address.is_empty() => {
            person.address = parts.secret("streetAddress");
            person.postal_code = parts.secret("postalCode");
            person.city = parts.secret("city");
            person.region = parts.secret("territory");
            person.country = parts.secret("country");
            person.phone = parts.secret("tel");
        }
        ("person-name", Kind::Identity(_)) if entry.subtitle.is_empty() => {
            entry.subtitle = parts.name();
        }
        ("note", _) if entry.notes.is_empty() => entry.notes.push_str(&parts.text("content")),
        _ => {}
    }
    match parts.kind.as_str() {
        "passkey" => {
            entry.lost("Passkey", WhyLeft::Passkey);
            return;
        }
        "file" => {
            let name = parts.text("name");
            entry.lost(&name, WhyLeft::Attachment);
            return;
        }
        "item-reference" => return,
        _ => {}
    }
    for rest in parts.rest() {
        keep(entry, rest);
    }
}

/// Puts a part where it was, if it is one of ours that CXF has no place for; else into a field.
fn keep(entry: &mut Entry, rest: Rest) {
    let Rest {
        name,
        value,
        concealed,
        part,
    } = rest;
    let place = match (part.as_str(), &mut entry.kind) {
        ("totp", Kind::Login { totp, .. }) => totp,
        ("expiry", Kind::Card { expiry, .. }) => expiry,
        ("email", Kind::Identity(person)) => &mut person.email,
        ("organization", Kind::Identity(person)) => &mut person.organization,
        ("region", Kind::Identity(person)) => &mut person.region,
        ("country", Kind::Identity(person)) => &mut person.country,
        ("added", _) => return entry.added(name, &value, concealed),
        _ => return entry.field(&name, &value, concealed),
    };
    if place.is_empty() {
        *place = SecretText::new(value.as_str());
    } else {
        entry.field(&name, &value, concealed);
    }
}

#[cfg(test)]
mod tests;
