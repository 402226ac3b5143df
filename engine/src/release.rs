//! The release gate: the one place where the secrets of an item are opened.
//!
//! [`may_release`] decides; `open` asks it and then spends the only permit of the workspace.
//! Everything else here turns what was opened into what was asked for and wipes the rest.

use proto::{
    bridge::{endpoint::FrameSender, popup::Revealed},
    error::ErrorCode,
    ids::{ItemId, ItemVersion, UnixMillis},
    origin::Scheme,
    vault::{
        CustomField, ItemDraft, ItemOverview, ItemSecrets, SecretField, SecretFieldView, SecretText,
    },
};
use wasm_core::{
    seal::OpenError,
    totp::Totp,
    vault::{Permit, SealedSecrets, Vault},
};

use crate::{
    error::EngineError,
    matching::{Fit, best_fit, rules},
    site::same_site,
};

/// What the user did that asks for a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserAct {
    /// Chose the item, or a button of it, on a page of the extension.
    Chosen,
    /// Pressed the keyboard shortcut.
    Shortcut,
}

/// Where a secret would go.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// Into a frame of a web page.
    Page(&'a FrameSender),
    /// Before the user's eyes, on a page of the extension.
    TrustedUi,
    /// Back under a seal, unseen: a restored item, a copy after a conflict.
    Seal,
}

/// Why a secret stays where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The frame is of another site than a frame around it.
    #[error("foreign frame")]
    ForeignFrame,
    /// The page, or a frame around it, is http and the login https.
    #[error("insecure page")]
    InsecurePage,
    /// No act of the user asks for it.
    #[error("no act of the user")]
    NoUserAct,
    /// The frame, or one around it, has no origin of its own.
    #[error("opaque frame")]
    OpaqueFrame,
    /// The item is for another site.
    #[error("another site")]
    SiteMismatch,
}

impl From<Refusal> for ErrorCode {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::ForeignFrame => Self::ForeignFrame,
            Refusal::InsecurePage => Self::InsecurePage,
            Refusal::NoUserAct => Self::NoUserAct,
            Refusal::OpaqueFrame => Self::OpaqueFrame,
            Refusal::SiteMismatch => Self::SiteMismatch,
        }
    }
}

/// One login for one fill.
#[derive(Debug)]
pub struct Credential {
    /// User name; may be empty.
    pub username: SecretText,
    /// Password; may be empty.
    pub password: SecretText,
    /// The present one-time code; empty where the login has none.
    pub totp: SecretText,
}

/// Whether the secrets of an item may go somewhere.
///
/// Into a page only where, in this order:
/// 1. an act of the user asks for it,
/// 2. neither the frame nor any around it is opaque,
/// 3. every frame around it is of the frame's own site,
/// 4. an address of the item fits the frame ([`crate::Engine::logins_for`] uses the same rules),
/// 5. nothing is http that would have to be https: not the frame for an https login, and no
///    frame around an https one.
///
/// # Errors
/// The first of these that does not hold.
pub fn may_release(
    item: &ItemOverview,
    target: Target<'_>,
    act: Option<UserAct>,
) -> Result<(), Refusal> {
    let frame = match target {
        Target::Seal => return Ok(()),
        Target::TrustedUi => return act.map(|_| ()).ok_or(Refusal::NoUserAct),
        Target::Page(frame) => frame,
    };
    act.ok_or(Refusal::NoUserAct)?;
    let origin = frame.origin.as_ref().ok_or(Refusal::OpaqueFrame)?;
    let ancestors: Vec<_> = frame.ancestors.iter().flatten().collect();
    if ancestors.len() != frame.ancestors.len() {
        return Err(Refusal::OpaqueFrame);
    }
    if !ancestors.iter().all(|ancestor| same_site(ancestor, origin)) {
        return Err(Refusal::ForeignFrame);
    }
    match best_fit(&rules(&item.urls), origin) {
        Fit::Fits => {}
        Fit::Foreign => return Err(Refusal::SiteMismatch),
        Fit::Insecure => return Err(Refusal::InsecurePage),
    }
    let framed_by_http = ancestors
        .iter()
        .any(|ancestor| ancestor.scheme() == Scheme::Http);
    if origin.scheme() == Scheme::Https && framed_by_http {
        return Err(Refusal::InsecurePage);
    }
    Ok(())
}

/// A sealed item, and the overview that was opened from the envelope its secrets are bound to: so
/// the gate never judges one version's secrets by another version's addresses.
pub(crate) struct Held<'a> {
    pub(crate) vault: &'a Vault,
    pub(crate) overview: ItemOverview,
    pub(crate) sealed: SealedSecrets,
}

/// Opens the secrets of an item, if they may go where they would.
fn open(
    held: Held<'_>,
    target: Target<'_>,
    act: Option<UserAct>,
) -> Result<ItemSecrets, EngineError> {
    may_release(&held.overview, target, act)?;
    let secrets = held.sealed.open(held.vault, Permit::grant())?;
    // The overview says which kind the item is shown as; the secrets must be of the same.
    if secrets.kind() == held.overview.kind {
        Ok(secrets)
    } else {
        Err(OpenError.into())
    }
}

/// One login for one fill of one frame.
pub(crate) fn credential(
    held: Held<'_>,
    frame: &FrameSender,
    act: Option<UserAct>,
    now: UnixMillis,
) -> Result<Credential, EngineError> {
    let username = SecretText::new(held.overview.subtitle.clone());
    match open(held, Target::Page(frame), act)? {
        ItemSecrets::Login { password, totp, .. } => {
            let totp = code(&totp, now)
                .map(|revealed| revealed.value)
                .unwrap_or_default();
            Ok(Credential {
                username,
                password,
                totp,
            })
        }
        _ => Err(Refusal::SiteMismatch.into()),
    }
}

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

/// The whole item for the user to edit.
pub(crate) fn draft(
    held: Held<'_>,
    version: ItemVersion,
    act: Option<UserAct>,
) -> Result<ItemDraft, EngineError> {
    let (id, overview) = (held.sealed.id(), held.overview.clone());
    let secrets = open(held, Target::TrustedUi, act)?;
    Ok(ItemDraft {
        edits: Some((id, version)),
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

/// The item sealed anew under another id or version.
pub(crate) fn reseal(
    held: Held<'_>,
    id: &ItemId,
    version: ItemVersion,
    overview: &ItemOverview,
    under: &Vault,
    random: &mut dyn wasm_core::random::Random,
) -> Result<proto::api::vault::SealedItem, EngineError> {
    let secrets = open(held, Target::Seal, None)?;
    Ok(under.seal_item(id, version, overview, &secrets, random)?)
}

/// Whether an item's secrets are these already: a save that was sent twice.
pub(crate) fn holds_already(held: Held<'_>, secrets: &ItemSecrets) -> bool {
    open(held, Target::Seal, None).is_ok_and(|kept| kept == *secrets)
}

fn code(totp: &SecretText, now: UnixMillis) -> Option<Revealed> {
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

#[cfg(test)]
mod tests;
