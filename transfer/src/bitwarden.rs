//! Bitwarden's JSON (`bitwarden_export_….json`), as its clients write it.

pub(crate) mod sealed;

use proto::vault::{SecretText, UrlMatch};
use serde::Deserialize;

use crate::{
    ITEMS_MAX, ImportError,
    entry::{Entry, Kind, Person, expiry},
    report::{Format, Import, LeftOut, WhyLeft},
    text::{damage, moment},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    #[serde(default)]
    encrypted: bool,
    #[serde(default)]
    password_protected: bool,
    #[serde(default, deserialize_with = "crate::text::list")]
    folders: Vec<Folder>,
    #[serde(default, deserialize_with = "crate::text::list")]
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Folder {
    id: Option<String>,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    #[serde(rename = "type")]
    kind: u8,
    folder_id: Option<String>,
    name: Option<String>,
    notes: Option<String>,
    #[serde(default)]
    favorite: bool,
    #[serde(default, deserialize_with = "crate::text::some_list")]
    fields: Option<Vec<Field>>,
    login: Option<Login>,
    card: Option<Card>,
    identity: Option<Identity>,
    ssh_key: Option<SshKey>,
    password_history: Option<Vec<Past>>,
    attachments: Option<Vec<Attachment>>,
    creation_date: Option<String>,
    revision_date: Option<String>,
    deleted_date: Option<String>,
}

#[derive(Deserialize)]
struct Field {
    name: Option<String>,
    value: Option<String>,
    /// 0 text, 1 hidden, 2 yes or no, 3 linked to another part.
    #[serde(rename = "type", default)]
    kind: u8,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Login {
    #[serde(default, deserialize_with = "crate::text::some_list")]
    uris: Option<Vec<Uri>>,
    username: Option<String>,
    password: Option<String>,
    totp: Option<String>,
    #[serde(default)]
    fido2_credentials: Option<Vec<serde::de::IgnoredAny>>,
}

#[derive(Deserialize)]
struct Uri {
    uri: Option<String>,
    #[serde(rename = "match")]
    matching: Option<u8>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Card {
    cardholder_name: Option<String>,
    brand: Option<String>,
    number: Option<String>,
    exp_month: Option<String>,
    exp_year: Option<String>,
    code: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    title: Option<String>,
    first_name: Option<String>,
    middle_name: Option<String>,
    last_name: Option<String>,
    address1: Option<String>,
    address2: Option<String>,
    address3: Option<String>,
    city: Option<String>,
    state: Option<String>,
    postal_code: Option<String>,
    country: Option<String>,
    company: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    ssn: Option<String>,
    username: Option<String>,
    passport_number: Option<String>,
    license_number: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SshKey {
    private_key: Option<String>,
    public_key: Option<String>,
    key_fingerprint: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Past {
    last_used_date: Option<String>,
    password: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attachment {
    file_name: Option<String>,
}

/// Whether a JSON text is of this kind.
pub(crate) fn is(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Head {
        encrypted: Option<bool>,
        items: Option<Vec<serde::de::IgnoredAny>>,
    }
    let head = serde_json::from_str::<Head>(text);
    head.is_ok_and(|head| head.encrypted == Some(true) || head.items.is_some())
}

pub(crate) fn read(text: &str) -> Result<Import, ImportError> {
    let file: File = serde_json::from_str(text).map_err(|error| damage(&error))?;
    if file.encrypted {
        return Err(if file.password_protected {
            ImportError::PasswordNeeded
        } else {
            ImportError::AccountBound
        });
    }
    if file.items.len() > ITEMS_MAX {
        return Err(ImportError::TooMany);
    }
    let mut import = Import {
        format: Format::Bitwarden,
        items: Vec::new(),
        left_out: Vec::new(),
    };
    for item in file.items {
        let folder = item.folder_id.as_ref().and_then(|id| {
            let mut folders = file.folders.iter();
            folders.find(|folder| folder.id.as_ref() == Some(id))
        });
        match entry(item, folder.map(|folder| folder.name.as_str())).and_then(Entry::finish) {
            Ok(item) => import.items.push(item),
            Err(left) => import.left_out.push(left),
        }
    }
    Ok(import)
}

fn entry(item: Item, folder: Option<&str>) -> Result<Entry, LeftOut> {
    let name = item.name.unwrap_or_default();
    if item.deleted_date.is_some() {
        let why = WhyLeft::Deleted;
        return Err(LeftOut { name, why });
    }
    let mut entry = match (item.kind, item.login, item.card, item.identity) {
        (1, Some(it), _, _) => login(&name, it),
        (3, _, Some(it), _) => card(name, it),
        (4, _, _, Some(it)) => identity(name, it),
        _ => Entry::new(Kind::Note, name),
    };
    entry.notes.push_str(&item.notes.unwrap_or_default());
    if let Some(key) = item.ssh_key {
        entry.field("Private key", &key.private_key.unwrap_or_default(), true);
        entry.field("Public key", &key.public_key.unwrap_or_default(), false);
        entry.field(
            "Fingerprint",
            &key.key_fingerprint.unwrap_or_default(),
            false,
        );
    }
    for field in item.fields.unwrap_or_default() {
        let (name, value) = (
            field.name.unwrap_or_default(),
            field.value.unwrap_or_default(),
        );
        entry.field(&name, &value, field.kind == 1);
    }
    entry.field("Folder", folder.unwrap_or_default(), false);
    if item.favorite {
        entry.field("Favourite", "yes", false);
    }
    for past in item.password_history.unwrap_or_default() {
        let when = past.last_used_date.unwrap_or_default();
        let name = format!("Older password, until {}", when.get(..10).unwrap_or("?"));
        entry.field(&name, &past.password.unwrap_or_default(), true);
    }
    for file in item.attachments.unwrap_or_default() {
        entry.lost(&file.file_name.unwrap_or_default(), WhyLeft::Attachment);
    }
    entry.created_at = item.creation_date.as_deref().and_then(moment);
    entry.updated_at = item.revision_date.as_deref().and_then(moment);
    Ok(entry)
}

fn login(name: &str, it: Login) -> Entry {
    let (username, password) = (
        it.username.unwrap_or_default(),
        it.password.unwrap_or_default(),
    );
    let mut entry = Entry::login(name, &username, &password);
    if let Kind::Login { totp, .. } = &mut entry.kind {
        *totp = SecretText::new(it.totp.unwrap_or_default());
    }
    for uri in it.uris.unwrap_or_default() {
        let address = uri.uri.unwrap_or_default();
        match uri.matching {
            // The whole site, as with us.
            None | Some(0) => entry.address(&address),
            Some(1) => entry.address_by(&address, UrlMatch::Host),
            // By its beginning, or exactly: never wider than it was.
            Some(2 | 3) => entry.address_by(&address, UrlMatch::Origin),
            // A pattern, or never to be filled.
            Some(_) => entry.field("Address", &address, false),
        }
    }
    for _ in it.fido2_credentials.unwrap_or_default() {
        entry.lost("Passkey", WhyLeft::Passkey);
    }
    entry
}

fn card(name: String, it: Card) -> Entry {
    let secret = |text: Option<String>| SecretText::new(text.unwrap_or_default());
    let kind = Kind::Card {
        number: secret(it.number),
        expiry: SecretText::new(expiry(
            &it.exp_month.unwrap_or_default(),
            &it.exp_year.unwrap_or_default(),
        )),
        code: secret(it.code),
        pin: SecretText::default(),
    };
    let mut entry = Entry::new(kind, name);
    entry.subtitle = it.cardholder_name.unwrap_or_default();
    entry.field("Brand", &it.brand.unwrap_or_default(), false);
    entry
}

fn identity(name: String, it: Identity) -> Entry {
    let secret = |text: Option<String>| SecretText::new(text.unwrap_or_default());
    let joined = |parts: [Option<String>; 3], by: &str| {
        let parts: Vec<String> = parts
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect();
        parts.join(by)
    };
    let person = Person {
        email: secret(it.email),
        phone: secret(it.phone),
        organization: secret(it.company),
        address: SecretText::new(joined([it.address1, it.address2, it.address3], "\n")),
        city: secret(it.city),
        region: secret(it.state),
        postal_code: secret(it.postal_code),
        country: secret(it.country),
    };
    let mut entry = Entry::new(Kind::Identity(Box::new(person)), name);
    entry.subtitle = joined([it.first_name, it.middle_name, it.last_name], " ");
    for (name, value, concealed) in [
        ("Title", it.title, false),
        ("User name", it.username, false),
        ("Social security number", it.ssn, true),
        ("Passport number", it.passport_number, true),
        ("Licence number", it.license_number, true),
    ] {
        entry.field(name, &value.unwrap_or_default(), concealed);
    }
    entry
}

#[cfg(test)]
mod tests;
