//! The account of this browser moves into the host.

use std::rc::Rc;

use engine::EngineError;
use proto::{
    address::Address,
    bridge::{
        account::CarryIn,
        popup::{AppStatus, CancelWork, HostStatus, LogIn, MoveWay, PopupRequest, Unlock},
    },
    error::{ErrorCode, WireError},
    vault::SecretText,
};
use webext::time::{sleep, spawn};

use super::{
    super::{
        account::{self, There, ask, reach, settle_in},
        keep_pairing, paired, shown, tell_pages,
    },
    LOOK_MS, Waits, begin, end, page_ask,
};
use crate::{
    app::{App, BrowserEngine},
    keeping,
};

/// How long requests that are under way may take to end once all others wait, milliseconds.
const ENDS_MS: u32 = 10_000;
/// How often the host's vault is opened for a move that goes on.
const UNLOCKS_MAX: u32 = 3;

/// Moves this browser's account into the host.
///
/// # Errors
/// Why it was not begun; the account is where it was.
pub(crate) async fn move_in(app: &Rc<App>, password: &SecretText) -> Result<HostStatus, WireError> {
    if account::has_account(app).await {
        return Ok(shown(app));
    }
    if paired(app).await.is_none() {
        return Err(ErrorCode::HostUnpaired.into());
    }
    // Without it the account would be out of reach after the next start.
    keep_pairing(app).await?;
    let engine = app.engine().await?;
    let address = opened(&engine).await?;
    engine.check_password(password).await?;
    reach(app).await?;
    sent(&engine).await?;
    if !begin(app, MoveWay::In) {
        return Ok(shown(app));
    }
    let (app_beside, password) = (Rc::clone(app), password.clone());
    spawn(async move {
        let moved = into_host(&app_beside, &engine, &address, &password).await;
        end(&app_beside, moved).await;
    });
    Ok(shown(app))
}

async fn into_host(
    app: &Rc<App>,
    engine: &BrowserEngine,
    address: &Address,
    password: &SecretText,
) -> Result<(), WireError> {
    open_in_host(app, engine, address, password).await?;
    // From here to the end nothing is written here: whoever asks is told to try again.
    let waits = Waits::begin(app);
    for _ in 0..ENDS_MS / LOOK_MS {
        if app.served.get() == 0 {
            break;
        }
        sleep(LOOK_MS).await;
    }
    if app.served.get() > 0 {
        return Err(ErrorCode::Busy.into());
    }
    sent(engine).await?;
    let mut after = String::new();
    loop {
        let carried = engine.carry_out(&after).await?;
        let last = carried.records.last().map(|record| record.key.clone());
        let more = carried.more;
        ask(CarryIn { carried }).await?;
        match last {
            Some(last) if more => after = last,
            _ => break,
        }
    }
    if !engine.is_settled()? {
        return Err(ErrorCode::Unsent.into());
    }
    let there = There {
        address: address.clone(),
        leaving: false,
    };
    settle_in(app, Some(there)).await?;
    // Whoever asks is answered from there by now.
    drop(waits);
    app.tell_status().await;
    forget_here(engine).await;
    Ok(())
}

/// Makes sure that the host has the account open: it logs in, or goes on where an earlier try ended.
async fn open_in_host(
    app: &Rc<App>,
    engine: &BrowserEngine,
    address: &Address,
    password: &SecretText,
) -> Result<(), WireError> {
    let server = engine.account_view()?.server;
    let (mut asked, mut unlocked) = (false, 0);
    loop {
        if app.host.moving.borrow().cancelled {
            let _ = page_ask(PopupRequest::CancelWork(CancelWork {})).await;
            return Err(ErrorCode::Cancelled.into());
        }
        let status = account::told_status(app);
        let is_told = status.is_some();
        match status {
            Some(AppStatus::Unlocked { address: there, .. }) if there == *address => return Ok(()),
            Some(AppStatus::Locked { address: there, .. }) if there == *address => {
                // More than once where the computer slept over the proof of work.
                unlocked += 1;
                if unlocked > UNLOCKS_MAX {
                    return Err(ErrorCode::Locked.into());
                }
                asked = true;
                let password = password.clone();
                page_ask(PopupRequest::Unlock(Unlock { password })).await?;
            }
            Some(AppStatus::Unlocked { .. } | AppStatus::Locked { .. }) => {
                return Err(ErrorCode::HostHasOther.into());
            }
            Some(AppStatus::Empty { problem }) if asked => {
                // It began anew meanwhile, or somebody else has ended it there.
                return Err(problem.unwrap_or_else(|| ErrorCode::HostAway.into()));
            }
            Some(AppStatus::Empty { .. }) => {
                asked = true;
                app.host.moving.borrow_mut().made = true;
                page_ask(PopupRequest::LogIn(LogIn {
                    address: address.to_string(),
                    server: Some(server.clone()),
                    password: password.clone(),
                }))
                .await?;
                // How it stands is told a moment later.
                for _ in 0..40 {
                    if matches!(account::told_status(app), Some(AppStatus::Working { .. })) {
                        break;
                    }
                    sleep(50).await;
                }
            }
            // Another login is under way there, or ours.
            Some(AppStatus::Working { address: there, .. }) if there == *address => asked = true,
            Some(AppStatus::Working { .. }) => return Err(ErrorCode::HostHasOther.into()),
            _ => {}
        }
        if !is_told {
            reach(app).await?;
        }
        sleep(LOOK_MS).await;
    }
}

/// Uses the account that the host has, in a browser that has none.
///
/// # Errors
/// [`ErrorCode::AccountExists`], [`ErrorCode::NoAccount`], [`ErrorCode::HostAway`].
pub(crate) async fn use_its_account(app: &Rc<App>) -> Result<HostStatus, WireError> {
    if account::has_account(app).await {
        return Ok(shown(app));
    }
    let engine = app.engine().await?;
    if !matches!(engine.status().await, AppStatus::Empty { .. }) {
        return Err(ErrorCode::AccountExists.into());
    }
    reach(app).await?;
    let address = account::its_address(app).ok_or(ErrorCode::NoAccount)?;
    let there = There {
        address,
        leaving: false,
    };
    settle_in(app, Some(there)).await?;
    tell_pages(app);
    app.tell_status().await;
    Ok(shown(app))
}

/// The session here ends at the node, too, as far as it can be told.
pub(super) async fn forget_here(engine: &BrowserEngine) {
    if let Ok(sessions) = engine.sessions().await
        && let Some(own) = sessions.devices.iter().find(|device| device.current)
    {
        let _ = engine.revoke_session(&own.id).await;
    }
    // Done with the next start, where the store fails.
    let _ = engine.remove_account().await;
}

async fn opened(engine: &BrowserEngine) -> Result<Address, WireError> {
    match engine.status().await {
        AppStatus::Unlocked { address, .. } => Ok(address),
        AppStatus::Empty { .. } => Err(ErrorCode::NoAccount.into()),
        _ => Err(ErrorCode::Locked.into()),
    }
}

/// Sees that all that was written here has reached the node.
async fn sent(engine: &BrowserEngine) -> Result<(), WireError> {
    match engine.sync_now().await {
        Ok(_) => {}
        Err(EngineError::Node(error)) => return Err(EngineError::Node(error).into()),
        Err(error) => return Err(error.into()),
    }
    keeping::until_synced(engine).await;
    if engine.is_settled()? {
        Ok(())
    } else {
        Err(ErrorCode::Unsent.into())
    }
}
