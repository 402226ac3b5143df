//! An item as parts that change by themselves: what is compared between two versions, merged out of
//! three, and brought back one by one.

use std::collections::BTreeMap;

use proto::{
    bridge::popup::PartValue,
    ids::{ItemId, UnixMillis},
    limits::{ITEM_FIELDS_MAX, ITEM_URLS_MAX},
    vault::{
        CustomField, ItemKind, ItemOverview, ItemPart, ItemSecrets, ItemUrl, SecretText, UrlMatch,
    },
};

/// What a part holds. Nothing is empty: an empty text is a part that is not there.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// A text of the overview.
    Open(String),
    /// How the address that names the part is compared.
    Matching(UrlMatch),
    /// A secret.
    Secret(SecretText),
    /// An added field.
    Added { value: SecretText, concealed: bool },
}

impl Value {
    /// As far as it is told without being asked for.
    pub(super) fn told(&self) -> PartValue {
        match self {
            Self::Open(text) => PartValue::Text(text.clone()),
            Self::Matching(matching) => PartValue::Matching(*matching),
            Self::Secret(_) | Self::Added { .. } => PartValue::Concealed,
        }
    }

    /// The secret, where it is one.
    pub(super) fn secret(self) -> Option<SecretText> {
        match self {
            Self::Secret(secret) | Self::Added { value: secret, .. } => Some(secret),
            Self::Open(_) | Self::Matching(_) => None,
        }
    }
}

/// All that a user can change of an item, in the order of the item.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Parts {
    kind: ItemKind,
    parts: Vec<(ItemPart, Value)>,
}

impl Parts {
    /// Takes an item apart.
    pub(super) fn of(overview: &ItemOverview, secrets: ItemSecrets) -> Self {
        let mut parts = Self {
            kind: secrets.kind(),
            parts: Vec::new(),
        };
        parts.open(ItemPart::Title, &overview.title);
        parts.open(ItemPart::Subtitle, &overview.subtitle);
        for ItemUrl { url, matching } in &overview.urls {
            let part = ItemPart::Url(url.clone());
            parts.parts.push((part, Value::Matching(*matching)));
        }
        match secrets {
            ItemSecrets::Login {
                password,
                totp,
                fields,
                notes,
            } => {
                parts.secret(ItemPart::Password, password);
                parts.secret(ItemPart::Totp, totp);
                parts.added(fields);
                parts.secret(ItemPart::Notes, notes);
            }
            ItemSecrets::Note { text } => parts.secret(ItemPart::Notes, text),
            ItemSecrets::Card {
                number,
                expiry,
                code,
                pin,
                notes,
            } => {
                parts.secret(ItemPart::CardNumber, number);
                parts.secret(ItemPart::CardExpiry, expiry);
                parts.secret(ItemPart::CardCode, code);
                parts.secret(ItemPart::CardPin, pin);
                parts.secret(ItemPart::Notes, notes);
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
                fields,
                notes,
            } => {
                parts.secret(ItemPart::Email, email);
                parts.secret(ItemPart::Phone, phone);
                parts.secret(ItemPart::Organization, organization);
                parts.secret(ItemPart::PostalAddress, address);
                parts.secret(ItemPart::City, city);
                parts.secret(ItemPart::Region, region);
                parts.secret(ItemPart::PostalCode, postal_code);
                parts.secret(ItemPart::Country, country);
                parts.added(fields);
                parts.secret(ItemPart::Notes, notes);
            }
        }
        parts
    }

    fn open(&mut self, part: ItemPart, text: &str) {
        if !text.is_empty() {
            self.parts.push((part, Value::Open(text.to_owned())));
        }
    }

    fn secret(&mut self, part: ItemPart, secret: SecretText) {
        if !secret.is_empty() {
            self.parts.push((part, Value::Secret(secret)));
        }
    }

    /// Fields of one name are told apart by their order.
    fn added(&mut self, fields: Vec<CustomField>) {
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        for field in fields {
            let nth = seen.entry(field.name.clone()).or_default();
            let part = ItemPart::Added {
                name: field.name,
                nth: *nth,
            };
            *nth += 1;
            let CustomField {
                value, concealed, ..
            } = field;
            self.parts.push((part, Value::Added { value, concealed }));
        }
    }

    pub(super) fn get(&self, part: &ItemPart) -> Option<&Value> {
        let mut parts = self.parts.iter();
        parts.find(|(name, _)| name == part).map(|(_, value)| value)
    }

    /// Names of the parts that this or the other has, this one's first.
    fn names_with<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a ItemPart> {
        let names = self.parts.iter().map(|(name, _)| name);
        let others = other.parts.iter().map(|(name, _)| name);
        names.chain(others.filter(|name| self.get(name).is_none()))
    }

    /// Parts that are not the same in `new`, with what they are there.
    pub(super) fn differences<'a>(
        &'a self,
        new: &'a Self,
    ) -> impl Iterator<Item = (&'a ItemPart, Option<&'a Value>, Option<&'a Value>)> {
        let both = new.names_with(self);
        both.map(|name| (name, self.get(name), new.get(name)))
            .filter(|(_, old, new)| old != new)
    }

    /// The same with some parts as `other` has them.
    pub(super) fn with(mut self, other: &Self, which: &[ItemPart]) -> Self {
        for part in which {
            let at = self.parts.iter().position(|(name, _)| name == part);
            match (at, other.get(part).cloned()) {
                (Some(at), Some(value)) => self.parts[at].1 = value,
                (Some(at), None) => drop(self.parts.remove(at)),
                (None, Some(value)) => self.parts.push((part.clone(), value)),
                (None, None) => {}
            }
        }
        self
    }

    /// What two devices made of `base`, in one; the parts that both changed, each in its own way,
    /// where there are any. The order is that of `theirs`, with what only `ours` has after it.
    pub(super) fn merge(base: &Self, ours: &Self, theirs: &Self) -> Result<Self, Vec<ItemPart>> {
        let (mut parts, mut clashes) = (Vec::new(), Vec::new());
        for name in theirs.names_with(ours) {
            let (old, our, their) = (base.get(name), ours.get(name), theirs.get(name));
            let merged = if our == their || our == old {
                their
            } else if their == old {
                our
            } else {
                clashes.push(name.clone());
                continue;
            };
            parts.extend(merged.map(|value| (name.clone(), value.clone())));
        }
        let merged = Self {
            kind: theirs.kind,
            parts,
        };
        if ours.kind != theirs.kind || !merged.fits() {
            clashes.extend(theirs.differences(ours).map(|(name, ..)| name.clone()));
        }
        if clashes.is_empty() {
            Ok(merged)
        } else {
            Err(clashes)
        }
    }

    /// Whether there is room for all of it, and a name.
    pub(super) fn fits(&self) -> bool {
        let count = |is: fn(&ItemPart) -> bool| self.parts.iter().filter(|it| is(&it.0)).count();
        count(|name| matches!(name, ItemPart::Url(_))) <= ITEM_URLS_MAX
            && count(|name| matches!(name, ItemPart::Added { .. })) <= ITEM_FIELDS_MAX
            && self.get(&ItemPart::Title).is_some()
    }

    /// The item again.
    pub(super) fn together(
        self,
        created_at: UnixMillis,
        updated_at: UnixMillis,
        conflict_of: Option<ItemId>,
    ) -> (ItemOverview, ItemSecrets) {
        let mut item = Gathered::default();
        for (name, value) in self.parts {
            item.take(name, value);
        }
        let overview = ItemOverview {
            kind: self.kind,
            title: item.text(&ItemPart::Title),
            subtitle: item.text(&ItemPart::Subtitle),
            urls: std::mem::take(&mut item.urls),
            has_password: item.secrets.contains_key(&ItemPart::Password),
            has_totp: item.secrets.contains_key(&ItemPart::Totp),
            created_at,
            updated_at,
            conflict_of,
        };
        (overview, item.into_secrets(self.kind))
    }
}

/// Parts on their way back into an item.
#[derive(Default)]
struct Gathered {
    open: BTreeMap<ItemPart, String>,
    urls: Vec<ItemUrl>,
    secrets: BTreeMap<ItemPart, SecretText>,
    fields: Vec<CustomField>,
}

impl Gathered {
    fn take(&mut self, name: ItemPart, value: Value) {
        match (name, value) {
            (ItemPart::Url(url), Value::Matching(matching)) => {
                self.urls.push(ItemUrl { url, matching });
            }
            (ItemPart::Added { name, .. }, Value::Added { value, concealed }) => {
                self.fields.push(CustomField {
                    name,
                    value,
                    concealed,
                });
            }
            (name, Value::Open(text)) => drop(self.open.insert(name, text)),
            (name, Value::Secret(secret)) => drop(self.secrets.insert(name, secret)),
            // Cannot be: `Parts::of` makes no other pairs.
            (_, Value::Matching(_) | Value::Added { .. }) => {}
        }
    }

    fn text(&mut self, name: &ItemPart) -> String {
        self.open.remove(name).unwrap_or_default()
    }

    fn into_secrets(mut self, kind: ItemKind) -> ItemSecrets {
        let mut secret = |name: ItemPart| self.secrets.remove(&name).unwrap_or_default();
        let fields = self.fields;
        match kind {
            ItemKind::Login => ItemSecrets::Login {
                password: secret(ItemPart::Password),
                totp: secret(ItemPart::Totp),
                fields,
                notes: secret(ItemPart::Notes),
            },
            ItemKind::Note => ItemSecrets::Note {
                text: secret(ItemPart::Notes),
            },
            ItemKind::Card => ItemSecrets::Card {
                number: secret(ItemPart::CardNumber),
                expiry: secret(ItemPart::CardExpiry),
                code: secret(ItemPart::CardCode),
                pin: secret(ItemPart::CardPin),
                notes: secret(ItemPart::Notes),
            },
            ItemKind::Identity => ItemSecrets::Identity {
                email: secret(ItemPart::Email),
                phone: secret(ItemPart::Phone),
                organization: secret(ItemPart::Organization),
                address: secret(ItemPart::PostalAddress),
                city: secret(ItemPart::City),
                region: secret(ItemPart::Region),
                postal_code: secret(ItemPart::PostalCode),
                country: secret(ItemPart::Country),
                fields,
                notes: secret(ItemPart::Notes),
            },
        }
    }
}

#[cfg(test)]
mod tests;
