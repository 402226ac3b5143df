//! The password once more, for what a stolen session must not do alone.

use governor::clock::{Clock as _, DefaultClock};
use proto::{api::account::LoginKeyHex, error::ErrorCode, ids::AccountId};
use wasm_core::kdf::server::login_key;

use crate::{app::App, error::ApiError};

/// Makes sure that whoever asks knows the password of the session's account. Ten tries an hour,
/// right or wrong.
pub(super) async fn confirm(
    app: &App,
    account: AccountId,
    shown: &LoginKeyHex,
) -> Result<(), ApiError> {
    if let Err(until) = app.confirmations.check_key(&account) {
        let wait = until.wait_time_from(DefaultClock::default().now());
        return Err(ApiError::new(ErrorCode::RateLimited).with("retryAfter", wait.as_secs() + 1));
    }
    let account = app.store.account(account).await?;
    let account = account.ok_or(ApiError::new(ErrorCode::SessionInvalid))?;
    let hash = app
        .kdf
        .reserve()?
        .hash(login_key(shown), account.id)
        .await?;
    if hash.matches(&account.login_hash) {
        Ok(())
    } else {
        Err(ErrorCode::CredentialsWrong.into())
    }
}
