//! Moving the account into the host and back.
//!
//! ```text
//! in:   all is sent ─▶ the host logs in ─▶ what only this engine has is carried ─▶ "it lives there" ─▶ forgotten here
//! back: this engine logs in ─▶ carried ─▶ "it lives here" ─▶ forgotten there
//! ```
//! Nobody writes from the first part that is carried until the record is written. Killed anywhere, the account is
//! where the record says, and complete there; what the other side has by then is a device more, which the next
//! try goes on with, or which is taken out again.

mod into_browser;
mod into_host;

use std::rc::Rc;

use proto::{
    bridge::{
        account::{AskAccount, LeaveAccount},
        popup::{HostMove, HostStatus, MoveWay, PopupRequest, WorkProgress},
    },
    error::{ErrorCode, WireError},
};
use serde_json::Value;
use webext::page;

pub(crate) use self::{
    into_browser::move_back,
    into_host::{move_in, use_its_account},
};
use super::{
    account::{self, Lives, There, ask, lives, settle_in},
    shown, tell_pages,
};
use crate::{
    account::Account,
    app::{App, BrowserEngine},
    keeping,
};

/// Between two looks how far it is, milliseconds.
const LOOK_MS: u32 = 150;

/// A move that is under way, or failed.
#[derive(Default)]
pub(crate) struct Moving {
    /// As pages are told.
    told: Option<HostMove>,
    /// Whether somebody works on it.
    running: bool,
    /// Whether the user has given it up.
    cancelled: bool,
    /// Whether it has logged the host in.
    made: bool,
}

impl Moving {
    pub(super) fn told(&self) -> Option<HostMove> {
        self.told.clone()
    }
}

/// Gives up a move that is under way, or forgets why one failed.
pub(crate) fn cancel_move(app: &App) -> HostStatus {
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

/// Lets the host forget the account of this browser, which it has logged in to by a move that failed.
///
/// # Errors
/// [`ErrorCode::HostInUse`]: another browser uses it there; [`ErrorCode::HostHasOther`],
/// [`ErrorCode::Unsent`], [`ErrorCode::HostAway`].
pub(crate) async fn empty(app: &Rc<App>) -> Result<HostStatus, WireError> {
    let own = app.engine().await?.account_view()?.address;
    if account::has_account(app).await || account::its_address(app) != Some(own) {
        return Err(ErrorCode::HostHasOther.into());
    }
    let used_by_others = false;
    ask(LeaveAccount { used_by_others }).await?;
    tell_pages(app);
    Ok(shown(app))
}

/// After a start: ends what was under way when this background died.
pub(crate) async fn tidy(app: &App, engine: &BrowserEngine) {
    let has_one = engine.account_view().is_ok();
    match lives(app).await {
        // The host had all, and this was to be forgotten.
        Lives::There(There { leaving: false, .. }) if has_one => {
            let _ = engine.remove_account().await;
        }
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
            made: false,
        };
    }
    tell_pages(app);
    true
}

async fn end(app: &Rc<App>, moved: Result<(), WireError>) {
    let made = app.host.moving.borrow().made;
    if made && moved.is_err() {
        // What this very move has logged in to; what is left where that fails is shown.
        let used_by_others = false;
        let _ = ask(LeaveAccount { used_by_others }).await;
    }
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
    if let Ok(Account::Here(engine)) = app.account().await {
        keeping::watch_while_open(app, &engine);
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
