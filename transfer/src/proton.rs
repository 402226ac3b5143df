//! Proton Pass, JSON.

use std::collections::BTreeMap;

use proto::vault::SecretText;
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
    encrypted: bool,
    vaults: BTreeMap<String, Vault>,
}

#[derive(Deserialize)]
struct Vault {
    #[serde(default)]
    name: String,
    #[serde(default, deserialize_with = "crate::text::list")]
    items: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    data: Data,
    /// 1 active, 2 in the trash.
    #[serde(default)]
    state: u8,
    create_time: Option<u64>,
    modify_time: Option<u64>,
    #[serde(default)]
    alias_email: Option<String>,
    #[serde(default)]
    files: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    content: serde_json::Map<String, Value>,
    #[serde(default, deserialize_with = "crate::text::list")]
    extra_fields: Vec<Extra>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    name: String,
    note: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Extra {
    #[serde(default)]
    field_name: String,
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    data: serde_json::Map<String, Value>,
}

/// Whether a JSON text is of this kind.
pub(crate) fn is(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Head {
        vaults: serde_json::Map<String, Value>,
    }
    serde_json::from_str::<Head>(text).is_ok_and(|head| !head.vaults.is_empty())
}

pub(crate) fn read(text: &str) -> Result<Import, ImportError> {
    let file: File = serde_json::from_str(text).map_err(|error| damage(&error))?;
    if file.encrypted {
        return Err(ImportError::AccountBound);
    }
    let mut import = Import {
        format: Format::ProtonPass,
        items: Vec::new(),
        left_out: Vec::new(),
    };
    for vault in file.vaults.into_values() {
        for item in vault.items {
            if import.items.len() + import.left_out.len() >= ITEMS_MAX {
                return Err(ImportError::TooMany);
            }
            match entry(item, &vault.name).and_then(Entry::finish) {
                Ok(item) => import.items.push(item),
                Err(left) => import.left_out.push(left),
            }
        }
    }
    Ok(import)
}

fn entry(item: Item, vault: &str) -> Result<Entry, LeftOut> {
    let Data {
        kind,
        metadata,
        mut content,
        extra_fields,
    } = item.data;
    let name = metadata.name;
    if item.state == 2 {
        let why = WhyLeft::Deleted;
        return Err(LeftOut { name, why });
    }
    let mut take = |key: &str| match content.remove(key) {
        Some(Value::String(text)) => text,
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let mut entry = match kind.as_str() {
        "login" => {
            let (email, username) = (take("itemEmail"), take("itemUsername"));
            let first = if username.is_empty() {
                &email
            } else {
                &username
            };
            let mut entry = Entry::login(&name, first, &take("password"));
            if !username.is_empty() {
                entry.field("E-mail", &email, false);
            }
            if let Kind::Login { totp, .. } = &mut entry.kind {
                *totp = SecretText::new(take("totpUri"));
            }
            entry
        }
        "creditCard" => {
            let date = take("expirationDate");
            let (year, month) = date.split_once('-').unwrap_or(("", &date));
            let kind = Kind::Card {
                number: SecretText::new(take("number")),
                expiry: SecretText::new(expiry(month, year)),
                code: SecretText::new(take("verificationNumber")),
                pin: SecretText::new(take("pin")),
            };
            let mut entry = Entry::new(kind, name);
            entry.subtitle = take("cardholderName");
            entry
        }
        "identity" => {
            let person = Person {
                email: SecretText::new(take("email")),
                phone: SecretText::new(take("phoneNumber")),
                organization: SecretText::new(take("organization")),
                address: SecretText::new(take("streetAddress")),
                city: SecretText::new(take("city")),
                region: SecretText::new(take("stateOrProvince")),
                postal_code: SecretText::new(take("zipOrPostalCode")),
                country: SecretText::new(take("countryOrRegion")),
            };
            let mut entry = Entry::new(Kind::Identity(Box::new(person)), name);
            entry.subtitle = take("fullName");
            entry
        }
        _ => Entry::new(Kind::Note, name),
    };
    entry.notes.push_str(&metadata.note);
    entry.field("Alias", &item.alias_email.unwrap_or_default(), false);
    for (key, value) in content {
        rest(&mut entry, &key, &value);
    }
    for extra in extra_fields {
        let concealed = matches!(extra.kind.as_str(), "hidden" | "totp");
        for value in extra.data.values().filter_map(Value::as_str) {
            entry.field(&extra.field_name, value, concealed);
        }
    }
    for _ in item.files {
        entry.lost("File", WhyLeft::Attachment);
    }
    entry.field("Vault", vault, false);
    entry.created_at = item.create_time.and_then(seconds);
    entry.updated_at = item.modify_time.and_then(seconds);
    Ok(entry)
}

/// What has no place of its own.
fn rest(entry: &mut Entry, key: &str, value: &Value) {
    match (key, value) {
        ("urls", Value::Array(urls)) => {
            for url in urls.iter().filter_map(Value::as_str) {
                entry.address(url);
            }
        }
        ("passkeys", Value::Array(keys)) => {
            for _ in keys {
                entry.lost("Passkey", WhyLeft::Passkey);
            }
        }
        (_, Value::String(text)) => {
            let concealed = ["password", "key", "number"]
                .iter()
                .any(|word| key.to_lowercase().contains(word));
            entry.field(key, text, concealed);
        }
        (_, Value::Number(number)) => entry.field(key, &number.to_string(), false),
        (_, Value::Null | Value::Bool(_)) => {}
        (_, Value::Array(parts)) if parts.is_empty() => {}
        (_, Value::Object(parts)) if parts.is_empty() => {}
        (_, other) => entry.field(key, &other.to_string(), true),
    }
}

#[cfg(test)]
mod tests {
    use proto::vault::{ItemKind, ItemSecrets};

    use super::*;

    const FILE: &str = r#"{"version":"1.3","encrypted":false,"vaults":{"v":{"name":"Personal","items":[
     {"itemId":"1","state":1,"createTime":1704164645,"modifyTime":1704164646,"aliasEmail":null,"files":[],
      "data":{"type":"login","metadata":{"name":"Pear","note":"hello"},"extraFields":[{"fieldName":"PIN","type":"hidden","data":{"content":"1234"}}],
       "content":{"itemEmail":"ada@example.com","itemUsername":"ada","password":"pw","urls":["https://pear.example"],"totpUri":"otpauth://totp/x?secret=JBSWY3DPEHPK3PXP","passkeys":[{"keyId":"x"}]}}},
     {"state":1,"data":{"type":"creditCard","metadata":{"name":"Card","note":""},"extraFields":[],"content":{"cardholderName":"Ada","number":"4111111111111111","verificationNumber":"123","expirationDate":"2030-04","pin":"9"}}},
     {"state":1,"data":{"type":"identity","metadata":{"name":"Me","note":""},"content":{"fullName":"Ada Lovelace","email":"ada@example.com","extraPersonalDetails":[],"passportNumber":"P1"}}},
     {"state":1,"aliasEmail":"x@alias.example","data":{"type":"alias","metadata":{"name":"Alias","note":""},"content":{}}},
     {"state":2,"data":{"type":"note","metadata":{"name":"Gone","note":"x"},"content":{}}}]}}}"#;

    #[test]
    fn every_part_is_somewhere() {
        assert!(is(FILE));
        let import = read(FILE).unwrap_or_else(|error| unreachable!("{error}"));
        let kinds: Vec<_> = import
            .items
            .iter()
            .map(|item| item.draft.secrets.kind())
            .collect();
        assert_eq!(
            kinds,
            [
                ItemKind::Login,
                ItemKind::Card,
                ItemKind::Identity,
                ItemKind::Note
            ]
        );
        assert_eq!(import.left_out[0].why, WhyLeft::Deleted);
        let login = &import.items[0];
        assert_eq!(
            (login.draft.subtitle.as_str(), login.draft.urls.len()),
            ("ada", 1)
        );
        let ItemSecrets::Login { fields, totp, .. } = &login.draft.secrets else {
            unreachable!("a login")
        };
        assert!(!totp.is_empty());
        let names: Vec<_> = fields
            .iter()
            .map(|field| (field.name.as_str(), field.concealed))
            .collect();
        assert_eq!(names, [("E-mail", false), ("PIN", true), ("Vault", false)]);
        assert_eq!(login.remarks.len(), 1);
        let ItemSecrets::Card { expiry, .. } = &import.items[1].draft.secrets else {
            unreachable!("a card")
        };
        // EXPOSE: made up above.
        assert_eq!(expiry.expose_secret(), "04/30");
        let ItemSecrets::Identity { fields, .. } = &import.items[2].draft.secrets else {
            unreachable!("an identity")
        };
        assert_eq!(
            (fields[0].name.as_str(), fields[0].concealed),
            ("passportNumber", true)
        );
    }
}
