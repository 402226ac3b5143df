//! The account that lives in the host moves into this browser.

use std::rc::Rc;

use proto::{
    bridge::{
        account::{CarryOut, CheckPassword, LeaveAccount},
        popup::{AccountView, AppStatus, GetAccount, HostStatus, MoveWay, PopupRequest, SyncNow},
    },
    error::{ErrorCode, WireError},
    vault::SecretText,
};
use serde_json::Value;
use webext::{
    page,
    time::{sleep, spawn},
};

use super::{
    super::{
        account::{self, Lives, There, ask, lives, reach, settle_in},
        shown,
    },
    LOOK_MS, Waits, begin, end,
    into_host::forget_here,
    note, page_ask,
};
use crate::{
    app::{App, BrowserEngine},
    keeping, router,
};

/// Moves the account that lives in the host into this browser.
///
/// # Errors
/// Why it was not begun.
pub(crate) async fn move_back(
    app: &Rc<App>,
    password: &SecretText,
) -> Result<HostStatus, WireError> {
    let Lives::There(there) = lives(app).await else {
        return Ok(shown(app));
    };
    reach(app).await?;
    if !matches!(account::told_status(app), Some(AppStatus::Unlocked { .. })) {
        return Err(ErrorCode::Locked.into());
    }
    ask(CheckPassword {
        password: password.clone(),
    })
    .await?;
    // What waits is sent from there; where it cannot be, the account stays.
    let now = page_ask(PopupRequest::SyncNow(SyncNow {})).await?;
    if !matches!(
        serde_json::from_value(now),
        Ok(AppStatus::Unlocked { pending: 0, .. })
    ) {
        return Err(ErrorCode::Unsent.into());
    }
    let engine = app.engine().await?;
    if !begin(app, MoveWay::Back) {
        return Ok(shown(app));
    }
    let (app_beside, password) = (Rc::clone(app), password.clone());
    spawn(async move {
        let moved = into_browser(&app_beside, &engine, there, &password).await;
        end(&app_beside, moved).await;
    });
    Ok(shown(app))
}

async fn into_browser(
    app: &Rc<App>,
    engine: &BrowserEngine,
    there: There,
    password: &SecretText,
) -> Result<(), WireError> {
    let leaving = There {
        leaving: true,
        ..there.clone()
    };
    settle_in(app, Some(leaving)).await?;
    let came = carried_back(app, engine, &there, password).await;
    if came.is_err() {
        engine.cancel_work().await;
        forget_here(engine).await;
        settle_in(app, Some(there)).await?;
        return came;
    }
    settle_in(app, None).await?;
    // Where it is not heard, the host says that it has the account still, and the user is shown how to end that.
    let used_by_others = true;
    let _ = ask(LeaveAccount { used_by_others }).await;
    keeping::sync_soon(app, engine).await;
    Ok(())
}

async fn carried_back(
    app: &Rc<App>,
    engine: &BrowserEngine,
    there: &There,
    password: &SecretText,
) -> Result<(), WireError> {
    if matches!(engine.status().await, AppStatus::Empty { .. }) {
        let account: Value = page_ask(PopupRequest::GetAccount(GetAccount {})).await?;
        let account: AccountView =
            serde_json::from_value(account).map_err(|_| ErrorCode::Internal)?;
        router::tell_stages(app);
        engine
            .begin_log_in(
                &there.address.to_string(),
                Some(&account.server),
                password,
                &page::describe(),
            )
            .await?;
        app.settle().await;
    }
    loop {
        if app.host.moving.borrow().cancelled {
            return Err(ErrorCode::Cancelled.into());
        }
        match engine.status().await {
            AppStatus::Unlocked { .. } => break,
            AppStatus::Locked { .. } => drop(engine.unlock(password).await?),
            AppStatus::Empty { problem } => {
                return Err(problem.unwrap_or_else(|| ErrorCode::Cancelled.into()));
            }
            AppStatus::Working { progress, .. } => note(app, progress),
            AppStatus::Away { .. } => {}
        }
        sleep(LOOK_MS).await;
    }
    let _waits = Waits::begin(app);
    // The items come from the node; offers and deleted ones are judged by them.
    keeping::sync_soon(app, engine).await;
    let mut after = String::new();
    loop {
        let carried = ask(CarryOut {
            after: after.clone(),
        })
        .await?;
        engine.carry_in(&carried, true).await?;
        match carried.records.last() {
            Some(last) if carried.more && last.key > after => after.clone_from(&last.key),
            _ => break,
        }
    }
    Ok(())
}
