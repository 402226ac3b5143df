//! Moving the account into the host and back.
//!
//! ```text
//! in:   all is sent ─▶ the host logs in ─▶ what only this engine has is carried ─▶ "it lives there" ─▶ forgotten here
//! back: this engine logs in ─▶ carried ─▶ "it lives here" ─▶ forgotten there
//! ```
//! Killed anywhere, the account is where the record says, and complete there; what the other side has by then
//! is a device more, which the next try goes on with.

use std::rc::Rc;

use engine::EngineError;
use proto::{
    address::Address,
    bridge::{
        account::{AskAccount, CarryIn, CarryOut},
        popup::{
            AppStatus, CancelWork, HostMove, HostStatus, LogIn, MoveWay, PopupRequest,
            RemoveAccount, SyncNow, Unlock, WorkProgress,
        },
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
    account::{self, Lives, There, ask, lives, reach, settle_in},
    paired, shown, tell_pages,
};
use crate::{
    app::{App, BrowserEngine},
    keeping, router,
};

/// Between two looks how far it is, milliseconds.
const LOOK_MS: u32 = 150;
/// How long requests that are under way may take to end once all others wait, milliseconds.
const ENDS_MS: u32 = 10_000;

/// A move that is under way, or failed.
#[derive(Default)]
pub(crate) struct Moving {
    /// As pages are told.
    told: Option<HostMove>,
    /// Whether somebody works on it.
    running: bool,
    /// Whether the user has given it up.
    cancelled: bool,
}

impl Moving {
    pub(super) fn told(&self) -> Option<HostMove> {
        self.told.clone()
    }
}

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
    let _waits = Waits::begin(app);
    for _ in 0..ENDS_MS / LOOK_MS {
        if app.served.get() <= 1 {
            break;
        }
        sleep(LOOK_MS).await;
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
    let there = There {
        address: address.clone(),
        leaving: false,
    };
    settle_in(app, Some(there)).await?;
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
    let mut asked = false;
    loop {
        if app.host.moving.borrow().cancelled {
            let _ = page_ask(PopupRequest::CancelWork(CancelWork {})).await;
            return Err(ErrorCode::Cancelled.into());
        }
        let status = account::told_status(app);
        let is_told = status.is_some();
        match status {
            Some(AppStatus::Unlocked { address: there, .. }) if there == *address => return Ok(()),
            Some(AppStatus::Locked { address: there, .. }) if there == *address && !asked => {
                asked = true;
                let password = password.clone();
                page_ask(PopupRequest::Unlock(Unlock { password })).await?;
            }
            Some(AppStatus::Unlocked { .. } | AppStatus::Locked { .. }) if !asked => {
                return Err(ErrorCode::HostHasOther.into());
            }
            Some(AppStatus::Empty { problem }) if asked => {
                return Err(problem.unwrap_or_else(|| ErrorCode::Cancelled.into()));
            }
            Some(AppStatus::Empty { .. }) => {
                asked = true;
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
        let _ = engine.remove_account().await;
        settle_in(app, Some(there)).await?;
        return came;
    }
    settle_in(app, None).await?;
    // Where it is not heard, the host says that it has an account still, and the user is shown how to end that.
    let _ = page_ask(PopupRequest::RemoveAccount(RemoveAccount {})).await;
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
        let account: Value = page_ask(PopupRequest::GetAccount(
            proto::bridge::popup::GetAccount {},
        ))
        .await?;
        let account: proto::bridge::popup::AccountView =
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
        engine.carry_in(&carried).await?;
        match carried.records.last() {
            Some(last) if carried.more && last.key > after => after.clone_from(&last.key),
            _ => break,
        }
    }
    Ok(())
}

/// Gives up a move that is under way, or forgets why one failed.
pub(crate) async fn cancel_move(app: &Rc<App>) -> HostStatus {
    {
        let mut moving = app.host.moving.borrow_mut();
        moving.cancelled = moving.running;
        if !moving.running {
            moving.told = None;
        }
    }
    tell_pages(app);
    shown(app)
}

/// After a start: ends what was under way when this background died.
pub(crate) async fn tidy(app: &App, engine: &BrowserEngine) {
    let has_one = engine.account_view().is_ok();
    match lives(app).await {
        // The host had all, and this was to be forgotten.
        Lives::There(There { leaving: false, .. }) if has_one => forget_here(engine).await,
        Lives::There(there @ There { leaving: true, .. }) => {
            // The host owns it until all was carried: begun anew.
            engine.cancel_work().await;
            let _ = engine.remove_account().await;
            let there = There {
                leaving: false,
                ..there
            };
            let _ = settle_in(app, Some(there)).await;
        }
        _ => {}
    }
}

/// The proof of work of the host's own login went on.
pub(super) fn progressed(app: &App, progress: &WorkProgress) {
    let moves_in = app
        .host
        .moving
        .borrow()
        .told
        .as_ref()
        .is_some_and(|told| told.way == MoveWay::In && told.problem.is_none());
    if moves_in {
        note(app, Some(progress.clone()));
    }
}

fn note(app: &App, progress: Option<WorkProgress>) {
    let changed = {
        let mut moving = app.host.moving.borrow_mut();
        let told = moving
            .told
            .as_mut()
            .filter(|told| told.progress != progress);
        told.map(|told| told.progress = progress).is_some()
    };
    if changed {
        tell_pages(app);
    }
}

fn begin(app: &App, way: MoveWay) -> bool {
    {
        let mut moving = app.host.moving.borrow_mut();
        if moving.running {
            return false;
        }
        *moving = Moving {
            told: Some(HostMove {
                way,
                progress: None,
                problem: None,
            }),
            running: true,
            cancelled: false,
        };
    }
    tell_pages(app);
    true
}

async fn end(app: &Rc<App>, moved: Result<(), WireError>) {
    {
        let mut moving = app.host.moving.borrow_mut();
        moving.running = false;
        moving.told = match (moving.told.take(), moved) {
            (Some(told), Err(problem)) if problem.code != ErrorCode::Cancelled => Some(HostMove {
                progress: None,
                problem: Some(problem),
                ..told
            }),
            _ => None,
        };
    }
    tell_pages(app);
    app.settle().await;
    app.tell_vault_changed();
    app.tell_messages_changed();
}

/// The session here ends at the node, too, as far as it can be told.
async fn forget_here(engine: &BrowserEngine) {
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

/// What a page would ask, of the host.
async fn page_ask(request: PopupRequest) -> Result<Value, WireError> {
    ask(AskAccount {
        request,
        device: page::describe(),
    })
    .await
}

/// Requests wait while the account changes its place.
struct Waits(Rc<App>);

impl Waits {
    fn begin(app: &Rc<App>) -> Self {
        app.switching.set(true);
        Self(Rc::clone(app))
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        self.0.switching.set(false);
    }
}
