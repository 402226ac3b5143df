//! Tabs that open at a screen about somebody.
//!
//! The URL of a tab goes into the browser's history, and comes back with the tabs of its last session: it must not say
//! whom the user writes with. So it has a random id in it, and who it is about lies in `storage.session` until the tab has
//! asked, once.

use proto::{
    bridge::popup::{AppStatus, Landing},
    bytes::Hex,
    error::{ErrorCode, WireError},
};
use webext::{BrowserError, crypto, session, tabs};

use crate::account::Account;

/// Opens one.
///
/// # Errors
/// [`BrowserError`]: there is no window, or no memory to keep it in.
pub(crate) async fn open(landing: &Landing) -> Result<(), BrowserError> {
    let mut id = [0; 16];
    crypto::random(&mut id);
    let id = Hex(id);
    // An address has no form that cannot be written down.
    let kept = serde_json::to_vec(landing).unwrap_or_default();
    session::save(&slot(id), &kept).await?;
    tabs::open_full_page(&route(id)).await
}

/// What a tab opens at. It is forgotten with that: a page that is loaded again, or an id that somebody finds, leads nowhere.
///
/// # Errors
/// [`ErrorCode::Locked`]: then it stays until the vault is open.
pub(crate) async fn follow(engine: &Account, id: Hex<16>) -> Result<Option<Landing>, WireError> {
    if !matches!(engine.status().await, AppStatus::Unlocked { .. }) {
        return Err(ErrorCode::Locked.into());
    }
    let slot = slot(id);
    let kept = session::load(&slot).await.ok().flatten();
    // What cannot be removed goes with the browser.
    let _ = session::clear(&slot).await;
    Ok(kept.and_then(|kept| serde_json::from_slice(&kept).ok()))
}

/// The route in the URL.
fn route(id: Hex<16>) -> String {
    format!("/to/{id}")
}

fn slot(id: Hex<16>) -> String {
    format!("landing/{id}")
}
