//! What goes before the user's eyes, on a page of the extension.

use proto::{
    bridge::popup::Revealed,
    ids::UnixMillis,
    vault::{
        CustomField, Edited, ItemDraft, ItemPart, ItemSecrets, SecretField, SecretFieldView,
        SecretText,
    },
};
use wasm_core::totp::Totp;

use super::{
    Held, Target, UserAct, open,
    parts::{Parts, Value},
};
use crate::error::EngineError;

/// One field for the user's eyes.
pub(crate) fn reveal(
    held: Held<'_>,
    field: &SecretField,
    act: Option<UserAct>,
    now: UnixMillis,
) -> Result<Revealed, EngineError> {
    let secrets = open(held, Target::TrustedUi, act)?;
    if let (SecretField::TotpCode, ItemSecrets::Login { totp, .. }) = (field, &secrets) {
        return code(totp, now).ok_or(EngineError::ItemMissing);
    }
    let value = field_of(&secrets, field)
        .filter(|value| !value.is_empty())
        .cloned();
    value
        .map(|value| Revealed {
            value,
            expires_at: None,
            period_seconds: None,
        })
        .ok_or(EngineError::ItemMissing)
}

/// One part of a version for the user's eyes.
pub(crate) fn reveal_part(
    held: Held<'_>,
    part: &ItemPart,
    act: Option<UserAct>,
) -> Result<Revealed, EngineError> {
    let overview = held.overview.clone();
    let parts = Parts::of(&overview, open(held, Target::TrustedUi, act)?);
    let value = parts.get(part).cloned().and_then(Value::secret);
    Ok(Revealed {
        value: value.ok_or(EngineError::ItemMissing)?,
        expires_at: None,
        period_seconds: None,
    })
}

/// The whole item for the user to edit.
pub(crate) fn draft(
    held: Held<'_>,
    edits: Edited,
    act: Option<UserAct>,
) -> Result<ItemDraft, EngineError> {
    let overview = held.overview.clone();
    let secrets = open(held, Target::TrustedUi, act)?;
    Ok(ItemDraft {
        edits: Some(edits),
        title: overview.title,
        subtitle: overview.subtitle,
        urls: overview.urls,
        secrets,
    })
}

/// Which secret fields hold something.
pub(crate) fn fields(
    held: Held<'_>,
    act: Option<UserAct>,
) -> Result<Vec<SecretFieldView>, EngineError> {
    let secrets = open(held, Target::TrustedUi, act)?;
    let own = |field: SecretField, concealed: bool| {
        let filled = match (&field, &secrets) {
            (SecretField::TotpCode, ItemSecrets::Login { totp, .. }) => !totp.is_empty(),
            _ => field_of(&secrets, &field).is_some_and(|value| !value.is_empty()),
        };
        filled.then_some(SecretFieldView {
            field,
            label: String::new(),
            concealed,
        })
    };
    let shown = [
        own(SecretField::Password, true),
        own(SecretField::TotpCode, false),
        own(SecretField::CardNumber, true),
        own(SecretField::CardExpiry, false),
        own(SecretField::CardCode, true),
        own(SecretField::CardPin, true),
        own(SecretField::Email, false),
        own(SecretField::Phone, false),
        own(SecretField::Organization, false),
        own(SecretField::PostalAddress, false),
        own(SecretField::City, false),
        own(SecretField::Region, false),
        own(SecretField::PostalCode, false),
        own(SecretField::Country, false),
    ];
    let added = (0..)
        .zip(added_fields(&secrets))
        .filter(|(_, field)| !field.value.is_empty())
        .map(|(at, field)| SecretFieldView {
            field: SecretField::Custom(at),
            label: field.name.clone(),
            concealed: field.concealed,
        });
    Ok(shown
        .into_iter()
        .flatten()
        .chain(added)
        .chain(own(SecretField::Notes, false))
        .collect())
}

pub(super) fn code(totp: &SecretText, now: UnixMillis) -> Option<Revealed> {
    let code = Totp::parse(totp).ok()?.code_at(now);
    Some(Revealed {
        expires_at: Some(now.plus(u64::from(code.remaining_ms))),
        period_seconds: Some(code.period_seconds),
        value: code.code,
    })
}

fn added_fields(secrets: &ItemSecrets) -> &[CustomField] {
    match secrets {
        ItemSecrets::Login { fields, .. } | ItemSecrets::Identity { fields, .. } => fields,
        ItemSecrets::Note { .. } | ItemSecrets::Card { .. } => &[],
    }
}

/// A field by name; never the key of the one-time code.
fn field_of<'a>(secrets: &'a ItemSecrets, field: &SecretField) -> Option<&'a SecretText> {
    match (field, secrets) {
        (SecretField::Password, ItemSecrets::Login { password, .. }) => Some(password),
        (SecretField::CardNumber, ItemSecrets::Card { number, .. }) => Some(number),
        (SecretField::CardExpiry, ItemSecrets::Card { expiry, .. }) => Some(expiry),
        (SecretField::CardCode, ItemSecrets::Card { code, .. }) => Some(code),
        (SecretField::CardPin, ItemSecrets::Card { pin, .. }) => Some(pin),
        (SecretField::Email, ItemSecrets::Identity { email, .. }) => Some(email),
        (SecretField::Phone, ItemSecrets::Identity { phone, .. }) => Some(phone),
        (SecretField::PostalAddress, ItemSecrets::Identity { address, .. }) => Some(address),
        (SecretField::Organization, ItemSecrets::Identity { organization, .. }) => {
            Some(organization)
        }
        (SecretField::City, ItemSecrets::Identity { city, .. }) => Some(city),
        (SecretField::Region, ItemSecrets::Identity { region, .. }) => Some(region),
        (SecretField::PostalCode, ItemSecrets::Identity { postal_code, .. }) => Some(postal_code),
        (SecretField::Country, ItemSecrets::Identity { country, .. }) => Some(country),
        (SecretField::Custom(at), secrets) => added_fields(secrets)
            .get(usize::try_from(*at).ok()?)
            .map(|field| &field.value),
        (
            SecretField::Notes,
            ItemSecrets::Login { notes, .. }
            | ItemSecrets::Card { notes, .. }
            | ItemSecrets::Identity { notes, .. }
            | ItemSecrets::Note { text: notes },
        ) => Some(notes),
        _ => None,
    }
}
