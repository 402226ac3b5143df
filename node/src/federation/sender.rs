//! Who writes: what the sender's domain says of the key.

use proto::{address::Address, api::message::KeyStanding};

use super::refusal::{Fault, Refusal};
use crate::app::App;

/// The active key of an address, wherever it lives; `None` where its server knows no such address.
///
/// # Errors
/// [`Refusal::SenderUnreachable`] and faults of the store.
pub(super) async fn active_key(app: &App, address: &Address) -> Result<Option<[u8; 33]>, Fault> {
    if app.finds(address).await? {
        return Ok(app.store.active_public_key(address).await?);
    }
    let found = app.peers.public_key(address).await;
    Ok(found.map_err(|error| Refusal::SenderUnreachable(error.to_string()))?)
}

/// What the sender's domain says of the key that sealed a message.
///
/// # Errors
/// As [`active_key`].
pub(super) async fn standing_of(
    app: &App,
    address: &Address,
    key: &[u8; 33],
) -> Result<KeyStanding, Fault> {
    let active = active_key(app, address).await?;
    // Only now, after work was shown for it, is anything kept of other domains.
    if let Some(active) = active
        && !app.serves(address)
    {
        app.store.see_key(address, active, app.now()).await?;
    }
    if active.as_ref() == Some(key) {
        return Ok(KeyStanding::Active);
    }
    let earlier = if app.serves(address) {
        let own = app.store.terms(address, address).await?;
        own.is_some_and(|own| own.keys.contains(key))
    } else {
        app.store.has_seen_key(address, key).await?
    };
    Ok(if earlier {
        KeyStanding::Earlier
    } else {
        KeyStanding::Other
    })
}
