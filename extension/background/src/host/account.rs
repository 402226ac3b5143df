//! The account that lives in the host: asked over the line, as it was told last.
//!
//! Which place owns the account is one record of this profile, written after the host has all and before
//! anything here is forgotten.

use std::rc::Rc;

use futures_channel::oneshot;
use proto::{
    address::Address,
    bridge::{
        Request,
        account::{AccountNow, AccountRequest, DescribeAccount, SetRoute, SystemLocked},
        event::Event,
        host::{HostAccount, HostEvent, HostRequest},
        popup::{AppStatus, HostProblem, RouteSet, Settings},
    },
    error::{ErrorCode, WireError},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use webext::{
    kept,
    time::{self, spawn},
};

use super::{Phase, is_away, line, paired, rest_soon, tell_pages};
use crate::{app::App, notices};

/// Name of the record that says where the account lives.
const PLACE: &str = "host-account";
/// And of the one that is there while the host has to hear that the screen was locked.
const OWED: &str = "host-owed-lock";
/// How long a request waits for a host that is being reached, milliseconds; then the page is told that the
/// host is away, and the line is reached on beside.
const REACH_MS: u32 = 900;
/// Between two looks at a host that owes an answer.
const LOOK_MS: u32 = 250;
/// Silence after which it is asked whether it is there.
const ASK_MS: u64 = 300;
/// Silence after which the user is told.
const SLOW_MS: u64 = 900;
/// Silence after which the line is given up.
const DEAD_MS: u64 = 10_000;
/// How long nobody tries again while no page of ours is open.
const RESTS_MS: u64 = 5_000;
/// Pauses between two tries to reach it while a page is open.
const AGAIN_MS: [u32; 4] = [1_000, 2_000, 5_000, 15_000];

/// Where the account of this profile lives.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) enum Lives {
    /// Nobody has looked, or nobody could.
    #[default]
    Unasked,
    /// Here, if anywhere.
    Here,
    /// In the host.
    There(There),
}

/// An account that lives in the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct There {
    /// Whose.
    pub(super) address: Address,
    /// Whether it is being moved into this browser: the engine here may have logged in.
    pub(super) leaving: bool,
}

/// Whether the account lives in the host.
pub(crate) async fn has_account(app: &App) -> bool {
    matches!(lives(app).await, Lives::There(_))
}

/// The same for those who may not be wrong.
///
/// # Errors
/// [`ErrorCode::StoreFailed`]: it cannot be looked up.
pub(crate) async fn is_owner(app: &App) -> Result<bool, WireError> {
    match lives(app).await {
        Lives::Unasked => Err(ErrorCode::StoreFailed.into()),
        lives => Ok(matches!(lives, Lives::There(_))),
    }
}

pub(super) async fn lives(app: &App) -> Lives {
    let known = app.host.lives.borrow().clone();
    if known != Lives::Unasked {
        return known;
    }
    // Not to be told apart from a profile that never had one: asked again with the next request.
    let Ok(kept) = kept::read(PLACE).await else {
        return Lives::Unasked;
    };
    let lives = match kept.map(|kept| serde_json::from_slice(&kept)) {
        None => Lives::Here,
        Some(Ok(there)) => Lives::There(there),
        Some(Err(_)) => return Lives::Unasked,
    };
    app.host.lives.replace_with(|known| {
        if *known == Lives::Unasked {
            lives.clone()
        } else {
            known.clone()
        }
    });
    lives
}

/// Writes down where it lives. From then on that is so.
///
/// # Errors
/// [`ErrorCode::StoreFailed`]; then it lives where it did.
pub(super) async fn settle_in(app: &App, there: Option<There>) -> Result<(), WireError> {
    let failed = |_| WireError::new(ErrorCode::StoreFailed);
    if let Some(there) = &there {
        let kept = serde_json::to_vec(there).unwrap_or_default();
        kept::write(PLACE, &kept).await.map_err(failed)?;
    } else {
        kept::remove(PLACE).await.map_err(failed)?;
        owes_no_lock(app).await;
    }
    app.host
        .lives
        .replace(there.map_or(Lives::Here, Lives::There));
    Ok(())
}

/// How the account in the host stands, as far as it has said.
pub(crate) fn account_status(app: &App) -> AppStatus {
    let host = &app.host;
    let mut problem = host.problem.get();
    if *host.phase.borrow() == Phase::Open
        && let Some(now) = &*host.now.borrow()
    {
        match &now.status {
            // It has an account, and cannot open its database.
            AppStatus::Empty { problem: Some(_) } => problem = Some(HostProblem::NoStore),
            status => return status.clone(),
        }
    }
    let Lives::There(There { address, .. }) = &*host.lives.borrow() else {
        return AppStatus::Empty { problem: None };
    };
    AppStatus::Away {
        address: address.clone(),
        reaching: problem.is_none(),
        problem,
    }
}

/// The same while it lives here, or is on its way; `None` where the line is not open.
pub(super) fn told_status(app: &App) -> Option<AppStatus> {
    let now = app.host.now.borrow();
    now.as_ref().map(|now| now.status.clone())
}

/// Whose account the host has, as far as it has told.
pub(super) fn its_address(app: &App) -> Option<Address> {
    match told_status(app)? {
        AppStatus::Locked { address, .. } | AppStatus::Unlocked { address, .. } => Some(address),
        _ => None,
    }
}

/// What the user has set there.
pub(crate) fn account_settings(app: &App) -> Settings {
    let now = app.host.now.borrow();
    now.as_ref()
        .map(|now| now.settings.clone())
        .unwrap_or_default()
}

/// Asks the account in the host.
///
/// # Errors
/// [`ErrorCode::HostAway`], or what the host answers.
pub(crate) async fn ask<R: Request<Port = AccountRequest>>(
    request: R,
) -> Result<R::Response, WireError> {
    let app = App::here();
    let answer = send(&app, request.into_port()).await?;
    serde_json::from_value(answer).map_err(|_| ErrorCode::Internal.into())
}

/// Chooses the host's way to nodes.
///
/// # Errors
/// [`ErrorCode::ProxyInvalid`], [`ErrorCode::HostAway`], [`ErrorCode::HostUnpaired`].
pub(crate) async fn set_route(proxy: Option<String>) -> Result<RouteSet, WireError> {
    ask(SetRoute { proxy }).await
}

/// The system's screen was locked. Where the line is down the host hears of it first thing when it is there again,
/// also in the background's next life: a vault that was open meanwhile is not found open by whoever comes back.
pub(crate) async fn lock_for_system() {
    let app = App::here();
    app.host.owes_lock.set(true);
    // First: this background may end while it asks. Where it cannot be written down, it is owed as long as this
    // one lives.
    let _ = kept::write(OWED, &[]).await;
    if ask(SystemLocked {}).await.is_ok() {
        owes_no_lock(&app).await;
    }
}

async fn owes_no_lock(app: &App) {
    app.host.owes_lock.set(false);
    // Where it stays, it is said once more.
    let _ = kept::remove(OWED).await;
}

/// Says first of all that the screen was locked, where the host has not heard of it.
async fn pay_lock(app: &Rc<App>) {
    let host = &app.host;
    let owes = host.owes_lock.get() || matches!(kept::read(OWED).await, Ok(Some(_)));
    if !owes {
        return;
    }
    host.owes_lock.set(true);
    let (_, locked) = put(app, about_account(SystemLocked {}.into_port()));
    let app = Rc::clone(app);
    spawn(async move {
        if matches!(locked.await, Ok(Ok(_))) {
            owes_no_lock(&app).await;
        }
    });
}

async fn send(app: &Rc<App>, request: AccountRequest) -> Result<Value, WireError> {
    reach(app).await?;
    let (is_sent, answered) = put(app, about_account(request));
    waited_for(is_sent, answered).await
}

fn about_account(request: AccountRequest) -> HostRequest {
    let request = Box::new(request);
    HostRequest::HostAccount(HostAccount { request })
}

/// Asks something else of the host, which has so many milliseconds for it. The line is open.
///
/// # Errors
/// [`ErrorCode::HostAway`], or what the host answers.
pub(super) async fn put_within(
    app: &Rc<App>,
    body: HostRequest,
    millis: u32,
) -> Result<Value, WireError> {
    let (is_sent, answered) = put(app, body);
    let (late, id) = (Rc::clone(app), app.host.asked.get());
    spawn(async move {
        time::sleep(millis).await;
        // Whoever waits hears of it as theirs is dropped.
        drop(late.host.asks.borrow_mut().remove(&id));
    });
    waited_for(is_sent, answered).await
}

async fn waited_for(
    is_sent: bool,
    answered: oneshot::Receiver<Result<Value, WireError>>,
) -> Result<Value, WireError> {
    if !is_sent {
        return Err(ErrorCode::TooLarge.into());
    }
    // Dropped with the line.
    answered
        .await
        .unwrap_or_else(|_| Err(WireError::new(ErrorCode::HostAway)))
}

/// Puts a request on the line: whether it went, and its answer.
fn put(app: &Rc<App>, body: HostRequest) -> (bool, oneshot::Receiver<Result<Value, WireError>>) {
    let host = &app.host;
    let (answer, answered) = oneshot::channel();
    let id = host.asked.get() + 1;
    host.asked.set(id);
    host.asks.borrow_mut().insert(id, answer);
    let is_sent = line::send(app, id, body);
    if is_sent {
        look_after(app);
    } else {
        host.asks.borrow_mut().remove(&id);
    }
    (is_sent, answered)
}

/// Sees that the line is open, or that its user hears within a second that it is not.
///
/// # Errors
/// [`ErrorCode::HostAway`], [`ErrorCode::HostUnpaired`].
pub(crate) async fn reach(app: &Rc<App>) -> Result<(), WireError> {
    let host = &app.host;
    let is_open = || *host.phase.borrow() == Phase::Open && host.now.borrow().is_some();
    if is_open() {
        return Ok(());
    }
    let Some(with) = paired(app).await else {
        host.problem.set(Some(HostProblem::Unknown));
        return Err(ErrorCode::HostUnpaired.into());
    };
    // What pages do by themselves starts no program again and again.
    let lately = time::now().0 < host.failed_at.get() + RESTS_MS;
    if lately && !app.connections.borrow().has_pages() {
        return Err(ErrorCode::HostAway.into());
    }
    if *host.phase.borrow() == Phase::Away {
        line::open(app, Some(with)).await;
    }
    for _ in 0..REACH_MS / 50 {
        if is_open() {
            return Ok(());
        }
        if *host.phase.borrow() == Phase::Away {
            break;
        }
        time::sleep(50).await;
    }
    Err(ErrorCode::HostAway.into())
}

/// The line is open: what the account is like is asked first.
pub(super) fn greet(app: &Rc<App>) {
    let app = Rc::clone(app);
    let number = app.host.number.get();
    spawn(async move {
        let host = &app.host;
        pay_lock(&app).await;
        if host.number.get() != number {
            return;
        }
        let (_, answered) = put(&app, about_account(DescribeAccount {}.into_port()));
        let answer = answered.await;
        if host.number.get() != number {
            return;
        }
        if let Ok(Ok(now)) = answer
            && let Ok(now) = serde_json::from_value::<AccountNow>(now)
        {
            took(&app, now).await;
            app.tell_vault_changed();
            app.tell_messages_changed();
        }
    });
}

/// How the account stands, as the host has told.
async fn took(app: &Rc<App>, now: AccountNow) {
    // Removed there, by whichever browser: this one is as new.
    let is_gone = now.status == AppStatus::Empty { problem: None };
    let stays = matches!(&*app.host.lives.borrow(), Lives::There(there) if !there.leaving);
    app.host.now.replace(Some(now));
    if is_gone && stays {
        // Where it cannot be written down, the next start finds it out.
        let _ = settle_in(app, None).await;
        app.settle().await;
    }
    tell_pages(app);
    app.tell_status().await;
    rest_soon(app);
}

/// An answer came.
pub(super) fn answered(app: &App, id: u64, answer: Result<Value, WireError>) {
    if let Some(asked) = app.host.asks.borrow_mut().remove(&id) {
        // Nobody waits where the page is gone.
        let _ = asked.send(answer);
    }
}

/// News of the account.
pub(super) async fn heard(app: &Rc<App>, event: HostEvent) {
    if let HostEvent::Account(now) = event {
        return took(app, *now).await;
    }
    if let HostEvent::Work(progress) = event {
        super::moving::progressed(app, &progress);
        if has_account(app).await {
            app.connections.borrow().tell_pages(&Event::Work(progress));
        }
        return;
    }
    // Of an account that this browser has nothing to do with there is no news.
    if !has_account(app).await {
        return;
    }
    match event {
        HostEvent::VaultChanged {} => app.tell_vault_changed(),
        HostEvent::MessagesChanged {} => app.tell_messages_changed(),
        HostEvent::Arrived {} => notices::came(app),
        HostEvent::Account(_) | HostEvent::Work(_) | HostEvent::Solver(_) => {}
    }
}

/// Sees that nobody waits for a host that says nothing: its user is told within a second, and the line is
/// given up where it stays silent.
fn look_after(app: &Rc<App>) {
    if app.host.looked_after.replace(true) {
        return;
    }
    let app = Rc::clone(app);
    spawn(async move {
        let host = &app.host;
        let (mut since, mut number) = (time::now().0, host.number.get());
        let mut asked = 0;
        while !host.asks.borrow().is_empty() {
            time::sleep(LOOK_MS).await;
            if host.number.get() != number {
                (since, number) = (time::now().0, host.number.get());
            }
            let now = time::now().0;
            let silent = now.saturating_sub(since.max(host.heard_at.get()));
            if silent > DEAD_MS {
                is_away(&app, HostProblem::Ended);
                break;
            }
            // What answers at once, whatever else it does.
            if silent > ASK_MS && now > asked + SLOW_MS {
                asked = now;
                line::ask(&app, &line::Named::Describe);
            }
            if silent > SLOW_MS && !host.slow.replace(true) {
                tell_pages(&app);
            }
        }
        host.looked_after.set(false);
    });
}

/// It was heard: it is no longer slow.
pub(super) fn is_heard(app: &App) {
    if app.host.slow.replace(false) {
        tell_pages(app);
    }
}

/// The line is closed: nobody waits any more, and while a page is open it is tried again.
pub(super) fn lost(app: &Rc<App>) {
    let host = &app.host;
    host.now.replace(None);
    host.slow.set(false);
    // Those who wait hear of it as theirs are dropped.
    let asks = std::mem::take(&mut *host.asks.borrow_mut());
    drop(asks);
    if !matches!(*host.lives.borrow(), Lives::There(_)) || host.tries.replace(true) {
        return;
    }
    let app = Rc::clone(app);
    spawn(async move {
        for pause in AGAIN_MS.into_iter().chain(std::iter::repeat(AGAIN_MS[3])) {
            time::sleep(pause).await;
            let wanted = app.connections.borrow().has_pages() && has_account(&app).await;
            if !wanted || reach(&app).await.is_ok() {
                break;
            }
        }
        app.host.tries.set(false);
    });
}
