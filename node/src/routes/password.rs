//! The password once more, for what a stolen session must not do alone.

use governor::clock::{Clock as _, DefaultClock};
use proto::{api::account::LoginKeyHex, error::ErrorCode};
use wasm_core::kdf::server::login_key;

use crate::{app::App, error::ApiError, store::Session};

/// Makes sure that whoever asks knows the password of the session's account. Ten tries an hour for
/// each session, right or wrong: so one that was stolen neither tries passwords nor locks its owner
/// out, and another session costs a login.
pub(super) async fn confirm(
    app: &App,
    session: &Session,
    shown: &LoginKeyHex,
) -> Result<(), ApiError> {
    let place = app.kdf.reserve()?;
    if let Err(until) = app.confirmations.check_key(&session.id) {
        let wait = until.wait_time_from(DefaultClock::default().now());
        return Err(ApiError::new(ErrorCode::RateLimited).with("retryAfter", wait.as_secs() + 1));
    }
    let account = app.store.account(session.account).await?;
    let account = account.ok_or(ApiError::new(ErrorCode::SessionInvalid))?;
    let hash = place.hash(login_key(shown), account.id).await?;
    if hash.matches(&account.login_hash) {
        Ok(())
    } else {
        Err(ErrorCode::CredentialsWrong.into())
    }
}
