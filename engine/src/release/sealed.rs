//! What goes back under a seal, seen by nobody.

use proto::{
    api::vault::SealedItem,
    ids::{ItemId, ItemVersion},
    vault::{ItemOverview, ItemSecrets},
};
use wasm_core::{random::Random, vault::Vault};

use super::{Held, Target, open};
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

/// Whether an item's secrets are these already: a save that was sent twice.
pub(crate) fn holds_already(held: Held<'_>, secrets: &ItemSecrets) -> bool {
    open(held, Target::Seal, None).is_ok_and(|kept| kept == *secrets)
}
