//! What goes to somebody else, in a message that the user sends them.

use proto::{
    kp1::{Fields, SharedSecret},
    vault::{CustomField, ItemSecrets, SecretText},
};

use super::{Held, Target, UserAct, open};
use crate::error::EngineError;

/// The item as KeyPears' clients read it; kinds and fields that they do not know under names of our own.
pub(crate) fn share(held: Held<'_>, act: Option<UserAct>) -> Result<SharedSecret, EngineError> {
    let overview = held.overview.clone();
    let secrets = open(held, Target::Correspondent, act)?;
    let mut fields = Written(Fields::default());
    let subtitle = SecretText::new(overview.subtitle);
    let kind = match secrets {
        ItemSecrets::Login {
            password,
            totp,
            fields: added,
            notes,
        } => {
            for (number, url) in (1..).zip(&overview.urls) {
                let name = match number {
                    1 => "domain".to_owned(),
                    _ => format!("domain {number}"),
                };
                fields.put(&name, &SecretText::new(url.url.clone()));
            }
            fields.put("username", &subtitle);
            fields.put("password", &password);
            fields.put("totp", &totp);
            fields.put_added(&added);
            fields.put("notes", &notes);
            "login"
        }
        ItemSecrets::Note { text } => {
            fields.put("text", &text);
            "text"
        }
        ItemSecrets::Card {
            number,
            expiry,
            code,
            pin,
            notes,
        } => {
            for (name, value) in [
                ("holder", &subtitle),
                ("number", &number),
                ("expiry", &expiry),
                ("code", &code),
                ("pin", &pin),
                ("notes", &notes),
            ] {
                fields.put(name, value);
            }
            "card"
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
            fields: added,
            notes,
        } => {
            for (name, value) in [
                ("name", &subtitle),
                ("email", &email),
                ("phone", &phone),
                ("organization", &organization),
                ("address", &address),
                ("city", &city),
                ("region", &region),
                ("postalCode", &postal_code),
                ("country", &country),
            ] {
                fields.put(name, value);
            }
            fields.put_added(&added);
            fields.put("notes", &notes);
            "identity"
        }
    };
    Ok(SharedSecret {
        name: SecretText::new(overview.title),
        secret_type: kind.to_owned(),
        fields: fields.0,
    })
}

struct Written(Fields);

impl Written {
    fn put(&mut self, name: &str, value: &SecretText) {
        if !value.is_empty() {
            self.0.put(name, value.clone());
        }
    }

    /// Under names that no other field has.
    fn put_added(&mut self, added: &[CustomField]) {
        for field in added {
            let mut name = field.name.clone();
            for number in 2.. {
                if self.0.get(&name).is_none() {
                    break;
                }
                name = format!("{} {number}", field.name);
            }
            self.put(&name, &field.value);
        }
    }
}
