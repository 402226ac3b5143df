//! One credential of an item, taken apart by name.

use proto::vault::SecretText;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::entry::expiry;

/// Parts that say how a credential is written, and nothing of the user's.
const OF_THE_FORMAT: [&str; 4] = ["type", "id", "extensions", "label"];

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

    /// A key of one-time codes: as it is where it is an ordinary one, else as a URI that says how it
    /// is used.
    pub(super) fn totp(&mut self) -> SecretText {
        let secret = Zeroizing::new(self.text("secret"));
        let number =
            |value: Option<Value>, usual: u64| value.and_then(|it| it.as_u64()).unwrap_or(usual);
        let period = number(self.fields.remove("period"), 30);
        let digits = number(self.fields.remove("digits"), 6);
        let algorithm = self.text("algorithm").to_uppercase();
        let ordinary = matches!(algorithm.as_str(), "" | "SHA1");
        if ordinary && period == 30 && digits == 6 {
            return SecretText::new(secret.as_str());
        }
        let algorithm = if ordinary { "SHA1" } else { &algorithm };
        SecretText::new(format!(
            "otpauth://totp/?secret={}&period={period}&digits={digits}&algorithm={algorithm}",
            secret.as_str()
        ))
    }

    /// What was not taken: name, value, and whether it is to be shown as dots.
    pub(super) fn rest(&mut self) -> Vec<(String, Zeroizing<String>, bool)> {
        let mut rest = Vec::new();
        for (name, value) in std::mem::take(&mut self.fields) {
            match value {
                Value::Array(fields) if self.kind == "custom-fields" => {
                    rest.extend(fields.iter().map(|field| {
                        let label = text_of(field.get("label"));
                        let name = [label.as_str(), self.label.as_str(), "Field"];
                        let name = name.into_iter().find(|name| !name.is_empty());
                        let name = name.unwrap_or_default().to_owned();
                        (name, text_of(Some(field)), is_concealed(field))
                    }));
                }
                value => {
                    let concealed = is_concealed(&value)
                        || matches!(name.as_str(), "privateKey" | "secret" | "password");
                    rest.push((in_words(&name), text_of(Some(&value)), concealed));
                }
            }
        }
        rest
    }
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
