//! What goes back under a seal, seen by nobody.

use proto::{
    api::vault::SealedItem,
    export::ExportedItem,
    ids::{ItemId, ItemVersion},
    vault::{ItemDraft, ItemOverview, ItemSecrets, SecretText},
};
use wasm_core::{random::Random, vault::Vault};

use super::{Held, Target, UserAct, open};
use crate::error::EngineError;

/// The item sealed anew under another id or version.
pub(crate) fn reseal(
    held: Held<'_>,
    id: &ItemId,
    version: ItemVersion,
    overview: &ItemOverview,
    under: &Vault,
    random: &mut dyn Random,
) -> Result<SealedItem, EngineError> {
    let secrets = open(held, Target::Seal, None)?;
    Ok(under.seal_item(id, version, overview, &secrets, random)?)
}

/// The whole item, for a file of all of them.
pub(crate) fn export(held: Held<'_>, act: Option<UserAct>) -> Result<ExportedItem, EngineError> {
    let overview = held.overview.clone();
    let secrets = open(held, Target::Export, act)?;
    Ok(ExportedItem {
        draft: ItemDraft {
            edits: None,
            title: overview.title,
            subtitle: overview.subtitle,
            urls: overview.urls,
            secrets,
        },
        created_at: overview.created_at,
        updated_at: overview.updated_at,
    })
}

/// Whether an item's secrets are these already: a save that was sent twice.
pub(crate) fn holds_already(held: Held<'_>, secrets: &ItemSecrets) -> bool {
    open(held, Target::Seal, None).is_ok_and(|kept| kept == *secrets)
}

/// A login with the password of another one, sealed anew; all else stays.
pub(crate) fn reseal_with_password_of(
    held: Held<'_>,
    other: Held<'_>,
    version: ItemVersion,
    overview: &ItemOverview,
    under: &Vault,
    random: &mut dyn Random,
) -> Result<SealedItem, EngineError> {
    let id = held.sealed.id();
    let mut secrets = open(held, Target::Seal, None)?;
    let typed = open(other, Target::Seal, None)?;
    let (ItemSecrets::Login { password, .. }, ItemSecrets::Login { password: new, .. }) =
        (&mut secrets, typed)
    else {
        return Err(EngineError::ItemInvalid { field: "kind" });
    };
    *password = new;
    Ok(under.seal_item(&id, version, overview, &secrets, random)?)
}

/// The password of a login, and nothing else of it, sealed as another one.
pub(crate) fn reseal_password(
    held: Held<'_>,
    id: &ItemId,
    version: ItemVersion,
    overview: &ItemOverview,
    under: &Vault,
    random: &mut dyn Random,
) -> Result<SealedItem, EngineError> {
    let ItemSecrets::Login { password, .. } = open(held, Target::Seal, None)? else {
        return Err(EngineError::ItemInvalid { field: "kind" });
    };
    let secrets = ItemSecrets::Login {
        password,
        totp: SecretText::default(),
        fields: Vec::new(),
        notes: SecretText::default(),
    };
    Ok(under.seal_item(id, version, overview, &secrets, random)?)
}

/// Whether a login has this very password.
pub(crate) fn has_password(held: Held<'_>, password: &SecretText) -> bool {
    let opened = open(held, Target::Seal, None);
    matches!(&opened, Ok(ItemSecrets::Login { password: kept, .. }) if kept == password)
}
