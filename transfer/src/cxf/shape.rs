//! The format's own shapes, as far as a vault needs them to be written. Borrowed: of what is secret
//! there is one copy less to be wiped.

use std::{borrow::Cow, collections::BTreeMap};

use proto::{
    ids::UnixMillis,
    vault::{CustomField, SecretText, UrlMatch},
};
use serde::Serialize;

/// Name of what Pearvault adds to the format.
pub(super) const EXTENSION: &str = "pearvault";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Header {
    pub(super) version: Version,
    pub(super) exporter_rp_id: &'static str,
    pub(super) exporter_display_name: &'static str,
    /// Seconds since 1970.
    pub(super) timestamp: u64,
    pub(super) accounts: [Account; 1],
}

#[derive(Serialize)]
pub(super) struct Version {
    pub(super) major: u8,
    pub(super) minor: u8,
}

#[derive(Serialize)]
pub(super) struct Account {
    pub(super) id: String,
    pub(super) username: String,
    /// Required; a Pearvault address takes no e-mail.
    pub(super) email: &'static str,
    pub(super) collections: [(); 0],
    /// Last, so that items can be written one after the other.
    pub(super) items: [(); 0],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item<'a> {
    pub(super) id: String,
    /// Seconds since 1970, as is the next.
    pub(super) creation_at: u64,
    pub(super) modified_at: u64,
    pub(super) title: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) subtitle: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<Scope<'a>>,
    pub(super) credentials: Vec<Credential<'a>>,
    pub(super) extensions: [Extension<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Scope<'a> {
    pub(super) urls: Vec<&'a str>,
    pub(super) android_apps: [(); 0],
}

/// What CXF does not say of an item.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Extension<'a> {
    name: &'static str,
    /// Milliseconds since 1970, as is the next.
    created_at: u64,
    modified_at: u64,
    /// Of each address of the scope.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) matching: Vec<UrlMatch>,
    /// The key of one-time codes as it was typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) totp: Option<&'a str>,
}

impl Extension<'_> {
    pub(super) fn of(created_at: UnixMillis, modified_at: UnixMillis) -> Self {
        Self {
            name: EXTENSION,
            created_at: created_at.0,
            modified_at: modified_at.0,
            ..Self::default()
        }
    }
}

/// A credential: its type, and its members by name.
#[derive(Serialize)]
pub(super) struct Credential<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    members: BTreeMap<&'static str, Member<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Member<'a> {
    Field(Field<'a>),
    Fields(Vec<Field<'a>>),
    Secret(SecretText),
    Text(Cow<'static, str>),
    Number(u32),
}

impl<'a> Credential<'a> {
    /// A credential of fields, without those that hold nothing.
    pub(super) fn of<const N: usize>(
        kind: &'static str,
        fields: [(&'static str, Field<'a>); N],
    ) -> Self {
        let fields = fields.into_iter().filter(|(_, field)| !field.is_empty());
        let members = fields.map(|(name, field)| (name, Member::Field(field)));
        Self {
            kind,
            members: members.collect(),
        }
    }

    /// Fields without a place in any other credential.
    pub(super) fn fields(fields: Vec<Field<'a>>) -> Self {
        Self {
            kind: "custom-fields",
            members: BTreeMap::from([("fields", Member::Fields(fields))]),
        }
    }

    pub(super) fn totp(
        secret: SecretText,
        period: u32,
        digits: u8,
        algorithm: &str,
        issuer: Option<String>,
    ) -> Self {
        let algorithm = algorithm.to_lowercase();
        let mut members = BTreeMap::from([
            ("secret", Member::Secret(secret)),
            ("period", Member::Number(period)),
            ("digits", Member::Number(digits.into())),
            ("algorithm", Member::Text(algorithm.into())),
        ]);
        if let Some(issuer) = issuer {
            members.insert("issuer", Member::Text(issuer.into()));
        }
        Self {
            kind: "totp",
            members,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

/// A value that people edit.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Field<'a> {
    #[serde(rename = "fieldType")]
    kind: &'static str,
    value: Cow<'a, str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    label: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<[PartOf; 1]>,
}

/// Which part of ours a field is.
#[derive(Serialize)]
struct PartOf {
    name: &'static str,
    part: &'static str,
}

impl<'a> Field<'a> {
    pub(super) fn plain(text: &'a str) -> Self {
        Self::typed("string", Cow::Borrowed(text))
    }

    pub(super) fn open(text: &'a SecretText) -> Self {
        // EXPOSE: it is written into a file that is readable by anybody, as the user chose.
        Self::plain(text.expose_secret())
    }

    pub(super) fn concealed(text: &'a SecretText) -> Self {
        // EXPOSE: as above.
        Self::typed("concealed-string", Cow::Borrowed(text.expose_secret()))
    }

    pub(super) fn typed(kind: &'static str, value: Cow<'a, str>) -> Self {
        Self {
            kind,
            value,
            ..Self::default()
        }
    }

    /// A field that the user added.
    pub(super) fn added(field: &'a CustomField) -> Self {
        let of = if field.concealed {
            Self::concealed
        } else {
            Self::open
        };
        let is_whole = !field.name.is_empty() && !field.value.is_empty();
        let added = of(&field.value).labelled(&field.name);
        if is_whole {
            added
        } else {
            added.of_part("added")
        }
    }

    pub(super) fn labelled(self, label: &'a str) -> Self {
        Self { label, ..self }
    }

    pub(super) fn of_part(self, part: &'static str) -> Self {
        let name = EXTENSION;
        Self {
            extensions: Some([PartOf { name, part }]),
            ..self
        }
    }

    fn is_empty(&self) -> bool {
        self.value.is_empty()
    }
}
