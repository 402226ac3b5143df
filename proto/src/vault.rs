//! Shapes of vault items. What of them is sealed, and how, is in `docs/FORMATS.md`.
//!
//! An item has two halves, sealed apart: the *overview* (what lists and search need, opened at
//! unlock) and the *secrets* (opened one at a time, through the release gate).

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    api::vault::SealedItem,
    ids::{ItemId, ItemVersion, UnixMillis},
};

/// A text that is nobody's business: wiped when dropped, printed by name only.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
pub struct SecretText(String);

impl SecretText {
    /// Takes the text over.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text. Each call says why in an `// EXPOSE:` comment.
    pub fn expose_secret(&self) -> &str {
        &self.0
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText")
    }
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// Name and password for a site.
    Login,
    /// Text.
    Note,
    /// Payment card.
    Card,
    /// Name, postal address, telephone.
    Identity,
}

/// How the address of a login is compared with the address of a page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UrlMatch {
    /// Same registrable domain (public suffix list, private section too).
    #[default]
    Site,
    /// Same host, any port of the same scheme.
    Host,
    /// Same scheme, host and port.
    Origin,
}

/// A web address of a login, with its rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ItemUrl {
    /// An http or https URL.
    pub url: String,
    /// How to compare.
    #[serde(default)]
    pub matching: UrlMatch,
}

/// The half that lists and search need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ItemOverview {
    /// What it is.
    pub kind: ItemKind,
    /// Name shown, 1–200 characters.
    pub title: String,
    /// User name of a login, holder of a card, name of an identity; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subtitle: String,
    /// Addresses of a login.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<ItemUrl>,
    /// Whether the secrets hold a password.
    #[serde(default)]
    pub has_password: bool,
    /// Whether the secrets hold a one-time code's key.
    #[serde(default)]
    pub has_totp: bool,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it was last changed.
    pub updated_at: UnixMillis,
    /// The item that this is another version of: two devices changed the same parts of it, and the
    /// user has not chosen yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict_of: Option<ItemId>,
}

/// A field that the user added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CustomField {
    /// Its label.
    pub name: String,
    /// Its value.
    pub value: SecretText,
    /// Whether it is shown as dots.
    #[serde(default)]
    pub concealed: bool,
}

/// The half that only the release gate opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum ItemSecrets {
    /// Of a login.
    Login {
        /// Password; may be empty.
        password: SecretText,
        /// TOTP key: base32 or an `otpauth://` URI; may be empty.
        #[serde(default)]
        totp: SecretText,
        /// Added fields.
        #[serde(default)]
        fields: Vec<CustomField>,
        /// Free text.
        #[serde(default)]
        notes: SecretText,
    },
    /// Of a note.
    Note {
        /// The text.
        text: SecretText,
    },
    /// Of a card.
    Card {
        /// Number, digits.
        number: SecretText,
        /// `MM/YY`.
        expiry: SecretText,
        /// Security code.
        code: SecretText,
        /// PIN; may be empty.
        #[serde(default)]
        pin: SecretText,
        /// Free text.
        #[serde(default)]
        notes: SecretText,
    },
    /// Of an identity.
    Identity {
        /// E-mail address.
        email: SecretText,
        /// Telephone.
        phone: SecretText,
        /// Company or other organization.
        #[serde(default, skip_serializing_if = "SecretText::is_empty")]
        organization: SecretText,
        /// Street address, lines. What was saved before there were fields of its own for the rest
        /// may hold that too.
        address: SecretText,
        /// Town.
        #[serde(default, skip_serializing_if = "SecretText::is_empty")]
        city: SecretText,
        /// Province, state, prefecture.
        #[serde(default, skip_serializing_if = "SecretText::is_empty")]
        region: SecretText,
        /// Postal code.
        #[serde(default, skip_serializing_if = "SecretText::is_empty")]
        postal_code: SecretText,
        /// Country, as typed.
        #[serde(default, skip_serializing_if = "SecretText::is_empty")]
        country: SecretText,
        /// Added fields (passport number and the like).
        #[serde(default)]
        fields: Vec<CustomField>,
        /// Free text.
        #[serde(default)]
        notes: SecretText,
    },
}

/// A secret field by name, as the popup asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretField {
    /// Password of a login.
    Password,
    /// The present one-time code of a login (never its key).
    TotpCode,
    /// Free text of any item; the text of a note.
    Notes,
    /// Card number.
    CardNumber,
    /// Card expiry.
    CardExpiry,
    /// Card security code.
    CardCode,
    /// Card PIN.
    CardPin,
    /// E-mail of an identity.
    Email,
    /// Telephone of an identity.
    Phone,
    /// Street address of an identity.
    PostalAddress,
    /// Organization of an identity.
    Organization,
    /// Town of an identity.
    City,
    /// Province or state of an identity.
    Region,
    /// Postal code of an identity.
    PostalCode,
    /// Country of an identity.
    Country,
    /// Added field, by position from 0.
    Custom(u32),
}

/// A part of an item that changes by itself, in the order to show them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemPart {
    /// Name shown.
    Title,
    /// User name, card holder, or name.
    Subtitle,
    /// One address of a login.
    Url(String),
    /// Password of a login.
    Password,
    /// Key of its one-time codes.
    Totp,
    /// Card number.
    CardNumber,
    /// Card expiry.
    CardExpiry,
    /// Card security code.
    CardCode,
    /// Card PIN.
    CardPin,
    /// E-mail of an identity.
    Email,
    /// Telephone of an identity.
    Phone,
    /// Organization of an identity.
    Organization,
    /// Street address of an identity.
    PostalAddress,
    /// Town of an identity.
    City,
    /// Province or state of an identity.
    Region,
    /// Postal code of an identity.
    PostalCode,
    /// Country of an identity.
    Country,
    /// Added field.
    Added {
        /// Its label.
        name: String,
        /// Which of those with this label, from 0.
        nth: u32,
    },
    /// Free text of any item; the text of a note.
    Notes,
}

/// An item as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ItemSummary {
    /// Which.
    pub id: ItemId,
    /// What it is.
    pub kind: ItemKind,
    /// Name shown.
    pub title: String,
    /// Second line.
    pub subtitle: String,
    /// Host of the first address, without `www.`; empty where there is none.
    pub host: String,
    /// Whether it is a login that has a password.
    pub has_password: bool,
    /// Whether this device's last change has not reached the node yet.
    pub pending: bool,
}

/// An item as its own screen shows it: everything but the secrets, and which of these exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ItemView {
    /// Which.
    pub id: ItemId,
    /// Version shown.
    pub version: ItemVersion,
    /// The open half.
    pub overview: ItemOverview,
    /// Secret fields that hold something, in the order to show them.
    pub secret_fields: Vec<SecretFieldView>,
    /// Items that are other versions of this one, for the user to choose between.
    #[serde(default)]
    pub other_versions: Vec<ItemId>,
    /// Whether this device's last change has not reached the node yet.
    pub pending: bool,
}

/// A secret field that exists, without its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SecretFieldView {
    /// Which.
    pub field: SecretField,
    /// Label of an added field; empty for the others, whose label is the screen's business.
    pub label: String,
    /// Whether it is shown as dots until revealed.
    pub concealed: bool,
}

/// The version of an item that a form was filled from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Edited {
    /// Which item.
    pub id: ItemId,
    /// Its version.
    pub version: ItemVersion,
    /// What that version is, as it is sealed: the number alone does not name it, as a version that
    /// was merged may have come in its place. `None`: of a draft that was kept before this was; then
    /// the numbers are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<SealedItem>,
}

/// An item as it is written: both halves, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ItemDraft {
    /// Which, with the version that was edited; `None` makes a new one.
    #[serde(default)]
    pub edits: Option<Edited>,
    /// Name shown; made from the first address or the subtitle where empty.
    pub title: String,
    /// User name, card holder, or name.
    pub subtitle: String,
    /// Addresses of a login.
    pub urls: Vec<ItemUrl>,
    /// The secrets.
    pub secrets: ItemSecrets,
}

impl ItemSecrets {
    /// What it is.
    pub fn kind(&self) -> ItemKind {
        match self {
            Self::Login { .. } => ItemKind::Login,
            Self::Note { .. } => ItemKind::Note,
            Self::Card { .. } => ItemKind::Card,
            Self::Identity { .. } => ItemKind::Identity,
        }
    }
}
