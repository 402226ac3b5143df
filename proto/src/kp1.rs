//! What a message of KeyPears v1 says, once it is open.
//!
//! ```json
//! {"version":1,"type":"text","text":"…"}
//! {"version":1,"type":"secret","secret":{"name":"…","secretType":"login","fields":{"username":"…"}}}
//! ```
//! Written byte for byte as KeyPears' clients write it; read with fields that are not known here.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
    ser::SerializeMap as _,
};
use zeroize::Zeroizing;

use crate::{limits::KP1_MESSAGE_MAX_BYTES, vault::SecretText};

/// The version that is written.
const VERSION: u64 = 1;
/// Name of a secret, bytes of UTF-8.
pub const SECRET_NAME_MAX_BYTES: usize = 255;
/// Fields of a secret that are read.
pub const SECRET_FIELDS_MAX: usize = 100;

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A text, which may be empty.
    Text(SecretText),
    /// Something out of a vault.
    Secret(SharedSecret),
}

/// Something out of a vault, as it is sent to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SharedSecret {
    /// What its owner calls it, 1 to 255 bytes.
    pub name: SecretText,
    /// What it is: `login`, `text`, or a kind that is not known here.
    pub secret_type: String,
    /// Names and values, in their order.
    pub fields: Fields,
}

/// Names and values in their order; a name stands once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, SecretText)>);

/// An opened message that says nothing that can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContentError {
    /// No JSON of this form.
    #[error("the message is damaged")]
    Malformed,
    /// Of a version, or of a kind, that came later.
    #[error("the message is of a kind that this version of Pearvault does not know")]
    Unknown,
}

impl Content {
    /// Reads an opened message.
    ///
    /// # Errors
    /// [`ContentError`].
    pub fn read(json: &[u8]) -> Result<Self, ContentError> {
        let head: Head = serde_json::from_slice(json).map_err(|_| ContentError::Malformed)?;
        if head.version != VERSION {
            return Err(ContentError::Unknown);
        }
        match head.kind.as_str() {
            "text" => serde_json::from_slice::<OfText>(json).map(|read| Self::Text(read.text)),
            "secret" => {
                serde_json::from_slice::<OfSecret>(json).map(|read| Self::Secret(read.secret))
            }
            _ => return Err(ContentError::Unknown),
        }
        .map_err(|_| ContentError::Malformed)
        .and_then(Self::checked)
    }

    fn checked(self) -> Result<Self, ContentError> {
        let well = match &self {
            Self::Text(_) => true,
            // EXPOSE: its length is looked at.
            Self::Secret(secret) => {
                (1..=SECRET_NAME_MAX_BYTES).contains(&secret.name.expose_secret().len())
            }
        };
        well.then_some(self).ok_or(ContentError::Malformed)
    }

    /// The JSON of a message.
    ///
    /// # Errors
    /// [`ContentError::Malformed`] for a secret without a name, or with one that is too long.
    pub fn write(&self) -> Result<Zeroizing<Vec<u8>>, ContentError> {
        let (kind, text, secret) = match self.clone().checked()? {
            Self::Text(text) => ("text", Some(text), None),
            Self::Secret(secret) => ("secret", None, Some(secret)),
        };
        // So long that it never moves, which would leave a copy.
        let mut json = Zeroizing::new(Vec::with_capacity(KP1_MESSAGE_MAX_BYTES));
        let written = Written {
            version: VERSION,
            kind,
            text,
            secret,
        };
        serde_json::to_writer(&mut *json, &written).map_err(|_| ContentError::Malformed)?;
        Ok(json)
    }
}

impl Fields {
    /// Puts a field behind the others, or another value in place of the one of that name.
    pub fn put(&mut self, name: &str, value: SecretText) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&SecretText> {
        let mut all = self.0.iter();
        all.find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// All of them.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &SecretText)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

#[derive(Deserialize)]
struct Head {
    version: u64,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct OfText {
    text: SecretText,
}

#[derive(Deserialize)]
struct OfSecret {
    secret: SharedSecret,
}

#[derive(Serialize)]
struct Written {
    version: u64,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<SecretText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<SharedSecret>,
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("names and texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Fields::default();
                // A field without a value is none.
                while let Some((name, value)) = map.next_entry::<String, Option<SecretText>>()? {
                    if let Some(value) = value {
                        fields.put(&name, value);
                    }
                    if fields.0.len() > SECRET_FIELDS_MAX {
                        return Err(serde::de::Error::custom("too many fields"));
                    }
                }
                Ok(fields)
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(json: &str) -> Option<String> {
        let read = Content::read(json.as_bytes()).ok()?;
        String::from_utf8(read.write().ok()?.to_vec()).ok()
    }

    #[test]
    fn what_keypears_writes_comes_back_byte_for_byte() {
        for json in [
            r#"{"version":1,"type":"text","text":""}"#,
            r#"{"version":1,"type":"text","text":"päarl 🍐\nline \"two\" \\ \b\u0001"}"#,
            r#"{"version":1,"type":"secret","secret":{"name":"Bank","secretType":"login","fields":{"username":"u","domain":"a.test","password":"p🍐"}}}"#,
            r#"{"version":1,"type":"secret","secret":{"name":"n","secretType":"other","fields":{}}}"#,
        ] {
            assert_eq!(again(json).as_deref(), Some(json));
        }
    }

    #[test]
    fn what_is_not_known_is_passed_over() {
        let json = r#"{"x":[1],"type":"text","text":"a","version":1}"#;
        let expected = r#"{"version":1,"type":"text","text":"a"}"#;
        assert_eq!(again(json).as_deref(), Some(expected));
        let json = r#"{"version":1,"type":"secret","secret":{"id":7,"secretType":"login","name":"n","fields":{"a":null,"b":"1","b":"2"}}}"#;
        let read = Content::read(json.as_bytes());
        let Ok(Content::Secret(secret)) = read else {
            unreachable!("it is a secret");
        };
        let all: Vec<_> = secret.fields.iter().collect();
        assert_eq!(all, [("b", &SecretText::new("2"))]);
        assert_eq!(secret.fields.get("a"), None);
    }

    #[test]
    fn what_cannot_be_shown_says_why() {
        let read = |json: &str| Content::read(json.as_bytes()).err();
        for json in [
            "",
            "{",
            "[]",
            r#"{"version":1}"#,
            r#"{"version":"1","type":"text","text":"a"}"#,
            r#"{"version":1,"type":"text"}"#,
            r#"{"version":1,"type":"text","text":7}"#,
            r#"{"version":1,"type":"text","text":"\ud800"}"#,
            r#"{"version":1,"type":"secret","secret":{"name":"","secretType":"login","fields":{}}}"#,
            r#"{"version":1,"type":"secret","secret":{"name":"n","secretType":"login","fields":{"a":1}}}"#,
        ] {
            assert_eq!(read(json), Some(ContentError::Malformed), "{json}");
        }
        for json in [
            r#"{"version":2,"type":"text","text":"a"}"#,
            r#"{"version":1,"type":"image","data":"a"}"#,
        ] {
            assert_eq!(read(json), Some(ContentError::Unknown), "{json}");
        }
        let many: Vec<_> = (0..=SECRET_FIELDS_MAX)
            .map(|n| format!("\"{n}\":\"\""))
            .collect();
        let many = many.join(",");
        let json = format!(
            r#"{{"version":1,"type":"secret","secret":{{"name":"n","secretType":"t","fields":{{{many}}}}}}}"#
        );
        assert_eq!(read(&json), Some(ContentError::Malformed));
        let name = SecretText::new("n".repeat(SECRET_NAME_MAX_BYTES + 1));
        let long = Content::Secret(SharedSecret {
            name,
            secret_type: "login".into(),
            fields: Fields::default(),
        });
        assert!(long.write().is_err());
    }
}
