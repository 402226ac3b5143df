//! One credential of an item, taken apart by name.

use proto::vault::SecretText;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::ours;
use crate::entry::expiry;

/// Parts that say how a credential is written, and nothing of the user's.
const OF_THE_FORMAT: [&str; 4] = ["type", "id", "extensions", "label"];

/// A part that has no place of its own.
pub(super) struct Rest {
    pub(super) name: String,
    pub(super) value: Zeroizing<String>,
    /// Whether it is to be shown as dots.
    pub(super) concealed: bool,
    /// Which part of ours it is; empty for none.
    pub(super) part: String,
}

/// A credential; what is taken out of it is gone.
pub(super) struct Parts {
    /// Its `type`.
    pub(super) kind: String,
    label: String,
    fields: Map<String, Value>,
}

impl Parts {
    pub(super) fn of(mut fields: Map<String, Value>) -> Self {
        let kind = text_of(fields.get("type"));
        let label = text_of(fields.get("label"));
        for name in OF_THE_FORMAT {
            fields.remove(name);
        }
        Self {
            kind: kind.to_string(),
            label: label.to_string(),
            fields,
        }
    }

    /// A part as a text; empty where there is none.
    pub(super) fn text(&mut self, name: &str) -> String {
        let value = self.fields.remove(name);
        text_of(value.as_ref()).to_string()
    }

    /// The same of a secret.
    pub(super) fn secret(&mut self, name: &str) -> SecretText {
        SecretText::new(self.text(name))
    }

    /// A month, `2030-04`, as `04/30`.
    pub(super) fn expiry(&mut self, name: &str) -> String {
        let text = self.text(name);
        match text.split_once('-') {
            Some((year, month)) => expiry(month, year),
            None => text,
        }
    }

    /// The parts of a person's name, in their order.
    pub(super) fn name(&mut self) -> String {
        let parts = [
            "title",
            "given",
            "given2",
            "surnamePrefix",
            "surname",
            "surname2",
            "generation",
            "credentials",
        ];
        let parts = parts.map(|part| self.text(part));
        let parts: Vec<&str> = parts
            .iter()
            .map(String::as_str)
            .filter(|part| !part.is_empty())
            .collect();
        parts.join(" ")
    }

    /// A key of one-time codes.
    pub(super) fn totp(&mut self) -> SecretText {
        let secret = Zeroizing::new(self.text("secret"));
        let number =
            |value: Option<Value>, usual: u64| value.and_then(|it| it.as_u64()).unwrap_or(usual);
        let period = number(self.fields.remove("period"), 30);
        let digits = number(self.fields.remove("digits"), 6);
        let algorithm = self.text("algorithm").to_uppercase();
        totp_text(
            &SecretText::new(secret.as_str()),
            period,
            digits,
            &algorithm,
        )
    }

    /// What was not taken.
    pub(super) fn rest(&mut self) -> Vec<Rest> {
        let mut rest = Vec::new();
        for (name, value) in std::mem::take(&mut self.fields) {
            match value {
                Value::Array(fields) if self.kind == "custom-fields" => {
                    rest.extend(fields.iter().map(|field| self.custom(field)));
                }
                value => {
                    let concealed = is_concealed(&value)
                        || matches!(name.as_str(), "privateKey" | "secret" | "password");
                    rest.push(Rest {
                        name: in_words(&name),
                        value: text_of(Some(&value)),
                        concealed,
                        part: String::new(),
                    });
                }
            }
        }
        rest
    }

    fn custom(&self, field: &Value) -> Rest {
        let label = text_of(field.get("label"));
        let part = ours::part_of(field);
        let name = [label.as_str(), self.label.as_str(), "Field"];
        let name = name.into_iter().find(|name| !name.is_empty());
        let name = if part.is_empty() {
            name.unwrap_or_default()
        } else {
            label.as_str()
        };
        Rest {
            name: name.to_owned(),
            value: text_of(Some(field)),
            concealed: is_concealed(field),
            part,
        }
    }
}

/// A key of one-time codes: as it is where it is an ordinary one, else as a URI that says how it is
/// used. `algorithm`: in capitals; empty where it is not told.
pub(super) fn totp_text(
    secret: &SecretText,
    period: u64,
    digits: u64,
    algorithm: &str,
) -> SecretText {
    let ordinary = matches!(algorithm, "" | "SHA1");
    if ordinary && period == 30 && digits == 6 {
        return secret.clone();
    }
    let algorithm = if ordinary { "SHA1" } else { algorithm };
    // EXPOSE: it moves into another secret text.
    let secret = secret.expose_secret();
    SecretText::new(format!(
        "otpauth://totp/?secret={secret}&period={period}&digits={digits}&algorithm={algorithm}"
    ))
}

/// A value, or that of an editable field; of anything else its JSON.
fn text_of(value: Option<&Value>) -> Zeroizing<String> {
    Zeroizing::new(match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Object(field))
            if field.contains_key("fieldType") || field.contains_key("value") =>
        {
            match field.get("value") {
                Some(Value::String(text)) => text.clone(),
                None | Some(Value::Null) => String::new(),
                Some(other) => other.to_string(),
            }
        }
        Some(other) => other.to_string(),
    })
}

fn is_concealed(field: &Value) -> bool {
    field.get("fieldType").and_then(Value::as_str) == Some("concealed-string")
}

/// `licenseNumber` as people read it: `License number`.
fn in_words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    for (place, letter) in name.chars().enumerate() {
        if place == 0 {
            words.extend(letter.to_uppercase());
        } else if letter.is_ascii_uppercase() {
            words.push(' ');
            words.push(letter.to_ascii_lowercase());
        } else {
            words.push(letter);
        }
    }
    words
}
