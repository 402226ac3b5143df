//! What goes back under a seal, seen by nobody.

use proto::{
    api::vault::SealedItem,
    bridge::popup::PartChange,
    export::ExportedItem,
    ids::{ItemId, ItemVersion, UnixMillis},
    vault::{ItemDraft, ItemOverview, ItemPart, ItemSecrets, SecretText},
};
use wasm_core::{random::Random, seal::SealError, vault::Vault};

use super::{
    Held, Target, UserAct, open,
    parts::{Parts, Value},
};
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

/// What comes of two versions of one item.
pub(crate) enum Merged {
    /// There is nothing in ours that is not in theirs.
    Theirs,
    /// What both devices changed, as the version after theirs.
    Both(SealedItem, ItemOverview),
    /// Both changed the same, each in its own way, or together it is too much.
    Clash,
}

/// Makes one version out of two that devices made of `base`.
///
/// # Errors
/// [`EngineError::Unreadable`] where one of the three does not open.
pub(crate) fn merge(
    base: Held<'_>,
    ours: Held<'_>,
    theirs: Held<'_>,
    version: ItemVersion,
    under: &Vault,
    random: &mut dyn Random,
) -> Result<Merged, EngineError> {
    let id = theirs.sealed.id();
    let (created_at, conflict_of) = (theirs.overview.created_at, theirs.overview.conflict_of);
    let updated_at = theirs.overview.updated_at.max(ours.overview.updated_at);
    let theirs = parts(theirs)?;
    let ours = parts(ours)?;
    if ours == theirs {
        return Ok(Merged::Theirs);
    }
    let Ok(merged) = Parts::merge(&parts(base)?, &ours, &theirs) else {
        return Ok(Merged::Clash);
    };
    if merged == theirs {
        return Ok(Merged::Theirs);
    }
    let (overview, secrets) = merged.together(created_at, updated_at, conflict_of);
    match under.seal_item(&id, version, &overview, &secrets, random) {
        Ok(sealed) => Ok(Merged::Both(sealed, overview)),
        Err(SealError::TooLarge) => Ok(Merged::Clash),
        Err(error) => Err(error.into()),
    }
}

/// Whether both halves of an item open, and fit together.
pub(crate) fn opens(held: Held<'_>) -> bool {
    open(held, Target::Seal, None).is_ok()
}

/// Whether two versions hold the same, however they were sealed.
///
/// # Errors
/// [`EngineError::Unreadable`] where one of them does not open.
pub(crate) fn alike(one: Held<'_>, other: Held<'_>) -> Result<bool, EngineError> {
    Ok(parts(one)? == parts(other)?)
}

/// What differs between two versions, secrets by name only.
pub(crate) fn differences(old: Held<'_>, new: Held<'_>) -> Result<Vec<PartChange>, EngineError> {
    let (old, new) = (parts(old)?, parts(new)?);
    let changes = old
        .differences(&new)
        .map(|(part, before, after)| PartChange {
            part: part.clone(),
            before: before.map(Value::told),
            after: after.map(Value::told),
        });
    Ok(changes.collect())
}

/// An item with some parts as an older version had them.
pub(crate) fn reseal_with_parts(
    present: Held<'_>,
    old: Held<'_>,
    which: &[ItemPart],
    version: ItemVersion,
    now: UnixMillis,
    under: &Vault,
    random: &mut dyn Random,
) -> Result<(SealedItem, ItemOverview), EngineError> {
    let id = present.sealed.id();
    let (created_at, conflict_of) = (present.overview.created_at, present.overview.conflict_of);
    let made = parts(present)?.with(&parts(old)?, which);
    if !made.fits() {
        return Err(EngineError::ItemInvalid { field: "parts" });
    }
    let (overview, secrets) = made.together(created_at, now, conflict_of);
    let sealed = under.seal_item(&id, version, &overview, &secrets, random)?;
    Ok((sealed, overview))
}

fn parts(held: Held<'_>) -> Result<Parts, EngineError> {
    let overview = held.overview.clone();
    Ok(Parts::of(&overview, open(held, Target::Seal, None)?))
}
